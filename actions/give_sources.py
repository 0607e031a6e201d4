"""Gives the sources: of the last answer, or where the information comes from in general."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.skill import Skill, Turn, remember
from bot.cues import asks_where_from, refers_back
from bot.reply import Reply


class ActionGiveSources(Skill):
    """Where it comes from, who says so, how current it is."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_give_sources"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Answer as asked; what points back to an answer gets the sources of all its facts, and the conversation stays with its topic."""
        questions = turn.reading.questions
        points_back = asks_where_from(turn.text) or (len(questions) == 1 and questions[0].facet == "links" and refers_back(turn.text))
        if points_back and turn.last_facts:
            answers = [reply["facts"] for reply in turn.replies if reply.get("kind") == "answer" and reply.get("facts")]
            return self.composer.give_sources(answers[-1] if answers else turn.last_facts), []
        reply = self.composer.answer(questions, turn.region)
        return reply, remember(questions, reply.facts, region=turn.region)
