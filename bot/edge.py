"""The edge between visitors and Rasa: what comes in is admitted, one turn gives exactly one reply, and there is never silence.

The web channel, the shell and evaluation all talk through it, so that they cannot differ.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage

from bot import metrics
from bot.admission import admit, admit_choice, is_cut
from bot.clinic import Clinic
from bot.composer import Composer, turn_of
from bot.outage import OUTAGES
from bot.quiet import places
from bot.reply import Reply, ReplyError
from bot.stored import RECEIVED

Message = dict[str, Any]
"""A reply as it leaves: `text` and every part of the contract, the empty ones too."""

Handler = Callable[[UserMessage], Awaitable[Any]]

CHANNEL = "chat"

_TROUBLE = "Sorry, something went wrong on my side. Please try again in a moment, or ask a qualified dermatologist."
_EMPTY = "Your message came through empty. Please type your question in a few words."
_DISCLOSURE = "I am an automated assistant, not a doctor."

_log = logging.getLogger(__name__)


class TurnOutput(OutputChannel):
    """Collects what is said in one turn, with the metadata that Rasa's own collector drops (rasa/core/channels/channel.py:341)."""

    def __init__(self) -> None:
        self.messages: list[Message] = []

    @classmethod
    def name(cls) -> str:
        """The channel's name."""
        return CHANNEL

    async def send_response(self, recipient_id: str, message: Message) -> None:
        """Keep one message whole."""
        if message.get("text"):
            self.messages.append({**(message.get("metadata") or {}), "text": message["text"]})


class Edge:
    """Lets messages in and replies out, as the facts and settings of one composer have it."""

    def __init__(self, handle: Handler, composer: Composer | None) -> None:
        """Stand before a handler of messages; without a composer (the facts do not fit) three built-in sentences serve."""
        self._handle = handle
        self._composer = composer

    @property
    def asks_consent(self) -> bool:
        """Whether a visitor has to agree to what is kept before the first message."""
        return bool(self._composer and self._composer.clinic.asks_consent)

    def welcome(self) -> Message:
        """How a conversation begins: the clinic's opening message, and that no doctor is speaking."""
        clinic = self._composer.clinic if self._composer else Clinic()
        disclosure = self._composer.store.wording.disclosure if self._composer else _DISCLOSURE
        return _message(Reply("chitchat", clinic.opening_message, disclosure=f"{disclosure} {clinic.disclaimer}".strip()))

    async def reply(self, session: str, raw: object, message_id: str | None = None) -> Message:
        """Answer what a visitor typed, whatever it is; the conversation keeps the message's id, by default one of its own."""
        text = admit(raw)
        if not text:
            return _message(self._composer.empty() if self._composer else Reply("clarify", _EMPTY))
        message = await self._turn(session, text, message_id)
        return self._with_note(message) if is_cut(raw) else message

    async def choose(self, session: str, choice: object, message_id: str | None = None) -> Message:
        """Answer the press of a button."""
        return await self._turn(session, admit_choice(choice), message_id)

    async def _turn(self, session: str, text: str, message_id: str | None) -> Message:
        turn, output, began = uuid.uuid4().hex, TurnOutput(), time.perf_counter()
        try:
            received = {RECEIVED: time.time()}
            with turn_of(self._composer):
                await self._handle(UserMessage(text, output, session, input_channel=CHANNEL, message_id=message_id or turn, metadata=received))
            message = self._checked(turn, output.messages)
            metrics.count_reply(message)
            told = {name: message[name] for name in ("kind", "topics", "level", "facts") if message[name]}
            _log.debug("turn", extra={"fields": {"turn": turn, **told, "ms": round(1000 * (time.perf_counter() - began))}})
            return message
        except OUTAGES:  # the turn is not kept, so that its reply must not be told either (bot/outage.py)
            raise
        except ReplyError as error:  # names facts and sentences of ours, not the visitor's
            _log.error("turn %s: the reply was held back: %s", turn, error)
        except Exception as error:  # a visitor is never met with silence
            _log.error("turn %s failed: %s", turn, places(error))
        metrics.ERRORS.labels("turn").inc()
        return _message(self._composer.trouble() if self._composer else Reply("out_of_scope", _TROUBLE))

    def _checked(self, turn: str, messages: list[Message]) -> Message:
        """The one reply of a turn, once it is sure that the store holds all that it says.

        Raises: ReplyError.
        """
        if not messages:
            raise ReplyError("there was none")
        if len(messages) > 1:
            _log.warning("turn %s gave %d messages; the first is sent", turn, len(messages))
        said = _reply(messages[0]["text"], messages[0])
        if self._composer:
            self._composer.check(said.metadata())
        if said.text != messages[0]["text"]:
            raise ReplyError("its text is not the text of its parts")
        return _message(said)

    def _with_note(self, message: Message) -> Message:
        """Say that the message was too long to be read whole, unless what is said is urgent."""
        if not self._composer or message["kind"] == "urgent":
            return message
        note = self._composer.store.wording.too_long
        return {**message, "body": f"{note}\n{message['body']}", "text": f"{note}\n{message['text']}"}


def as_message(text: str, metadata: Message) -> Message:
    """A reply as it left, from the text and the metadata that a conversation keeps of it."""
    return {**_message(_reply(text, metadata)), "text": text}


def _reply(text: str, metadata: Message) -> Reply:
    parts = {name: value for name, value in metadata.items() if name in Reply.__dataclass_fields__}
    return Reply(**{"kind": "", "body": text, **parts})


def _message(reply: Reply) -> Message:
    return {"text": reply.text, **{field: _as_json(getattr(reply, field)) for field in Reply.__dataclass_fields__}}


def _as_json(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
