"""What happens when no rule and no story fits: the visitor still gets a helpful reply."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.chat import ActionChat
from actions.clarify import ActionClarify
from actions.skill import Skill, Turn
from actions.tell_more import ActionTellMore
from bot.reply import Reply


class ActionRecover(Skill):
    """Stands in for the story that is missing: by the intent where it says enough, else by asking back."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_recover"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Recover."""
        skill = {"tell_more": ActionTellMore, "affirm": ActionChat, "deny": ActionChat}.get(turn.intent, ActionClarify)
        return skill(self.composer).reply(turn)
