"""Compares treatments, or tells what else there is."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.answer import ActionAnswer
from actions.skill import Turn, remember
from bot.facts import MESOTHERAPY
from bot.reply import Reply


class ActionCompare(ActionAnswer):
    """Two treatments side by side where another one is named; otherwise an ordinary answer about alternatives."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_compare"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Compare, where there is something to compare."""
        questions = turn.reading.questions
        if len(questions) != 1:
            return super().reply(turn)
        subjects = {self.composer.store.subject(treatment): treatment for treatment in questions[0].treatments}
        if not any(subjects):
            return super().reply(turn)
        treatments = [*subjects.values()] if len(subjects) > 1 else [MESOTHERAPY, *subjects.values()]
        reply = self.composer.compare(treatments, turn.region)
        return reply, remember(questions, reply.facts, region=turn.region)
