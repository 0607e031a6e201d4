"""What the web channel does where two servers, or two requests, have the same conversation in hand."""

from contextlib import suppress
from types import SimpleNamespace

import pytest
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channel import TRIES, Desk, _patiently
from bot.edge import Edge
from bot.outage import OvertakenError
from bot.problem import Problem, unavailable
from bot.session import Sessions


@pytest.fixture
def desk(tmp_path):
    """A desk whose every turn is overtaken, by another server that answered the same message if `answered_there` says so."""
    store = SQLTrackerStore(Domain.empty(), dialect="sqlite", db=str(tmp_path / "c.db"))
    agent = SimpleNamespace(tracker_store=store, lock_store=InMemoryLockStore(), is_ready=lambda: True, domain=Domain.empty())

    async def turn(message):
        made.turns += 1
        if made.answered_there:
            events = [ActionExecuted("action_session_start"), SessionStarted(), UserUttered(message.text, message_id=message.message_id), BotUttered("Yes.")]
            await store.save(DialogueStateTracker.from_events(message.sender_id, events))
        raise OvertakenError

    made = Desk(lambda: Edge(turn, None), Sessions(b"key"))
    made.app, made.turns, made.answered_there = SimpleNamespace(ctx=SimpleNamespace(agent=agent)), 0, False
    return made


async def test_reply_of_the_server_that_was_quicker_is_told(desk):
    desk.answered_there = True
    message = {"session": (await desk.start(desk.app, {}))["session"], "message_id": "1", "text": "is it safe"}
    assert (await desk.message(desk.app, message))["text"] == "Yes."
    assert (await desk.message(desk.app, message))["text"] == "Yes."
    assert desk.turns == 1


async def test_turn_that_was_overtaken_by_another_message_can_be_sent_again(desk):
    message = {"session": (await desk.start(desk.app, {}))["session"], "message_id": "1", "text": "is it safe"}
    for sent in (1, 2):
        with pytest.raises(Problem) as caught:
            await desk.message(desk.app, message)
        assert caught.value.status == 503
        assert desk.turns == sent


@pytest.fixture
def counter():
    """A service that fails `failures` times as an outage does, and notes what it was asked."""

    async def serve(app, body):
        serve.asked.append(dict(body))
        if len(serve.asked) <= serve.failures:
            raise unavailable()
        return {"served": True}

    serve.asked, serve.failures = [], 0
    return serve


@pytest.mark.parametrize("failures", [0, 1, TRIES - 1])
async def test_request_waits_for_what_comes_back(counter, desk, failures):
    counter.failures = failures
    assert await _patiently(counter, desk.app, {"a": 1}) == {"served": True}
    assert counter.asked == [{"a": 1}] * (failures + 1)


async def test_request_is_refused_when_trying_again_does_not_help(counter, desk):
    counter.failures = TRIES
    with pytest.raises(Problem):
        await _patiently(counter, desk.app, {})
    assert len(counter.asked) == TRIES


async def test_request_is_refused_at_once_when_it_is_its_own_fault(counter, desk):
    async def refuse(app, body):
        counter.asked.append(body)
        raise Problem(400, "bad_request", "No.")

    with pytest.raises(Problem):
        await _patiently(refuse, desk.app, {})
    assert len(counter.asked) == 1


async def test_request_does_not_wait_for_ever(counter, desk, monkeypatch):
    monkeypatch.setattr("bot.channel.PATIENCE", 0.2)
    desk.app.ctx.agent.is_ready = lambda: False
    counter.failures = TRIES
    with pytest.raises(Problem):
        await _patiently(counter, desk.app, {})
    assert len(counter.asked) == 1


async def test_message_without_an_id_is_stored_once_when_it_is_served_again(desk):
    desk.answered_there = True
    message = {"session": (await desk.start(desk.app, {}))["session"], "text": "is it safe"}
    with suppress(Problem):
        await desk.message(desk.app, message)
    assert (await desk.message(desk.app, message))["text"] == "Yes."
    assert desk.turns == 1
