"""Compares treatments, or tells what else there is."""

from __future__ import annotations

import re

from rasa_sdk.events import EventType

from actions.answer import ActionAnswer
from actions.skill import Turn, remember
from bot.facts import MESOTHERAPY
from bot.reply import Reply

_PRICE = re.compile(r"pric[ey]|cheap|\bcost|expensive|afford|how much", re.IGNORECASE)
"""What gives away, in a facet or in a visitor's words, that two treatments are to be compared by price."""


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
        topic = "cost" if _PRICE.search(f"{questions[0].facet} {questions[0].text or turn.text}") else questions[0].topic
        reply = self.composer.compare(treatments, turn.region, topic)
        return reply, remember(questions, reply.facts, region=turn.region)
