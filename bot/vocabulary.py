"""Finds what a message names: treatments, regions and areas of the body, also where they are misspelt.

Imports no Rasa. Long names match with one or two wrong letters (spaCy's fuzzy matching); short ones only as written in vocabulary.yml,
since one letter turns 'peel' into 'feel' and 'filler' into 'filter'.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from spacy.lang.en import English
from spacy.language import Language
from spacy.matcher.levenshtein import levenshtein  # type: ignore[import-not-found]
from spacy.tokens import Doc

from bot.facts import MESOTHERAPY, Term, Treatment, Vocabulary, load_vocabulary

_FUZZY_FROM, _FUZZIER_FROM = 7, 9
"""Letters from which a word may have one, and two, of them wrong."""
REMEMBERED = 20_000
"""Words of which it is remembered what names they may be part of."""
_FILE = "names.json"


@dataclass(frozen=True)
class Mention:
    """A place in a message that names something of the vocabulary."""

    entity: str
    id: str
    start: int
    end: int
    text: str


@lru_cache(maxsize=1)
def language() -> Language:
    """spaCy's English tokeniser; no spaCy model, since none comes through PyPI."""
    return English()


class VocabularyMatcher:
    """Finds the mentions of one vocabulary.

    spaCy's own Matcher compares every word of a text with every name: 2 ms for each text. Here each word is looked up once, with the same comparison.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._language = language()
        self._names = defaultdict[str, list[tuple[tuple[str, ...], str, str]]](list)
        for entity, key, term in _terms(vocabulary):
            for wording in _wordings(term):
                words = self._words(self._language.make_doc(wording))
                self._names[words[0]].append((words, entity, key))
        self._every = frozenset(word for names in self._names.values() for words, _, _ in names for word in words)
        self._meant = lru_cache(REMEMBERED)(self._like)

    def find(self, text: str) -> list[Mention]:
        """The mentions in a text, in order, none overlapping: the longest wins, then the first, then the one spelt right."""
        doc = self._language.make_doc(text)
        typed = self._words(doc)
        meant = [self._meant(word) for word in typed]
        found = [
            (start - end, start, sum(map(str.__ne__, words, typed[start:end])), entity, key)
            for start, first in enumerate(meant)
            for word in first
            for words, entity, key in self._names.get(word, ())
            if (end := start + len(words)) <= len(typed) and all(map(frozenset.__contains__, meant[start:end], words))
        ]
        taken: set[int] = set()
        mentions = []
        for length, start, _, entity, key in sorted(found):
            span = doc[start : start - length]
            if taken.isdisjoint(range(span.start, span.end)) and span.text != "us":
                taken.update(range(span.start, span.end))
                mentions.append(Mention(entity, key, span.start_char, span.end_char, span.text))
        return sorted(mentions, key=lambda mention: mention.start)

    def _like(self, word: str) -> frozenset[str]:
        """The words of names that a word may be."""
        return frozenset(known for known in self._every if levenshtein(word, known, _errors(known)) <= _errors(known))

    @staticmethod
    def _words(doc: Doc) -> tuple[str, ...]:
        return tuple(token.text.lower() for token in doc)


class FamiliarNames:
    """Puts a name that the training examples know in place of one they do not, since a classifier knows no other: a new alias is understood at once."""

    def __init__(self, vocabulary: Vocabulary, counts: Mapping[str, int]) -> None:
        """Take how often each name of the vocabulary stands in the training examples."""
        self.counts = counts
        self._familiar = {(entity, key): name for entity, key, term in _terms(vocabulary) if (name := self._best(term))}
        ids = sorted((key for key in vocabulary.treatments if ("treatment", key) in self._familiar), key=lambda key: -counts[self._familiar["treatment", key]])
        self._stand_ins = {key: self._familiar["treatment", key] for key in sorted(ids, key=lambda key: key != MESOTHERAPY)}
        """Names for a treatment that no example names: it is asked about like mesotherapy, or, beside mesotherapy, like the others."""

    @classmethod
    def fit(cls, texts: Iterable[str]) -> FamiliarNames:
        """Count the names of vocabulary.yml in the training examples.

        Raises: FactError if the file does not fit.
        """
        vocabulary = load_vocabulary()
        names = sorted({name for *_, term in _terms(vocabulary) for name in _wordings(term)}, key=len, reverse=True)
        named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
        return cls(vocabulary, Counter(name for text in texts for name in named.findall(text.lower())))

    def read(self, text: str, mentions: Sequence[Mention]) -> str:
        """The text with familiar names in the places of `mentions`; names that the examples know stay as they are written."""
        named = {mention.id for mention in mentions}
        for mention in reversed(mentions):
            if mention.text.lower() not in self.counts:
                name = self._familiar.get((mention.entity, mention.id))
                if name is None and mention.entity == "treatment":
                    name = next((name for key, name in self._stand_ins.items() if key not in named), None)
                text = text[: mention.start] + (name or mention.text) + text[mention.end :]
        return text

    def save(self, folder: Path) -> None:
        """Write the counts as JSON."""
        (folder / _FILE).write_text(json.dumps(self.counts), encoding="utf8")

    @classmethod
    def load(cls, folder: Path) -> FamiliarNames:
        """Read what `save` wrote, beside vocabulary.yml.

        Raises: FactError if vocabulary.yml does not fit.
        """
        return cls(load_vocabulary(), json.loads((folder / _FILE).read_text(encoding="utf8")))

    def _best(self, term: Treatment | Term) -> str:
        """The name of a term that most examples hold; empty if none does."""
        return max((name for name in _wordings(term) if name in self.counts), key=lambda name: self.counts[name], default="")


def names(vocabulary: Vocabulary) -> list[str]:
    """Every name in a vocabulary that is spelt right."""
    return [name for *_, term in _terms(vocabulary) for name in term.aliases]


def _terms(vocabulary: Vocabulary) -> Iterator[tuple[str, str, Treatment | Term]]:
    """Every term of a vocabulary with its entity and id."""
    for entity, terms in (("treatment", vocabulary.treatments), ("region", vocabulary.regions), ("body_area", vocabulary.body_areas)):
        for key, term in terms.items():
            yield entity, key, term


def _errors(word: str) -> int:
    """How many letters of a word may be wrong."""
    return (len(word) >= _FUZZY_FROM) + (len(word) >= _FUZZIER_FROM)


def _wordings(term: Treatment | Term) -> Iterator[str]:
    for words in dict.fromkeys(word.lower() for word in (*term.aliases, *term.misspellings)):
        yield words
        if " " not in words and len(words) > 2 and not words.endswith("s"):
            yield f"{words}s"
        if words == "us":
            yield "the us"
