"""Asks back when it is not clear what is meant, and takes 'something else' for an answer."""

from __future__ import annotations

from typing import Any

from rasa_sdk.events import EventType, SlotSet

from actions.skill import Skill, Turn
from bot.reading import Reading
from bot.reply import Reply


class ActionClarify(Skill):
    """Up to three readings as buttons; the second time in a row with a way to a person."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_clarify"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Ask back."""
        repeated = asked_back(turn)
        if turn.intent in ("something_else", "deny"):
            return self.composer.something_else(repeated), [SlotSet("last_choices", None)]
        if turn.reading.facet == "choice_gone":
            return self.composer.choice_gone(repeated), []
        if turn.reading.facet == "empty":
            return self.composer.empty(repeated), []
        options = turn.reading.options
        reply = self.composer.clarify(options, turn.seed, repeated)
        by_topic = {option.topic: option for option in reversed(options)}
        choices: dict[str, Any] = {}
        for number, button in enumerate(reply.buttons):
            if number < len(reply.options):
                question = by_topic[reply.options[number]]
                choices[button["choice"]] = Reading(questions=(question,)).to_dict()["questions"][0]
            else:
                is_contact = button["title"] == self.composer.store.wording.contact_title
                choices[button["choice"]] = "contact_clinic" if is_contact else "something_else"
        return reply, [SlotSet("last_choices", choices or None)]


def asked_back(turn: Turn) -> bool:
    """Whether the last reply asked back already, so that this one offers a way to a person."""
    return bool(turn.replies) and turn.replies[-1].get("kind") == "clarify"
