"""Tells how to reach the clinic, when it is open, and what it offers."""

from __future__ import annotations

import datetime

from rasa_sdk.events import EventType

from actions.skill import Skill, Turn
from bot.reply import Reply


class ActionContactClinic(Skill):
    """Phone, booking link, hours and address from clinic.yml."""

    def name(self) -> str:
        """As in domain.yml."""
        return "action_contact_clinic"

    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Give the details asked for first."""
        named = turn.reading.questions[0].treatments[0] if turn.reading.questions else None
        return self.composer.contact(turn.reading.facet, datetime.datetime.now(datetime.timezone.utc), named), []
