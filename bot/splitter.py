"""Splits a message into the clauses that may each hold a question of their own.

Imports no Rasa. It only proposes: a clause counts as a question when the classifier says so (see `bot.reader`).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_CLAUSES = 12

_SENTENCE = re.compile(r"[^.!?;:\n]*(?:[.:](?=\S)[^.!?;:\n]*)*[.!?;:\n]*")
_JOINT = re.compile(
    r"\s*(?:,(?!\d)|\+|&|/(?!\d)|\s-\s"
    r"|\s(?:and(?: also)?|n|also|plus|but|then|as well as|aswell as|along with|another thing)(?=\s)"
    r"|\sor(?=\s(?:am|is|are|do|does|should|can|would|will)\s)"
    r")\s*",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"(?:^|\s)1[.)]?\s.*\s2[.)]?\s", re.DOTALL)
_NUMBER = re.compile(r"(?:^|\s)[1-9][.)]?(?=\s)")
_WORD = re.compile(r"\w")
_ASKS = re.compile(
    r"^(?:(?:and|so|but|ok|also|n|or|then|if)\s+)*"
    r"(?:what\w*|wat\w*|wot|how\w*|hw|who\w*|where\w*|when\w*|why|which|is|isnt|isn't|are|r|do|does|did|can|cant|could|should|shud|will|would|wud"
    r"|has|have|any|am|may|just|tell|need to know|wanna know|want to know|wondering|explain|give|gimme|show)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Clause:
    """A part of a message, and whether its form is that of a question."""

    text: str
    asks: bool
    is_sentence: bool


def split(text: str) -> list[Clause]:
    """The clauses of a text in order, without the text itself; empty where it is one clause.

    Sentences come first; each is then split further at commas, 'and', '+' and the like. Of a long text the last clauses are kept, where
    the question of a story usually stands.
    """
    if _NUMBERED.search(text):
        text = _NUMBER.sub("\n", text)
    sentences = [sentence for sentence in _SENTENCE.findall(text) if _WORD.search(sentence)]
    found: dict[str, Clause] = {}
    for sentence in sentences:
        whole = sentence.strip(" .!?;:\n")
        asked = sentence.rstrip().endswith("?")
        asked = asked or bool(_ASKS.match(whole))
        found.setdefault(whole, Clause(whole, asked, True))
        for piece in _JOINT.split(sentence):
            clause = piece.strip(" .!?;:\n")
            if _WORD.search(clause):
                found.setdefault(clause, Clause(clause, asked or bool(_ASKS.match(clause)), False))
    return [clause for clause in found.values() if clause.text != text.strip(" .!?;:\n")][-MAX_CLAUSES:]


def is_question(clause: str) -> bool:
    """Whether a clause begins as questions and requests do."""
    return bool(_ASKS.match(clause))
