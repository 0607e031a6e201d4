"""A topic's intent, rule, facts and answers fit together, by its name alone."""

import pytest

from bot.facts import CORE_TOPICS, TOPICS, added


def intents(domain):
    return {name for entry in domain["intents"] for name in (entry if isinstance(entry, dict) else [entry])}


def test_intents_of_topics_are_the_topics(domain):
    assert {name for name in intents(domain) if name.startswith("ask_")} == {f"ask_{topic}" for topic in (*TOPICS, *added())}


def test_core_topics_are_topics():
    assert set(CORE_TOPICS) < set(TOPICS)


@pytest.mark.parametrize("topic", TOPICS)
def test_topic_has_a_rule(rules, topic):
    asked = [steps for steps in rules.values() if steps[0].get("intent") == f"ask_{topic}"]
    assert len(asked) == 1
    assert [set(step) for step in asked[0]] == [{"intent"}, {"action"}]


@pytest.mark.parametrize("topic", TOPICS)
def test_topic_has_examples(examples, topic):
    assert examples[f"ask_{topic}"]


@pytest.mark.parametrize("topic", TOPICS)
def test_topic_has_facts_and_answers_about_mesotherapy(store, topic):
    content = store.topics[topic]
    assert any(fact.treatment is None for fact in content.facts)
    assert content.answers[0].treatment is None
    assert content.answers[0].region == "any"


@pytest.mark.parametrize("topic", TOPICS)
def test_every_facet_is_asked_for(store, topic):
    answers = store.topics[topic].answers
    asked = {answer.id for answer in answers if answer.asks}
    assert {answer.id for answer in answers} == asked
    assert all(len(answer.asks) >= 5 for answer in answers if answer.asks)


@pytest.mark.parametrize("topic", TOPICS)
def test_every_answer_is_told_apart(store, topic):
    keys = [(answer.id, answer.treatment, answer.region) for answer in store.topics[topic].answers]
    assert len(set(keys)) == len(keys)


@pytest.mark.parametrize("topic", TOPICS)
def test_no_two_facets_are_asked_for_alike(store, topic):
    asks = [" ".join(ask.lower().split()) for name, _, ask in store.asks if name == topic]
    assert sorted(ask for ask in set(asks) if asks.count(ask) > 1) == []


def test_labels_differ(store):
    labels = [content.label for content in store.topics.values()]
    assert len(set(labels)) == len(labels)
    assert all(len(label) <= 30 for label in labels), "a label stands on a button"
