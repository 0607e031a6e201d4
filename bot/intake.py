"""What a request may be before anything reads it: well formed, not too large, and there in time."""

from __future__ import annotations

import asyncio
import re
from typing import Any

from sanic import Sanic
from sanic.exceptions import InvalidUsage, PayloadTooLarge, RequestTimeout
from sanic.http import Http
from sanic.request import Request

MAX_BODY = 256 * 1024
"""Bytes that are read of a request."""

DISCARDED = 1024 * 1024
"""Bytes up to which a request that is too large is thrown away as it comes, so that its sender gets to the answer; then the connection is cut."""

SECONDS = 15
"""For which somebody may send nothing, and within which all of a message has to be there."""

_HOST = re.compile(r"[A-Za-z0-9._:\[\]-]*")
_create_empty_request = Http.create_empty_request


def attach(app: Sanic) -> None:
    """Set the limits of an application that has not started yet."""
    app.config.REQUEST_MAX_SIZE = DISCARDED
    app.config.REQUEST_TIMEOUT = SECONDS
    Http.create_empty_request = _without_address  # type: ignore[assignment,method-assign]
    app.add_signal(_refuse_malformed, "http.lifecycle.request")


async def receive(request: Request) -> None:
    """Read the body of a request on a route that leaves that to us.

    Raises: PayloadTooLarge before reading if it says that it is larger than MAX_BODY, or as soon as it is; RequestTimeout.
    """
    if int(request.headers.get("content-length", 0)) > MAX_BODY:
        raise PayloadTooLarge("")
    stream = request.stream
    assert stream is not None
    stream.request_max_size = MAX_BODY  # for a body that does not say how large it is
    try:
        await asyncio.wait_for(request.receive_body(), SECONDS)  # type: ignore[no-untyped-call]
    except asyncio.TimeoutError:
        stream.request_max_size = -1  # so that Sanic does not wait for the rest (sanic/http.py:172)
        raise RequestTimeout("") from None
    except InvalidUsage:
        stream.request_body = None  # behind a broken part there is nothing to look for
        raise


async def _refuse_malformed(request: Request) -> None:
    """Refuse what Sanic trips over: a length that is no number fails it, and of one below zero it reads without end (sanic/http.py:277)."""
    lengths, codings, hosts = (request.headers.getall(name, []) for name in ("content-length", "transfer-encoding", "host"))
    if (
        len(lengths) + len(codings) > 1
        or any(not (length.isascii() and length.isdigit()) for length in lengths)
        or any(coding != "chunked" for coding in codings)
        or len(hosts) > 1
        or any(not _HOST.fullmatch(host) for host in hosts)  # pages show it
    ):
        raise InvalidUsage("")


def _without_address(stream: Any) -> None:
    """Make the request that stands for one that cannot be read; Sanic trips over its address a second time, and answers nothing (sanic/http.py:450)."""
    stream.url = None
    _create_empty_request(stream)
