"""Gives the sources: of the last answer, or where the information comes from in general."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.skill import Skill, Turn, remember
from bot.reply import Reply


class ActionGiveSources(Skill):
    """Where it comes from, who says so, how current it is."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_give_sources"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Answer as asked; a wish for links right after an answer gets that answer's sources."""
        questions = turn.reading.questions
        wants_links = len(questions) == 1 and questions[0].facet in (None, "links")
        if wants_links and turn.last_facts:
            reply = self.composer.give_sources(turn.last_facts[-3:])
            return reply, remember(questions, reply.facts, region=turn.region)
        reply = self.composer.answer(questions, turn.region)
        return reply, remember(questions, reply.facts, region=turn.region)
