"""Small talk, with the responses of domain.yml."""

from __future__ import annotations

from rasa_sdk.events import EventType, SlotSet

from actions.skill import Skill, Turn
from bot.reader import START_OVER
from bot.reply import Reply


class ActionChat(Skill):
    """A greeting, a goodbye, a thank-you, a yes or no that asks for nothing."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_chat"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Say the response of the same name as the intent."""
        if turn.reading.facet == START_OVER:
            forgotten = [SlotSet(name, None) for name in ("last_questions", "last_facts", "last_choices", "last_region")]
            return Reply(kind="chitchat", body=turn.domain["responses"]["utter_greet"][0]["text"]), forgotten
        responses = turn.domain.get("responses", {}).get(f"utter_{turn.intent}") or turn.domain["responses"]["utter_affirm"]
        return Reply(kind="chitchat", body=responses[0]["text"]), []
