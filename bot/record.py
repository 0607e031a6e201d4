"""What is kept of a conversation, for the visitor who holds it: its history, the judgement of its answers, its erasure."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from rasa.core.tracker_store import InMemoryTrackerStore, RedisTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.events import AgentUttered, BotUttered, UserUttered
from sqlalchemy.exc import SQLAlchemyError

from bot.edge import Message, as_message
from bot.problem import unavailable
from bot.quiet import places

if TYPE_CHECKING:
    from rasa.core.agent import Agent  # which takes TensorFlow, and 15 seconds, to import

FEEDBACK = "feedback"
"""The key in the data of Rasa's `agent` event, in which feedback is kept: the event changes nothing in a conversation
(rasa/shared/core/events.py:1670), every Rasa can read it, and it goes when the conversation goes."""


_log = logging.getLogger(__name__)


class Record:
    """The conversations of one agent; each is reached by its id, which only its token gives."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    async def history(self, session: str) -> list[Message]:
        """What was said in a conversation."""
        return history(await self._events(session))

    async def export(self, session: str) -> Message:
        """All that is kept of a conversation."""
        return export(await self._events(session))

    def is_erased(self, session: str) -> bool:
        """Whether a conversation was erased, by whatever process.

        Raises: Problem if the database does not answer.
        """
        with _answering():
            return any(store.is_erased(session) for store in stores(self._agent.tracker_store) if hasattr(store, "is_erased"))

    async def reply_to(self, session: str, message_id: str) -> Message | None:
        """The reply that a message got, whichever server gave it and however long ago; None where it has none yet.

        Raises: Problem if the conversations cannot be read.
        """
        if not _may_hold(stores(self._agent.tracker_store)[0], session, message_id):
            return None
        asked = False
        for event in await self._events(session):
            if isinstance(event, UserUttered):
                asked = event.message_id == message_id
            elif asked and isinstance(event, BotUttered) and event.text:
                return as_message(event.text, event.metadata.get("metadata") or {})
        return None

    async def judge(self, session: str, message_id: str, verdict: str, why: str) -> bool:
        """Keep what the visitor thinks of the reply to a message; False where there is no such message."""
        async with self._agent.lock_store.lock(session):
            tracker = await self._agent.tracker_store.retrieve_full_tracker(session)
            if tracker is None or not any(isinstance(event, UserUttered) and event.message_id == message_id for event in tracker.events):
                return False
            latest = await self._agent.tracker_store.retrieve(session) or tracker
            latest.update(AgentUttered(data={FEEDBACK: {"message_id": message_id, "verdict": verdict, "why": why}}), self._agent.domain)
            await self._agent.tracker_store.save(latest)
        return True

    async def erase(self, session: str) -> bool:
        """Leave nothing of a conversation in the tracker store; return whether there was anything.

        Raises: Problem if the store has no way to erase, or does not answer.
        """
        async with self._agent.lock_store.lock(session):
            return any([await _erase(store, session) for store in stores(self._agent.tracker_store)])

    async def _events(self, session: str) -> list[Any]:
        tracker = await self._agent.tracker_store.retrieve_full_tracker(session)
        return list(tracker.events) if tracker else []


def history(events: Iterable[Any]) -> list[Message]:
    """What was said, oldest first: {from: visitor, message_id, at, text} and {from: assistant, message_id, at, and the parts of the reply}."""
    said: list[Message] = []
    titles: dict[str, str] = {}
    message_id = ""
    for event in events:
        if isinstance(event, UserUttered):
            message_id = event.message_id or ""
            text = event.text or ""
            said.append({"from": "visitor", "message_id": message_id, "at": event.timestamp, "text": titles.get(text, text)})
        elif isinstance(event, BotUttered) and event.text:
            reply = as_message(event.text, event.metadata.get("metadata") or {})
            titles.update({button["choice"]: button["title"] for button in reply["buttons"]})
            said.append({"from": "assistant", "message_id": message_id, "at": event.timestamp, **reply})
    return said


def export(events: Iterable[Any]) -> Message:
    """All that is kept of a conversation and means something to a person: what was said, and how the replies were judged."""
    events = list(events)
    judged = ((event.data.get(FEEDBACK), event.timestamp) for event in events if isinstance(event, AgentUttered) and event.data)
    return {"messages": history(events), "feedback": [{**judgement, "at": at} for judgement, at in judged if judgement]}


def stores(store: Any) -> list[TrackerStore]:
    """The stores inside Rasa's wrappers, the one in memory that takes over when a save fails too (rasa/core/tracker_store.py:1377)."""
    fallback, inner = getattr(store, "_fallback_tracker_store", None), getattr(store, "_tracker_store", None)
    return [*(stores(inner) if inner else [store]), *([fallback] if fallback else [])]


def _may_hold(store: Any, session: str, message_id: str) -> bool:
    """Whether a conversation may hold a message.

    It is asked of the database itself where that is possible, which spares every new message the reading of all that was said before
    (38 ms after 55 turns, and growing).
    """
    if not isinstance(store, SQLTrackerStore):
        return True
    row, told = store.SQLEvent, json.dumps(message_id)
    with _answering(), store.session_scope() as database:
        found = database.query(row.id).filter(row.sender_id == session, row.type_name == UserUttered.type_name, row.data.contains(told, autoescape=True))
        return found.first() is not None


@contextmanager
def _answering() -> Iterator[None]:
    """Tell what goes wrong with a database in our own words, since its own quote what was to be saved.

    Raises: Problem.
    """
    try:
        yield
    except SQLAlchemyError as error:
        _log.error("the database does not answer: %s", places(error))
        raise unavailable() from None


async def _erase(store: Any, session: str) -> bool:
    """Erase in one store; Rasa's own have no call for it."""
    if hasattr(store, "erase"):
        with _answering():
            return bool(store.erase(session))
    if isinstance(store, SQLTrackerStore):
        with _answering(), store.session_scope() as database:
            count = database.query(store.SQLEvent).filter_by(sender_id=session).delete()
            database.commit()
            return bool(count)
    if isinstance(store, RedisTrackerStore):
        return bool(store.red.delete(store.key_prefix + session))
    if isinstance(store, InMemoryTrackerStore):
        return store.store.pop(session, None) is not None
    _log.error("%s has no way to erase a conversation", type(store).__name__)
    raise unavailable()
