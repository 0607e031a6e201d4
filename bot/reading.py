"""What understanding hands to the actions: the questions found in a message, and what else there is to know of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from bot.facts import MESOTHERAPY

JOINED_WORDS = 8
"""Words up to which a message is also read together with the question before it."""


@dataclass(frozen=True)
class Question:
    """One question: its topic, the facet of it, what it is about and where."""

    topic: str
    facet: str | None = None
    treatments: tuple[str, ...] = (MESOTHERAPY,)
    region: str | None = None
    """The region that the message names, if it does; the conversation's own is kept in a slot."""
    text: str = ""
    """The words it was asked in, for the next message to be read with."""


@dataclass(frozen=True)
class Reading:
    """One message as understood. `facet` is that of a guarded kind, such as `hours` of a wish to get in touch."""

    questions: tuple[Question, ...] = ()
    options: tuple[Question, ...] = ()
    """Readings that were too close to choose between, for a clarify."""
    facet: str | None = None
    level: str | None = None
    language: str | None = None
    region: str | None = None
    """The region that the message names: where the visitor is from now on."""

    def to_dict(self) -> dict[str, Any]:
        """The reading as JSON, for Rasa's tracker."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Reading:
        """The inverse of `to_dict`."""
        questions, options = (
            tuple(Question(**{**question, "treatments": tuple(question["treatments"])}) for question in fields.get(name) or ())
            for name in ("questions", "options")
        )
        return cls(questions, options, fields.get("facet"), fields.get("level"), fields.get("language"), fields.get("region"))


def joined(before: Sequence[Question], text: str) -> str | None:
    """A short message behind the question before it, so that 'for how many days' after 'will I bruise' means the bruises; None for a longer one.

    Examples in data/nlu.yml that hold » have the same form.
    """
    if not before or not before[0].text or len(text.split()) > JOINED_WORDS:
        return None
    return f"{before[0].text} » {text}"
