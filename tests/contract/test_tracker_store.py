"""What reaches the database, or a broker, of a conversation."""

import json
import sqlite3
from contextlib import closing

import pytest
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.launch import TRACKER_STORE
from bot.outage import OvertakenError
from bot.tracker_store import RedactedTrackerStore, redacted_events

TYPED = "I'm Anna Kowalska, anna.k@example.com. how much is it? Kowalska family, 07700 900123"
CLAUSE = "Kowalska family, how much is it"
SECRETS = ("Anna", "Kowalska", "anna.k", "example.com", "07700", "900123")
PHONE = "+1 555 010 0199"


def said(text, **more):
    parse = {"text": text, "intent": {"name": "ask_cost", "confidence": 1.0}, "entities": [], **more}
    return UserUttered(text, {"name": "ask_cost", "confidence": 1.0}, [], parse, input_channel="chat", message_id="4d2e8f0ab1c94c3a9f5e6d7c8b9a0123")


class Broker:
    def __init__(self):
        self.events = []

    def publish(self, event):
        self.events.append(event)


@pytest.fixture
def store(tmp_path):
    """A store as endpoints.yml makes it."""
    settings = EndpointConfig(type=TRACKER_STORE, dialect="sqlite", db=str(tmp_path / "conversations.db"))
    made = TrackerStore.create(settings, Domain.from_dict({"slots": {"last_questions": {"type": "any", "mappings": [{"type": "custom"}]}}}))
    assert isinstance(made, RedactedTrackerStore)
    yield made
    made.engine.dispose()


def tracker(*events):
    return DialogueStateTracker.from_events("visitor", [ActionExecuted("action_session_start", timestamp=1.0), SessionStarted(timestamp=1.0), *events])


async def test_what_is_stored_holds_no_personal_data(store, tmp_path):
    reading = {"questions": [{"topic": "cost", "text": CLAUSE, "treatments": ["mesotherapy"]}]}
    await store.save(tracker(said(TYPED, reading=reading), SlotSet("last_questions", reading["questions"])))
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert not [secret for secret in SECRETS if secret.encode() in written]
    kept = await store.retrieve("visitor")
    assert kept.latest_message.text == "I'm <name>, <email>. how much is it? <name> family, <phone>"
    assert kept.latest_message.parse_data["text"] == kept.latest_message.text
    assert kept.get_slot("last_questions") == [{"topic": "cost", "text": "<name> family, how much is it", "treatments": ["mesotherapy"]}]


async def test_conversation_goes_on_where_it_was(store):
    first = tracker(said(TYPED))
    await store.save(first)
    kept = await store.retrieve("visitor")
    assert len(kept.events) == len(first.events)
    kept.update(said("and botox?"))
    await store.save(kept)
    assert [event.text for event in (await store.retrieve("visitor")).events if isinstance(event, UserUttered)][1] == "and botox?"


def test_what_the_assistant_made_stays():
    button = "choice-4d2e8f0ab1c94c3a9f5e6d7c-0"
    events = [
        said(button),
        BotUttered(f"Call {PHONE}", metadata={"metadata": {"kind": "contact", "referral": PHONE}}),
        SlotSet("last_choices", {button: {"topic": "cost", "text": "how much"}}),
        SlotSet("last_facts", ["cost.session_us"]),
        ActionExecuted("action_answer"),
    ]
    assert [event.as_dict() for event in redacted_events(events)] == [event.as_dict() for event in events]


async def test_broker_gets_what_the_database_gets(store):
    store.event_broker = Broker()
    await store.save(tracker(said(TYPED)))
    assert "<name>" in json.dumps(store.event_broker.events)
    assert not [secret for secret in SECRETS if secret in json.dumps(store.event_broker.events)]


async def test_deleted_conversation_leaves_no_trace(store, tmp_path):
    await store.save(tracker(*(said(f"is it safe, unmistakably {number}") for number in range(200))))
    with store.session_scope() as session:
        session.query(store.SQLEvent).delete()
        session.commit()
    assert not [path for path in tmp_path.iterdir() if b"unmistakably" in path.read_bytes()]


async def test_turn_that_ends_after_its_conversation_was_erased_elsewhere_brings_nothing_back(store, tmp_path):
    conversation = tracker(said("is it safe, unmistakably"))
    await store.save(conversation)
    settings = EndpointConfig(type=TRACKER_STORE, dialect="sqlite", db=str(tmp_path / "conversations.db"))
    assert TrackerStore.create(settings, Domain.empty()).erase("visitor") == 3
    conversation.update(said("and unmistakably, does it hurt"))
    await store.save(conversation)
    assert store.is_erased("visitor")
    assert store.events("visitor") == []
    assert not [path for path in tmp_path.iterdir() if b"unmistakably" in path.read_bytes() or b"visitor" in path.read_bytes()]
    store.forget(0)
    assert store.is_erased("visitor"), "for as long as a token is good"


@pytest.mark.parametrize("journal", ["delete", "wal"])
async def test_erased_conversation_leaves_no_trace_among_many_others(store, tmp_path, journal):
    with store.engine.connect() as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
    for turn in range(6):
        for number in range(20):
            name = f"visitor-{number:02}-random"
            conversation = await store.retrieve(name) or DialogueStateTracker(name, [])
            conversation.update(said(f"words-of-{number:02}-visitor " * (1 + 40 * (turn * number % 3))))
            await store.save(conversation)
    erased = range(0, 20, 3)
    for number in erased:
        assert store.erase(f"visitor-{number:02}-random") == 6
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert [number for number in range(20) if f"words-of-{number:02}-visitor".encode() in files] == [number for number in range(20) if number not in erased]
    assert not [number for number in erased if f"visitor-{number:02}-random".encode() in files]


@pytest.mark.parametrize("journal", ["delete", "wal"])
async def test_database_that_was_replaced_is_the_one_that_is_written(store, tmp_path, journal):
    file = tmp_path / "conversations.db"
    with store.engine.connect() as connection:
        connection.execute(f"PRAGMA journal_mode = {journal}")
    await store.save(tracker(said("how much is it?")))
    with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        source.backup(copy)
    for path in tmp_path.glob("conversations.db*"):
        path.rename(tmp_path / f"old-{path.name}")
    (tmp_path / "copy.db").rename(file)
    kept = await store.retrieve("visitor")
    kept.update(said("and botox?"))
    await store.save(kept)
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("select count(*) from events where type_name = 'user'").fetchone() == (2,)


async def test_turn_that_another_one_overtook_is_not_saved(store):
    await store.save(tracker(said("how much is it?")))
    first, second = await store.retrieve("visitor"), await store.retrieve("visitor")
    for read, text in ((first, "and botox?"), (second, "is it safe?")):
        read.update(said(text))
    await store.save(first)
    with pytest.raises(OvertakenError):
        await store.save(second)
    assert [event.text for event in (await store.retrieve("visitor")).events if isinstance(event, UserUttered)] == ["how much is it?", "and botox?"]


async def test_turn_does_not_bring_an_erased_conversation_back(store):
    await store.save(tracker(said("how much is it?")))
    read = await store.retrieve("visitor")
    with store.session_scope() as session:
        session.query(store.SQLEvent).delete()
        session.commit()
    read.update(said("and botox?"))
    with pytest.raises(OvertakenError):
        await store.save(read)
    assert await store.retrieve("visitor") is None


async def test_conversation_can_be_saved_twice_in_a_turn(store):
    made = tracker(said("how much is it?"))
    await store.save(made)
    made.update(said("and botox?"))
    await store.save(made)
    assert len((await store.retrieve("visitor")).events) == len(made.events)


async def test_new_conversation_that_two_begin_is_saved_by_one(store):
    first, second = DialogueStateTracker("visitor", []), DialogueStateTracker("visitor", [])
    await store.save(second)  # as Rasa does with what it could not find (rasa/core/tracker_store.py:224)
    first.update_with_events([SessionStarted(), said("how much is it?")], Domain.empty())
    await store.save(first)
    second.update_with_events([SessionStarted(), said("is it safe?")], Domain.empty())
    with pytest.raises(OvertakenError):
        await store.save(second)
