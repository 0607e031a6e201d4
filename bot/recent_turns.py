"""Reads the end of a conversation rather than all of it, so that the hundredth turn takes as long as the fifth.

Rasa reads back and replays every event of a conversation, several times over in each turn (rasa/core/tracker_store.py:1264, and `copy` and
`generate_all_prior_trackers` in rasa/shared/core/trackers.py). A turn depends on little of it: the policies look at three states (`max_history: 3`), an alarm
stands for three turns, slots are what was set last, and what "where is that from" points at is the last answer. Nothing is kept between turns, so that
several servers can share a database. All that was said stays stored, and `retrieve_full_tracker` reads it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from typing import Any, Optional

import sqlalchemy
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.events import ActionExecuted, BotUttered, Event, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.alarm_state import TURNS as ALARM_TURNS

TURNS = ALARM_TURNS + 1
"""Turns that are read: an alarm of the oldest of them is just over. The three states of the policies are one and a half turns."""

_PLAIN = ("user", "bot", "action", "slot", "entities", "user_featurization", "session_started", "agent")
"""Kinds of events that leave nothing behind but slots; after any other, such as a restart, the whole conversation is read."""
_ANSWER = '%"kind": "answer"%"facts": ["%'
"""A reply with facts, as it is stored (actions/give_sources.py asks for the last one)."""


class RecentTurns(DialogueStateTracker):
    """The end of a stored conversation."""

    stored = 0
    """How many of its events were read from the database, or have been written there since."""


class RecentTurnsStore(SQLTrackerStore):
    """Rasa's SQL store; of a conversation of many turns it reads the last ones, and what still counts of those before."""

    async def retrieve(self, sender_id: str) -> Optional[DialogueStateTracker]:
        """The conversation as a turn needs it, since its session began."""
        with self.session_scope() as database:
            events = self._recent(database, sender_id)
        if events is None:
            return await super().retrieve(sender_id)
        tracker = RecentTurns.from_dict(sender_id, events, self.domain.slots)
        if any(isinstance(event, ActionExecuted) and event.hide_rule_turn for event in tracker.events):
            return await super().retrieve(sender_id)  # the policies look past hidden turns (rasa/shared/core/domain.py:1357)
        tracker.stored = len(tracker.events)
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store what is new."""
        await super().save(tracker)
        if isinstance(tracker, RecentTurns):
            tracker.stored = len(tracker.events)

    def _additional_events(self, session: Any, tracker: DialogueStateTracker) -> Iterator[Event]:
        """The new events: Rasa counts those in the database, of which this tracker holds only some."""
        if isinstance(tracker, RecentTurns):
            return islice(tracker.events, tracker.stored, None)
        new: Iterator[Event] = super()._additional_events(session, tracker)
        return new

    def _recent(self, database: Any, sender_id: str) -> list[dict[str, Any]] | None:
        """The events of the last turns, after what still counts of those before; None where the whole conversation is needed."""
        row = self.SQLEvent
        newest = self._event_query(database, sender_id, fetch_events_from_all_sessions=False).order_by(None).order_by(row.id.desc())
        begin = newest.filter(row.type_name == UserUttered.type_name).with_entities(row.id).offset(TURNS - 1).limit(1).scalar()
        if begin is None:
            return None
        before = newest.filter(row.id < begin)
        kinds = before.order_by(None).with_entities(row.type_name, row.action_name, sqlalchemy.func.max(row.id)).group_by(row.type_name, row.action_name).all()
        if any(kind not in _PLAIN for kind, _, _ in kinds):
            return None
        answer = before.filter(row.type_name == BotUttered.type_name, row.data.like(_ANSWER)).with_entities(row.id).limit(1).scalar()
        counts = [last for kind, _, last in kinds if kind == SlotSet.type_name] + [answer]
        wanted = newest.filter(sqlalchemy.or_(row.id >= begin, row.id.in_([number for number in counts if number is not None])))
        return [json.loads(data) for (data,) in wanted.order_by(None).order_by(row.id).with_entities(row.data)]
