"""Gives messages their meaning as a vector, with the sentence encoder."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Optional

import numpy as np
from numpy.typing import NDArray
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

import bot.encoder
from bot.encoder import DIMENSIONS, WEIGHTS_SHA256, SentenceEncoder
from bot.nlu.question_splitter import with_parts
from bot.nlu.spelling_corrector import as_read
from bot.quiet import ROOT
from bot.vector_store import kept_vectors

KEPT = ROOT / "models" / "vectors.npz"
"""Where the vectors of the examples are kept for the next training."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SentenceFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds the sentence vector of each message and its parts.

    Shapes: one sentence feature of (1, 384) a message; no sequence features. An empty text gets zeros.
    Units: length 1 (L2).
    Raises: EncoderError if the weights are missing, changed or damaged.
    Source: all-MiniLM-L6-v2 (see bot.encoder).
    """

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["onnxruntime", "tokenizers"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """No options."""
        return dict(DenseFeaturizer.get_default_config())

    def __init__(self, config: dict[str, Any], name: str, model_storage: ModelStorage, resource: Resource) -> None:
        """Create the component without its encoder, which `train` builds and `load` reads."""
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._encoder: Optional[SentenceEncoder] = None

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> SentenceFeaturizer:
        """Create an untrained component."""
        return cls(config, execution_context.node_name, model_storage, resource)

    @classmethod
    def load(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **_: Any) -> SentenceFeaturizer:
        """Load the encoder that travels in the model."""
        component = cls.create(config, model_storage, resource, execution_context)
        with model_storage.read_from(resource) as folder:
            component._encoder = SentenceEncoder(Path(folder))
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Put the encoder into the model; it is not changed by the training data."""
        with self._model_storage.write_to(self._resource) as folder:
            bot.encoder.build(Path(folder))
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the vectors of messages and their parts."""
        assert self._encoder is not None, "create() is only called before train()"
        together = with_parts(messages)
        self._add(together, self._encoder.encode([as_read(message) for message in together]))
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Add the vectors of the training examples, those of the training before where they are the same; new ones are encoded with every core."""
        examples = training_data.training_examples
        with self._model_storage.read_from(self._resource) as folder:
            encode = SentenceEncoder(Path(folder)).encode
            self._add(examples, kept_vectors(KEPT, _version(), [as_read(example) for example in examples], encode))
        return training_data

    def _add(self, messages: list[Message], vectors: NDArray[np.float32]) -> None:
        for message, vector in zip(messages, vectors, strict=True):
            self.add_features_to_message(None, vector.reshape(1, -1), TEXT, message)

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Nothing to validate: there are no options."""

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> Optional[str]:
        """Encoder and weights, which Rasa's own fingerprint does not see (rasa/engine/training/fingerprinting.py:45)."""
        return _version()


def _version() -> str:
    """A hash that changes when the encoder may give other vectors."""
    return hashlib.sha256(Path(bot.encoder.__file__).read_bytes() + WEIGHTS_SHA256.encode()).hexdigest()


def sentence_vectors(messages: list[Message]) -> Any:
    """The sentence vectors of messages that the featurizer has seen.

    Shapes: n messages -> (n, 384); zeros where a message has none.
    """
    features = [message.get_dense_features(TEXT)[1] for message in messages]
    return np.array([feature.features[0] if feature else np.zeros(DIMENSIONS) for feature in features], dtype=np.float32).reshape(-1, DIMENSIONS)
