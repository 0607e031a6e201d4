"""Lists every alarm of the stored conversations, and the messages that nearly raised one, so that a clinic can look at them afterwards.

Imports no Rasa. What it shows is as it is stored, without personal data (bot/tracker_store.py), and without the ids of conversations.
"""

from __future__ import annotations

import csv
import dataclasses
import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot import launch, stored
from bot.alarm_state import is_relieved, standing, starts_over
from bot.redaction import redacted
from bot.stored import Exchange

NEAR = 0.1
"""The likelihood from which a message that raised no alarm is listed; docs/alarms.md tells how many of the missed alarms that finds."""
BEFORE = 2
"""Messages before an alarm that are shown with it."""
COLUMNS = ("time", "what", "level", "likelihood of an alarm", "message", "before", "after", "ended")


@dataclass(frozen=True)
class Alarm:
    """An alarm with what surrounds it, or, without a level, a message that raised none though the classifier heard something."""

    raised: Exchange
    before: tuple[Exchange, ...]
    after: tuple[Exchange, ...]
    ended: str = ""
    """stood, relieved, started over, or went on: to other questions."""

    @property
    def is_near(self) -> bool:
        """Whether it was no alarm."""
        return self.raised.kind != "urgent"


def review(endpoints: Path, since: datetime.date | None = None, out: Path | None = None) -> None:
    """Print the alarms and near-alarms since a day, or write them as CSV.

    Raises: LaunchError if the database is missing or damaged, or the file cannot be written.
    """
    zone = stored.zone(launch.composer().clinic)
    start = datetime.datetime.combine(since, datetime.time(), zone).timestamp() if since else 0.0
    found, unreadable = [], 0
    conversations = stored.Conversations(endpoints, start)
    for conversation in conversations:
        unreadable += conversation.unreadable
        for exchanges in sessions(conversation.events):
            found += [alarm for alarm in (*alarms(exchanges), *near_alarms(exchanges)) if alarm.raised.time >= start]
    raised = sorted((alarm for alarm in found if not alarm.is_near), key=lambda alarm: alarm.raised.time)
    near = sorted((alarm for alarm in found if alarm.is_near), key=lambda alarm: -alarm.raised.likelihood)
    if out is not None:
        _write(out, [*raised, *near], zone)
    else:
        for title, some in (("Alarms", raised), ("Nearly alarms, the likeliest first (was one of them missed?)", near)):
            print("\n\n".join([title, *(shown(alarm, zone) for alarm in some)]), end="\n\n" if some else ": none\n\n")
    counts = f"{_count(len(raised), 'alarm')} and {_count(len(near), 'near-alarm')} in {_count(len(conversations), 'conversation')}"
    print(f"{counts}{f' since {since}' if since else ''}{f', written to {out}' if out else ''}.")
    if unreadable:
        print(f"Left out, because the database is damaged there: {_count(unreadable, 'event')}.")


def sessions(events: Iterable[stored.Event]) -> Iterator[list[Exchange]]:
    """The exchanges of one conversation's events, session by session, with what the store should not have held redacted."""
    for exchanges in stored.sessions(events):
        yield [one if one.pressed else dataclasses.replace(one, text=redacted(one.text)) for one in exchanges]


def alarms(exchanges: Sequence[Exchange]) -> Iterator[Alarm]:
    """The alarms of a session, each from the message that raised it; urgent replies while one stands belong to it."""
    for place, exchange in enumerate(exchanges):
        if exchange.kind == "urgent" and standing(_history(exchanges[:place])) is None:
            yield _around(exchanges, place, _ended(exchanges, place))


def near_alarms(exchanges: Sequence[Exchange]) -> Iterator[Alarm]:
    """The messages of a session that were answered as harmless though an alarm was not unlikely."""
    for place, exchange in enumerate(exchanges):
        if exchange.kind != "urgent" and exchange.likelihood >= NEAR:
            yield _around(exchanges, place)


def _around(exchanges: Sequence[Exchange], place: int, ended: str = "") -> Alarm:
    return Alarm(exchanges[place], tuple(exchanges[max(0, place - BEFORE) : place]), tuple(exchanges[place + 1 :]), ended)


def _ended(exchanges: Sequence[Exchange], place: int) -> str:
    for end in range(place, len(exchanges)):
        if standing(_history(exchanges[: end + 1])) is None:
            text, likelihood = exchanges[end].text, exchanges[end].likelihood
            return "started over" if starts_over(text) else "relieved" if is_relieved(text, likelihood) else "went on"
    return "stood"


def _history(exchanges: Sequence[Exchange]) -> Iterator[tuple[str, Any]]:
    """What was said, the newest first, as `standing` reads it."""
    for exchange in reversed(exchanges):
        yield "bot", {"kind": exchange.kind, "level": exchange.level}
        yield "user", (exchange.text, exchange.likelihood)


# What a clinic sees


def shown(alarm: Alarm, zone: datetime.tzinfo) -> str:
    """An alarm on lines of its own for the terminal; ! marks what got an urgent reply."""
    raised = alarm.raised
    what = f"answered as {raised.kind or 'nothing'}, likelihood of an alarm {raised.likelihood:.2f}" if alarm.is_near else f"{raised.level}, {alarm.ended}"
    lines = [f"{_time(raised, zone)}  {what}"]
    lines += [f"    {exchange.text}" for exchange in alarm.before]
    lines += [f"  > {raised.text}"]
    lines += [f"  {'!' if exchange.kind == 'urgent' else ' '} {exchange.text}" for exchange in alarm.after]
    return "\n".join(lines)


def row(alarm: Alarm, zone: datetime.tzinfo) -> list[str]:
    """An alarm as cells under COLUMNS."""
    raised = alarm.raised
    before, after = (" / ".join(exchange.text for exchange in some) for some in (alarm.before, alarm.after))
    what, likely = (f"near-alarm, answered as {raised.kind or 'nothing'}", f"{raised.likelihood:.2f}") if alarm.is_near else ("alarm", "")
    return [_time(raised, zone), what, raised.level, likely, *map(_cell, (raised.text, before, after)), alarm.ended]


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _time(exchange: Exchange, zone: datetime.tzinfo) -> str:
    return f"{datetime.datetime.fromtimestamp(exchange.time, zone):%Y-%m-%d %H:%M}"


def _cell(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@") else text


def _write(path: Path, found: Sequence[Alarm], zone: datetime.tzinfo) -> None:
    try:
        with path.open("x", encoding="utf-8-sig", newline="") as file:  # with the mark by which spreadsheets know UTF-8
            csv.writer(file).writerows([COLUMNS, *(row(alarm, zone) for alarm in found)])
    except FileExistsError:
        raise launch.LaunchError(f"{path} is there already: name a new file.") from None
    except OSError as error:
        raise launch.LaunchError(f"{path} cannot be written: {error}") from error
