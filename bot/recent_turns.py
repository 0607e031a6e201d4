"""Reads the end of a conversation rather than all of it, so that the hundredth turn takes as long as the fifth.

Rasa reads back and replays every event of a conversation, several times over in each turn (rasa/core/tracker_store.py:1264, and `copy` and
`generate_all_prior_trackers` in rasa/shared/core/trackers.py). A turn depends on little of it: the policies look at three states (`max_history: 3`), an alarm
stands for three turns, slots are what was set last, and what "where is that from" points at is the last answer. All that was said stays stored, and
`retrieve_full_tracker` reads it.

What a server has just stored it need not read again; the number of the last event tells whether another server has gone on meanwhile.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from functools import lru_cache
from typing import Any, NamedTuple, Optional

import sqlalchemy
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import BotUttered, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.alarm_state import TURNS as ALARM_TURNS

TURNS = ALARM_TURNS + 1
"""Turns that are read: an alarm of the oldest of them is just over. The three states of the policies are one and a half turns."""
KEPT_TURNS = 2 * TURNS
"""Turns up to which what was read and stored is kept; longer ones are read anew, from their end."""
KEPT = 256
"""Conversations of which it is kept, about 10 kB a turn."""

_PLAIN = ("user", "bot", "action", "followup", "slot", "entities", "user_featurization", "session_started", "agent")
"""Kinds of events that leave nothing behind but slots; after any other, such as a restart, the whole conversation is read."""
_HIDDEN = '"hide_rule_turn": true'
"""An action of a turn past which the policies look (rasa/shared/core/domain.py:1357), as it is stored; the whole conversation is read then, too."""
_ANSWER = '%"kind": "answer"%"facts": ["%'
"""A reply with facts, as it is stored (actions/give_sources.py asks for the last one)."""
_LAST = sqlalchemy.select([sqlalchemy.func.max(SQLTrackerStore.SQLEvent.id)]).where(SQLTrackerStore.SQLEvent.sender_id == sqlalchemy.bindparam("sender"))
"""Made once: to make a statement takes SQLAlchemy several times as long as to run it."""

_class_of = lru_cache(maxsize=None)(Event.resolve_by_type)
"""Rasa itself looks for the class of each event among all that there are, every time (rasa/shared/core/events.py:374): a tenth of a turn."""


class Row(NamedTuple):
    """An event as it is stored."""

    kind: str
    at: float
    data: str


class Stored(NamedTuple):
    """What of a tracker is stored: the number of the conversation's last event, None before there is one, and the tracker's events."""

    last: int | None = None
    rows: tuple[Row, ...] = ()

    @classmethod
    def of(cls, tracker: DialogueStateTracker) -> Stored:
        """What is stored of a tracker; nothing of one that was not read from the store."""
        stored: Stored = getattr(tracker, "stored", cls())
        return stored


class RecentTurnsStore(SQLTrackerStore):
    """Rasa's SQL store; of a conversation of many turns it reads the last ones, and what still counts of those before.

    Only for a store that saves what stands behind `Stored.of` and then calls `_keep` (bot/tracker_store.py): Rasa's own `save` counts all stored events.
    """

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        """Keep nothing yet."""
        super().__init__(*arguments, **settings)
        Event.resolve_by_type = staticmethod(_class_of)
        self._kept: OrderedDict[str, Stored] = OrderedDict()

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """The conversation as a turn needs it, since its session began."""
        with self.engine.connect() as database:
            last = self._last(database, sender_id)
        if last is None:
            self._kept.pop(sender_id, None)  # somebody else has erased it
            return None
        stored = self._kept.get(sender_id)
        if stored is None or stored.last != last:
            with self.session_scope() as session:
                stored = Stored(last, self._recent(session, sender_id))
        tracker: DialogueStateTracker = DialogueStateTracker.from_dict(sender_id, [json.loads(row.data) for row in stored.rows], self.domain.slots)
        tracker.stored = stored
        return tracker

    def _last(self, database: Any, sender_id: str) -> int | None:
        """The number of the last stored event of a conversation; None where there is none."""
        number: int | None = database.execute(_LAST, {"sender": sender_id}).scalar()
        return number

    def _keep(self, tracker: DialogueStateTracker, stored: Stored) -> None:
        """Remember what has been stored of a conversation, if `_recent` would read as much or less of it."""
        new = stored.rows[len(Stored.of(tracker).rows) :]
        tracker.stored = stored
        began = max((row.at for row in stored.rows if row.kind == SessionStarted.type_name), default=0.0)
        rows = tuple(row for row in stored.rows if row.at >= began)
        self._kept.pop(tracker.sender_id, None)
        is_short = sum(row.kind == UserUttered.type_name for row in rows) <= KEPT_TURNS
        if is_short and all(row.kind in _PLAIN and _HIDDEN not in row.data for row in new):
            self._kept[tracker.sender_id] = stored._replace(rows=rows)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)

    def _recent(self, database: Any, sender_id: str) -> tuple[Row, ...]:
        """The events of the last turns, after what still counts of those before; of the whole session where that is needed."""
        row = self.SQLEvent
        newest = self._event_query(database, sender_id, fetch_events_from_all_sessions=False).order_by(None).order_by(row.id.desc())
        begin = newest.filter(row.type_name == UserUttered.type_name).with_entities(row.id).offset(TURNS - 1).limit(1).scalar()
        if begin is None:
            return _rows(row, newest)
        before = newest.filter(row.id < begin)
        kinds = before.order_by(None).with_entities(row.type_name, row.action_name, sqlalchemy.func.max(row.id)).group_by(row.type_name, row.action_name).all()
        answer = before.filter(row.type_name == BotUttered.type_name, row.data.like(_ANSWER)).with_entities(row.id).limit(1).scalar()
        counts = [last for kind, _, last in kinds if kind == SlotSet.type_name] + [answer]
        wanted = _rows(row, newest.filter(sqlalchemy.or_(row.id >= begin, row.id.in_([number for number in counts if number is not None]))))
        is_plain = all(kind in _PLAIN for kind, _, _ in kinds) and not any(_HIDDEN in row.data for row in wanted)
        return wanted if is_plain else _rows(row, newest)


def _rows(row: Any, wanted: Any) -> tuple[Row, ...]:
    return tuple(Row(*found) for found in wanted.order_by(None).order_by(row.id).with_entities(row.type_name, row.timestamp, row.data))
