"""Reads the stored conversations back in a stream, for whoever looks at them afterwards.

Imports no Rasa. Nothing is written, and no more than some hundred conversations are held at a time.
"""

from __future__ import annotations

import dataclasses
import datetime
import itertools
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from bot import launch
from bot.clinic import Clinic
from bot.quiet import ROOT
from bot.red_flags import LIKELIHOOD

RECEIVED = "received"
"""Under which name a visitor's message keeps when it came in, in seconds since 1970: the event itself is stamped once the message is understood."""
Event = dict[str, Any]

_AT_ONCE = 200
"""Conversations that are read at once: some megabytes, in some hundredths of a second."""
_SENDERS = sqlalchemy.text("SELECT DISTINCT sender_id FROM events WHERE timestamp >= :since ORDER BY sender_id")
_EVENTS = sqlalchemy.text(
    "SELECT sender_id, data FROM events WHERE sender_id IN :senders AND type_name IN ('user', 'bot', 'session_started', 'agent') ORDER BY sender_id, id"
).bindparams(sqlalchemy.bindparam("senders", expanding=True))


@dataclass(frozen=True)
class Exchange:
    """A visitor's message and the reply to it; without a kind where there was none."""

    time: float
    """Seconds since 1970."""
    text: str
    likelihood: float
    """Of an alarm, as the two classifiers heard it (bot/red_flags.py)."""
    kind: str = ""
    level: str = ""
    pressed: bool = False
    """Whether a button was pressed; its title is then in `text`."""
    said: str = ""
    """The reply's body."""
    topics: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    treatments: tuple[str, ...] = ()
    intents: tuple[str, ...] = ()
    """What the message may have been, the likeliest first."""
    seconds: float | None = None
    """From the arrival of the message to the reply; None where it is not known."""
    verdict: str = ""
    """The visitor's judgement of the reply, good or bad, and why."""
    why: str = ""


@dataclass(frozen=True)
class Conversation:
    """The readable events of one conversation in their order, and how many cannot be read."""

    sender: str
    events: list[Event]
    unreadable: int


def zone(clinic: Clinic) -> datetime.tzinfo:
    """The time zone in which a clinic's days begin."""
    return ZoneInfo(clinic.time_zone) if clinic.time_zone else datetime.timezone.utc


class Conversations:
    """The stored conversations with an event since a moment, in seconds since 1970: how many there are, and one after the other."""

    def __init__(self, endpoints: Path, since: float = 0.0) -> None:
        """Look which there are.

        Raises: LaunchError if the database is missing or damaged.
        """
        self._endpoints = endpoints
        with _connection(endpoints) as connection:
            there = sqlalchemy.inspect(connection).has_table("events")
            self._senders = [row.sender_id for row in connection.execute(_SENDERS, {"since": since})] if there else []

    def __len__(self) -> int:
        return len(self._senders)

    def __iter__(self) -> Iterator[Conversation]:
        """Each conversation whole. Between some and the next the database is let go, so that a server that uses it need not wait.

        Raises: LaunchError if the database is damaged.
        """
        with _connection(self._endpoints) as connection:
            for start in range(0, len(self._senders), _AT_ONCE):
                rows = connection.execute(_EVENTS, {"senders": self._senders[start : start + _AT_ONCE]}).fetchall()
                for sender, found in itertools.groupby(rows, key=lambda row: row.sender_id):
                    events = [_event(row.data) for row in found]
                    readable = [event for event in events if event is not None]
                    yield Conversation(sender, readable, len(events) - len(readable))


def sessions(events: Iterable[Event]) -> Iterator[list[Exchange]]:
    """The exchanges of one conversation's events, session by session."""
    found: list[list[Exchange]] = [[]]
    places: dict[str, tuple[list[Exchange], int]] = {}
    titles: dict[str, str] = {}
    received = None
    for event in events:
        exchanges = found[-1]
        if event["event"] == "session_started":
            found.append([])
        elif event["event"] == "user":
            received = (event.get("metadata") or {}).get(RECEIVED)
            places[event.get("message_id") or ""] = exchanges, len(exchanges)
            exchanges.append(_asked(event, titles))
        elif event["event"] == "agent":
            feedback = (event.get("data") or {}).get("feedback") or {}
            if feedback.get("message_id") in places:
                judged, place = places[feedback["message_id"]]
                judged[place] = dataclasses.replace(judged[place], verdict=feedback.get("verdict") or "", why=feedback.get("why") or "")
        elif exchanges and not exchanges[-1].kind:
            reply = (event.get("metadata") or {}).get("metadata") or {}
            titles.update((button["choice"], button["title"]) for button in reply.get("buttons") or ())
            exchanges[-1] = dataclasses.replace(
                exchanges[-1],
                kind=reply.get("kind") or "",
                level=reply.get("level") or "",
                said=reply.get("body") or "",
                topics=tuple(reply.get("topics") or ()),
                facts=tuple(reply.get("facts") or ()),
                seconds=event["timestamp"] - received if received else None,
            )
    return iter(found)


def _asked(event: Event, titles: dict[str, str]) -> Exchange:
    text, parsed = event.get("text") or "", event.get("parse_data") or {}
    questions = (parsed.get("reading") or {}).get("questions") or ()
    return Exchange(
        event["timestamp"],
        f"[pressed: {titles[text]}]" if text in titles else text,
        float(parsed.get(LIKELIHOOD) or 0.0),
        pressed=text in titles,
        treatments=tuple(dict.fromkeys(name for question in questions for name in question.get("treatments") or ())),
        intents=tuple(entry["name"] for entry in parsed.get("intent_ranking") or ()),
    )


@contextmanager
def _connection(endpoints: Path) -> Iterator[Any]:
    """A connection to the database of conversations, which is closed at the end.

    Raises: LaunchError if there is none, or whatever goes wrong while it is open.
    """
    url, place = address(launch.tracker_store(endpoints))
    engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            yield connection
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise launch.LaunchError(f"{place} cannot be read ({reason}): bring it back from a backup, or see tracker_store in endpoints.yml.") from None
    finally:
        engine.dispose()


def address(store: dict[str, Any]) -> tuple[sqlalchemy.engine.URL | str, str]:
    """The address of a tracker store's database, opened for reading only where it is a file, and how to call it.

    Raises: LaunchError if there is no database.
    """
    if not store:
        raise launch.LaunchError("There are no conversations: without a tracker_store in endpoints.yml they are kept in memory only.")
    if store.get("dialect", "sqlite") == "sqlite":
        path = ROOT / store.get("db", "rasa.db")
        if not path.is_file():
            raise launch.LaunchError(f"There are no conversations yet: {path} does not exist. `make run` makes it.")
        return f"sqlite:///file:{quote(str(path))}?mode=ro&uri=true", str(path)
    names = {"username": "username", "password": "password", "host": "url", "port": "port", "database": "db"}
    parts: dict[str, Any] = {name: os.path.expandvars(str(store[key])) for name, key in names.items() if store.get(key) is not None}
    if "port" in parts:
        parts["port"] = int(parts["port"])
    whole = parts.get("host", "")
    url = whole if "://" in whole else sqlalchemy.engine.URL.create(store["dialect"], **parts)
    return url, f"The database {sqlalchemy.engine.make_url(url).database}"


def _event(data: str) -> Event | None:
    try:
        event = json.loads(data)
        return event if {"event", "timestamp"} <= event.keys() else None
    except (ValueError, TypeError, AttributeError):
        return None
