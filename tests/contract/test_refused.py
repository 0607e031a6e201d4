"""What the channel refuses before anything is understood or stored."""

import asyncio
from types import SimpleNamespace

import pytest
from rasa.core.lock_store import InMemoryLockStore

from bot.channel import Desk
from bot.problem import Problem
from bot.session import Sessions


class Edge:
    """An edge that answers everything."""

    def __init__(self, asks_consent):
        self.asks_consent = asks_consent

    def welcome(self):
        return {"text": "Hello"}

    async def reply(self, session, text, message_id):
        return {"text": "Answer"}


class Agent(SimpleNamespace):
    """An agent without conversations."""

    def is_ready(self):
        return True


APP = SimpleNamespace(ctx=SimpleNamespace(agent=Agent(tracker_store=None, lock_store=InMemoryLockStore())))


def say(asks_consent, **begun):
    """The answer to a first message in a conversation that was begun in some way."""
    desk = Desk(lambda: Edge(asks_consent), Sessions(b"key"))

    async def talk():
        token = (await desk.start(APP, begun))["session"]
        return await desk.message(APP, {"session": token, "text": "Is it safe?"})

    return asyncio.run(talk())


@pytest.mark.parametrize("begun", [{}, {"consent": False}, {"consent": None}, {"consent": "true"}, {"consent": 1}])
def test_message_without_consent_is_refused_where_it_is_asked_for(begun):
    with pytest.raises(Problem, match="asks for your consent") as refused:
        say(asks_consent=True, **begun)
    assert (refused.value.status, refused.value.code) == (403, "consent")
    assert say(asks_consent=False, **begun)["text"] == "Answer"


@pytest.mark.parametrize("asks_consent", [True, False])
def test_message_with_consent_is_answered(asks_consent):
    assert say(asks_consent, consent=True)["text"] == "Answer"
