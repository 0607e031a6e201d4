"""How visitors ask: enough, varied, nothing twice, and nothing from an evaluation set."""

import json
import re

import pytest

from bot.facts import CORE_TOPICS, TOPICS
from bot.quiet import ROOT

FEWEST, FEWEST_CORE = 40, 60
EVALUATION = (*sorted((ROOT / "tests" / "eval").glob("*.jsonl")), ROOT.parent / "shared" / "eval" / "dev.jsonl")
INTENT_OF = {**{topic: f"ask_{topic}" for topic in TOPICS}, "contact": "contact_clinic", "bot": "bot_challenge"}


def normalised(text):
    return " ".join(re.findall(r"\w+", re.sub(r"['’]", "", text.lower())))


@pytest.fixture(scope="module")
def taught(examples, store):
    """Everything that the classifier learns from, as (intent, text): data/nlu.yml and the `asks` of data/facts/."""
    return [
        *((intent, text) for intent, texts in examples.items() for text in texts),
        *((INTENT_OF[kind], text) for kind, _, text in store.asks),
    ]


@pytest.mark.parametrize("topic", TOPICS)
def test_topic_has_enough_examples(examples, topic):
    different = {normalised(text) for text in examples[f"ask_{topic}"]}
    assert len(different) >= (FEWEST_CORE if topic in CORE_TOPICS else FEWEST)


@pytest.mark.parametrize("topic", TOPICS)
def test_examples_of_a_topic_are_varied(examples, topic):
    texts = [normalised(text).split() for text in examples[f"ask_{topic}"]]
    assert len({word for words in texts for word in words}) >= 150
    beginnings = [" ".join(words[:3]) for words in texts]
    assert max(beginnings.count(beginning) for beginning in set(beginnings)) <= len(texts) / 8
    lengths = [len(words) for words in texts]
    assert min(lengths) <= 3
    assert max(lengths) >= 15


def clashes(taught, key):
    """The texts that are alike under two intents."""
    found = {}
    for intent, text in taught:
        if key(text):
            found.setdefault(key(text), {}).setdefault(intent, text)
    return [intents for intents in found.values() if len(intents) > 1]


def test_no_example_stands_under_two_intents(taught):
    assert clashes(taught, normalised) == []


def test_no_near_duplicate_stands_under_two_intents(taught):
    assert clashes(taught, lambda text: frozenset(normalised(text).split())) == []


def test_no_example_is_markup(examples):
    """An editor's slip such as [botox](treatment) would be an entity, and a slash a command."""
    assert [text for texts in examples.values() for text in texts if re.search(r"\]\(|\]\{", text) or text.startswith("/")] == []


@pytest.mark.parametrize("file", EVALUATION, ids=lambda file: file.name)
def test_nothing_was_learnt_from_an_evaluation_set(taught, file):
    if not file.exists():
        pytest.skip(f"{file.name} is not here")
    known = {normalised(text) for _, text in taught} - {""}
    overlap = sum(normalised(json.loads(line)["text"]) in known for line in file.read_text(encoding="utf8").splitlines() if line.strip())
    assert overlap == 0, "messages of an evaluation set stand in data/nlu.yml or under `asks`"
