"""What a turn reads of a long conversation is all that it depends on, and what is new is stored once."""

import pytest
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, AgentUttered, BotUttered, Restarted, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot import recent_turns
from bot.launch import TRACKER_STORE
from bot.nlu.message_reader import conversation_context
from bot.quiet import ROOT
from bot.recent_turns import KEPT_TURNS, TURNS, RecentTurnsStore

DOMAIN = Domain.load(ROOT / "domain.yml")
LONG = 3 * TURNS


@pytest.fixture
def stores(tmp_path):
    """Two servers' stores on one database; tests write to the first."""
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


async def grow(store, *turns):
    """Have a store read and store turn after turn by Rasa's way."""
    for number, events in enumerate(turns):
        tracker = await store.get_or_create_tracker("visitor", append_action_listen=False)
        tracker.update_with_events([*(beginning() if number == 0 else []), *events], DOMAIN)
        await store.save(tracker)


@pytest.fixture(params=["the same server", "another server"])
def grown(request, stores):
    """Has the first store read and store turns; gives what it reads then, or what another store does."""

    async def read(*turns):
        await grow(stores[0], *turns)
        return await stores[request.param == "another server"].retrieve("visitor")

    return read


async def whole(store, session="visitor"):
    """The conversation as Rasa's own store reads it."""
    return await SQLTrackerStore.retrieve(store, session)


def plain_turns():
    turns = [turn(number) for number in range(LONG)]
    turns[0] = turn(0, SlotSet("last_region", "UK"), SlotSet("last_facts", ["cost.fact_0"]))
    turns[2] = turn(2, SlotSet("last_facts", ["cost.fact_2"]), SlotSet("last_choices", {"choice-1": "x"}), SlotSet("last_choices", None))
    return turns


async def test_all_events_are_stored_once_and_in_order(grown, stores):
    await grown(*plain_turns())
    full = await stores[0].retrieve_full_tracker("visitor")
    assert [event.text for event in full.events if isinstance(event, UserUttered)] == [f"question {number}" for number in range(LONG)]
    assert len(full.events) == 3 + sum(len(events) for events in plain_turns())


async def test_a_long_conversation_is_read_from_its_end(stores):
    await grow(stores[0], *plain_turns())
    recent = await stores[1].retrieve("visitor")
    assert [event.text for event in recent.events if isinstance(event, UserUttered)] == [f"question {number}" for number in range(LONG - TURNS, LONG)]


async def test_what_is_read_gives_the_same_states_and_slots(grown, stores):
    recent, full = await grown(*plain_turns()), await whole(stores[0])
    assert recent.past_states(DOMAIN, ignore_rule_only_turns=True)[-3:] == full.past_states(DOMAIN, ignore_rule_only_turns=True)[-3:]
    assert recent.current_slot_values() == full.current_slot_values()
    assert recent.current_slot_values()["last_region"] == "UK"
    assert (recent.latest_action_name, recent.latest_message.text) == (full.latest_action_name, full.latest_message.text)
    assert conversation_context(recent) == conversation_context(full)


@pytest.mark.parametrize("ago", range(1, TURNS + 3))
async def test_an_alarm_stands_as_long_as_in_the_whole_conversation(grown, stores, ago):
    turns = plain_turns()
    turns[-ago] = turn(LONG - ago, reply={"kind": "urgent", "level": "today"})
    recent, full = await grown(*turns), await whole(stores[0])
    assert conversation_context(recent) == conversation_context(full)


async def test_the_last_answer_is_found_however_long_ago(grown, stores):
    small_talk = [turn(number, reply={"kind": "chitchat"}) for number in range(2, LONG)]
    for tracker in (await grown(turn(0), turn(1), *small_talk), await whole(stores[0])):
        replies = [event.metadata["metadata"] for event in tracker.events if isinstance(event, BotUttered)]
        assert [reply["facts"] for reply in replies if reply["kind"] == "answer"][-1] == ["cost.fact_1"]


async def test_another_server_goes_on_with_the_conversation(grown, stores):
    turns = plain_turns()
    await grown(*turns)
    there = await stores[1].retrieve("visitor")
    there.update_with_events(turn(LONG, SlotSet("last_region", "US")), DOMAIN)
    await stores[1].save(there)
    here = await stores[0].retrieve("visitor")
    assert here.latest_message.text == f"question {LONG}"
    assert here.get_slot("last_region") == "US"
    assert len((await stores[0].retrieve_full_tracker("visitor")).events) == 3 + sum(len(events) for events in turns) + len(
        turn(LONG, SlotSet("last_region", "US"))
    )


async def test_storing_twice_stores_once(grown, stores):
    tracker = await grown(*plain_turns())
    tracker.update_with_events(turn(LONG), DOMAIN)
    for _ in range(2):
        await stores[0].save(tracker)
    assert len((await stores[0].retrieve_full_tracker("visitor")).events) == 3 + sum(len(events) for events in [*plain_turns(), turn(LONG)])


@pytest.mark.parametrize("place", [1, LONG - 1])
@pytest.mark.parametrize("unlike", ["restart", "hidden"])
async def test_restarts_and_hidden_turns_count_as_in_the_whole_conversation(grown, stores, unlike, place):
    turns = plain_turns()
    turns[place] = turn(place, Restarted()) if unlike == "restart" else turn(place, hidden=True)
    read, full = await grown(*turns), await whole(stores[0])
    assert read.current_slot_values() == full.current_slot_values()
    assert read.past_states(DOMAIN, ignore_rule_only_turns=True)[-3:] == full.past_states(DOMAIN, ignore_rule_only_turns=True)[-3:]


async def test_feedback_does_not_push_turns_out(stores):
    turns = plain_turns()
    turns[-1] += [AgentUttered(data={"feedback": {"message_id": "1", "verdict": "good", "why": ""}}) for _ in range(100)]
    await grow(stores[0], *turns)
    read = await stores[1].retrieve("visitor")
    assert sum(isinstance(event, UserUttered) for event in read.events) == TURNS


async def test_a_new_session_begins_without_the_old(grown, stores):
    await grown(*plain_turns())
    tracker = await stores[0].retrieve("visitor")
    tracker.update_with_events([*beginning(), *turn(LONG)], DOMAIN)
    await stores[0].save(tracker)
    read, full = await stores[0].retrieve("visitor"), await whole(stores[0])
    assert isinstance(read, DialogueStateTracker)
    assert (len(read.events), read.current_slot_values()) == (len(full.events), full.current_slot_values())
    assert read.get_slot("last_region") is None


async def test_what_a_server_has_stored_it_reads_again_only_if_another_went_on(stores, monkeypatch):
    read, recent = [], RecentTurnsStore._recent
    monkeypatch.setattr(RecentTurnsStore, "_recent", lambda *of: read.append(of[-1]) or recent(*of))

    async def go_on(store, number):
        tracker = await store.get_or_create_tracker("visitor", append_action_listen=False)
        tracker.update_with_events(turn(number), DOMAIN)
        await store.save(tracker)

    for number in range(KEPT_TURNS + 1):
        await go_on(stores[0], number)
    assert read == [], "there was nothing but what it had stored itself"
    await go_on(stores[0], KEPT_TURNS + 1)
    assert len(read) == 1, "it had become too long to be kept"
    await go_on(stores[1], KEPT_TURNS + 2)
    await go_on(stores[0], KEPT_TURNS + 3)
    assert len(read) == 3
    assert len([event for event in (await stores[0].retrieve_full_tracker("visitor")).events if isinstance(event, UserUttered)]) == KEPT_TURNS + 4


async def test_only_the_latest_conversations_are_kept(stores, monkeypatch):
    monkeypatch.setattr(recent_turns, "KEPT", 2)
    for name in ("first", "second", "third"):
        tracker = await stores[0].get_or_create_tracker(name, append_action_listen=False)
        tracker.update_with_events(turn(0), DOMAIN)
        await stores[0].save(tracker)
    assert list(stores[0]._kept) == ["second", "third"]
    stores[0].erase("second")
    assert list(stores[0]._kept) == ["third"]
    stores[1].erase("third")
    assert await stores[0].retrieve("third") is None
    assert not stores[0]._kept, "nor what another server has erased"
    await stores[0].retrieve("first")
    stores[0].forget(0)
    assert not stores[0]._kept
