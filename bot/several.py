"""How likely it is that a message asks about a topic, from what was heard in the whole of it and in its clauses.

Imports no Rasa. A logistic regression with few weights, fitted by `benchmarks/several.py` to messages that no other part was trained on
(tests/eval/validation.jsonl and questions.jsonl); see docs/measurements.md.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from bot.heard import ASK, Heard
from bot.splitter import is_question

WEIGHTS: Mapping[str, float] = {
    "constant": 2.75,
    "whole": 0.51,
    "clause": 0.83,
    "asking": 0.12,
    "question": 0.05,
    "leads": 0.46,
    "leads_clause": 0.52,
    "clause_length": 0.07,
    "length": -0.89,
    "part": 1.28,
}
"""What `features` weigh."""

FLOOR = 0.15
"""Share in the whole or in a clause from which a topic is considered at all."""
SUPPORT = 0.1
"""Share in the whole message without which a single word is no question of its own,"""
SURE = 0.9
"""unless the word by itself has this share: 'contents? approved? risky?'."""
LISTED = 0.5
"""Share from which each word of a bare list is a question; else the list is none."""
_LEAST = 0.001


def likelihoods(heard: Heard, parts: Sequence[Heard]) -> dict[str, tuple[float, Heard]]:
    """How likely each topic's intent is asked for, and in which clause it is best heard (or the whole message); the likeliest first.

    Units: probabilities, each for itself: a message may ask several questions.
    """
    found = {
        intent: (1 / (1 + math.exp(-sum(WEIGHTS[name] * value for name, value in values.items()))), clause)
        for intent, (values, clause) in features(heard, parts).items()
    }
    return dict(sorted(found.items(), key=lambda entry: -entry[1][0]))


def features(heard: Heard, parts: Sequence[Heard]) -> dict[str, tuple[dict[str, float], Heard]]:
    """What speaks for each topic's intent, by the names of `WEIGHTS`, and the clause that it is best heard in.

    Units: shares as log odds, lengths as the logarithm of the number of words and one, the clause's part of the message's words as a fraction, yes and no as 1
    and 0.
    """
    if any(part.is_listed and part.share < LISTED for part in parts):
        parts = [part for part in parts if not part.is_listed]
    found = {}
    for intent, share in heard.intents.items():
        heard_in = [part for part in parts if len(part.text.split()) > 1 or share >= SUPPORT or part.intents[intent] >= SURE]
        best = max(heard_in, key=lambda part: part.intents[intent], default=None)
        if not intent.startswith(ASK) or max(share, best.intents[intent] if best else 0.0) < FLOOR or (best is None and intent != heard.intent):
            continue
        values = {
            "constant": 1.0,
            "whole": _odds(share),
            "clause": _odds(best.intents[intent] if best else share),
            "asking": _odds(max((part.intents[intent] for part in heard_in if part.asks), default=0.0)),
            "question": _odds(max((part.intents[intent] for part in heard_in if is_question(part.text)), default=0.0)),
            "leads": float(intent == heard.intent),
            "leads_clause": float(best is not None and intent == best.intent),
            "clause_length": math.log(1 + (len(best.text.split()) if best else 0)),
            "length": math.log(1 + len(heard.text.split())),
            "part": len((best or heard).text.split()) / len(heard.text.split()),
        }
        found[intent] = (values, best or heard)
    return found


def _odds(share: float) -> float:
    share = min(max(share, _LEAST), 1 - _LEAST)
    return math.log(share / (1 - share))
