"""What understanding hands to the actions: the questions found in a message, and what else there is to know of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from bot.facts import MESOTHERAPY


@dataclass(frozen=True)
class Question:
    """One question: its topic, the facet of it, what it is about and where."""

    topic: str
    facet: str | None = None
    treatments: tuple[str, ...] = (MESOTHERAPY,)
    region: str | None = None
    """The region that the message names, if it does; the conversation's own is kept in a slot."""


@dataclass(frozen=True)
class Reading:
    """One message as understood. `facet` is that of a guarded kind, such as `hours` of a wish to get in touch."""

    questions: tuple[Question, ...] = ()
    options: tuple[Question, ...] = ()
    """Readings that were too close to choose between, for a clarify."""
    facet: str | None = None
    level: str | None = None
    language: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The reading as JSON, for Rasa's tracker."""
        return asdict(self)

    @classmethod
    def from_dict(cls, fields: dict[str, Any]) -> Reading:
        """The inverse of `to_dict`."""
        questions, options = (
            tuple(Question(**{**question, "treatments": tuple(question["treatments"])}) for question in fields.get(name) or ()) for name in ("questions", "options")
        )
        return cls(questions, options, fields.get("facet"), fields.get("level"), fields.get("language"))
