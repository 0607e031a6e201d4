"""Takes praise and blame."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.skill import Skill, Turn
from bot.reply import Reply


class ActionTakeFeedback(Skill):
    """Thanks, or an apology and a way to a person."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_take_feedback"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Answer the feedback."""
        return self.composer.feedback(good=turn.intent == "feedback_good"), []
