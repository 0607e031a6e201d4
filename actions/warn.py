"""Says at once what to do when a message sounds like an emergency."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.skill import Skill, Turn
from bot.reply import Reply


class ActionWarn(Skill):
    """Whom to call first, then whom to tell; nothing else."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_warn"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Warn, answer a doubt, or steady someone who is getting help."""
        return self.composer.urgent(turn.reading.level or "ambulance", turn.reading.facet or "first"), []
