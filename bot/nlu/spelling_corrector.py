"""Mends misspelt words, so that the components after it understand them; the message itself stays as typed."""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

import bot.spelling
from bot.facts import FACTS, load_vocabulary
from bot.nlu.learnt import LearntComponent
from bot.spelling import Spelling
from bot.vocabulary import names

READ = "read"
"""Where a message keeps what is understood in place of what was typed."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class SpellingCorrector(LearntComponent[Spelling]):
    """Sets `read` on incoming messages; training examples keep their spelling, errors and all."""

    knowledge = Spelling
    code = (bot.spelling,)
    files = (FACTS / "vocabulary.yml",)

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["symspellpy"]

    def learn(self, examples: list[Message]) -> Spelling:
        """Learn the words of the examples, and those of vocabulary.yml, which are right even where no example holds them."""
        return Spelling.fit((*(example.get(TEXT) for example in examples), *names(load_vocabulary())))

    def process(self, messages: list[Message]) -> list[Message]:
        """Mend incoming messages."""
        for message in messages:
            message.set(READ, self.learnt.mend(message.get(TEXT) or ""))
        return messages


def as_read(message: Message) -> str:
    """The text to understand: mended and with familiar names where it was changed, else as typed."""
    return str(message.get(READ) or message.get(TEXT) or "")
