"""Gives a message the clauses that may each hold a question, and the message before it, as messages of their own."""

from __future__ import annotations

from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.spelling_corrector import as_read
from bot.reading import Reading, joined
from bot.splitter import split

PARTS, JOINED, ASKS, IS_LISTED = "parts", "joined", "asks", "is_listed"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class QuestionSplitter(GraphComponent):
    """Sets `parts` and `joined` on each message; the components after it treat them like messages. Training examples are one question each."""

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> QuestionSplitter:
        """Create the component."""
        return cls()

    def process(self, messages: list[Message], tracker: Optional[DialogueStateTracker] = None) -> list[Message]:
        """Split incoming messages, and join short ones to the question before them."""
        before = Reading.from_dict({"questions": tracker.get_slot("last_questions") or ()}).questions if tracker else ()
        for message in messages:
            text = as_read(message)
            parts = [Message({TEXT: clause.text, ASKS: clause.asks, IS_LISTED: clause.is_listed}) for clause in split(text)]
            message.set(PARTS, parts)
            together = joined(before, text)
            message.set(JOINED, Message({TEXT: together}) if together else None)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training data as it is."""
        return training_data


def with_parts(messages: list[Message]) -> list[Message]:
    """Messages, their parts and what they were joined to, in one list."""
    return [one for message in messages for one in (message, *(message.get(PARTS) or ()), message.get(JOINED)) if one is not None]
