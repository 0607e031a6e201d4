"""Hears how much a message sounds like an emergency, and which level of it."""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

import bot.linear_machine
import bot.sequences
from bot.linear_machine import LinearMachine
from bot.nlu.fact_importer import FACET
from bot.nlu.learnt import LearntComponent
from bot.nlu.sentence_featurizer import SentenceFeaturizer, sentence_vectors
from bot.nlu.spelling_corrector import as_read
from bot.red_flags import NO_ALARM

ALARMS = "alarms"
SPELT_WEIGHT, COST = 1.5, 1.0
"""How the machine is trained (bot.linear_machine.LinearMachine.fit): spelling counts more than for intents, since "my", "since" and "will" tell what is from
what might be. With whole writers left out, that lets a quarter fewer near misses through than the values for intents (docs/alarms.md)."""

_URGENT = "urgent."


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class AlarmDetector(LearntComponent[LinearMachine], IntentClassifier):
    """A linear machine with the levels of alarms as labels, and all other examples as `none`.

    Shapes: one margin a level and one of `none`, for each message.
    Units: margins of the machine; 1 and more is certain, below 0 is rather not.
    Raises: ClassifierError if a trained model is damaged.
    Source: bot.linear_machine.
    """

    knowledge = LinearMachine
    code = (bot.linear_machine, bot.sequences)

    @classmethod
    def required_components(cls) -> list[type]:
        """Components that must come before."""
        return [SentenceFeaturizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["sklearn"]

    def learn(self, examples: list[Message]) -> LinearMachine:
        """Train on the level that each example's facet names, if it does."""
        return LinearMachine.fit(
            [example.get(TEXT) for example in examples], sentence_vectors(examples), [_level(example) for example in examples], SPELT_WEIGHT, COST
        )

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the margins of whole messages: torn out of a harmless one, many a sentence sounds worse than it is."""
        for message, row in zip(messages, self.learnt.margins([as_read(message) for message in messages], sentence_vectors(messages)), strict=True):
            message.set(ALARMS, dict(zip(self.learnt.labels, row.tolist(), strict=True)))
        return messages


def _level(example: Message) -> str:
    facet = str(example.get(FACET) or "")
    return facet[len(_URGENT) :] if facet.startswith(_URGENT) else NO_ALARM
