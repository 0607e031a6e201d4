"""Lets Rasa train on how the facets of data/facts/ are asked for, beside data/nlu.yml."""

from __future__ import annotations

from typing import Any, Optional, Union

from rasa.shared.core.domain import Domain
from rasa.shared.core.training_data.structures import StoryGraph
from rasa.shared.importers.importer import TrainingDataImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.facts import FactStore
from bot.nlu.labels import INTENT_OF_KIND

FACET = "facet"


class FactImporter(TrainingDataImporter):
    """Each wording under `asks:` becomes an example of its topic's intent that also knows its facet."""

    def __init__(
        self, config_file: Optional[str] = None, domain_path: Optional[str] = None, training_data_paths: Optional[Union[list[str], str]] = None, **_: Any
    ) -> None:
        """Take Rasa's arguments; the facts stand in a place of their own."""

    def get_domain(self) -> Domain:
        """No domain of its own."""
        return Domain.empty()

    def get_stories(self, exclusion_percentage: Optional[int] = None) -> StoryGraph:
        """No stories of its own."""
        return StoryGraph([])

    def get_conversation_tests(self) -> StoryGraph:
        """No test stories of its own."""
        return StoryGraph([])

    def get_config(self) -> dict[str, Any]:
        """No configuration of its own."""
        return {}

    def get_config_file_for_auto_config(self) -> Optional[str]:
        """Rasa shall not write into any file."""
        return None

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        """The wordings as examples.

        Raises: FactError if data/facts/ does not fit.
        """
        return TrainingData(
            [Message({TEXT: wording, INTENT: INTENT_OF_KIND[kind], FACET: f"{kind}.{facet}"}) for kind, facet, wording in FactStore.load().asks]
        )
