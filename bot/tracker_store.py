"""Keeps conversations in an SQL database without the personal data in them: what is stored, or handed to an event broker, is redacted first.

Within its turn a message is understood and answered as it was typed. From the next turn on, Rasa reads the conversation back as it is stored.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import sqlalchemy
from rasa.core.brokers.broker import EventBroker
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.recent_turns import RecentTurnsStore
from bot.redaction import findings, redacted
from bot.reply import CHOICE

_OURS = frozenset({"event", "name", "message_id", "model_id", "assistant_id", "input_channel", "sender_id"})
"""Fields that hold ids and names which the assistant gave."""
_SHORTEST = 3
"""Letters from which a word of what was hidden is also hidden where it stands alone."""


class RedactedTrackerStore(RecentTurnsStore):
    """Rasa's SQL store, which never gets to see personal data."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        """Open the database, and load what redacting needs rather than at the first message."""
        super().__init__(*arguments, **settings)
        if self.engine.dialect.name == "sqlite":
            sqlalchemy.event.listen(self.engine, "connect", _overwrite_what_is_deleted)
            self.engine.dispose()
        redacted("I'm here")

    def forget(self, before: float) -> int:
        """Delete every conversation in which nothing was said since a time; return how many.

        Units: seconds since 1970.
        """
        row = self.SQLEvent
        with self.session_scope() as database:
            old = database.query(row.sender_id).group_by(row.sender_id).having(sqlalchemy.func.max(row.timestamp) < before)
            count: int = old.count()
            database.query(row).filter(row.sender_id.in_(old.subquery().select())).delete(synchronize_session=False)
            database.commit()
        return count

    def _additional_events(self, session: Any, tracker: DialogueStateTracker) -> Iterator[Event]:
        """The new events, redacted."""
        return redacted_events(super()._additional_events(session, tracker))

    async def _stream_new_events(self, event_broker: EventBroker, new_events: list[Event], sender_id: str) -> None:
        """Hand on the new events, redacted."""
        await super()._stream_new_events(event_broker, list(redacted_events(new_events)), sender_id)


def redacted_events(events: Iterable[Event]) -> Iterator[Event]:
    """Events as they may be stored: personal data is hidden in what the visitor typed and in all that was made of it.

    Replies stay: they hold stored sentences only (bot/reply.py). So do the places of entities, which count the characters as typed.
    """
    hidden = _Hidden("")
    for event in events:
        if isinstance(event, UserUttered):
            hidden = _Hidden(event.text or "")
        yield event if isinstance(event, BotUttered) else Event.from_parameters(hidden.out_of(event.as_dict()))


class _Hidden:
    """What is personal in one message, to be taken out of everything that Rasa keeps of its turn."""

    def __init__(self, text: str) -> None:
        self._text = text
        found = [(text[finding.start : finding.end].lower(), finding.kind) for finding in findings(text)]
        words = [(word, kind) for piece, kind in found for word in re.findall(r"\w+", piece) if len(word) >= _SHORTEST]
        self._kinds = dict((*words, *found))
        pieces = "|".join(re.escape(piece) for piece in sorted(self._kinds, key=len, reverse=True))
        self._pieces = re.compile(rf"(?<!\w)(?:{pieces})(?!\w)", re.IGNORECASE) if pieces else None

    def out_of(self, value: Any, field: str = "") -> Any:
        """A JSON value without what is personal; keys, and what the assistant itself named, stay."""
        if isinstance(value, dict):
            return {key: entry if key in _OURS else self.out_of(entry, key) for key, entry in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.out_of(entry, field) for entry in value]
        if not isinstance(value, str) or CHOICE.match(value):
            return value
        if field == "text" and value != self._text and self._pieces:  # a clause may hold a name without the "I'm" that tells it
            value = self._pieces.sub(lambda match: f"<{self._kinds[match[0].lower()]}>", value)
        return redacted(value)


def _overwrite_what_is_deleted(connection: Any, _: Any) -> None:
    """Have SQLite write zeros over deleted rows, and keep what it sorts out of temporary files."""
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
