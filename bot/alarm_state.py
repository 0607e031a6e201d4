"""How long an alarm stands in a conversation: until the visitor starts over, says that it is over, or has gone on to other things for three turns."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

TURNS = 3
"""Turns of the visitor after an alarm in which it still stands."""

_START_OVER = re.compile(r"^\W*(start over|start again|restart|new chat|reset)\W*$", re.IGNORECASE)
_RELIEVED = re.compile(
    r"\b(fine|ok|okay|better|good|normal) (now|again)\b|\bfalse alarm\b|\b(it|that) was (just|only)\b|\bgone (away|down)\b|\bwent (away|down)\b"
    r"|\b(doctor|dr|gp|hospital|clinic|nurse|they|paramedics?) (has |have )?(saw|seen|checked|looked at|treated|cleared)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Alarm:
    """An alarm that still stands."""

    level: str
    turns: int
    """Messages of the visitor since."""


def starts_over(text: str) -> bool:
    """Whether a message asks for a new beginning."""
    return bool(_START_OVER.match(text))


def is_relieved(text: str) -> bool:
    """Whether a message says that what was alarming is over or was looked at."""
    return bool(_RELIEVED.search(text))


def standing(history: Iterable[tuple[str, Any]]) -> Alarm | None:
    """The alarm that stands in a conversation.

    Args:
        history: What was said, the newest first: ("user", text) or ("bot", the reply's metadata).
    """
    turns, alarm = 0, None
    for speaker, said in history:
        if speaker == "bot" and alarm is None and isinstance(said, Mapping) and said.get("kind") == "urgent":
            alarm = Alarm(str(said.get("level") or "today"), turns)
        elif speaker == "user":
            if starts_over(said) or is_relieved(said):
                return None
            if alarm is not None:  # this is the message that raised it
                return alarm if alarm.turns <= TURNS else None
            turns += 1
    return alarm if alarm and alarm.turns <= TURNS else None
