"""Hears how much a message sounds like an emergency, and which level of it."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import bot.linear_machine
from bot.linear_machine import LinearMachine
from bot.nlu.fact_importer import FACET
from bot.nlu.sentence_featurizer import SentenceFeaturizer, sentence_vectors
from bot.nlu.spelling_corrector import as_read
from bot.red_flags import NO_ALARM

ALARMS = "alarms"
SPELT_WEIGHT, COST = 1.5, 1.0
"""How the machine is trained (bot.linear_machine.LinearMachine.fit): spelling counts more than for intents, since "my", "since" and "will" tell what is from
what might be. With whole writers left out, that lets a quarter fewer near misses through than the values for intents (docs/alarms.md)."""

_URGENT = "urgent."


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class AlarmDetector(GraphComponent, IntentClassifier):
    """A linear machine with the levels of alarms as labels, and all other examples as `none`.

    Shapes: one margin a level and one of `none`, for each message.
    Units: margins of the machine; 1 and more is certain, below 0 is rather not.
    Raises: ClassifierError if a trained model is damaged.
    Source: bot.linear_machine.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Components that must come before."""
        return [SentenceFeaturizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["sklearn"]

    def __init__(self, model_storage: ModelStorage, resource: Resource, machine: Optional[LinearMachine] = None) -> None:
        """Take the trained machine, if there is one."""
        self._model_storage = model_storage
        self._resource = resource
        self._machine = machine

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> AlarmDetector:
        """Create an untrained component."""
        return cls(model_storage, resource)

    @classmethod
    def load(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **_: Any) -> AlarmDetector:
        """Load the trained machine."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, LinearMachine.load(Path(folder)))

    def train(self, training_data: TrainingData) -> Resource:
        """Train on the level that each example's facet names, if it does."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        self._machine = LinearMachine.fit(
            [example.get(TEXT) for example in examples], sentence_vectors(examples), [_level(example) for example in examples], SPELT_WEIGHT, COST
        )
        with self._model_storage.write_to(self._resource) as folder:
            self._machine.save(Path(folder))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the margins of whole messages: torn out of a harmless one, many a sentence sounds worse than it is."""
        assert self._machine is not None, "create() is only called before train()"
        for message, row in zip(messages, self._machine.margins([as_read(message) for message in messages], sentence_vectors(messages)), strict=True):
            message.set(ALARMS, dict(zip(self._machine.labels, row.tolist(), strict=True)))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training data as it is."""
        return training_data

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> Optional[str]:
        """The machine's code, which Rasa's own fingerprint does not see (rasa/engine/training/fingerprinting.py:45)."""
        return hashlib.sha256(Path(bot.linear_machine.__file__).read_bytes()).hexdigest()


def _level(example: Message) -> str:
    facet = str(example.get(FACET) or "")
    return facet[len(_URGENT) :] if facet.startswith(_URGENT) else NO_ALARM
