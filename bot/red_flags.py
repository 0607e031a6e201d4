"""Decides whether a message is an alarm, and how grave: from what two classifiers heard in it, and from a few phrases of other languages.

Imports no Rasa. It says what it heard, never what a visitor has. What it recognises, what it cannot, and how that was measured: docs/alarms.md.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

CRISIS = "crisis"
GRAVITY = (CRISIS, "ambulance", "today", "clinic")
"""The levels, gravest first."""
NO_ALARM = "none"
LIKELIHOOD = "alarm_likelihood"
"""Under which name the likelihood of an alarm stands in what is stored of a message."""

CONSTANT, MARGIN, SHARE = -0.01, 1.55, 1.08
"""Weights of the alarm detector's margin and of the log odds of the intent classifier's share; fitted by benchmarks/alarms.py with whole writers left out."""
GRAVER = 0.25
"""Share among the signs of the body from which the gravest is taken: rather an ambulance too many."""
EXPLICIT = 0.2
"""Likelihood from which a message that names taking one's life is an alarm, whatever the threshold of the others."""
_SHARPNESS = 4.0
_LEAST = 0.01


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


_EXPLICIT = _any(
    r"\bkill(ing)? (my|her|him|them) ?sel(f|ves)\b", r"\bsuicid\w*", r"\bend(ing)? (my|her|his|their|it) (own )?li(fe|ves)\b", r"\bwants? to die\b"
)
_CRISIS_ELSEWHERE = _any(
    r"\b(quiero morir|quiero matarme|envie de mourir|me suicider|will sterben|umbringen|chcę umrzeć|zabić się|quero morrer|voglio morire)\b"
)
_ELSEWHERE = _any(
    r"no puedo (respirar|tragar)|falta el aire|(cara|lengua|labios?|garganta)\b.{0,15}hinch\w*|visión (borrosa|doble)|no veo (bien|nada)",
    r"(pas|plus|mal à|peine à) (respirer|avaler)|(visage|langue|lèvres?|gorge|yeux)\b.{0,15}(gonfl|enfl)\w*|vois (flou|double|plus)",
    r"keine luft|atemnot|(nicht|kaum|schwer) (mehr )?(atmen|schlucken)|sehe (verschwommen|doppelt|nichts)",
    r"(gesicht|zunge|lippen?|hals)\b.{0,20}(geschwollen|schwillt)",
    r"nie mogę (oddychać|przełykać|złapać)|(twarz|język|usta|gardło)\b.{0,15}s?puch\w*|widzę (podwójnie|niewyraźnie)",
    r"não (consigo )?(respirar|engolir)|falta de ar|(rosto|língua|lábios?|garganta)\b.{0,15}inchad\w*|visão (turva|dupla)",
    r"non (riesco a )?(respir\w+|deglutire|inghiottire)|(viso|lingua|labbra|gola)\b.{0,15}gonfi\w*|vedo (doppio|sfocato)",
)


def named(text: str, likely: float) -> str | None:
    """The level of an alarm that phrases give away; None if there is none.

    These are signs in Spanish, French, German, Polish, Portuguese and Italian, which the classifiers have not learnt, and suicide by its name, which none of
    them may let pass for want of a hundredth.

    Args:
        text: The message.
        likely: How likely an alarm the classifiers find it.
    """
    if _CRISIS_ELSEWHERE.search(text) or (likely >= EXPLICIT and _EXPLICIT.search(text)):
        return CRISIS
    return "ambulance" if _ELSEWHERE.search(text) else None


def likelihood(margins: Mapping[str, float], share: float) -> float:
    """How likely it is that a message is an alarm.

    Args:
        margins: What bot.nlu.alarm_detector heard: a margin for each level and for `none`.
        share: The intent classifier's probability that the message reports an alarming symptom.

    Units: a probability.
    """
    odds = math.log((share + _LEAST) / (1 - share + _LEAST))
    return 1 / (1 + math.exp(-(CONSTANT - MARGIN * margins[NO_ALARM] + SHARE * odds)))


def level(margins: Mapping[str, float]) -> str:
    """How grave an alarm is: thoughts of self-harm if they are the likeliest, else the gravest sign of the body that is not much less likely."""
    learnt = [name for name in GRAVITY if name in margins]
    if max(learnt, key=margins.__getitem__) == CRISIS:
        return CRISIS
    weights = {name: math.exp(_SHARPNESS * margins[name]) for name in learnt if name != CRISIS}
    return next(name for name, weight in weights.items() if weight >= GRAVER * sum(weights.values()))


def graver(first: str, second: str | None) -> str:
    """The graver of two levels."""
    return first if second is None or GRAVITY.index(first) <= GRAVITY.index(second) else second
