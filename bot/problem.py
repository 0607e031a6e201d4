"""What goes wrong at the web channel, as JSON: a code for programs, a sentence for people, and the clinic's phone where the server cannot help."""

from __future__ import annotations

import json
import logging
from typing import Any

from sanic import response as http
from sanic.exceptions import SanicException
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.quiet import places

NO_STORE = {"Cache-Control": "no-store"}

_SENTENCES = {
    404: ("not_found", "There is nothing at this address."),
    405: ("method", "This address takes another method, see docs/openapi.yml."),
    408: ("timeout", "The request took too long to arrive. Please try again."),
    413: ("too_large", "The message is too long: please send at most a few pages of text."),
    503: ("unavailable", "The assistant cannot answer right now. Please try again in a moment."),
}
_TROUBLE = ("trouble", "Something went wrong on our side. Please try again in a moment.")

_log = logging.getLogger(__name__)


class Problem(Exception):
    """A request that is not served; becomes {error, code, phone}."""

    def __init__(self, status: int, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.code = code


class TooMany(Problem):
    """A request that comes too soon; becomes {error, code, phone} with Retry-After."""

    def __init__(self, seconds: int) -> None:
        super().__init__(429, "too_many", f"That was a lot in a short time: please wait {seconds} seconds and try again.")
        self.seconds = seconds


def unavailable() -> Problem:
    """What a visitor is told while the server, or what it stands on, does not work."""
    return Problem(503, *_SENTENCES[503])


def told(status: int, code: str, sentence: str, phone: str) -> HTTPResponse:
    """The answer to a request that is not served; from status 500 on, and where one has to wait, it names the clinic's phone."""
    body = {"error": sentence, "code": code}
    if phone and (status >= 500 or status == 429):
        body = {**body, "error": f"{sentence} You can also call the clinic: {phone}", "phone": phone}
    return http.json(body, status=status, headers=NO_STORE)


def answer(error: BaseException, phone: str, is_read: bool = True) -> HTTPResponse:
    """The answer to any exception; what nobody foresaw is logged by its place and told without it.

    Args:
        error: What was raised.
        phone: The clinic's.
        is_read: Whether there was a request at all; if what came could not be read as one, that is its sender's fault, whatever it raised.
    """
    if isinstance(error, Problem):
        response = told(error.status, error.code, str(error), phone)
        if isinstance(error, TooMany):
            response.headers["Retry-After"] = str(error.seconds)
        return response
    status = error.status_code if isinstance(error, SanicException) else 500 if is_read else 400
    if status >= 500 and status not in _SENTENCES:
        _log.error("a request failed: %s", places(error))
    code, sentence = _SENTENCES.get(status, _TROUBLE if status >= 500 else ("bad_request", "The request does not fit."))
    return told(status, code, sentence, phone)


def body_of(request: Request, largest: int) -> dict[str, Any]:
    """The JSON object in a request; an empty one where nothing was sent.

    Raises: Problem.
    """
    if len(request.body) > largest:
        raise Problem(413, *_SENTENCES[413])
    try:
        content = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise Problem(400, "bad_request", 'The request is not JSON: send {"session": "...", "text": "..."}.') from None
    if not isinstance(content, dict):
        raise Problem(400, "bad_request", 'The request must be an object: {"session": "...", "text": "..."}.')
    return content
