"""Last in the pipeline: decides what the message means in its conversation, and hands that to the actions."""

from __future__ import annotations

from typing import Any, Optional

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.core.events import BotUttered, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, INTENT_RANKING_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.alarm_state import standing
from bot.heard import Heard
from bot.nlu.alarm_detector import ALARMS
from bot.nlu.facet_selector import FACETS
from bot.nlu.intent_classifier import LinearIntentClassifier
from bot.nlu.question_splitter import ASKS, IS_LISTED, JOINED, PARTS
from bot.nlu.spelling_corrector import as_read
from bot.reader import ALARM, Context, Reader, Thresholds
from bot.reading import Question, Reading
from bot.red_flags import LIKELIHOOD, likelihood

READING = "reading"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class MessageReader(GraphComponent, IntentClassifier):
    """Puts the decision of `bot.reader` at the head of the ranking and the reading beside it."""

    @classmethod
    def required_components(cls) -> list[type]:
        """Components that must come before."""
        return [LinearIntentClassifier]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """The thresholds; see bot.reader.Thresholds."""
        return {name: field.default for name, field in Thresholds.__dataclass_fields__.items()}

    def __init__(self, reader: Reader) -> None:
        """Take the reader."""
        self._reader = reader

    @classmethod
    def create(cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext) -> MessageReader:
        """Create the component with the thresholds of config.yml."""
        return cls(Reader(Thresholds(**{name: config[name] for name in Thresholds.__dataclass_fields__})))

    def process(self, messages: list[Message], tracker: Optional[DialogueStateTracker] = None) -> list[Message]:
        """Decide each message."""
        context = conversation_context(tracker) if tracker is not None else Context()
        for message in messages:
            together = message.get(JOINED)
            parts = [_heard(part) for part in message.get(PARTS) or ()]
            heard = _heard(message)
            decision = self._reader.read(heard, parts, context, _heard(together) if together else None)
            head = {INTENT_NAME_KEY: decision.intent, PREDICTED_CONFIDENCE_KEY: float(decision.share)}
            others = [entry for entry in message.get(INTENT_RANKING_KEY, []) if entry[INTENT_NAME_KEY] != decision.intent]
            message.set(INTENT, head, add_to_output=True)
            message.set(INTENT_RANKING_KEY, [head, *others][:10], add_to_output=True)
            message.set(LIKELIHOOD, likelihood(heard.alarms, heard.intents.get(ALARM, 0.0)), add_to_output=True)
            message.set(READING, decision.reading.to_dict(), add_to_output=True)
        return messages

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Leave training data as it is."""
        return training_data


def conversation_context(tracker: DialogueStateTracker) -> Context:
    """What the reader needs of a conversation: slots for what was said, events for a standing alarm."""
    questions = Reading.from_dict({"questions": tracker.get_slot("last_questions") or ()}).questions
    choices: dict[str, Question | str] = {}
    for token, choice in (tracker.get_slot("last_choices") or {}).items():
        choices[token] = Reading.from_dict({"questions": [choice]}).questions[0] if isinstance(choice, dict) else choice
    history: list[tuple[str, Any]] = []
    for event in reversed(tracker.applied_events()):
        if isinstance(event, BotUttered):
            history.append(("bot", event.metadata.get("metadata") or {}))
        elif isinstance(event, UserUttered):
            history.append(("user", (event.text or "", float(event.parse_data.get(LIKELIHOOD, 1.0)))))
    return Context(questions, choices, standing(history))


def _heard(message: Message) -> Heard:
    return Heard(
        text=as_read(message),
        typed=message.get(TEXT) or "",
        asks=bool(message.get(ASKS)),
        is_listed=bool(message.get(IS_LISTED)),
        intents={entry[INTENT_NAME_KEY]: entry[PREDICTED_CONFIDENCE_KEY] for entry in message.get(INTENT_RANKING_KEY)},
        facets=message.get(FACETS) or {},
        alarms=message.get(ALARMS) or {},
        mentions=tuple((entity["entity"], entity["value"], (message.get(TEXT) or "")[entity["start"] : entity["end"]]) for entity in message.get(ENTITIES, [])),
    )
