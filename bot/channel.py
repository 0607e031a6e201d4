"""The web channel: JSON over HTTP under /chat/, and a plain page to try it."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

from rasa.core.channels.channel import InputChannel
from sanic import Blueprint
from sanic import response as http
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import composer
from bot.clinic import ClinicError
from bot.edge import CHANNEL, Edge, Handler, Message
from bot.facts import FactError

PAGE = Path(__file__).resolve().parent / "web"
MAX_BODY = 256 * 1024
REMEMBERED = 1000

_SESSION = re.compile(r"[A-Za-z0-9_-]{1,64}")
_MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,64}")
_FILES = {
    "": ("index.html", "text/html; charset=utf-8"),
    "chat.css": ("chat.css", "text/css; charset=utf-8"),
    "chat.js": ("chat.js", "text/javascript; charset=utf-8"),
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}


_log = logging.getLogger(__name__)


class RequestError(ValueError):
    """A request that does not fit; the text tells a person what to send instead."""


class WebChannel(InputChannel):
    """Answers the chat page, and anybody who sends JSON as it does."""

    def __init__(self, composing: composer.Composer | None) -> None:
        self._composer = composing

    @classmethod
    def name(cls) -> str:
        """The channel's name in the conversations."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebChannel:
        """Rasa's way to make the channel; under plain `rasa run`, facts that do not fit leave it a few built-in sentences."""
        try:
            return cls(composer.load())
        except (FactError, ClinicError) as error:
            _log.error("%s", error)
            return cls(None)

    def url_prefix(self) -> str:
        """The address: a leading slash takes it out of Rasa's /webhooks/ (rasa/core/channels/channel.py:92)."""
        return "/chat"

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The routes of the channel."""
        edge = Edge(on_new_message, self._composer)
        answered = Answered()
        routes = Blueprint("chat")

        @routes.post("/sessions")
        async def sessions(request: Request) -> HTTPResponse:
            return http.json({"session": secrets.token_urlsafe(16), **edge.welcome()}, headers={"Cache-Control": "no-store"})

        @routes.post("/messages")
        async def messages(request: Request) -> HTTPResponse:
            try:
                message = _message(request.body)
            except RequestError as error:
                return http.json({"error": str(error)}, status=400)
            session, message_id = message["session"], message.get("message_id") or secrets.token_urlsafe(12)
            answer = edge.choose(session, message["choice"]) if message.get("choice") is not None else edge.reply(session, message["text"])
            reply = await answered.once((session, message_id), answer)
            return http.json({"message_id": message_id, **reply}, headers={"Cache-Control": "no-store"})

        for route, (name, kind) in _FILES.items():
            routes.add_route(_file(PAGE / name, kind), f"/{route}", methods=["GET"], name=name.replace(".", "_"))
        return routes


class Answered:
    """The replies of the last messages, so that one that is sent twice is answered once."""

    def __init__(self, size: int = REMEMBERED) -> None:
        self._size = size
        self._replies: OrderedDict[tuple[str, str], asyncio.Future[Message]] = OrderedDict()

    async def once(self, key: tuple[str, str], answer: Coroutine[Any, Any, Message]) -> Message:
        """The first reply to a message; `answer` runs only if there is none yet, and to its end even if the visitor leaves."""
        if key in self._replies:
            answer.close()
        else:
            self._replies[key] = asyncio.ensure_future(answer)
            while len(self._replies) > self._size:
                self._replies.popitem(last=False)
        return await asyncio.shield(self._replies[key])


def _message(body: bytes) -> dict[str, Any]:
    """Read a message {session, text | choice, message_id}.

    Raises: RequestError.
    """
    if len(body) > MAX_BODY:
        raise RequestError("The message is too long: please send at most a few pages of text.")
    try:
        message = json.loads(body)
    except (ValueError, RecursionError):
        raise RequestError('The request is not JSON: send {"session": "...", "text": "..."}.') from None
    if not isinstance(message, dict):
        raise RequestError('The request must be an object: {"session": "...", "text": "..."}.')
    session, message_id = message.get("session"), message.get("message_id")
    if not isinstance(session, str) or not _SESSION.fullmatch(session):
        raise RequestError("The field session is missing or not an id: POST to /chat/sessions gives one.")
    if message_id is not None and not (isinstance(message_id, str) and _MESSAGE_ID.fullmatch(message_id)):
        raise RequestError("The field message_id must be a text of at most 64 characters without spaces.")
    given = [name for name in ("text", "choice") if message.get(name) is not None]
    if len(given) != 1:
        raise RequestError("Send either the field text, with what was typed, or the field choice, with the pressed button's.")
    if not isinstance(message[given[0]], str):
        raise RequestError(f"The field {given[0]} must be a text.")
    return message


def _file(path: Path, kind: str) -> Any:
    async def send(request: Request) -> HTTPResponse:
        return await http.file(str(path), mime_type=kind, headers=dict(_HEADERS))

    return send
