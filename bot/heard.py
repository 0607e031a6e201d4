"""A message, or a clause of it, as the components before the reader heard it. Imports no Rasa."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ASK = "ask_"
"""How the names of the intents begin that ask about a topic."""


@dataclass(frozen=True)
class Heard:
    """A message, or one clause of it, as the components before heard it."""

    text: str
    """The words as read, misspelt ones mended."""
    intents: Mapping[str, float]
    facets: Mapping[str, float] = field(default_factory=dict)
    """Probability of each facet, by `topic.facet`."""
    alarms: Mapping[str, float] = field(default_factory=dict)
    """Of a whole message: margin of each level of alarm, and of `none`."""
    mentions: tuple[tuple[str, str, str], ...] = ()
    """What is named, as (entity, id, wording)."""
    typed: str = ""
    """The words as typed."""
    asks: bool = False
    """Of a clause: whether its form is that of a question."""
    is_listed: bool = False
    """Of a clause: whether it is one word of a bare list."""

    @property
    def intent(self) -> str:
        """The likeliest intent."""
        return max(self.intents, key=self.intents.__getitem__)

    @property
    def share(self) -> float:
        """The probability of the likeliest intent."""
        return self.intents[self.intent]

    def named(self, entity: str) -> tuple[str, ...]:
        """The ids of one kind of mention, each once."""
        return tuple(dict.fromkeys(key for kind, key, _ in self.mentions if kind == entity))
