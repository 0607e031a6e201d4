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
    r"|\([a-d1-9]\)(?=\s)"
    r"|\s(?=how (?:much|long|often|soon|painful|safe|do|does|is)\s|(?:what|who|where|why|how)(?:'?s|\s(?:is|are|do|does|can|should|would))\s)"
    r"|\sor(?=\s(?:am|is|are|do|does|should|can|would|will)\s)"
    r")\s*",
    re.IGNORECASE,
)
_FUNCTION_WORDS = frozenset(
    "a about after am an and any anyone are as at be been before but by can cant could did do does doesnt dont for from get got had has have having how i "
    "if im in into is isnt it its just like me my need no not of off on one or out over she so some than that the their them then there these they thing "
    "this to too up us use vs versus want was we what when where which who why will with without would you your".split()
)
_LIST_OF_WORDS = range(3, 7)
"""Words of a message that may be a bare list: 'price pain downtime'."""
_NUMBERED = re.compile(r"(?:^|\s)1[.)]?\s.*\s2[.)]?\s", re.DOTALL)
_NUMBER = re.compile(r"(?:^|\s)[1-9][.)]?(?=\s)")
_WORD = re.compile(r"\w")
_ASKS = re.compile(
    r"^(?:(?:and|so|but|ok|also|n|or|then|if)\s+)*"
    r"(?:what\w*|wat\w*|wot|how\w*|hw|who\w*|where\w*|when\w*|why|which|is|isnt|isn't|are|r|do|does|did|can|cant|could|should|shud|will|would|wud"
    r"|has|have|any|am|may|just|tell|need to know|wanna know|want to know|i(?: would|'?d) like to know|wondering|explain|give|gimme|show)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Clause:
    """A part of a message, and whether its form is that of a question."""

    text: str
    asks: bool
    is_listed: bool = False
    """Whether it is one word of a bare list."""


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
        found.setdefault(whole, Clause(whole, asked))
        for piece in _JOINT.split(sentence):
            clause = piece.strip(" .!?;:\n")
            if _WORD.search(clause):
                found.setdefault(clause, Clause(clause, asked or bool(_ASKS.match(clause))))
            for word in _listed(clause):
                found.setdefault(word, Clause(word, asked, True))
    return [clause for clause in found.values() if clause.text != text.strip(" .!?;:\n")][-MAX_CLAUSES:]


def _listed(clause: str) -> list[str]:
    """The words of a clause that is nothing but a list of catchwords, else nothing."""
    words = clause.split()
    return words if len(words) in _LIST_OF_WORDS and all(word.isalpha() and word.lower() not in _FUNCTION_WORDS for word in words) else []


def is_question(clause: str) -> bool:
    """Whether a clause begins as questions and requests do."""
    return bool(_ASKS.match(clause))
