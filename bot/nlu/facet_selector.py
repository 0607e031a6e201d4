"""Tells which facet of its topic a message asks for, from the wordings under `asks:` in data/facts/ and the blocks with a `facet` in data/nlu.yml."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import bot.classifier
import bot.linear_machine
from bot.classifier import TextClassifier
from bot.nlu.fact_importer import FACET
from bot.nlu.labels import INTENT_OF_KIND
from bot.nlu.question_splitter import with_parts
from bot.nlu.sentence_featurizer import SentenceFeaturizer, sentence_vectors
from bot.nlu.spelling_corrector import as_read

FACETS = "facets"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FacetSelector(GraphComponent, IntentClassifier):
    """The same linear classifier as for intents, with `topic.facet` as labels.

    Shapes: one probability a facet for each message and part.
    Units: probabilities that sum to 1 over all facets; the reader looks at those of one topic.
    Raises: ClassifierError if a trained model is damaged.
    Source: bot.classifier.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Components that must come before."""
        return [SentenceFeaturizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["sklearn"]

    def __init__(self, model_storage: ModelStorage, resource: Resource, classifier: Optional[TextClassifier] = None) -> None:
        """Take the trained classifier, if there is one."""
        self._model_storage = model_storage
        self._resource = resource
        self._classifier = classifier

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> FacetSelector:
        """Create an untrained component."""
        return cls(model_storage, resource)

    @classmethod
    def load(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **_: Any) -> FacetSelector:
        """Load the trained classifier."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, TextClassifier.load(Path(folder)))

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the examples that know their facet; the levels of alarms are for bot.nlu.alarm_detector."""
        examples = [example for example in training_data.training_examples if example.get(FACET) and example.get(INTENT) in INTENT_OF_KIND.values()]
        self._classifier = TextClassifier.fit(
            [example.get(TEXT) for example in examples], sentence_vectors(examples), [example.get(FACET) for example in examples]
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._classifier.save(Path(folder))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the probabilities of the facets of messages and their parts."""
        together = with_parts(messages)
        assert self._classifier is not None, "create() is only called before train()"
        rows = self._classifier.probabilities([as_read(message) for message in together], sentence_vectors(together))
        for message, row in zip(together, rows, strict=True):
            message.set(FACETS, dict(zip(self._classifier.labels, row.tolist(), strict=True)))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training data as it is."""
        return training_data

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> Optional[str]:
        """The classifier's code, which Rasa's own fingerprint does not see (rasa/engine/training/fingerprinting.py:45)."""
        return hashlib.sha256(b"".join(Path(module.__file__ or "").read_bytes() for module in (bot.classifier, bot.linear_machine))).hexdigest()
