"""Which websites may use the chat from a visitor's browser: those in clinic.yml, and the one that this server shows itself."""

from __future__ import annotations

from collections.abc import Callable, Collection
from urllib.parse import urlsplit

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.problem import Problem

PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "86400",
}


class Origins:
    """The websites that may use what lies below an address such as /chat/; asked for anew each time, since clinic.yml may change."""

    def __init__(self, allowed: Callable[[], Collection[str]], below: str) -> None:
        self._allowed = allowed
        self._below = below

    def refuse_others(self, request: Request) -> None:
        """Let pass what no browser sent for a website, and what an allowed one sent.

        Raises: Problem.
        """
        sent = request.headers.get("origin")
        if sent and not self._is_allowed(sent) and urlsplit(sent).netloc != request.host:
            raise Problem(403, "origin", "This website may not use the chat: the clinic adds its address to `websites` in clinic.yml.")

    def attach(self, app: Sanic) -> None:
        """Set the headers on every answer of an application that is about to start, preflights among them.

        Rasa's sanic_cors answers every OPTIONS itself, with 200 and nothing allowed, before any route or request middleware of ours
        (sanic_cors/extension.py:255), so that only what runs on responses can put it right; at the end of them, behind its own (line 382).
        """
        app.response_middleware.append(self._set_headers)  # type: ignore[arg-type]  # its type forgets answers that are set in place

    async def _set_headers(self, request: Request, response: HTTPResponse) -> None:
        is_below = request.path.startswith(self._below)
        for name in [name for name in response.headers if name.lower().startswith("access-control-")]:
            if is_below or response.headers[name] != "*":  # which stands on the widget's file
                del response.headers[name]  # what `rasa run --cors` would allow beyond clinic.yml, and what sanic_cors says everywhere
        if not is_below:
            return
        response.headers["Vary"] = "Origin"
        sent = request.headers.get("origin")
        if sent and self._is_allowed(sent):
            response.headers["Access-Control-Allow-Origin"] = sent
            if request.method == "OPTIONS":
                response.headers.update(PREFLIGHT)

    def _is_allowed(self, sent: str) -> bool:
        return sent.lower() in self._allowed()
