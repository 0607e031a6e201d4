"""Gives a message the clauses that may each hold a question, as messages of their own."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.splitter import split

PARTS = "parts"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class QuestionSplitter(GraphComponent):
    """Sets `parts` on each message; the components after it treat parts like messages. Training examples are one question each."""

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> QuestionSplitter:
        """Create the component."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Split incoming messages."""
        for message in messages:
            message.set(PARTS, [Message({TEXT: clause}) for clause in split(message.get(TEXT) or "")])
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training data as it is."""
        return training_data


def with_parts(messages: list[Message]) -> list[Message]:
    """Messages and their parts in one list."""
    return [one for message in messages for one in (message, *(message.get(PARTS) or ()))]
