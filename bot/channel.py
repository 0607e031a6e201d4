"""The web channel: JSON over HTTP under /chat/, as docs/openapi.yml describes it, and the widget and pages beside it."""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any

from rasa.core.channels.channel import InputChannel, UserMessage
from sanic import Blueprint, Sanic
from sanic import response as http
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import api, composer, health, intake, security_headers
from bot.clinic import Clinic, ClinicError
from bot.edge import CHANNEL, Edge, Handler, Message
from bot.facts import FactError
from bot.origins import Origins
from bot.outage import OvertakenError
from bot.problem import NO_STORE, Problem, answer, body_of, unavailable
from bot.rate_limits import Counters, RateLimits
from bot.record import Record, shared_redis
from bot.session import Session, SessionError, Sessions, erased_by, signing_key
from bot.website import Website

PREFIX = "/chat"
REMEMBERED = 1000
VERDICTS = ("good", "bad")
WHYS = ("wrong", "outdated", "unclear", "other")
PATIENCE, TRIES = 8.0, 3
"""Seconds for which a request waits while database or lock store are away, and how often it is served at most. A restart of either takes less; whoever
waits longer is told to call (nginx and the widget give up after 20 seconds)."""

Body = dict[str, Any]

_MESSAGE_ID = re.compile(r"[\x21-\x7e]{1,64}")

_log = logging.getLogger(__name__)


class WebChannel(InputChannel):
    """Answers the widget, and anybody who sends JSON as it does."""

    def __init__(self, composing: Callable[[], composer.Composer | None]) -> None:
        """Take what gives the composer in force, which changes while the channel is open; None where the facts do not fit."""
        self._composing = composing

    @classmethod
    def name(cls) -> str:
        """The channel's name in the conversations."""
        return CHANNEL

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WebChannel:
        """Rasa's way to make the channel; under plain `rasa run`, facts that do not fit leave it a few built-in sentences."""
        try:
            composer.load()
            return cls(composer.load)
        except (FactError, ClinicError) as error:
            _log.error("%s", error)
            return cls(lambda: None)

    def url_prefix(self) -> str:
        """The address: a leading slash takes it out of Rasa's /webhooks/ (rasa/core/channels/channel.py:92)."""
        return PREFIX

    def blueprint(self, on_new_message: Handler) -> Blueprint:
        """The routes of the channel, and what it adds to the application before that starts."""

        def clinic() -> Clinic:
            composing = self._composing()
            return composing.clinic if composing else Clinic()

        def edge() -> Edge:
            return Edge(_turn, self._composing())

        def show() -> None:
            """Show what is in force on the pages of the website; whoever puts something else in force calls it."""
            website.show(clinic(), edge().welcome()["disclosure"], self._composing())

        key = signing_key()
        desk = Desk(edge, Sessions(key))
        limits = RateLimits(key, Counters(_shared_redis))
        website = Website(clinic(), edge().welcome()["disclosure"], self._composing())
        origins = Origins(lambda: (*clinic().websites, clinic().chat.address), f"{PREFIX}/")
        routes = Blueprint("chat")

        @routes.main_process_start
        async def attach(app: Sanic, _: Any) -> None:
            api.refuse_if_open(app)
            intake.attach(app)
            website.attach(app)
            app.ctx.show = show
            security_headers.attach(app)
            _answer_errors(app, clinic)

        @routes.before_server_start
        async def guard(app: Sanic, _: Any) -> None:
            origins.attach(app)

        @routes.get("/settings")
        async def settings(request: Request) -> HTTPResponse:
            return http.json(website.settings(), headers={"Cache-Control": "public, max-age=60"})

        for address, serve in desk.services.items():
            routes.route(address, methods=["POST"], name=serve.__name__, ignore_body=True)(_service(serve, origins, limits))
        return routes


class Desk:
    """What can be asked for with a POST of JSON; each service takes the request's object and returns that of the answer."""

    def __init__(self, edge: Callable[[], Edge], sessions: Sessions) -> None:
        self._edge = edge
        self._sessions = sessions
        self._answered = Answered()
        self.services = {
            "/sessions": self.start,
            "/messages": self.message,
            "/history": self.history,
            "/export": self.export,
            "/feedback": self.feedback,
            "/erase": self.erase,
        }

    async def start(self, app: Sanic, body: Body) -> Message:
        """Begin a conversation."""
        token, code = self._sessions.start(agreed=body.get("consent") is True)
        return {"session": token, "erasure_code": code, **self._edge().welcome()}

    async def message(self, app: Sanic, body: Body) -> Message:
        """Answer what was typed or pressed; a message id that was answered before gets the same answer again."""
        (session, agreed), given = self._session(app, body), [name for name in ("text", "choice") if body.get(name) is not None]
        may_be_answered = "message_id" in body
        message_id = body["message_id"] = _message_id(body, needed=False) or secrets.token_urlsafe(12)  # kept, should the request be served again
        if len(given) != 1:
            raise _unfit("Send either the field text, with what was typed, or the field choice, with the pressed button's.")
        edge = self._edge()
        if edge.asks_consent and not agreed:
            raise Problem(403, "consent", "This clinic asks for your consent before the first message: POST /chat/sessions takes it as the field consent.")
        said = body[given[0]]
        if not isinstance(said, str):
            raise _unfit(f"The field {given[0]} must be a text.")
        answering = edge.reply if given == ["text"] else edge.choose

        record = _record(app)

        async def first() -> Message:
            async with record.alone(session):
                self._session(app, body)  # it may have been erased while we waited
                told = await record.reply_to(session, message_id) if may_be_answered else None
                try:
                    return told or await answering(session, said, message_id)
                except OvertakenError:  # by another server, to which the same message was sent when we seemed to hang
                    if told := await record.reply_to(session, message_id):
                        return told
                    raise

        return {"message_id": message_id, **await self._answered.once((session, message_id), first())}

    async def history(self, app: Sanic, body: Body) -> Message:
        """What was said in the conversation so far."""
        return {"messages": await _record(app).history(self._session(app, body).id)}

    async def export(self, app: Sanic, body: Body) -> Message:
        """All that is kept of the conversation, to take along."""
        return await _record(app).export(self._session(app, body).id)

    async def feedback(self, app: Sanic, body: Body) -> Message:
        """Keep a judgement of the reply to a message."""
        session, message_id = self._session(app, body).id, _message_id(body, needed=True)
        verdict, why = body.get("verdict"), body.get("why") or ""
        if verdict not in VERDICTS:
            raise _unfit(f"The field verdict must be one of: {', '.join(VERDICTS)}.")
        if why not in ("", *WHYS) or (why and verdict == "good"):
            raise _unfit(f"The field why goes with a bad verdict, and is one of: {', '.join(WHYS)}.")
        if not await _record(app).judge(session, message_id, verdict, why):
            raise Problem(404, "message", "There is no such message in this conversation.")
        return {"message_id": message_id, "verdict": verdict, "why": why}

    async def erase(self, app: Sanic, body: Body) -> Message:
        """Forget the conversation, for who holds its token or its erasure code."""
        code = body.get("code")
        session = self._session(app, body).id if code is None else _erased_by(code)
        there = await _record(app).erase(session)
        self._answered.forget(session)
        if code is not None and not there:
            raise Problem(404, "code", "There is nothing to erase with this code: it was erased already, or is mistyped.")
        return {"erased": True}

    def _session(self, app: Sanic, body: Mapping[str, Any]) -> Session:
        """The conversation whose token was sent.

        Raises: Problem.
        """
        token = body.get("session")
        if not isinstance(token, str):
            raise _unfit("The field session is missing or not a text: POST to /chat/sessions gives one.")
        try:
            session = self._sessions.read(token)
            if _record(app).is_erased(session.id):
                raise SessionError("the conversation was erased")
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


def _service(serve: Callable[[Sanic, Body], Awaitable[Message]], origins: Origins, limits: RateLimits) -> Any:
    async def handle(request: Request) -> HTTPResponse:
        origins.refuse_others(request)
        await limits.count_address(request.ip, ",".join(request.headers.getall("x-forwarded-for", [])))  # some proxies add a line of their own
        await intake.receive(request)
        body = body_of(request, intake.MAX_BODY)
        await limits.count_session(body.get("session"))
        return http.json(await _patiently(serve, request.app, body), headers=NO_STORE)

    return handle


async def _patiently(serve: Callable[[Sanic, Body], Awaitable[Message]], app: Sanic, body: Body) -> Message:
    """What a service answers, if need be after what all servers share is there again.

    Raises: Problem.
    """
    until = time.monotonic() + PATIENCE
    for _ in range(TRIES - 1):
        try:
            return await serve(app, body)
        except Problem as problem:
            if problem.status != 503 or not await health.ready_again(app, until):
                raise
    return await serve(app, body)


def _shared_redis() -> Any:
    """The Redis that several servers share; None where this one is alone, or not ready."""
    return shared_redis(getattr(Sanic.get_app().ctx, "agent", None))


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


def _erased_by(code: object) -> str:
    try:
        return erased_by(str(code))
    except SessionError as error:
        raise _unfit(f"The field code does not fit: {error}.") from None


def _unfit(sentence: str) -> Problem:
    return Problem(400, "bad_request", sentence)


def _answer_errors(app: Sanic, clinic: Callable[[], Clinic]) -> None:
    """Tell every error as JSON."""

    def tell(request: Request, error: Exception) -> HTTPResponse:
        return answer(error, clinic().phone, is_read=request.method != "NONE")  # Sanic's name for the method of what it could not read (sanic/http.py:452)

    app.error_handler.add(Exception, tell)
