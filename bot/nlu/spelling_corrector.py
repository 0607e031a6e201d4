"""Mends misspelt words, so that the components after it understand them; the message itself stays as typed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import bot.spelling
from bot.spelling import Spelling

MENDED = "mended"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SpellingCorrector(GraphComponent):
    """Sets `mended` on incoming messages; training examples keep their spelling, errors and all."""

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["symspellpy"]

    def __init__(self, model_storage: ModelStorage, resource: Resource, spelling: Optional[Spelling] = None) -> None:
        """Take the trained spelling, if there is one."""
        self._model_storage = model_storage
        self._resource = resource
        self._spelling = spelling

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> SpellingCorrector:
        """Create an untrained component."""
        return cls(model_storage, resource)

    @classmethod
    def load(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **_: Any) -> SpellingCorrector:
        """Load the trained spelling."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, Spelling.load(Path(folder)))

    def train(self, training_data: TrainingData) -> Resource:
        """Learn the words of the examples."""
        self._spelling = Spelling.fit(example.get(TEXT) for example in training_data.intent_examples if example.get(TEXT))
        with self._model_storage.write_to(self._resource) as folder:
            self._spelling.save(Path(folder))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Mend incoming messages."""
        assert self._spelling is not None, "create() is only called before train()"
        for message in messages:
            message.set(MENDED, self._spelling.mend(message.get(TEXT) or ""))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training data as it is."""
        return training_data

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> Optional[str]:
        """The spelling's code, which Rasa's own fingerprint does not see (rasa/engine/training/fingerprinting.py:45)."""
        return hashlib.sha256(Path(bot.spelling.__file__).read_bytes()).hexdigest()


def as_read(message: Message) -> str:
    """The text to understand: mended where it was, else as typed."""
    return str(message.get(MENDED) or message.get(TEXT) or "")
