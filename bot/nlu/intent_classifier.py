"""Ranks the intents of a message and of each of its parts."""

from __future__ import annotations

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

import bot.classifier
import bot.linear_machine
import bot.nearest
import bot.sequences
from bot.classifier import TextClassifier
from bot.nlu.learnt import LearntComponent
from bot.nlu.question_splitter import with_parts
from bot.nlu.sentence_featurizer import SentenceFeaturizer, sentence_vectors
from bot.nlu.spelling_corrector import as_read


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class LinearIntentClassifier(LearntComponent[TextClassifier], IntentClassifier):
    """A linear classifier over sentence vectors and letters.

    Shapes: a ranking of all intents a message and part.
    Units: confidences that sum to 1 over the ranking.
    Raises: ClassifierError if a trained model is damaged or the training data hold fewer than two intents.
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
        """Train on all examples that have an intent."""
        return TextClassifier.fit([example.get(TEXT) for example in examples], sentence_vectors(examples), [example.get(INTENT) for example in examples])

    def process(self, messages: list[Message]) -> list[Message]:
        """Set intent and ranking of messages and their parts."""
        together = with_parts(messages)
        rows = self.learnt.probabilities([as_read(message) for message in together], sentence_vectors(together))
        for message, row in zip(together, rows, strict=True):
            shares = sorted(zip(self.learnt.labels, row.tolist(), strict=True), key=lambda share: -share[1])
            ranking = [{INTENT_NAME_KEY: name, PREDICTED_CONFIDENCE_KEY: share} for name, share in shares]
            message.set(INTENT, ranking[0], add_to_output=True)
            message.set(INTENT_RANKING_KEY, ranking, add_to_output=True)
        return messages
