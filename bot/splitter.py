"""Splits a message into the clauses that may each hold a question of their own.

Imports no Rasa. It only proposes: a clause counts as a question when the classifier says so (see `bot.nlu.message_reader`).
"""

from __future__ import annotations

import re

MAX_CLAUSES = 12

_SENTENCE_END = re.compile(r"[.!?;:\n]+(?=\s|$)|\?+|\n+")
_JOINT = re.compile(
    r"\s*(?:,|\+|&|/(?!\d)|\s-\s|\s(?:and(?: also)?|n|also|plus|but|then|or|as well as|aswell as|along with|another thing|number \d|\d[.)])(?=\s))\s*",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w")


def split(text: str) -> list[str]:
    """The clauses of a text in order, without the text itself; empty where it is one clause.

    Sentences come first; each is then split further at commas, 'and', '+' and the like. Long texts keep their last clauses, where the
    question of a story usually stands.
    """
    sentences = _pieces(_SENTENCE_END, text)
    clauses = [clause for sentence in sentences for clause in _pieces(_JOINT, sentence)]
    found = list(dict.fromkeys([*sentences, *clauses]))
    return [clause for clause in found if clause != text.strip(" .!?")][-MAX_CLAUSES:]


def _pieces(border: re.Pattern[str], text: str) -> list[str]:
    return [piece.strip() for piece in border.split(text) if _WORD.search(piece)]
