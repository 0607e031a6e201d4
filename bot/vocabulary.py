"""Finds what a message names: treatments, regions and areas of the body, also where they are misspelt.

Imports no Rasa. Long names match with one or two wrong letters (spaCy's fuzzy matching); short ones only as written in vocabulary.yml,
since one letter turns 'peel' into 'feel' and 'filler' into 'filter'.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from spacy.lang.en import English
from spacy.language import Language
from spacy.matcher import Matcher
from spacy.tokens import Doc

from bot.facts import Term, Treatment, Vocabulary

_FUZZY_FROM, _FUZZIER_FROM = 7, 9
"""Letters from which a word may have one, and two, of them wrong."""


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
    """Finds the mentions of one vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._language = language()
        self._matcher = Matcher(self._language.vocab)
        self._ids: dict[int, tuple[str, str]] = {}
        for entity, terms in (("treatment", vocabulary.treatments), ("region", vocabulary.regions), ("body_area", vocabulary.body_areas)):
            for key, term in terms.items():
                name = f"{entity}:{key}"
                self._matcher.add(name, [self._pattern(words) for words in _wordings(term)])
                self._ids[self._language.vocab.strings[name]] = (entity, key)

    def find(self, text: str | Doc) -> list[Mention]:
        """The mentions in a text, in order, none overlapping: the longest wins, then the first."""
        doc = self._language.make_doc(text) if isinstance(text, str) else text
        found = sorted(self._matcher(doc), key=lambda match: (match[1] - match[2], match[1]))
        taken: set[int] = set()
        mentions = []
        for match, start, end in found:
            span = doc[start:end]
            if taken.isdisjoint(range(start, end)) and not (len(span) == 1 and span.text == "us"):
                taken.update(range(start, end))
                entity, key = self._ids[match]
                mentions.append(Mention(entity, key, span.start_char, span.end_char, span.text))
        return sorted(mentions, key=lambda mention: mention.start)

    def _pattern(self, words: str) -> list[dict[str, object]]:
        return [{"LOWER": _spelling(token.text.lower())} for token in self._language.make_doc(words)]


def _spelling(word: str) -> object:
    if len(word) >= _FUZZIER_FROM:
        return {"FUZZY2": word}
    return {"FUZZY1": word} if len(word) >= _FUZZY_FROM else word


def _wordings(term: Treatment | Term) -> Iterator[str]:
    for words in dict.fromkeys(word.lower() for word in (*term.aliases, *term.misspellings)):
        yield words
        if " " not in words and len(words) > 2 and not words.endswith("s"):
            yield f"{words}s"
        if words == "us":
            yield "the us"
