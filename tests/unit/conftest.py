"""What unit tests share: the real store, and a small one that a test may spoil."""

import copy
import json
import shutil

import pytest

from bot.clinic import Clinic
from bot.composer import Composer
from bot.facts import FACTS, LEVELS, TOPICS, FactError, FactStore

CLINIC = Clinic(name="Test Clinic", dermatologist="Dr Test", phone="555 0100", booking_link="https://test.example/book", country="US")


@pytest.fixture(scope="session")
def store():
    return FactStore.load()


@pytest.fixture(scope="session")
def composer(store):
    """A composer for a US clinic that has filled in everything that a referral needs."""
    return Composer(store, CLINIC)


@pytest.fixture(scope="session")
def composer_for(store):
    """Makes composers for other clinics, each once."""
    made = {}

    def make(**settings):
        key = repr(sorted(settings.items()))
        if key not in made:
            made[key] = Composer(store, Clinic(**{**CLINIC.dict(), **settings}))
        return made[key]

    return make


class SmallStore(dict):
    """The files of a fact store, by name, as plain data; one fact and one answer a topic."""

    def __init__(self, folder):
        super().__init__(copy.deepcopy(_FILES))
        self.folder = folder
        shutil.copy(FACTS / "wording.yml", folder)

    def load(self):
        for name, content in self.items():
            (self.folder / name).write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf8")
        return FactStore.load(self.folder)

    def problem(self):
        """The text of the FactError that loading raises."""
        with pytest.raises(FactError) as caught:
            self.load()
        assert "\n" not in str(caught.value)
        return str(caught.value)


@pytest.fixture
def small(tmp_path):
    return SmallStore(tmp_path)


def _topic(name):
    return {
        "topic": name,
        "label": name.capitalize(),
        "about": name,
        "unknown": "Our sources say nothing on this about {treatment}.",
        "answers": [{"id": "main", "asks": ["what of it"], "opening": "It is so.", "facts": [f"{name}.one"]}],
        "facts": [{"id": f"{name}.one", "claim": "A paper says that it is so.", "sources": ["paper"]}],
    }


_FILES = {
    "references.yml": {
        "sources": {
            "paper": {
                "title": "A paper",
                "publisher": "A journal",
                "evidence": "review",
                "tier": "A",
                "published": "2019-05",
                "read": "2026-11-22",
            },
            "page": {
                "title": "A page",
                "publisher": "A clinic",
                "evidence": "clinic page",
                "tier": "C",
                "published": "undated",
                "read": "2026-10-01",
            },
        }
    },
    "vocabulary.yml": {
        "treatments": {
            "mesotherapy": {"name": "facial mesotherapy", "aliases": ["mesotherapy", "meso"]},
            "peel": {"name": "chemical peel", "aliases": ["peel"]},
        },
        "regions": {
            "US": {"name": "the US", "aliases": ["US"], "marks": ["FDA"]},
            **{key: {"name": key, "aliases": [key]} for key in ("UK", "EU", "Canada")},
        },
        "body_areas": {"face": {"name": "the face", "aliases": ["face"]}},
    },
    "warning_signs.yml": {
        "topic": "warning_signs",
        "levels": {level: {"text": "Call {emergency}.", "facts": ["warning_signs.one"]} for level in LEVELS},
        "doubt": dict.fromkeys(LEVELS, "Call {emergency}."),
        "relieved": dict.fromkeys(LEVELS, "Good."),
        "steadying": "Stay with them.",
        "reminder": "Get help first.",
        "reminder_crisis": "Talk to someone first.",
        "numbers": {
            key: {"emergency": "your local number", "urgent_line": "a doctor", "crisis_line": "call a crisis line"}
            for key in ("US", "UK", "EU", "Canada", "any")
        },
        "facts": [{"id": "warning_signs.one", "claim": "A paper says that help is needed.", "sources": ["paper"]}],
    },
    **{f"{name}.yml": _topic(name) for name in TOPICS},
}
