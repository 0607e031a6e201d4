"""The web channel: JSON over HTTP under /chat/, as docs/openapi.yml describes it, and the widget and pages beside it."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
from collections import OrderedDict
from collections.abc import Coroutine, Mapping
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic import response as http
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import composer
from bot.clinic import Clinic, ClinicError
from bot.edge import CHANNEL, Edge, Handler, Message
from bot.facts import FactError
from bot.origins import Origins
from bot.outage import OvertakenError
from bot.problem import NO_STORE, Problem, answer, body_of, unavailable
from bot.record import Record
from bot.session import SessionError, Sessions, signing_key
from bot.website import Website

PREFIX = "/chat"
MAX_BODY = 256 * 1024
REMEMBERED = 1000
VERDICTS = ("good", "bad")
WHYS = ("wrong", "outdated", "unclear", "other")

_MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,64}")

_log = logging.getLogger(__name__)


class WebChannel(InputChannel):
    """Answers the widget, and anybody who sends JSON as it does."""

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
        return PREFIX

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The routes of the channel, and what it adds to the application before that starts."""
        clinic = self._composer.clinic if self._composer else Clinic()
        edge = Edge(_turn, self._composer)
        desk = Desk(edge, Sessions(signing_key()))
        website = Website(clinic, edge.welcome()["disclosure"], self._composer)
        origins = Origins((*clinic.websites, clinic.chat.address), f"{PREFIX}/")
        routes = Blueprint("chat")

        @routes.main_process_start
        async def attach(app: Sanic, _: Any) -> None:
            website.attach(app)
            _answer_errors(app, clinic.phone)

        @routes.before_server_start
        async def guard(app: Sanic, _: Any) -> None:
            origins.attach(app)

        @routes.get("/settings")
        async def settings(request: Request) -> HTTPResponse:
            return http.json(website.settings(), headers={"Cache-Control": "public, max-age=60"})

        for address, serve in desk.services.items():
            routes.add_route(_service(serve, origins), address, methods=["POST"], name=serve.__name__)
        return routes


class Desk:
    """What can be asked for with a POST of JSON; each service takes the request's object and returns that of the answer."""

    def __init__(self, edge: Edge, sessions: Sessions) -> None:
        self._edge = edge
        self._sessions = sessions
        self._answered = Answered()
        self.services = {
            "/sessions": self.start,
            "/messages": self.message,
            "/history": self.history,
            "/feedback": self.feedback,
            "/erase": self.erase,
        }

    async def start(self, app: Sanic, body: Mapping[str, Any]) -> Message:
        """Begin a conversation."""
        return {"session": self._sessions.start(), **self._edge.welcome()}

    async def message(self, app: Sanic, body: Mapping[str, Any]) -> Message:
        """Answer what was typed or pressed; a message id that was answered before gets the same answer again."""
        session, given = self._session(app, body), [name for name in ("text", "choice") if body.get(name) is not None]
        message_id = _message_id(body, needed=False) or secrets.token_urlsafe(12)
        if len(given) != 1:
            raise _unfit("Send either the field text, with what was typed, or the field choice, with the pressed button's.")
        said = body[given[0]]
        if not isinstance(said, str):
            raise _unfit(f"The field {given[0]} must be a text.")
        answering = self._edge.reply if given == ["text"] else self._edge.choose

        record = _record(app)

        async def first() -> Message:
            async with record.alone(session):
                self._session(app, body)  # it may have been erased while we waited
                told = await record.reply_to(session, message_id) if "message_id" in body else None
                try:
                    return told or await answering(session, said, message_id)
                except OvertakenError:  # by another server, to which the same message was sent when we seemed to hang
                    if told := await record.reply_to(session, message_id):
                        return told
                    raise

        return {"message_id": message_id, **await self._answered.once((session, message_id), first())}

    async def history(self, app: Sanic, body: Mapping[str, Any]) -> Message:
        """What was said in the conversation so far."""
        return {"messages": await _record(app).history(self._session(app, body))}

    async def feedback(self, app: Sanic, body: Mapping[str, Any]) -> Message:
        """Keep a judgement of the reply to a message."""
        session, message_id = self._session(app, body), _message_id(body, needed=True)
        verdict, why = body.get("verdict"), body.get("why") or ""
        if verdict not in VERDICTS:
            raise _unfit(f"The field verdict must be one of: {', '.join(VERDICTS)}.")
        if why not in ("", *WHYS) or (why and verdict == "good"):
            raise _unfit(f"The field why goes with a bad verdict, and is one of: {', '.join(WHYS)}.")
        if not await _record(app).judge(session, message_id, verdict, why):
            raise Problem(404, "message", "There is no such message in this conversation.")
        return {"message_id": message_id, "verdict": verdict, "why": why}

    async def erase(self, app: Sanic, body: Mapping[str, Any]) -> Message:
        """Forget the conversation."""
        session = self._session(app, body)
        await _record(app).erase(session)
        self._sessions.end(session)  # only now: an erasure that failed can be asked for again
        self._answered.forget(session)
        return {"erased": True}

    def _session(self, app: Sanic, body: Mapping[str, Any]) -> str:
        """The id of the conversation whose token was sent.

        Raises: Problem.
        """
        token = body.get("session")
        if not isinstance(token, str):
            raise _unfit("The field session is missing or not a text: POST to /chat/sessions gives one.")
        try:
            session = self._sessions.read(token)
            if _record(app).is_erased(session):
                raise SessionError("another server erased the conversation")
        except SessionError:
            raise Problem(401, "session", "This conversation has ended or is not yours: please start a new one.") from None
        return session


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
            self._replies[key].add_done_callback(lambda done: self._drop_failed(key, done))
            while len(self._replies) > self._size:
                self._replies.popitem(last=False)
        return await asyncio.shield(self._replies[key])

    def forget(self, session: str) -> None:
        """Drop the replies of one conversation."""
        for key in [key for key in self._replies if key[0] == session]:
            del self._replies[key]

    def _drop_failed(self, key: tuple[str, str], done: asyncio.Future[Message]) -> None:
        if (done.cancelled() or done.exception()) and self._replies.get(key) is done:
            del self._replies[key]


def _service(serve: Any, origins: Origins) -> Any:
    async def handle(request: Request) -> HTTPResponse:
        origins.refuse_others(request)
        return http.json(await serve(request.app, body_of(request, MAX_BODY)), headers=NO_STORE)

    return handle


async def _turn(message: UserMessage) -> None:
    """Rasa's turn without Rasa's lock, which the channel already holds (rasa/core/agent.py:418)."""
    await Sanic.get_app().ctx.agent.processor.handle_message(message)


def _record(app: Sanic) -> Record:
    """The conversations of the agent that is serving.

    Raises: Problem if none is, as before plain `rasa run` has loaded its model.
    """
    agent = getattr(app.ctx, "agent", None)
    if agent is None or not agent.is_ready():
        raise unavailable()
    return Record(agent)


def _message_id(body: Mapping[str, Any], needed: bool) -> str:
    message_id = body.get("message_id")
    if message_id is None and not needed:
        return ""
    if not isinstance(message_id, str) or not _MESSAGE_ID.fullmatch(message_id):
        raise _unfit("The field message_id must be a text of at most 64 characters without spaces.")
    return message_id


def _unfit(sentence: str) -> Problem:
    return Problem(400, "bad_request", sentence)


def _answer_errors(app: Sanic, phone: str) -> None:
    """Tell every error below /chat/ as JSON; elsewhere Sanic's own page serves."""
    usual = app.error_handler.default

    def tell(request: Request, error: Exception) -> HTTPResponse:
        return answer(error, phone) if request.path.startswith(f"{PREFIX}/") else usual(request, error)  # type: ignore[no-untyped-call]

    app.error_handler.add(Exception, tell)
