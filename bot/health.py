"""Tells whoever watches over the assistant that it lives (/health) and whether it can answer (/ready)."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from sanic import Sanic
from sanic import response as http
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.problem import NO_STORE
from bot.quiet import places
from bot.record import stores

SECONDS_TO_REACH = 2.0
LOOK_AGAIN_SECONDS = 0.5
"""How often it is looked whether what was away is there again."""

_log = logging.getLogger(__name__)


def attach(app: Sanic) -> None:
    """Add both addresses to an application that has not started yet."""
    app.add_route(_health, "/health", methods=["GET", "HEAD"])
    app.add_route(_ready, "/ready", methods=["GET", "HEAD"])


async def _health(request: Request) -> HTTPResponse:
    watch = request.app.ctx.watch
    facts = {"in_force_since": watch.since, "refused": watch.refused, "needs_training": watch.needs_training}
    return http.json({"status": "alive", "facts": facts}, headers=NO_STORE)


async def _ready(request: Request) -> HTTPResponse:
    found = await _found(request.app)
    ready = all(found.values())
    return http.json({"ready": ready, **found}, status=200 if ready else 503, headers=NO_STORE)


async def ready_again(app: Sanic, until: float) -> bool:
    """Wait until model, tracker store and lock store are there, looking once for all who wait; False where they are not by `until` (time.monotonic)."""
    while time.monotonic() < until:
        looking = getattr(app.ctx, "looking", None)
        if looking is None or looking.done():
            looking = app.ctx.looking = asyncio.ensure_future(_look(app))
        if await asyncio.shield(looking):
            return True
    return False


async def _look(app: Sanic) -> bool:
    await asyncio.sleep(LOOK_AGAIN_SECONDS)
    return all((await _found(app)).values())


async def _found(app: Sanic) -> dict[str, bool]:
    """Whether each thing is there that an answer needs."""
    agent = getattr(app.ctx, "agent", None)
    found = {"model": agent is not None and agent.is_ready()}
    if agent is not None:
        found["tracker_store"] = await reachable(stores(agent.tracker_store)[0])
        found["lock_store"] = await reachable(agent.lock_store)
    return found


async def reachable(store: Any) -> bool:
    """Whether the database behind a store answers within SECONDS_TO_REACH; a store in memory always does."""
    try:
        await asyncio.wait_for(asyncio.to_thread(_ask, store), SECONDS_TO_REACH)
    except Exception as error:  # every database has its own
        _log.error("%s does not answer: %s", type(store).__name__, places(error))
        return False
    return True


def _ask(store: Any) -> None:
    if hasattr(store, "engine"):
        with store.engine.connect() as database:
            database.execute("SELECT 1")
    elif hasattr(store, "red"):
        store.red.ping()
