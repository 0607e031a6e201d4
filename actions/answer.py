"""Answers one or several questions from the fact store."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.skill import Skill, Turn, remember
from bot.reply import Reply


class ActionAnswer(Skill):
    """The main skill: a short, sourced, dated answer."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_answer"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Answer the questions of the turn; the region named stays for the conversation."""
        questions = turn.reading.questions
        if not questions:
            return self.composer.clarify((), turn.seed), []
        reply = self.composer.answer(questions, turn.region)
        return reply, remember(questions, reply.facts, region=turn.region)
