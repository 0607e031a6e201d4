"""Extracts treatments, regions and areas of the body, also misspelt ones, from data/facts/vocabulary.yml."""

from __future__ import annotations

import hashlib
from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.facts import FACTS, load_vocabulary
from bot.nlu.question_splitter import with_parts
from bot.vocabulary import VocabularyMatcher


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class VocabularyExtractor(GraphComponent, EntityExtractorMixin):
    """Finds what vocabulary.yml names, by spaCy's fuzzy matcher."""

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["spacy"]

    def __init__(self, matcher: VocabularyMatcher) -> None:
        """Take the matcher of one vocabulary."""
        self._matcher = matcher

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> VocabularyExtractor:
        """Create the component from vocabulary.yml.

        Raises: FactError if the file does not fit.
        """
        return cls(VocabularyMatcher(load_vocabulary()))

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the entities of messages and their parts."""
        for message in with_parts(messages):
            found = [
                {"entity": mention.entity, "value": mention.id, "start": mention.start, "end": mention.end, "confidence_entity": 1.0}
                for mention in self._matcher.find(message.get(TEXT) or "")
            ]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *self.add_extractor_name(found)], add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training data as it is: nothing after this component learns from entities."""
        return training_data

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> Optional[str]:
        """The vocabulary, which Rasa's own fingerprint does not see (rasa/engine/training/fingerprinting.py:45)."""
        return hashlib.sha256((FACTS / "vocabulary.yml").read_bytes()).hexdigest()
