"""What is kept of a conversation, in every kind of store that erases."""

import pytest
from rasa.core.lock_store import InMemoryLockStore, LockError, RedisLockStore
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore, SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from bot.outage import OvertakenError
from bot.problem import Problem
from bot.record import Record
from bot.tracker_store import RedactedTrackerStore


class Agent:
    """As much of Rasa's agent as keeps conversations."""

    def __init__(self, store):
        self.domain = Domain.empty()
        self.tracker_store = store
        self.lock_store = InMemoryLockStore()

    async def hear(self, session, text, message_id, reply):
        tracker = await self.tracker_store.retrieve(session) or DialogueStateTracker(session, [])
        events = [] if tracker.events else [ActionExecuted("action_session_start"), SessionStarted()]
        metadata = {"metadata": {"kind": "clarify", "buttons": [{"title": "Cost", "choice": "choice-0a-1"}]}}
        tracker.update_with_events([*events, UserUttered(text, message_id=message_id), BotUttered(reply, metadata=metadata)], self.domain)
        await self.tracker_store.save(tracker)


@pytest.fixture(params=["memory", "sql", "redacted", "failsafe"])
def agent(request, tmp_path):
    def sql(store):
        return store(Domain.empty(), dialect="sqlite", db=str(tmp_path / "c.db"))

    made = {
        "memory": lambda: InMemoryTrackerStore(Domain.empty()),
        "sql": lambda: sql(SQLTrackerStore),
        "redacted": lambda: sql(RedactedTrackerStore),
        "failsafe": lambda: FailSafeTrackerStore(sql(RedactedTrackerStore)),
    }
    return Agent(made[request.param]())


async def test_history_is_told_in_order_with_titles_of_buttons(agent):
    await agent.hear("s", "hm", "1", "Which?")
    await agent.hear("s", "choice-0a-1", "2", "So much.")
    history = await Record(agent).history("s")
    assert [(said["from"], said["message_id"], said["text"]) for said in history] == [
        ("visitor", "1", "hm"),
        ("assistant", "1", "Which?"),
        ("visitor", "2", "Cost"),
        ("assistant", "2", "So much."),
    ]
    assert await Record(agent).history("other") == []


@pytest.mark.parametrize("message_id", ["2", '"%_\\', "x" * 64])
async def test_reply_to_finds_what_was_answered(agent, message_id):
    await agent.hear("s", "one", "1", "First.")
    await agent.hear("s", "two", message_id, "Second.")
    record = Record(agent)
    assert (await record.reply_to("s", message_id))["text"] == "Second."
    assert await record.reply_to("s", "x") is None
    assert await record.reply_to("other", message_id) is None


async def test_reply_to_is_not_misled_by_what_was_typed(agent):
    await agent.hear("s", 'my "2" words', "1", "First.")
    assert await Record(agent).reply_to("s", "2") is None


async def test_judge_keeps_the_judgement_and_the_conversation(agent):
    await agent.hear("s", "one", "1", "First.")
    record = Record(agent)
    assert await record.judge("s", "1", "bad", "outdated")
    assert not await record.judge("s", "2", "good", "")
    assert not await record.judge("other", "1", "good", "")
    tracker = await agent.tracker_store.retrieve("s")
    assert [event.data["feedback"] for event in tracker.events if event.type_name == "agent"] == [{"message_id": "1", "verdict": "bad", "why": "outdated"}]
    assert len(await record.history("s")) == 2


async def test_erase_leaves_nothing_and_others_alone(agent):
    for session in ("s", "other"):
        await agent.hear(session, "one", "1", "First.")
    await Record(agent).erase("s")
    assert await Record(agent).history("s") == []
    assert list(await agent.tracker_store.keys()) == ["other"]


async def test_erase_reaches_what_a_failed_save_left_in_memory(tmp_path):
    agent = Agent(FailSafeTrackerStore(SQLTrackerStore(Domain.empty(), dialect="sqlite", db=str(tmp_path / "c.db"))))
    await agent.tracker_store.fallback_tracker_store.save(DialogueStateTracker.from_events("s", [UserUttered("one")]))
    await Record(agent).erase("s")
    assert list(await agent.tracker_store.fallback_tracker_store.keys()) == []


async def test_store_that_cannot_erase_is_told(caplog):
    class Other:
        pass

    with pytest.raises(Problem) as caught:
        await Record(Agent(Other())).erase("s")
    assert caught.value.status == 503
    assert "Other has no way to erase" in caplog.text


async def test_database_that_is_gone_is_told_without_what_was_said(tmp_path, caplog):
    store = SQLTrackerStore(Domain.empty(), dialect="sqlite", db=str(tmp_path / "c.db"))
    store.Base.metadata.drop_all(store.engine)
    for asked in (Record(Agent(store)).erase("s"), Record(Agent(store)).reply_to("s", "secret")):
        with pytest.raises(Problem) as caught:
            await asked
        assert caught.value.status == 503
    assert "secret" not in caplog.text


@pytest.mark.parametrize("error", [RedisError("secret"), LockError("secret"), OvertakenError("secret"), OperationalError("secret", {}, None)])
async def test_what_fails_while_a_conversation_is_held_is_told_without_its_words(agent, caplog, error):
    with pytest.raises(Problem) as caught:
        async with Record(agent).alone("s"):
            raise error
    assert caught.value.status == 503
    assert type(error).__name__ in caplog.text
    assert "secret" not in caplog.text


async def test_redis_that_does_not_answer_is_told():
    made = Agent(InMemoryTrackerStore(Domain.empty()))
    made.lock_store = RedisLockStore(host="127.0.0.1", port=9)
    with pytest.raises(Problem):
        await Record(made).erase("s")
