"""What every component of the pipeline must bear: any text, alone or in company, before and after it was saved."""

import hashlib
import json

import numpy as np
import pytest
import yaml
from rasa.engine.graph import ExecutionContext, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT, TEXT_TOKENS
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from rasa.shared.utils.common import class_from_module_path

from bot import encoder
from bot.encoder import DIMENSIONS
from bot.nlu import sentence_featurizer
from bot.nlu.alarm_detector import ALARMS
from bot.nlu.facet_selector import FACETS
from bot.nlu.fact_importer import FACET, named
from bot.nlu.message_reader import READING
from bot.nlu.question_splitter import with_parts
from bot.quiet import ROOT
from bot.reading import Reading

PIPELINE = yaml.safe_load((ROOT / "config.yml").read_text(encoding="utf8"))["pipeline"]
TEXTS = {
    "a question": "how much is mesotherapy in the UK",
    "two questions": "how much is it? and does it hurt",
    "nothing": "",
    "spaces": " \n\t ",
    "punctuation": "?!...",
    "emoji": "🙂👍🏽👩‍⚕️",
    "emoji within": "how much 💉💉 is botox 🙏",
    "2,000 characters": ("my skin is dry and i want to know more, " * 50)[:2000],
    "one long word": "a" * 2000,
    "right to left": "كم يكلف العلاج بالميزوثيرابي؟",
    "mixed directions": "how much is \u202eyparehtosem\u202c قلوب",
    "combining": "Z̷͎̀a̴̛l̵̈́g̶̊o mesotherapy",
    "control characters": "how\x00 much\x07 is\x1b it",
    "invisible": "\u200b\u2060\ufeff",
    "markup": "<b>how much</b> {treatment} %s ${x} [1](ask_cost)",
    "a slash": "/ask_cost{}",
    "a button": "choice-0a1b2c3d-0",
    "numbers": "1,000 or 24/7 or 3.5?",
}
EXAMPLES = {
    ("ask_cost", "cost.price"): ["how much is it", "what does it cost", "price of a session please", "cost of mesotherapy"],
    ("ask_cost", "cost.insurance"): ["does insurance pay", "is it covered by insurance", "will my insurer pay for it"],
    ("ask_pain", "pain.hurts"): ["does it hurt", "is it painful", "will it be sore", "how painful is it"],
    ("greet", None): ["hello", "hi there", "good morning"],
    ("out_of_scope", None): ["what is the weather", "tell me a joke", "who won the match"],
    ("report_urgent_symptom", "urgent.ambulance"): ["i cannot breathe", "my face is swelling up"],
    ("report_urgent_symptom", "urgent.today"): ["there is pus coming out", "it is hot and spreading"],
}


class HashEncoder:
    """Stands in for the 90 MB one: unit vectors from a hash of the text, zeros for an empty one."""

    def __init__(self, folder):
        assert (folder / "stand-in").exists()

    def encode(self, texts):
        return np.array([self._vector(text) for text in texts], dtype=np.float32).reshape(-1, DIMENSIONS)

    @staticmethod
    def _vector(text):
        if not text.strip():
            return np.zeros(DIMENSIONS)
        vector = np.frombuffer(hashlib.shake_256(text.encode("utf8", "replace")).digest(DIMENSIONS), dtype=np.uint8).astype(np.float32) - 127.5
        return vector / np.linalg.norm(vector)


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory):
    """The components of config.yml in their order, each trained on a few examples and loaded from what it saved."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(encoder, "build", lambda folder: (folder / "stand-in").touch())
        patch.setattr(sentence_featurizer, "SentenceEncoder", HashEncoder)
        patch.setattr(sentence_featurizer, "KEPT", tmp_path_factory.mktemp("kept") / "vectors.npz")
        storage = LocalModelStorage.create(tmp_path_factory.mktemp("model"))
        data = TrainingData([_example(text, *label) for label, texts in EXAMPLES.items() for text in texts])
        components = []
        for entry in PIPELINE:
            options = dict(entry)
            name = options.pop("name")
            component_class = class_from_module_path(name)
            arguments = (
                {**component_class.get_default_config(), **options},
                storage,
                Resource(name),
                ExecutionContext(GraphSchema({}), node_name=name),
            )
            component = component_class.create(*arguments)
            if hasattr(component, "train"):
                component.train(data)
                component = component_class.load(*arguments)
            data = component.process_training_data(data)
            components.append(component)
        yield components


def _example(text, intent, facet):
    return Message({TEXT: text, INTENT: intent, **({FACET: facet} if facet else {})})


def process(pipeline, *texts):
    messages = [Message({TEXT: text}) for text in texts]
    for component in pipeline:
        after = component.process(messages)
        assert after == messages
    return messages


def output(message):
    return {
        "intent": message.get(INTENT),
        "ranking": message.get(INTENT_RANKING_KEY),
        "entities": message.get(ENTITIES),
        "reading": message.get(READING),
    }


@pytest.fixture(params=TEXTS)
def text(request):
    return TEXTS[request.param]


def test_text_stays_as_it_was_typed(pipeline, text):
    assert process(pipeline, text)[0].get(TEXT) == text


def test_features_have_their_shape(pipeline, text):
    for message in with_parts(process(pipeline, text)):
        sequence, sentence = message.get_dense_features(TEXT)
        assert sequence is None
        assert sentence.features.shape == (1, DIMENSIONS)
        assert np.isfinite(sentence.features).all()
        length = np.linalg.norm(sentence.features)
        assert length == pytest.approx(1, abs=1e-5) or (length == 0 and not message.get(TEXT).strip())


def test_entities_stand_where_they_say(pipeline, text):
    for message in with_parts(process(pipeline, text)):
        for entity in message.get(ENTITIES):
            assert entity["entity"] in ("treatment", "region", "body_area")
            assert 0 <= entity["start"] < entity["end"] <= len(message.get(TEXT))
            assert entity["extractor"] == "VocabularyExtractor"


def test_tokens_lie_within_the_text(pipeline, text):
    for token in process(pipeline, text)[0].get(TEXT_TOKENS) or ():
        assert text[token.start : token.end] == token.text


def test_shares_sum_to_one(pipeline, text):
    message = process(pipeline, text)[0]
    for part in message.get("parts"):
        shares = [entry["confidence"] for entry in part.get(INTENT_RANKING_KEY)]
        assert sum(shares) == pytest.approx(1, abs=1e-4)
        assert shares == sorted(shares, reverse=True)
    assert sum(message.get(FACETS).values()) == pytest.approx(1, abs=1e-4)


def test_reading_is_made_of_plain_data(pipeline, text):
    message = process(pipeline, text)[0]
    plain = json.loads(json.dumps(output(message)))
    assert plain["intent"] == plain["ranking"][0]
    assert 0 <= plain["intent"]["confidence"] <= 1
    assert Reading.from_dict(plain["reading"]).to_dict() == message.get(READING)


def test_the_same_text_is_read_the_same_again(pipeline, text):
    assert output(process(pipeline, text)[0]) == output(process(pipeline, text)[0])


def test_company_changes_nothing(pipeline, text):
    alone = output(process(pipeline, text)[0])
    assert output(process(pipeline, "does it hurt", text, "hello")[1]) == alone


def test_no_messages_are_no_trouble(pipeline):
    assert process(pipeline) == []


def test_components_say_what_they_need(pipeline):
    import importlib.util

    for component in pipeline:
        for package in type(component).required_packages():
            assert importlib.util.find_spec(package), package


def test_components_stand_in_the_order_that_they_need(pipeline):
    before = []
    for component in pipeline:
        for needed in type(component).required_components():
            assert any(issubclass(earlier, needed) for earlier in before), f"{type(component).__name__} before {needed.__name__}"
        before.append(type(component))


def test_pipeline_is_made_of_our_own_components():
    assert all(entry["name"].startswith("bot.nlu.") for entry in PIPELINE)


def test_what_was_trained_is_found_again(pipeline):
    for (intent, facet), texts in EXAMPLES.items():
        message = process(pipeline, texts[0])[0]
        heard = {f"urgent.{level}": margin for level, margin in message.get(ALARMS).items()} if intent == "report_urgent_symptom" else message.get(FACETS)
        if facet:
            assert (message.get(INTENT)["name"], max(heard, key=heard.get)) == (intent, facet)


def test_mentions_are_found(pipeline):
    entities = process(pipeline, TEXTS["a question"])[0].get(ENTITIES)
    assert [(one["entity"], one["value"]) for one in entities] == [("treatment", "mesotherapy"), ("region", "UK")]


@pytest.mark.parametrize(
    ("wording", "kept"),
    [("is it safe", ["is it safe", "is mesolift safe"]), ("fits whom", ["fits whom"]), ("it or it", ["it or it", "mesotherapy or it"])],
)
def test_wordings_stand_with_a_name_as_well(wording, kept):
    assert named(wording) == kept
