"""Domain, stories and actions name the same things."""

import importlib
import inspect
import pkgutil
import re

import pytest
from rasa_sdk import Action
from rasa_sdk.executor import ActionExecutor

import actions
from bot.quiet import ROOT

MODULES = [module.name for module in pkgutil.iter_modules(actions.__path__)]


def intents_of(domain):
    return {name for entry in domain["intents"] for name in (entry if isinstance(entry, dict) else [entry])}


@pytest.fixture(scope="module")
def registered():
    executor = ActionExecutor()
    executor.register_package("actions")
    return executor.actions


def steps(stories, kind):
    return {step[kind] for story in stories.values() for step in story if kind in step}


def test_every_action_of_the_domain_is_registered(domain, registered):
    assert sorted(set(domain["actions"]) - registered.keys()) == []


def test_every_registered_action_is_in_the_domain(domain, registered):
    assert sorted(registered.keys() - set(domain["actions"])) == []


@pytest.mark.parametrize("name", [name for name in MODULES if name != "skill"])
def test_action_is_called_like_its_file(name):
    module = importlib.import_module(f"actions.{name}")
    own = [one for _, one in inspect.getmembers(module, inspect.isclass) if issubclass(one, Action) and one.__module__ == module.__name__]
    assert len(own) == 1, "one skill a file"
    assert own[0].__name__ == "Action" + "".join(word.capitalize() for word in name.split("_"))
    assert own[0]().name() == f"action_{name}"


def test_stories_use_actions_of_the_domain(domain, stories):
    assert sorted(steps(stories, "action") - set(domain["actions"]) - {"action_listen", "action_restart"}) == []


def test_every_action_is_used(domain, stories):
    config = (ROOT / "config.yml").read_text(encoding="utf8")
    unused = {action for action in domain["actions"] if action not in steps(stories, "action")}
    assert sorted(action for action in unused if action not in config) == []


def test_stories_use_intents_of_the_domain(domain, stories):
    assert sorted(steps(stories, "intent") - intents_of(domain) - {"nlu_fallback"}) == []


def test_every_intent_leads_somewhere(domain, stories):
    assert sorted(intents_of(domain) - steps(stories, "intent")) == []


def test_context_intents_have_no_rule(rules):
    ruled = {steps[0].get("intent") for steps in rules.values()}
    assert ruled.isdisjoint({"tell_more", "affirm", "deny", "something_else"}), "rules win ties, so that no story would fire"


def test_every_intent_has_examples_and_every_example_an_intent(domain, examples):
    assert intents_of(domain) == examples.keys()


def test_entities_are_those_that_are_extracted(domain):
    assert domain["entities"] == ["treatment", "region", "body_area"]


def test_slots_are_set_by_actions_only(domain):
    for name, slot in domain["slots"].items():
        assert slot["mappings"] == [{"type": "custom"}], name


def test_responses_are_small_talk(domain):
    assert all(re.match(r"utter_[a-z_]+$", name) for name in domain["responses"])
    for name, texts in domain["responses"].items():
        for text in texts:
            assert "\n\n" not in text["text"]
            assert text["metadata"]["kind"] in ("chitchat", "clarify"), name


def test_small_talk_has_its_response(domain):
    assert {f"utter_{intent}" for intent in ("greet", "goodbye", "thank", "affirm", "deny", "insult", "remark")} <= domain["responses"].keys()
