"""The results of actions in this process are checked as those of an action server are."""

import pytest
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg import NaturalLanguageGenerator
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.inprocess import InProcessActions


async def events_of(result):
    """What Rasa makes of the result of an action."""
    actions = InProcessActions()
    actions.executor.register_function("action_of_this_test", lambda dispatcher, tracker, domain: result)
    tracker = DialogueStateTracker.from_events("visitor", [])
    domain = Domain.empty()
    return await RemoteAction("action_of_this_test", actions).run(CollectingOutputChannel(), NaturalLanguageGenerator.create(None, domain), tracker, domain)


async def test_right_result_becomes_events():
    assert await events_of([{"event": "slot", "name": "last_region", "value": "UK"}]) == [SlotSet("last_region", "UK")]


@pytest.mark.parametrize("wrong", [{"event": "slot", "value": "UK"}, {"event": "no such event"}, {"event": "slot", "name": 5, "value": "UK"}])
async def test_wrong_result_is_refused(wrong):
    with pytest.raises(ValidationError):
        await events_of([wrong])
