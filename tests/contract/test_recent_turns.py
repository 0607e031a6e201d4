"""What a turn reads of a long conversation is all that it depends on, and what is new is stored once."""

import pytest
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, AgentUttered, BotUttered, Restarted, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.launch import TRACKER_STORE
from bot.nlu.message_reader import conversation_context
from bot.quiet import ROOT
from bot.recent_turns import TURNS

DOMAIN = Domain.load(ROOT / "domain.yml")
LONG = 3 * TURNS


@pytest.fixture
def stores(tmp_path):
    """Two servers' stores on one database."""
    settings = EndpointConfig(type=TRACKER_STORE, dialect="sqlite", db=str(tmp_path / "conversations.db"))
    made = [TrackerStore.create(settings, DOMAIN) for _ in range(2)]
    yield made
    for store in made:
        store.engine.dispose()


def turn(number, *more, intent="ask_cost", action="action_answer", reply=None, hidden=False):
    """The events of one turn, as Rasa stores them."""
    parse = {"text": f"question {number}", "intent": {"name": intent, "confidence": 1.0}, "entities": []}
    return [
        UserUttered(parse["text"], parse["intent"], [], parse, message_id=str(number)),
        ActionExecuted(action, "RulePolicy", 1.0, hide_rule_turn=hidden),
        *more,
        BotUttered(f"reply {number}", metadata={"metadata": reply or {"kind": "answer", "topics": ["cost"], "facts": [f"cost.fact_{number}"]}}),
        ActionExecuted("action_listen"),
    ]


def beginning():
    return [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]


async def grown(store, *turns, session="visitor"):
    """Turn after turn read and stored by Rasa's way; return what is read then."""
    for number, events in enumerate(turns):
        tracker = await store.get_or_create_tracker(session, append_action_listen=False)
        tracker.update_with_events([*(beginning() if number == 0 else []), *events], DOMAIN)
        await store.save(tracker)
    return await store.retrieve(session)


async def whole(store, session="visitor"):
    """The conversation as Rasa's own store reads it."""
    return await SQLTrackerStore.retrieve(store, session)


def plain_turns():
    turns = [turn(number) for number in range(LONG)]
    turns[0] = turn(0, SlotSet("last_region", "UK"), SlotSet("last_facts", ["cost.fact_0"]))
    turns[2] = turn(2, SlotSet("last_facts", ["cost.fact_2"]), SlotSet("last_choices", {"choice-1": "x"}), SlotSet("last_choices", None))
    return turns


async def test_all_events_are_stored_once_and_in_order(stores):
    await grown(stores[0], *plain_turns())
    full = await stores[0].retrieve_full_tracker("visitor")
    assert [event.text for event in full.events if isinstance(event, UserUttered)] == [f"question {number}" for number in range(LONG)]
    assert len(full.events) == 3 + sum(len(events) for events in plain_turns())


async def test_a_long_conversation_is_read_from_its_end(stores):
    recent = await grown(stores[0], *plain_turns())
    assert [event.text for event in recent.events if isinstance(event, UserUttered)] == [f"question {number}" for number in range(LONG - TURNS, LONG)]


async def test_what_is_read_gives_the_same_states_and_slots(stores):
    recent, full = await grown(stores[0], *plain_turns()), await whole(stores[0])
    assert recent.past_states(DOMAIN, ignore_rule_only_turns=True)[-3:] == full.past_states(DOMAIN, ignore_rule_only_turns=True)[-3:]
    assert recent.current_slot_values() == full.current_slot_values()
    assert recent.current_slot_values()["last_region"] == "UK"
    assert (recent.latest_action_name, recent.latest_message.text) == (full.latest_action_name, full.latest_message.text)
    assert conversation_context(recent) == conversation_context(full)


@pytest.mark.parametrize("ago", range(1, TURNS + 3))
async def test_an_alarm_stands_as_long_as_in_the_whole_conversation(stores, ago):
    turns = plain_turns()
    turns[-ago] = turn(LONG - ago, reply={"kind": "urgent", "level": "today"})
    recent, full = await grown(stores[0], *turns), await whole(stores[0])
    assert conversation_context(recent) == conversation_context(full)


async def test_the_last_answer_is_found_however_long_ago(stores):
    small_talk = [turn(number, reply={"kind": "chitchat"}) for number in range(2, LONG)]
    for tracker in (await grown(stores[0], turn(0), turn(1), *small_talk), await whole(stores[0])):
        replies = [event.metadata["metadata"] for event in tracker.events if isinstance(event, BotUttered)]
        assert [reply["facts"] for reply in replies if reply["kind"] == "answer"][-1] == ["cost.fact_1"]


async def test_another_server_goes_on_with_the_conversation(stores):
    turns = plain_turns()
    await grown(stores[0], *turns)
    there = await stores[1].retrieve("visitor")
    there.update_with_events(turn(LONG, SlotSet("last_region", "US")), DOMAIN)
    await stores[1].save(there)
    here = await stores[0].retrieve("visitor")
    assert here.latest_message.text == f"question {LONG}"
    assert here.get_slot("last_region") == "US"
    assert len((await stores[0].retrieve_full_tracker("visitor")).events) == 3 + sum(len(events) for events in turns) + len(
        turn(LONG, SlotSet("last_region", "US"))
    )


async def test_storing_twice_stores_once(stores):
    tracker = await grown(stores[0], *plain_turns())
    tracker.update_with_events(turn(LONG), DOMAIN)
    for _ in range(2):
        await stores[0].save(tracker)
    assert len((await stores[0].retrieve_full_tracker("visitor")).events) == 3 + sum(len(events) for events in [*plain_turns(), turn(LONG)])


@pytest.mark.parametrize("place", [1, LONG - 1])
@pytest.mark.parametrize("unlike", ["restart", "hidden"])
async def test_restarts_and_hidden_turns_count_as_in_the_whole_conversation(stores, unlike, place):
    turns = plain_turns()
    turns[place] = turn(place, Restarted()) if unlike == "restart" else turn(place, hidden=True)
    read, full = await grown(stores[0], *turns), await whole(stores[0])
    assert read.current_slot_values() == full.current_slot_values()
    assert read.past_states(DOMAIN, ignore_rule_only_turns=True)[-3:] == full.past_states(DOMAIN, ignore_rule_only_turns=True)[-3:]


async def test_feedback_does_not_push_turns_out(stores):
    turns = plain_turns()
    turns[-1] += [AgentUttered(data={"feedback": {"message_id": "1", "verdict": "good", "why": ""}}) for _ in range(100)]
    read = await grown(stores[0], *turns)
    assert sum(isinstance(event, UserUttered) for event in read.events) == TURNS


async def test_a_new_session_begins_without_the_old(stores):
    await grown(stores[0], *plain_turns())
    tracker = await stores[0].retrieve("visitor")
    tracker.update_with_events([*beginning(), *turn(LONG)], DOMAIN)
    await stores[0].save(tracker)
    read, full = await stores[0].retrieve("visitor"), await whole(stores[0])
    assert isinstance(read, DialogueStateTracker)
    assert (len(read.events), read.current_slot_values()) == (len(full.events), full.current_slot_values())
    assert read.get_slot("last_region") is None
