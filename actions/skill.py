"""What all skills share: the composer, the reading of the message, and how a reply is sent and remembered."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Optional

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot import composer
from bot.alarm_state import Alarm, standing
from bot.composer import Composer
from bot.facts import MESOTHERAPY
from bot.heard import ASK
from bot.reading import Question, Reading
from bot.red_flags import LIKELIHOOD
from bot.reply import Reply


class Skill(Action, ABC):
    """An action that composes one reply."""

    def __init__(self, composer_: Optional[Composer] = None) -> None:
        """Take a composer; the installation's own is loaded at the first turn where none is given."""
        self._composer = composer_

    @property
    def composer(self) -> Composer:
        """The composer of this installation."""
        return self._composer or composer.load()

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        """Compose, send and remember one reply."""
        turn = Turn(tracker, domain)
        reply, events = self.reply(turn)
        alarm = turn.standing_alarm
        if alarm and reply.kind != "urgent":
            reply = self.composer.with_reminder(reply, alarm.level)
        if turn.reading.region:
            events = [*events, SlotSet("last_region", turn.reading.region)]
        if turn.is_first:
            reply = replace(reply, disclosure=self.composer.store.wording.disclosure)
        dispatcher.utter_message(text=reply.text, buttons=[{"title": b["title"], "payload": b["choice"]} for b in reply.buttons], metadata=reply.metadata())
        return [*events, FollowupAction("action_listen")]  # one reply a turn: the policies need not be asked what comes next

    @abstractmethod
    def reply(self, turn: Turn) -> tuple[Reply, list[EventType]]:
        """Compose the reply to a turn, and say what to remember."""


class Turn:
    """One message in its conversation, as a skill sees it."""

    def __init__(self, tracker: Tracker, domain: dict[str, Any]) -> None:
        """Read the turn off Rasa's tracker."""
        self._tracker = tracker
        self.domain = domain
        self.text: str = tracker.latest_message.get("text") or ""
        self.intent: str = (tracker.latest_message.get("intent") or {}).get("name") or ""
        self.reading = self._read()
        named = (self.reading.region, *(question.region for question in self.reading.questions), tracker.get_slot("last_region"))
        self.region: str | None = next((region for region in named if region), None)
        self.last_questions = Reading.from_dict({"questions": tracker.get_slot("last_questions") or ()}).questions
        self.last_facts: list[str] = tracker.get_slot("last_facts") or []

    def _read(self) -> Reading:
        """The reading of our pipeline; of the bare intent where a message did not pass it, as in `rasa test` and typed payloads."""
        reading = self._tracker.latest_message.get("reading")
        if reading is not None:
            return Reading.from_dict(reading)
        topic = self.intent.removeprefix(ASK)
        entities = self._tracker.latest_message.get("entities") or []
        treatments = tuple(entity["value"] for entity in entities if entity.get("entity") == "treatment")
        region = next((entity["value"] for entity in entities if entity.get("entity") == "region"), None)
        questions = (Question(topic, None, treatments or (MESOTHERAPY,), region),) if self.intent.startswith(ASK) else ()
        return Reading(questions=questions, region=region)

    @property
    def replies(self) -> list[dict[str, Any]]:
        """The metadata of the replies so far, oldest first."""
        said = [event for event in self._tracker.events if event.get("event") == "bot"]
        return [(event.get("metadata") or {}).get("metadata") or {} for event in said]

    @property
    def is_first(self) -> bool:
        """Whether this is the first reply of the conversation."""
        return not self.replies

    @property
    def standing_alarm(self) -> Alarm | None:
        """The alarm that stands in this conversation, if there is one."""
        history: list[tuple[str, Any]] = []
        for event in reversed(self._tracker.events):
            if event.get("event") == "bot":
                history.append(("bot", (event.get("metadata") or {}).get("metadata") or {}))
            elif event.get("event") == "user":
                history.append(("user", (event.get("text") or "", float((event.get("parse_data") or {}).get(LIKELIHOOD, 1.0)))))
        return standing(history)

    @property
    def seed(self) -> str:
        """What makes the tokens of this turn's buttons differ from those of other turns."""
        asked = [event.get("message_id") for event in self._tracker.events if event.get("event") == "user"]
        return f"{self._tracker.sender_id} {asked[-1:]}"


def remember(questions: Sequence[Question], facts: Sequence[str], told: Sequence[str] = (), region: str | None = None) -> list[EventType]:
    """The slots after an answer: topic and treatment for follow-ups, facts for 'tell me more', the region for good."""
    kept = Reading(questions=tuple(questions)).to_dict()["questions"]
    events: list[EventType] = [
        SlotSet("last_questions", list(kept)),
        SlotSet("last_facts", list(dict.fromkeys([*told, *facts]))),
        SlotSet("last_choices", None),
    ]
    return [*events, SlotSet("last_region", region)] if region else events
