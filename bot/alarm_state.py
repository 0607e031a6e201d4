"""How long an alarm stands in a conversation: until the visitor starts over, says that it is over, or has said nothing alarming for three turns."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from bot import red_flags

TURNS = 3
"""Turns of the visitor after an alarm in which it still stands."""
STRONG = 0.8
"""Likelihood from which an alarm is held against whatever is unclear, and words of relief beside it do not end it."""
RENEWED = 0.3
"""Likelihood from which a message that gets an urgent reply raises or renews the alarm; below it the reply only keeps to the alarm that stands."""

_START_OVER = re.compile(r"^\W*(start over|start again|restart|new chat|reset)\W*$", re.IGNORECASE)
_RELIEVED = re.compile(
    r"\b(fine|ok|okay|better|good|normal) (now|again)\b|\bfalse alarm\b|\b(it|that) was (just|only)\b|\bgone (away|down)\b|\bwent (away|down)\b"
    r"|\b(doctor|dr|gp|hospital|clinic|nurse|they|paramedics?) (has |have )?(saw|seen|checked|looked at|treated|cleared)\b"
    r"|(^|[.!,]\s+)discharged\b|\b((i|s?he|we|they) (was|were)|i'?m|s?he'?s|been|got) discharged\b"
    r"|\b(out of|back from|home from) (the )?hospital\b|\bcaught it in time\b"
    r"|\ball (clear|well|fine|good|sorted) (now|again|in the end)\b|\bback home now\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Alarm:
    """An alarm that still stands."""

    level: str
    turns: int = 0
    """Messages of the visitor since it was raised or renewed."""
    likelihood: float = 1.0
    """That the message that raised or renewed it was an alarm; 1 where a phrase gave it away."""

    @property
    def is_strong(self) -> bool:
        """Whether it was heard clearly."""
        return self.likelihood >= STRONG


def starts_over(text: str) -> bool:
    """Whether a message asks for a new beginning."""
    return bool(_START_OVER.match(text))


def is_relieved(text: str, likelihood: float) -> bool:
    """Whether a message says that what was alarming is over or was looked at, and is not itself a clear alarm."""
    return likelihood < STRONG and bool(_RELIEVED.search(text))


def standing(history: Iterable[tuple[str, Any]]) -> Alarm | None:
    """The alarm that stands in a conversation, of which only the end need be known.

    Args:
        history: What was said, the newest first: ("user", (text, likelihood of an alarm, 1 where nobody measured it)) or ("bot", the reply's metadata).
    """
    turns, level = 0, ""
    for speaker, said in history:
        if speaker == "bot":
            if said.get("kind") == "urgent":
                level = str(said.get("level") or "today")
            continue
        text, likelihood = said
        if red_flags.named(text, likelihood):
            likelihood = 1.0
        if turns > TURNS or starts_over(text) or is_relieved(text, likelihood):
            return None
        if level and likelihood >= RENEWED:
            return Alarm(level, turns, likelihood)
        turns, level = turns + 1, ""
    return None
