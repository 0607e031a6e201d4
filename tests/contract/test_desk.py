"""What the web channel does where two servers, or two requests, have the same conversation in hand."""

from types import SimpleNamespace

import pytest
from rasa.core.lock_store import InMemoryLockStore
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channel import Desk
from bot.edge import Edge
from bot.outage import OvertakenError
from bot.problem import Problem
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
