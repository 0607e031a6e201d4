"""Makes up a month of conversations, to try what looks at conversations before a clinic has any of its own.

Some hundred conversations are had with the real assistant, in the words of data/nlu.yml. They are then written over and over, at other times and with other
slips of the pen, as the server would have stored them, into a database of their own. Imports no Rasa before it is needed.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import sys
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from bot import launch
from bot.facts import TOPICS
from bot.progress import LOADING, stages
from bot.quiet import ROOT
from bot.reply import CHOICE
from bot.signals import ending_at_once, temporary_files_in
from bot.stored import RECEIVED, Event

if TYPE_CHECKING:
    from bot.conversation import Assistant

SENDER = "demo-"
"""How the id of every conversation begins that was made up; none that a server gives does (bot/session.py)."""
ENDPOINTS = ROOT / "var" / "demo.yml"
DATABASE = ROOT / "var" / "demo.db"
MESSAGES, DAYS = 2000, 30

PRESS = "press"
"""In a script, in the place of a message: press the first button that is there, or type the words behind it."""
_SHARES = {"topic": 0.60, "unknown": 0.13, "vague": 0.13, "personal": 0.05, "contact": 0.05, "chat": 0.035, "alarm": 0.005}
"""How often a conversation is of a sort; invented, not measured."""
_PLAYED = {"topic": 5, "unknown": 40, "vague": 30, "personal": 8, "contact": 6, "chat": 6, "alarm": 5}
"""How many conversations of a sort are had with the assistant; of `topic` for each topic."""
_HOURS = (1, 1, 1, 1, 1, 1, 2, 4, 7, 9, 10, 10, 11, 9, 8, 8, 9, 10, 11, 13, 14, 11, 6, 3)
_WEEKDAYS = (12, 11, 11, 11, 9, 8, 10)
_WHYS = ("wrong", "outdated", "unclear", "unclear", "other")
_LONGEST = 110
_ROWS_AT_ONCE = 5000


@dataclass(frozen=True)
class Script:
    """What one visitor says, message by message."""

    sort: str
    messages: tuple[str, ...]


@dataclass(frozen=True)
class Played:
    """A conversation as the assistant had it: the events before its first message, then those of each message, with how often its answers displease."""

    sort: str
    start: tuple[Event, ...]
    turns: tuple[tuple[Event, ...], ...]
    displeasing: float


def make(messages: int = MESSAGES, days: int = DAYS, endpoints: Path | None = None) -> str:
    """Write made-up conversations that end now, and return one line that says where.

    Args:
        messages: About how many messages visitors send in them.
        days: Over how many days.
        endpoints: The settings of the database that they go to; by default of ENDPOINTS, which is made anew.

    Raises: LaunchError if the database is the clinic's, or holds conversations that are not made up, or if the assistant cannot start.
    """
    if endpoints is None:
        endpoints = ENDPOINTS
        launch.write_file(ENDPOINTS, f"tracker_store: {{type: {launch.TRACKER_STORE}, dialect: sqlite, db: {DATABASE.relative_to(ROOT)}}}\n")
    _refuse_the_clinics(endpoints)
    rng = random.Random(len(TOPICS))
    with stages() as clock, ending_at_once() as scratch:
        clock.stage(LOADING)
        from bot.conversation import Assistant

        clock.stage("Loading the model")
        with temporary_files_in(scratch):
            assistant = Assistant.load()
    played = asyncio.run(play(assistant, scripts(rng), rng))
    written, conversations = write(endpoints, conversations_of(played, messages, days, time.time(), rng), messages)
    page = f".venv/bin/python -m bot report {_shown(ENDPOINTS.with_name('demo-report.html'))} --endpoints {_shown(endpoints)}"
    return f"{written:,} made-up messages in {conversations:,} conversations. Look at them: {page}"


def scripts(rng: random.Random) -> list[Script]:
    """What is said in the conversations, sort by sort."""
    asked = _examples()

    def some(intent: str) -> str:
        return rng.choice(asked[intent])

    found = []
    for topic in TOPICS:
        for number in range(_PLAYED["topic"]):
            other, after = f"ask_{rng.choice(TOPICS)}", rng.choice(("thank", "tell_more", "feedback_good", "affirm"))
            more = ((), (some(other),), (some(after),), (some(other), some(f"ask_{rng.choice(TOPICS)}")), (some(f"ask_{topic}"),))[number % 5]
            found.append(Script("topic", (some(f"ask_{topic}"), *more)))
    for number in range(_PLAYED["unknown"]):
        unknown = some("out_of_scope")
        found.append(Script("unknown", ((unknown,), (some(f"ask_{rng.choice(TOPICS)}"), unknown), (unknown, some(f"ask_{rng.choice(TOPICS)}")))[number % 3]))
    for number in range(_PLAYED["vague"]):
        whole = some(f"ask_{rng.choice(TOPICS)}").split()
        start = rng.randrange(max(1, len(whole) - 2))
        found.append(Script("vague", (" ".join(whole[start : start + 2]), PRESS if number % 2 else " ".join(whole))))
    found += [Script("personal", (some("request_personal_advice"), some(f"ask_{rng.choice(TOPICS)}"))) for _ in range(_PLAYED["personal"])]
    found += [Script("contact", (some(f"ask_{rng.choice(TOPICS)}"), some("contact_clinic"))) for _ in range(_PLAYED["contact"])]
    found += [Script("chat", (some("greet"), some(rng.choice(("bot_challenge", "ask_definition"))), some("thank"))) for _ in range(_PLAYED["chat"])]
    found += [Script("alarm", (some("report_urgent_symptom"), some("thank"))) for _ in range(_PLAYED["alarm"])]
    return found


async def play(assistant: Assistant, plan: Sequence[Script], rng: random.Random) -> list[Played]:
    """Have the conversations with the assistant."""
    from tqdm import tqdm

    from bot.tracker_store import redacted_events

    found = []
    for number, script in enumerate(tqdm(plan, unit="conversation", desc="Talking", file=sys.stderr, mininterval=0.5)):
        session = f"play-{number}"
        options: list[dict[str, str]] = []
        for said in script.messages:
            if said == PRESS and options:
                reply = await assistant.choose(session, options[0]["choice"])
            else:
                reply = await assistant.reply(session, "how much is it" if said == PRESS else said)
            options = reply["buttons"]
        tracker = await assistant.agent.tracker_store.retrieve_full_tracker(session)
        events = [event.as_dict() for event in redacted_events(tracker.events)] if tracker else []
        places = [place for place, event in enumerate(events) if event["event"] == "user"]
        turns = tuple(tuple(events[start:end]) for start, end in zip(places, [*places[1:], len(events)], strict=True))
        if turns:
            found.append(Played(script.sort, tuple(events[: places[0]]), turns, rng.random() ** 5 * 0.3))
    return found


def conversations_of(played: Sequence[Played], messages: int, days: int, now: float, rng: random.Random) -> Iterator[list[Event]]:
    """Conversations, each as the events that are stored of it, until visitors have sent so many messages in them."""
    sorts = {sort: [one for one in played if one.sort == sort] for sort in _SHARES}
    unknown = _examples()["out_of_scope"]
    weights = [share if sorts[sort] else 0 for sort, share in _SHARES.items()]
    fame = {id(one): rng.paretovariate(1.2) for one in played}
    first, sent = now - days * 86400, 0
    while sent < messages:
        (sort,) = rng.choices(list(sorts), weights)
        (chosen,) = rng.choices(sorts[sort], [min(fame[id(one)], 8) for one in sorts[sort]])
        yield list(_told(chosen, _moment(first, days, now, rng), unknown, rng))
        sent += len(chosen.turns)


def write(endpoints: Path, conversations: Iterator[list[Event]], messages: int) -> tuple[int, int]:
    """Write conversations in the place of those that were made up before; return how many messages of visitors they hold, and how many they are.

    Raises: LaunchError if the database holds conversations that are not made up.
    """
    from rasa.core.tracker_store import TrackerStore
    from rasa.shared.core.domain import Domain
    from rasa.utils.endpoints import EndpointConfig
    from tqdm import tqdm

    store = TrackerStore.create(EndpointConfig.from_dict(launch.tracker_store(endpoints)), Domain.empty())
    table = store.SQLEvent.__table__
    with store.engine.begin() as connection:
        if connection.execute(table.select().where(~table.c.sender_id.startswith(SENDER)).limit(1)).first():
            raise launch.LaunchError(f"{endpoints.name} names a database with conversations that are not made up: name another one.")
        connection.execute(table.delete())
    rows: list[dict[str, Any]] = []
    sent = count = 0
    with tqdm(total=messages, unit="message", desc="Writing", file=sys.stderr, mininterval=0.5) as bar:
        for events in conversations:
            sender, count = f"{SENDER}{count:06}-{uuid.uuid4().hex[:8]}", count + 1
            rows += [_row(sender, event) for event in events]
            said = sum(event["event"] == "user" for event in events)
            sent += said
            bar.update(said)
            if len(rows) >= _ROWS_AT_ONCE:
                _insert(store, table, rows)
        _insert(store, table, rows)
    store.engine.dispose()
    return sent, count


def _insert(store: Any, table: Any, rows: list[dict[str, Any]]) -> None:
    if rows:
        with store.engine.begin() as connection:
            connection.execute(table.insert(), rows)
    rows.clear()


def _row(sender: str, event: Event) -> dict[str, Any]:
    """A row as Rasa writes it (rasa/core/tracker_store.py:1341)."""
    return {
        "sender_id": sender,
        "type_name": event["event"],
        "timestamp": event["timestamp"],
        "intent_name": event.get("parse_data", {}).get("intent", {}).get("name"),
        "action_name": event.get("name"),
        "data": json.dumps(event),
    }


def _told(played: Played, start: float, unknown: Sequence[str], rng: random.Random) -> Iterator[Event]:
    """A conversation at another time: its events with new times, new ids, other slips of the pen, and here and there what the visitor thought of a reply.

    What was refused, which always gets the same reply, is another of the messages that nothing is known of.
    """
    yield from ({**event, "timestamp": start} for event in played.start)
    moment = start
    for turn in played.turns:
        asked, before = turn[0], moment
        received = (asked.get("metadata") or {}).get(RECEIVED, asked["timestamp"])
        slowness = rng.lognormvariate(0, 0.35)
        message_id = uuid.UUID(int=rng.getrandbits(128)).hex
        text = asked["text"] if CHOICE.match(asked["text"]) else _slipped(rng.choice(unknown) if _kind(turn) == "out_of_scope" else asked["text"], rng)
        for event in turn:
            moment = before + (event["timestamp"] - received) * slowness
            yield {**event, "timestamp": moment} if event is not asked else _asked(asked, text, moment, before, message_id)
        verdict = _verdict(turn, played.displeasing, rng)
        if verdict:
            moment += rng.uniform(3, 40)
            yield {"event": "agent", "timestamp": moment, "text": None, "data": {"feedback": {"message_id": message_id, **verdict}}}
        moment += rng.uniform(4, 25) + rng.expovariate(1 / 35)


def _asked(event: Event, text: str, moment: float, received: float, message_id: str) -> Event:
    parsed = {**event["parse_data"], "text": text, "message_id": message_id}
    metadata = {**(event.get("metadata") or {}), RECEIVED: received}
    return {**event, "timestamp": moment, "text": text, "message_id": message_id, "parse_data": parsed, "metadata": metadata}


def _verdict(turn: Sequence[Event], displeasing: float, rng: random.Random) -> dict[str, str]:
    if _kind(turn) != "answer":
        return {}
    if rng.random() < displeasing:
        return {"verdict": "bad", "why": rng.choice(_WHYS)}
    return {"verdict": "good", "why": ""} if rng.random() < 0.05 else {}


def _kind(turn: Sequence[Event]) -> str:
    """The kind of a turn's reply."""
    replies = ((event.get("metadata") or {}).get("metadata") or {} for event in turn if event["event"] == "bot")
    return str(next(replies, {}).get("kind", ""))


def _slipped(text: str, rng: random.Random) -> str:
    """A text as another visitor may type it."""
    if rng.random() > 0.4:
        return text
    place = rng.randrange(max(1, len(text) - 1))
    return rng.choice(
        (
            f"{text.rstrip('?')}?",
            text.rstrip("?!. "),
            f"hi, {text}",
            f"{text} pls",
            f"{text} thanks",
            text.capitalize(),
            text[:place] + text[place + 1 : place + 2] + text[place : place + 1] + text[place + 2 :],
            text[:place] + text[place : place + 1] + text[place:],
        )
    )


def _moment(first: float, days: int, now: float, rng: random.Random) -> float:
    """When a conversation begins: more often by day and early in the week, and never so late that it would not be over."""
    while True:
        moment = first + rng.random() * days * 86400
        local = time.localtime(moment)
        if moment < now - 1800 and rng.random() * 14 * 12 < _HOURS[local.tm_hour] * _WEEKDAYS[local.tm_wday]:
            return moment


def _examples() -> dict[str, list[str]]:
    """How visitors write, by intent."""
    found: dict[str, list[str]] = {}
    for block in yaml.load((ROOT / "data" / "nlu.yml").read_text(encoding="utf8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))["nlu"]:
        lines = [line.removeprefix("- ") for line in block.get("examples", "").splitlines()]
        found.setdefault(block.get("intent", ""), []).extend(line for line in lines if 3 <= len(line) <= _LONGEST and "»" not in line and "](" not in line)
    return found


def _refuse_the_clinics(endpoints: Path) -> None:
    """Never write where a server keeps what visitors say.

    Raises: LaunchError if the settings name the database of endpoints.yml.
    """
    if _database(endpoints) == _database(launch.ENDPOINTS):
        raise launch.LaunchError(f"{endpoints.name} names the database of endpoints.yml, which is for real conversations: name another one.")


def _database(endpoints: Path) -> tuple[str, ...]:
    store = launch.tracker_store(endpoints)
    if not store:
        raise launch.LaunchError(f"{endpoints.name} names no tracker_store, so that nothing can be written: name one.")
    if store.get("dialect", "sqlite") == "sqlite":
        return (str((ROOT / store.get("db", "rasa.db")).resolve()),)
    return tuple(os.path.expandvars(str(store.get(name, ""))) for name in ("url", "port", "db"))


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)
