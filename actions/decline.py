"""Declines kindly what is out of scope, in the visitor's language where it is known."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.skill import Skill, Turn
from bot.reply import Reply


class ActionDecline(Skill):
    """Says that it cannot help with that, and what it can answer."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_decline"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Decline."""
        return self.composer.decline(turn.reading.facet, turn.reading.language), []
