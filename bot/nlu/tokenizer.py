"""Splits messages into words with spaCy."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.vocabulary import language


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class BlankSpacyTokenizer(Tokenizer):
    """spaCy's English tokeniser without a model: knows contractions, units, emoji and web addresses."""

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["spacy"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Intents are flat: nothing in their names is split."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None, "prefix_separator_symbol": None}

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """The words of one attribute of a message."""
        return [Token(token.text, token.idx) for token in language()(message.get(attribute)) if not token.is_space]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training data as it is: nothing learns from words, and Rasa would fingerprint each of them after every component."""
        return training_data
