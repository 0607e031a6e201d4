"""Gives straight answers about the assistant itself."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.skill import Skill, Turn
from bot.reply import Reply


class ActionIntroduce(Skill):
    """A program, what it can do, what happens with the words typed."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_introduce"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Say what was asked about the assistant."""
        return self.composer.bot(turn.reading.facet), []
