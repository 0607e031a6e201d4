"""Lets Rasa train on how the facets of data/facts/ are asked for, beside data/nlu.yml."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Optional

import yaml
from rasa.shared.exceptions import RasaException
from rasa.shared.importers.rasa import RasaFileImporter
from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.facts import FactStore, added
from bot.nlu.labels import intent_of

FACET = "facet"
NAMES = ("mesotherapy", "mesoglow", "mesolift", "meso")
_IT = re.compile(r"\bit\b")


class ExampleError(RasaException):
    """A file of examples does not fit; the text says where."""


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
    """Rasa's own importer of files, but for the examples of intents; each wording under `asks:` also becomes one, that knows its facet."""

    def get_config_file_for_auto_config(self) -> Optional[str]:
        """Rasa shall not write into any file."""
        return None

    def get_nlu_data(self, language: Optional[str] = "en") -> TrainingData:
        """The examples of the files and the wordings of the facts, but for those of topics that are not written to the end.

        Raises: FactError if data/facts/ does not fit, ExampleError if a file of examples does not.
        """
        store = FactStore.load()
        unfinished = {intent_of(topic) for topic in added() if topic not in store.topics}
        written = [data for path in self._nlu_files for data in read_examples(Path(path)) if data[INTENT] not in unfinished]
        asks = [{TEXT: text, INTENT: intent_of(kind), FACET: f"{kind}.{facet}"} for kind, facet, wording in store.asks for text in named(wording)]
        return TrainingData([Example(data) for data in (*written, *asks)])


def named(wording: str) -> list[str]:
    """A wording, and where it says `it` of the treatment also with one of its names in that place, so that no facet is known by a name."""
    name = NAMES[len(wording) % len(NAMES)]
    return list(dict.fromkeys((wording, _IT.sub(name, wording, count=1))))


def read_examples(path: Path) -> list[dict[str, Any]]:
    """The examples of a file such as data/nlu.yml, with the facet that their block names under `metadata`, if it does.

    Rasa's own reader takes twenty times as long, most of it to check a schema for every line.

    Raises: ExampleError if the file is not YAML, or holds anything but examples of intents.
    """
    try:
        content = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, OSError) as error:
        raise ExampleError(f"{path} cannot be read: {' '.join(str(error).split())}") from None
    blocks = content.get("nlu") if isinstance(content, dict) else None
    if not isinstance(blocks, list):
        raise ExampleError(f"{path} needs a list under nlu: of blocks with `intent:` and `examples: |`.")
    found = []
    for block in blocks:
        intent, lines = (block.get("intent"), block.get("examples")) if isinstance(block, dict) else (None, None)
        if not isinstance(intent, str) or not isinstance(lines, str):
            raise ExampleError(f"{path}: every block needs `intent:` and `examples: |`; this one has not: {str(block)[:60]}")
        facet = (block.get("metadata") or {}).get(FACET)
        for line in filter(None, map(str.strip, lines.splitlines())):
            if not line.startswith("- "):
                raise ExampleError(f"{path}: an example of {intent} does not begin with a dash: {line[:60]}")
            found.append({TEXT: line[2:].strip(), INTENT: intent, **({FACET: facet} if facet else {})})
    return found
