"""What is kept of a conversation, for the visitor who holds it: its history, the judgement of its answers, its erasure."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

from rasa.core.tracker_store import InMemoryTrackerStore, RedisTrackerStore, SQLTrackerStore, TrackerStore
from rasa.shared.core.events import AgentUttered, BotUttered, UserUttered
from redis.exceptions import LockNotOwnedError

from bot.edge import Message, as_message
from bot.outage import outages_told
from bot.problem import unavailable

if TYPE_CHECKING:
    from rasa.core.agent import Agent  # which takes seconds to import

FEEDBACK = "feedback"
"""The key in the data of Rasa's `agent` event, in which feedback is kept: the event changes nothing in a conversation
(rasa/shared/core/events.py:1670), every Rasa can read it, and it goes when the conversation goes."""

HELD = "held:"
"""Under these keys servers that share a Redis tell each other which conversations they have in hand. Rasa's own lock in Redis lets two servers in that come
at the same moment, or leaves a ticket that nobody serves (rasa/core/lock_store.py:81 reads and writes in two steps); the one of Redis' own client does
neither."""

LOCK_SECONDS, LOOK_AGAIN_SECONDS = 10.0, 0.1
"""How long a conversation stays locked by a server that was killed, and how often those who wait look. A turn takes a fraction of a second; one that
takes longer than its lock (a paused server) is not saved if another server went on meanwhile (bot/tracker_store.py)."""

_log = logging.getLogger(__name__)


class Record:
    """The conversations of one agent; each is reached by its id, which only its token gives."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent

    @asynccontextmanager
    async def alone(self, session: str) -> AsyncIterator[None]:
        """Hold a conversation, so that nothing else is done to it meanwhile, on whichever server.

        Raises: Problem if it cannot be held, or if database or lock store fail within.
        """
        redis, key = shared_redis(self._agent), HELD + session
        with outages_told():
            async with _held(redis.lock(key, LOCK_SECONDS)) if redis else self._agent.lock_store.lock(session, wait_time_in_seconds=LOOK_AGAIN_SECONDS):
                yield

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
        with outages_told():
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
        async with self.alone(session):
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
        async with self.alone(session):
            return any([await _erase(store, session) for store in stores(self._agent.tracker_store)])

    async def _events(self, session: str) -> list[Any]:
        with outages_told():
            tracker = await self._agent.tracker_store.retrieve_full_tracker(session)
        return list(tracker.events) if tracker else []


def shared_redis(agent: Any) -> Any:
    """The Redis of a shared lock store; None where the server is alone, or has no agent yet."""
    return getattr(getattr(agent, "lock_store", None), "red", None)


@asynccontextmanager
async def _held(lock: Any) -> AsyncIterator[None]:
    """Hold a lock of Redis' client, without keeping other conversations waiting meanwhile."""
    while not lock.acquire(blocking=False):
        await asyncio.sleep(LOOK_AGAIN_SECONDS)
    try:
        yield
    finally:
        with suppress(LockNotOwnedError):  # it ran out; what was done under it is stored only if nobody else went on
            lock.release()


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
    with outages_told(), store.session_scope() as database:
        found = database.query(row.id).filter(row.sender_id == session, row.type_name == UserUttered.type_name, row.data.contains(told, autoescape=True))
        return found.first() is not None


async def _erase(store: Any, session: str) -> bool:
    """Erase in one store; Rasa's own have no call for it."""
    if hasattr(store, "erase"):
        return bool(store.erase(session))
    if isinstance(store, SQLTrackerStore):
        with store.session_scope() as database:
            count = database.query(store.SQLEvent).filter_by(sender_id=session).delete()
            database.commit()
            return bool(count)
    if isinstance(store, RedisTrackerStore):
        return bool(store.red.delete(store.key_prefix + session))
    if isinstance(store, InMemoryTrackerStore):
        return store.store.pop(session, None) is not None
    _log.error("%s has no way to erase a conversation", type(store).__name__)
    raise unavailable()
