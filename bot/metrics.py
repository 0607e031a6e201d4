"""Counts what happens, for Prometheus to read at an address of its own; no label holds a session or anything that a visitor wrote."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from prometheus_client import Counter, Histogram, start_http_server

from bot.launch import LaunchError

if TYPE_CHECKING:
    from sanic import Sanic
    from sanic.request import Request
    from sanic.response import HTTPResponse

HOST = "127.0.0.1"

REQUESTS = Counter("assistant_requests", "Requests, by service and status.", ["service", "status"])
SECONDS = Histogram(
    "assistant_request_seconds", "Time from a request to its answer.", ["service"], buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
)
REPLIES = Counter("assistant_replies", "Replies, by kind.", ["kind"])
UNANSWERED = Counter("assistant_unanswered", "Messages without an answer: asked back, out of scope, or not in the sources.", ["why"])
RED_FLAGS = Counter("assistant_red_flags", "Replies to what sounds like an emergency, by level.", ["level"])
ERRORS = Counter("assistant_errors", "Failures: turns that ended in an apology, and requests with a status from 500 on.", ["what"])


def serve(port: str, host: str = HOST) -> str:
    """Let the numbers be read over HTTP, and return where.

    Raises: LaunchError if the port is none, or cannot be listened to.
    """
    try:
        server, _ = start_http_server(int(port), host)
    except (ValueError, OverflowError, OSError) as error:
        raise LaunchError(f"The metrics cannot be served at {host}:{port} ({error}): set METRICS_PORT and METRICS_HOST to a free address.") from None
    return f"http://{host}:{server.server_port}/metrics"


def count_reply(reply: Mapping[str, Any]) -> None:
    """Count a reply by its kind, and whether it is an answer."""
    kind, level = reply["kind"], reply["level"]
    REPLIES.labels(kind).inc()
    if kind in ("clarify", "out_of_scope"):
        UNANSWERED.labels(kind).inc()
    elif kind == "answer" and not reply["facts"]:
        UNANSWERED.labels("not_in_sources").inc()
    if level:
        RED_FLAGS.labels(level).inc()


def attach(app: Sanic) -> None:
    """Count the requests to an application that has not started yet."""

    async def begin(request: Request) -> None:
        request.ctx.began = time.perf_counter()

    async def end(request: Request, response: HTTPResponse) -> None:
        service = request.route.name.rpartition(".")[2] if request.route else "none"
        REQUESTS.labels(service, response.status).inc()
        if hasattr(request.ctx, "began"):
            SECONDS.labels(service).observe(time.perf_counter() - request.ctx.began)
        if response.status >= 500:
            ERRORS.labels("request").inc()

    app.register_middleware(begin, "request")
    app.register_middleware(end, "response")  # type: ignore[arg-type]  # its type forgets that an answer may be left as it is
