"""Tells the next facts on what was answered last."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.clarify import asked_back
from actions.skill import Skill, Turn, remember
from bot.composer import DETAIL
from bot.reply import Reply


class ActionTellMore(Skill):
    """'Go on': more of the same topic and treatment, never the same fact twice."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_tell_more"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Tell more, or ask on what."""
        if not turn.last_questions:
            return self.composer.what_about(asked_back(turn)), []
        reply = self.composer.tell_more(turn.last_questions[0], turn.last_facts, turn.region)
        details = [f"{fact}{DETAIL}" for fact in reply.facts if fact in turn.last_facts]
        return reply, remember(turn.last_questions, reply.facts, told=[*turn.last_facts, *details], region=turn.region)
