"""Gives no verdict on a visitor's own case: what the sources say in general, and the way to a clinician."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.skill import Skill, Turn, remember
from bot.reading import Question
from bot.reply import Reply


class ActionHandlePersonalCase(Skill):
    """No yes, no 'no', no diagnosis, no dose."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_handle_personal_case"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Say what the sources say of such cases in general."""
        questions = turn.reading.questions or (Question("candidates"),)
        reply = self.composer.personal(turn.reading.facet, questions, turn.region)
        return reply, remember(questions, reply.facts, region=turn.region)
