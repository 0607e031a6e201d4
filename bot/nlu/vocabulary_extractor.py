"""Extracts treatments, regions and areas of the body, also misspelt ones, from data/facts/vocabulary.yml."""

from __future__ import annotations

from typing import Optional

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.nlu.constants import ENTITIES, TEXT
from rasa.shared.nlu.training_data.message import Message

import bot.vocabulary
from bot.facts import FACTS, load_vocabulary
from bot.nlu.learnt import LearntComponent
from bot.nlu.question_splitter import with_parts
from bot.nlu.spelling_corrector import READ, as_read
from bot.vocabulary import FamiliarNames, VocabularyMatcher


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=True)
class VocabularyExtractor(LearntComponent[FamiliarNames], EntityExtractorMixin):
    """Finds what vocabulary.yml names, by spaCy's fuzzy matcher, and puts familiar names where the components after it read.

    Raises: FactError if vocabulary.yml does not fit.
    """

    knowledge = FamiliarNames
    code = (bot.vocabulary,)
    files = (FACTS / "vocabulary.yml",)

    @staticmethod
    def required_packages() -> list[str]:
        """Packages that must be installed."""
        return ["spacy"]

    def __init__(self, model_storage: ModelStorage, resource: Resource, learnt: Optional[FamiliarNames] = None) -> None:
        """Make the matcher of vocabulary.yml, and take what was learnt, if there is anything yet."""
        super().__init__(model_storage, resource, learnt)
        self._matcher = VocabularyMatcher(load_vocabulary())

    def learn(self, examples: list[Message]) -> FamiliarNames:
        """Learn which names the examples hold."""
        return FamiliarNames.fit(example.get(TEXT) for example in examples)

    def process(self, messages: list[Message]) -> list[Message]:
        """Set the entities of messages and their parts, and what is read where a name is new to the examples."""
        for message in with_parts(messages):
            typed, read = message.get(TEXT) or "", as_read(message)
            mentions = self._matcher.find(typed)
            found = [
                {"entity": mention.entity, "value": mention.id, "start": mention.start, "end": mention.end, "confidence_entity": 1.0} for mention in mentions
            ]
            message.set(ENTITIES, [*message.get(ENTITIES, []), *self.add_extractor_name(found)], add_to_output=True)
            if mentions:
                message.set(READ, self.learnt.read(read, mentions if read == typed else self._matcher.find(read)))
        return messages
