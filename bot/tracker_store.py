"""Keeps conversations in an SQL database without the personal data in them: what is stored, or handed to an event broker, is redacted first.

Within its turn a message is understood and answered as it was typed. From the next turn on, Rasa reads the conversation back as it is stored.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
import weakref
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy
from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SQLTrackerStore, create_engine_kwargs
from rasa.shared.core.events import BotUttered, Event, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import INTENT_NAME_KEY
from sqlalchemy.pool import QueuePool

from bot.database import migrate, use
from bot.outage import OvertakenError
from bot.recent_turns import RecentTurnsStore, Row, Stored
from bot.redaction import findings, redacted
from bot.reply import CHOICE
from bot.session import LIFETIME

_OURS = frozenset(
    "assistant_id entity event extractor facet input_channel message_id model_id name policy region sender_id topic treatments".split(),
)
"""Fields that hold ids and names which the assistant gave."""
_FACT = re.compile(r"[a-z_]+\.[a-z0-9_]+")
"""The name of a fact, as a slot holds it."""
_SHORTEST = 3
"""Letters from which a word of what was hidden is also hidden where it stands alone."""


class Erased(SQLTrackerStore.Base):
    """That a conversation was erased, by a hash of its id, for as long as a token could bring it back."""

    __tablename__ = "erased"
    conversation = sqlalchemy.Column(sqlalchemy.String(64), primary_key=True)
    at = sqlalchemy.Column(sqlalchemy.Float, nullable=False)


_IS_ERASED = sqlalchemy.select([Erased.at]).where(Erased.conversation == sqlalchemy.bindparam("hash"))
_STORE = SQLTrackerStore.SQLEvent.__table__.insert()
"""All new events in one statement: Rasa's own makes one for each."""


class RedactedTrackerStore(RecentTurnsStore):
    """Rasa's SQL store, which never gets to see personal data, and saves a turn whole, after the turns that it knew of, or not at all."""

    engine: Any

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        """Open the database, and load what redacting needs rather than at the first message."""
        super().__init__(*arguments, **settings)
        file = self.engine.url.database if self.engine.dialect.name == "sqlite" else None
        if self.engine.dialect.name == "postgresql":  # a connection that did not outlive a restart of the database is replaced before it is used
            self._connect_by(pool_pre_ping=True, **create_engine_kwargs(self.engine.url))
        elif file not in (None, "", ":memory:"):  # a connection stays open: to open one takes as long as five queries
            self._connect_by(poolclass=QueuePool, connect_args={"check_same_thread": False})
            _follow(self.engine, Path(file))
            weakref.finalize(self, os.close, use(Path(file)))
        if self.engine.dialect.name == "sqlite":
            sqlalchemy.event.listen(self.engine, "connect", _overwrite_what_is_deleted)
        migrate(self.engine)
        redacted("I'm here")

    def _connect_by(self, **options: Any) -> None:
        """Take other ways to connect than Rasa's."""
        self.engine.dispose()
        self.engine = sqlalchemy.create_engine(self.engine.url, **options)
        self.sessionmaker.configure(bind=self.engine)

    def erase(self, session: str) -> int:
        """Leave no row of a conversation, and let none be added; return how many there were."""
        with self.session_scope() as database:
            self._hold(database.connection(), session)
            database.merge(Erased(conversation=_hash(session), at=time.time()))
            count: int = database.query(self.SQLEvent).filter_by(sender_id=session).delete()
            database.commit()
        self._kept.pop(session, None)
        self._empty_log()
        return count

    def is_erased(self, session: str) -> bool:
        """Whether a conversation was erased, by whatever process, within the lifetime of its token."""
        with self.engine.connect() as database:
            return self._is_erased(database, session)

    def events(self, session: str) -> list[Event]:
        """All events of a conversation, in their order."""
        with self.session_scope() as database:
            rows = self._event_query(database, session, fetch_events_from_all_sessions=True).all()
            return [event for row in rows if (event := Event.from_parameters(json.loads(row.data)))]

    def forget(self, before: float) -> int:
        """Delete every conversation in which nothing was said since a time; return how many.

        Units: seconds since 1970.
        """
        row = self.SQLEvent
        self._kept.clear()
        with self.session_scope() as database:
            old = database.query(row.sender_id).group_by(row.sender_id).having(sqlalchemy.func.max(row.timestamp) < before)
            count: int = old.count()
            database.query(row).filter(row.sender_id.in_(old.subquery().select())).delete(synchronize_session=False)
            database.query(Erased).filter(Erased.at < time.time() - LIFETIME).delete()
            database.commit()
        self._empty_log()
        return count

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the new events, redacted; none where the conversation was erased meanwhile.

        Raises: OvertakenError if the conversation is no longer as it was when it was read, since Rasa's own would leave out as many new events as others
            have stored meanwhile (rasa/core/tracker_store.py:1360).
        """
        await self.stream_events(tracker)
        stored, sender = Stored.of(tracker), tracker.sender_id
        new = [event.as_dict() for event in redacted_events(islice(tracker.events, len(stored.rows), None))]
        rows = [Row(event["event"], event["timestamp"], json.dumps(event)) for event in new]
        with self.engine.begin() as database:
            self._hold(database, sender)
            if self._is_erased(database, sender):
                self._kept.pop(sender, None)
                return
            if self._last(database, sender) != stored.last:
                raise OvertakenError("the conversation was changed by somebody else")
            if new:
                database.execute(_STORE, [{"sender_id": sender, **_columns(event, row)} for event, row in zip(new, rows, strict=True)])
            last = self._last(database, sender)
        self._keep(tracker, Stored(last, (*stored.rows, *rows)))

    def _is_erased(self, database: Any, session: str) -> bool:
        return database.execute(_IS_ERASED, {"hash": _hash(session)}).scalar() is not None

    def _empty_log(self) -> None:
        """Leave nothing deleted in the log that SQLite writes ahead, where somebody has switched that on."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _hold(self, database: Any, session: str) -> None:
        """Let no other process write in a conversation until this transaction ends, so that none adds to it what another erases."""
        if self.engine.dialect.name == "sqlite":
            database.exec_driver_sql("BEGIN IMMEDIATE")
        elif self.engine.dialect.name == "postgresql":
            database.execute(sqlalchemy.select([sqlalchemy.func.pg_advisory_xact_lock(sqlalchemy.func.hashtextextended(session, 0))]))

    async def _stream_new_events(self, event_broker: EventBroker, new_events: list[Event], sender_id: str) -> None:
        """Hand on the new events, redacted."""
        await super()._stream_new_events(event_broker, list(redacted_events(new_events)), sender_id)


def _columns(event: dict[str, Any], row: Row) -> dict[str, Any]:
    """What Rasa's table holds of an event, as Rasa fills it in (rasa/core/tracker_store.py:1330)."""
    intent = event.get("parse_data", {}).get("intent", {}).get(INTENT_NAME_KEY)
    return {"type_name": row.kind, "timestamp": row.at, "intent_name": intent, "action_name": event.get("name"), "data": row.data}


def _hash(session: str) -> str:
    return hashlib.sha256(session.encode()).hexdigest()


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
        self._redacted = lru_cache(maxsize=None)(redacted)  # a turn holds the message and its clauses several times over
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
        if not isinstance(value, str) or CHOICE.match(value) or (field == "value" and _FACT.fullmatch(value)):
            return value
        if not self._pieces and value in self._text:  # nothing of the message is personal
            return value
        if field == "text" and value != self._text and self._pieces:  # a clause may hold a name without the "I'm" that tells it
            value = self._pieces.sub(lambda match: f"<{self._kinds[match[0].lower()]}>", value)
        return self._redacted(value)


def _follow(engine: Any, file: Path) -> None:
    """Have a connection to a file that is no longer the one of that name replaced, before it writes where nobody will look."""

    def remember(_: Any, record: Any) -> None:
        record.info["file"] = _identity(file)

    def compare(_: Any, record: Any, __: Any) -> None:
        if record.info["file"] != _identity(file):
            raise sqlalchemy.exc.DisconnectionError("the file was moved or replaced")

    sqlalchemy.event.listen(engine, "connect", remember)
    sqlalchemy.event.listen(engine, "checkout", compare)


def _identity(file: Path) -> tuple[int, int] | None:
    """Device and number of a file; None where there is none."""
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _overwrite_what_is_deleted(connection: Any, _: Any) -> None:
    """Have SQLite write zeros over deleted rows, and keep what it sorts out of temporary files."""
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA temp_store = MEMORY")
