"""Mends misspelt words, so that the components after it understand them; the message itself stays as typed."""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

import bot.spelling
from bot.nlu.learnt import LearntComponent
from bot.spelling import Spelling

MENDED = "mended"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SpellingCorrector(LearntComponent[Spelling]):
    """Sets `mended` on incoming messages; training examples keep their spelling, errors and all."""

    knowledge = Spelling
    code = (bot.spelling,)

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["symspellpy"]

    def learn(self, examples: list[Message]) -> Spelling:
        """Learn the words of the examples."""
        return Spelling.fit(example.get(TEXT) for example in examples)

    def process(self, messages: list[Message]) -> list[Message]:
        """Mend incoming messages."""
        for message in messages:
            message.set(MENDED, self.learnt.mend(message.get(TEXT) or ""))
        return messages


def as_read(message: Message) -> str:
    """The text to understand: mended where it was, else as typed."""
    return str(message.get(MENDED) or message.get(TEXT) or "")
