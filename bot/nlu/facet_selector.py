"""Tells which facet of its topic a message asks for, from the wordings under `asks:` in data/facts/."""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message

import bot.classifier
import bot.linear_machine
import bot.nearest
import bot.sequences
from bot.classifier import TextClassifier
from bot.nlu.fact_importer import FACET
from bot.nlu.labels import has_facets
from bot.nlu.learnt import LearntComponent
from bot.nlu.question_splitter import with_parts
from bot.nlu.sentence_featurizer import SentenceFeaturizer, sentence_vectors
from bot.nlu.spelling_corrector import as_read

FACETS = "facets"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class FacetSelector(LearntComponent[TextClassifier], IntentClassifier):
    """The same linear classifier as for intents, with `topic.facet` as labels.

    Shapes: one probability a facet for each message and part.
    Units: probabilities that sum to 1 over all facets; the reader looks at those of one topic.
    Raises: ClassifierError if a trained model is damaged.
    Source: bot.classifier.
    """

    knowledge = TextClassifier
    code = (bot.classifier, bot.linear_machine, bot.nearest, bot.sequences)

    @classmethod
    def required_components(cls) -> list[type]:
        """Components that must come before."""
        return [SentenceFeaturizer]

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["sklearn"]

    def learn(self, examples: list[Message]) -> TextClassifier:
        """Train on the examples that know their facet; the levels of alarms are for bot.nlu.alarm_detector."""
        examples = [example for example in examples if example.get(FACET) and has_facets(example.get(INTENT))]
        return TextClassifier.fit([example.get(TEXT) for example in examples], sentence_vectors(examples), [example.get(FACET) for example in examples])

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the probabilities of the facets of messages and their parts."""
        together = with_parts(messages)
        rows = self.learnt.probabilities([as_read(message) for message in together], sentence_vectors(together))
        for message, row in zip(together, rows, strict=True):
            message.set(FACETS, dict(zip(self.learnt.labels, row.tolist(), strict=True)))
        return messages
