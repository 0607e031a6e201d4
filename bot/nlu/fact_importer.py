"""Lets Rasa train on how the facets of data/facts/ are asked for, beside data/nlu.yml."""

from __future__ import annotations

from typing import Any, Optional

from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, METADATA, METADATA_INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.facts import FactStore
from bot.nlu.labels import INTENT_OF_KIND

FACET = "facet"


class Example(Message):
    """A training example that is quick to compare and to copy.

    Rasa merges the training data five times over, comparing and copying every example each time by way of JSON: at 20,000 examples that is a third of
    a training (rasa/shared/nlu/training_data/training_data.py, `merge` and `sanitize_examples`).
    """

    def __eq__(self, other: object) -> bool:
        """Whether both say the same."""
        return isinstance(other, Message) and self.data == other.data and not (self.features or other.features)

    def __hash__(self) -> int:
        """A hash of the text and what it means."""
        return hash((self.get(TEXT), self.get(INTENT)))

    def __deepcopy__(self, memo: dict[int, Any]) -> Example:
        """A copy that can be given features without changing this one; what stands in the data by now is never changed in place."""
        return Example(self.data)


class FactImporter(RasaFileImporter):
    """Rasa's own importer of files; each wording under `asks:` also becomes an example of its topic's intent that knows its facet."""

    def get_config_file_for_auto_config(self) -> Optional[str]:
        """Rasa shall not write into any file."""
        return None

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        """The examples of the files and the wordings of the facts.

        Raises: FactError if data/facts/ does not fit.
        """
        read = super().get_nlu_data(language)
        asks = [{TEXT: wording, INTENT: INTENT_OF_KIND[kind], FACET: f"{kind}.{facet}"} for kind, facet, wording in FactStore.load().asks]
        read.training_examples = [Example(_with_facet(message.data)) for message in read.training_examples] + [Example(data) for data in asks]
        return read


def _with_facet(data: dict[str, Any]) -> dict[str, Any]:
    """The data of an example of a file, with the facet that its block in data/nlu.yml names under `metadata`, if it does."""
    facet = data.get(METADATA, {}).get(METADATA_INTENT, {}).get(FACET)
    return {**data, FACET: facet} if facet else data
