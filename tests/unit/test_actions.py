"""The skills, on a tracker of their own: what each replies and what it remembers."""

import json

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from actions.answer import ActionAnswer
from actions.chat import ActionChat
from actions.clarify import ActionClarify
from actions.compare import ActionCompare
from actions.contact_clinic import ActionContactClinic
from actions.decline import ActionDecline
from actions.give_sources import ActionGiveSources
from actions.handle_personal_case import ActionHandlePersonalCase
from actions.introduce import ActionIntroduce
from actions.recover import ActionRecover
from actions.skill import Skill
from actions.take_feedback import ActionTakeFeedback
from actions.tell_more import ActionTellMore
from actions.warn import ActionWarn
from bot.composer import DETAIL
from bot.quiet import ROOT
from bot.reading import Question, Reading

DOMAIN = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf8"))


class Conversation:
    """Plays turns against skills and keeps the slots and events, as Rasa would."""

    def __init__(self, composer):
        self.composer = composer
        self.slots = dict.fromkeys(DOMAIN["slots"])
        self.events = []

    def turn(self, skill, intent="", reading=None, text="words", entities=()):
        latest = {"text": text, "intent": {"name": intent}, "entities": list(entities)}
        if reading is not None:
            latest["reading"] = reading.to_dict()
        self.events.append({"event": "user", "text": text, "message_id": str(len(self.events))})
        tracker = Tracker("visitor", dict(self.slots), latest, list(self.events), False, None, {}, "action_listen")
        dispatcher = CollectingDispatcher()
        *events, ended = skill(self.composer).run(dispatcher, tracker, DOMAIN)
        assert len(dispatcher.messages) == 1, "a reply is one message"
        assert ended == FollowupAction("action_listen"), "and ends the turn"
        message = dispatcher.messages[0]
        self.slots.update({event["name"]: json.loads(json.dumps(event["value"])) for event in events})
        # Rasa keeps the metadata of an utterance under the key of the same name
        self.events.append({"event": "bot", "text": message["text"], "metadata": {"metadata": message["metadata"]}})
        return message

    def ask(self, *questions, skill=ActionAnswer):
        return self.turn(skill, f"ask_{questions[0].topic}", Reading(questions))


@pytest.fixture
def conversation(composer):
    return Conversation(composer)


COST = Reading((Question("cost", "price"),))


@pytest.mark.parametrize(
    ("skill", "intent", "reading", "kind"),
    [
        (ActionAnswer, "ask_cost", COST, "answer"),
        (ActionAnswer, "ask_cost", Reading(), "clarify"),
        (ActionChat, "greet", Reading(), "chitchat"),
        (ActionClarify, "nlu_fallback", Reading(options=(Question("cost"), Question("pain"))), "clarify"),
        (ActionClarify, "nlu_fallback", Reading(), "clarify"),
        (ActionClarify, "nlu_fallback", Reading(facet="empty"), "clarify"),
        (ActionClarify, "nlu_fallback", Reading(facet="choice_gone"), "clarify"),
        (ActionClarify, "something_else", Reading(), "clarify"),
        (ActionCompare, "ask_alternatives", Reading((Question("alternatives", None, ("filler",)),)), "answer"),
        (ActionCompare, "ask_alternatives", Reading((Question("alternatives"),)), "answer"),
        (ActionContactClinic, "contact_clinic", Reading(facet="person"), "contact"),
        (ActionDecline, "out_of_scope", Reading(), "out_of_scope"),
        (ActionDecline, "out_of_scope", Reading(language="fr"), "out_of_scope"),
        (ActionGiveSources, "ask_sources", Reading((Question("sources", "links"),)), "answer"),
        (ActionHandlePersonalCase, "request_personal_advice", Reading((Question("candidates"),), facet="pregnancy"), "personal"),
        (ActionHandlePersonalCase, "request_personal_advice", Reading(), "personal"),
        (ActionIntroduce, "bot_challenge", Reading(facet="robot"), "bot"),
        (ActionRecover, "deny", Reading(), "chitchat"),
        (ActionRecover, "tell_more", Reading(), "clarify"),
        (ActionRecover, "ask_cost", Reading(), "clarify"),
        (ActionTakeFeedback, "feedback_good", Reading(), "feedback"),
        (ActionTakeFeedback, "feedback_bad", Reading(), "feedback"),
        (ActionTellMore, "tell_more", Reading(), "clarify"),
        (ActionWarn, "report_urgent_symptom", Reading(level="ambulance", facet="first"), "urgent"),
    ],
)
def test_skill_replies_in_its_kind(conversation, skill, intent, reading, kind):
    message = conversation.turn(skill, intent, reading)
    metadata = message["metadata"]
    assert metadata["kind"] == kind
    assert message["text"].startswith(metadata["body"])
    assert message["text"].endswith(metadata.get("referral", ""))
    assert [button["payload"] for button in message["buttons"]] == [button["choice"] for button in metadata.get("buttons", [])]


@pytest.mark.parametrize("skill", [*Skill.__subclasses__(), ActionCompare], ids=lambda skill: skill.__name__)
def test_skill_replies_to_a_message_that_our_pipeline_never_saw(conversation, skill):
    assert conversation.turn(skill, "ask_cost")["text"]
    assert conversation.turn(skill, "")["text"]
    assert conversation.turn(skill, "unheard_of")["text"]


@pytest.mark.parametrize("skill", [ActionAnswer, ActionChat, ActionWarn])
def test_disclosure_comes_with_the_first_reply_only(conversation, store, skill):
    intent, reading = ("greet", Reading()) if skill is ActionChat else ("ask_cost", COST)
    first = conversation.turn(skill, intent, reading)
    assert first["metadata"]["disclosure"] == store.wording.disclosure
    assert store.wording.disclosure not in first["text"]
    assert "disclosure" not in conversation.turn(skill, intent, reading)["metadata"]


def test_answer_remembers_topic_treatment_and_facts(conversation):
    message = conversation.ask(Question("cost", "price", ("peel",)))
    assert conversation.slots["last_questions"][0]["treatments"] == ["peel"]
    assert conversation.slots["last_facts"] == message["metadata"]["facts"]
    assert Reading.from_dict({"questions": conversation.slots["last_questions"]}).questions == (Question("cost", "price", ("peel",)),)


def test_region_stays_for_the_conversation(conversation):
    conversation.ask(Question("cost", "price", region="UK"))
    assert conversation.slots["last_region"] == "UK"
    later = conversation.ask(Question("cost", "price"))
    assert later["metadata"]["facts"][0] == "cost.session_uk"
    assert conversation.slots["last_region"] == "UK"
    conversation.ask(Question("cost", "price", region="EU"))
    assert conversation.slots["last_region"] == "EU"


def test_answer_reads_typed_payloads_by_intent_and_entities(conversation):
    entities = [{"entity": "treatment", "value": "peel"}, {"entity": "region", "value": "UK"}]
    message = conversation.turn(ActionAnswer, "ask_cost", entities=entities)
    assert message["metadata"]["facts"][0] == "alternatives.peel_price_uk"
    assert conversation.slots["last_region"] == "UK"


def test_tell_more_goes_on_to_the_end_without_a_repeat(conversation, store):
    told = list(conversation.ask(Question("pain"))["metadata"]["facts"])
    for _ in range(40):
        metadata = conversation.turn(ActionTellMore, "tell_more", Reading())["metadata"]
        new = metadata.get("facts", [])
        if not new:
            break
        marked = [f"{key}{DETAIL}" if key in told else key for key in new]
        assert set(marked).isdisjoint(told)
        told += marked
    assert metadata["body"] == store.wording.no_more.format(about=store.topics["pain"].about)
    assert {fact.id for fact in store.topics["pain"].facts} <= set(told)


def test_a_new_question_starts_telling_anew(conversation):
    conversation.ask(Question("pain"))
    conversation.turn(ActionTellMore, "tell_more", Reading())
    message = conversation.ask(Question("cost"))
    assert conversation.slots["last_facts"] == message["metadata"]["facts"]


def test_clarify_remembers_what_its_buttons_mean(conversation):
    reading = Reading(options=(Question("cost", "price", ("peel",)), Question("pain")))
    buttons = conversation.turn(ActionClarify, "nlu_fallback", reading)["metadata"]["buttons"]
    choices = conversation.slots["last_choices"]
    assert list(choices) == [button["choice"] for button in buttons]
    first, second, other = choices.values()
    assert Reading.from_dict({"questions": [first, second]}).questions == reading.options
    assert other == "something_else"


def test_clarify_again_offers_a_person(conversation):
    reading = Reading(options=(Question("cost"), Question("pain")))
    first = conversation.turn(ActionClarify, "nlu_fallback", reading)["metadata"]["buttons"]
    second = conversation.turn(ActionClarify, "nlu_fallback", reading)["metadata"]["buttons"]
    assert conversation.slots["last_choices"][second[-1]["choice"]] == "contact_clinic"
    assert len(second) == len(first) + 1
    assert {button["choice"] for button in first}.isdisjoint(button["choice"] for button in second)


def test_an_answer_forgets_the_buttons(conversation):
    conversation.turn(ActionClarify, "nlu_fallback", Reading(options=(Question("cost"), Question("pain"))))
    conversation.ask(Question("cost"))
    assert conversation.slots["last_choices"] is None


def test_reminder_stands_before_the_answers_after_an_alarm(conversation, store):
    conversation.turn(ActionWarn, "report_urgent_symptom", Reading(level="today"))
    reminder = store.warning_signs.reminder
    for _ in range(3):
        assert conversation.ask(Question("cost"))["text"].startswith(reminder)
    assert reminder not in conversation.ask(Question("cost"))["text"]


def test_reminder_stands_before_every_reply_but_another_warning(conversation, store):
    conversation.turn(ActionWarn, "report_urgent_symptom", Reading(level="today"))
    assert conversation.turn(ActionChat, "thank", Reading())["text"].startswith(store.warning_signs.reminder)
    assert store.warning_signs.reminder not in conversation.turn(ActionWarn, "report_urgent_symptom", Reading(level="today", facet="doubt"))["text"]


@pytest.mark.parametrize("level", ["ambulance", "today", "clinic", "crisis"])
@pytest.mark.parametrize("turn", ["first", "doubt", "steadying"])
def test_warn_gives_the_level_that_was_heard(conversation, level, turn):
    metadata = conversation.turn(ActionWarn, "report_urgent_symptom", Reading(level=level, facet=turn))["metadata"]
    assert (metadata["kind"], metadata["level"]) == ("urgent", level)


def test_warn_finds_a_level_where_none_was_heard(conversation):
    assert conversation.turn(ActionWarn, "report_urgent_symptom", text="I can't breathe")["metadata"]["level"] == "ambulance"


def test_compare_sets_mesotherapy_beside_the_one_named(conversation):
    body = conversation.ask(Question("alternatives", None, ("botulinum_toxin",)), skill=ActionCompare)["metadata"]["body"]
    assert "\nFacial mesotherapy, " in body
    assert "\nBotulinum toxin, " in body


def test_compare_sets_two_named_side_by_side(conversation):
    body = conversation.ask(Question("alternatives", None, ("filler", "botulinum_toxin")), skill=ActionCompare)["metadata"]["body"]
    assert "\nHyaluronic-acid filler, " in body
    assert "Facial mesotherapy" not in body


@pytest.mark.parametrize("treatments", [("mesotherapy",), ("mesoglow",), ("mesoglow", "mesolift")])
def test_compare_never_sets_mesotherapy_beside_itself(conversation, treatments):
    body = conversation.ask(Question("alternatives", None, treatments), skill=ActionCompare)["metadata"]["body"]
    assert "side by side" not in body.split("\n")[0]


def test_sources_of_the_last_answer_are_given(conversation):
    last = conversation.ask(Question("cost", "price"))["metadata"]
    before = dict(conversation.slots)
    for facet, text in ((None, "source?"), ("links", "links please"), ("where_from", "where is that from")):
        given = conversation.turn(ActionGiveSources, "ask_sources", Reading((Question("sources", facet),)), text)["metadata"]
        assert (given["sources"], given["facts"]) == (last["sources"], last["facts"])
    assert conversation.slots == before


@pytest.mark.parametrize(
    ("facet", "text"), [("where_from", "on what published material do you base all of your answers"), ("peer_reviewed", "is that peer reviewed")]
)
def test_sources_in_general_are_told_when_asked_for(conversation, store, facet, text):
    conversation.ask(Question("cost", "price"))
    body = conversation.turn(ActionGiveSources, "ask_sources", Reading((Question("sources", facet),)), text)["metadata"]["body"]
    assert not body.startswith(store.wording.last_sources[:-1])


@pytest.mark.parametrize(
    ("skill", "intent", "reading"),
    [
        (ActionClarify, "something_else", Reading()),
        (ActionClarify, "nlu_fallback", Reading(facet="choice_gone")),
        (ActionClarify, "nlu_fallback", Reading(facet="empty")),
        (ActionClarify, "nlu_fallback", Reading()),
        (ActionTellMore, "tell_more", Reading()),
    ],
)
def test_asking_back_twice_in_a_row_offers_a_person(conversation, store, skill, intent, reading):
    assert not conversation.turn(skill, intent, reading)["metadata"].get("buttons")
    (button,) = conversation.turn(skill, intent, reading)["metadata"]["buttons"]
    assert button["title"] == store.wording.contact_title


@pytest.mark.parametrize(
    ("facet", "text", "topic"),
    [(None, "which is cheaper meso or prp", "cost"), ("cheaper_or_dearer", "meso or prp", "cost"), (None, "meso or prp", "alternatives")],
)
def test_compare_hears_that_the_price_is_meant(conversation, facet, text, topic):
    question = Question("alternatives", facet, ("mesotherapy", "prp"), text=text)
    metadata = conversation.turn(ActionCompare, "ask_alternatives", Reading((question,)), text)["metadata"]
    assert metadata["topics"] == [topic]
    assert (metadata["body"].split("\n")[1].startswith("Facial mesotherapy, price: ")) == (topic == "cost")


def test_contact_tells_the_offer_of_what_was_named(composer_for):
    conversation = Conversation(composer_for(offers=({"treatment": "peel", "price": "$90"},)))
    reading = Reading((Question("providers", None, ("peel",)),), facet="booking")
    assert "offers chemical peel at $90" in conversation.turn(ActionContactClinic, "contact_clinic", reading)["text"]


@pytest.mark.parametrize("intent", ["greet", "goodbye", "thank", "insult", "remark", "affirm", "deny"])
def test_chat_says_the_response_of_the_domain(conversation, intent):
    assert conversation.turn(ActionChat, intent, Reading())["text"] == DOMAIN["responses"][f"utter_{intent}"][0]["text"]


def test_skill_loads_the_composer_of_the_installation_when_none_is_given(monkeypatch, composer):
    monkeypatch.setattr("bot.composer.load", lambda: composer)
    assert ActionAnswer().composer is composer


def test_starting_over_forgets_the_conversation(conversation):
    conversation.ask(Question("cost", region="UK"))
    conversation.turn(ActionChat, "greet", Reading(facet="start_over"), text="start over")
    assert set(conversation.slots.values()) == {None}


def test_region_is_kept_whatever_the_message_asks(conversation):
    conversation.turn(ActionChat, "greet", Reading(region="UK"), text="hello, I'm in Leeds")
    assert conversation.slots["last_region"] == "UK"
