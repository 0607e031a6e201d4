"""What the components have in common that learn in one go and keep what they learnt as files in the model."""

from __future__ import annotations

import hashlib
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Generic, Optional, Protocol, TypeVar

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from typing_extensions import Self


class Knowledge(Protocol):
    """What is learnt: it can be saved to a folder and loaded from there."""

    def save(self, folder: Path) -> None:
        """Write it."""

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what `save` wrote."""


Learnt = TypeVar("Learnt", bound=Knowledge)


class LearntComponent(GraphComponent, Generic[Learnt]):
    """Learns, saves and loads; a component says what it learns from the examples, and does with it what it is for."""

    knowledge: ClassVar[type]
    """The class of what is learnt."""
    code: ClassVar[tuple[ModuleType, ...]]
    """The modules that it depends on."""
    files: ClassVar[tuple[Path, ...]] = ()
    """The files that it depends on, beside the training data."""

    def __init__(self, model_storage: ModelStorage, resource: Resource, learnt: Optional[Learnt] = None) -> None:
        """Take what was learnt, if there is anything yet."""
        self._model_storage = model_storage
        self._resource = resource
        self._learnt = learnt

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> Self:
        """Create an untrained component."""
        return cls(model_storage, resource)

    @classmethod
    def load(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext, **_: Any) -> Self:
        """Load what was learnt."""
        with model_storage.read_from(resource) as folder:
            return cls(model_storage, resource, cls.knowledge.load(Path(folder)))  # type: ignore[attr-defined]

    @property
    def learnt(self) -> Learnt:
        """What was learnt."""
        assert self._learnt is not None, "create() is only called before train()"
        return self._learnt

    def train(self, training_data: TrainingData) -> Resource:
        """Learn, and keep it in the model."""
        self._learnt = self.learn([example for example in training_data.intent_examples if example.get(TEXT)])
        with self._model_storage.write_to(self._resource) as folder:
            self._learnt.save(Path(folder))
        return self._resource

    def learn(self, examples: list[Message]) -> Learnt:
        """What there is to learn from examples that have a text and an intent."""
        raise NotImplementedError

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training data as it is."""
        return training_data

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> Optional[str]:
        """The code and the files behind it, which Rasa's own fingerprint does not see (rasa/engine/training/fingerprinting.py:45)."""
        files = [__file__, *(module.__file__ or "" for module in cls.code), *map(str, cls.files)]
        return hashlib.sha256(b"".join(Path(file).read_bytes() for file in files)).hexdigest()
