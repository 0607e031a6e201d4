"""Rasa's own HTTP API, which reads and changes every conversation: off, and never open."""

from __future__ import annotations

import inspect

from sanic import Sanic

_WITH_API = "rasa_server"
"""How Rasa names the application that has the API (rasa/server.py:651); without it the name is another (rasa/core/run.py:85)."""

OPEN = "Rasa's HTTP API would be open to everybody: give `rasa run --enable-api` an --auth-token, or a --jwt-secret, or leave it off as `make run` does."


def refuse_if_open(app: Sanic) -> None:
    """End the process that is about to serve the API without asking for a token; only `rasa run --enable-api` can come to that.

    Raises: SystemExit.
    """
    if app.name == _WITH_API and not app.config.get("USE_JWT") and not all(_tokens(app)):
        raise SystemExit(OPEN)


def _tokens(app: Sanic) -> list[str | None]:
    """The token that each route of the API asks for, which Rasa keeps in nothing but the function that asks (rasa/server.py:193)."""
    held = [inspect.getclosurevars(route.handler).nonlocals for route in app.router.routes if inspect.isfunction(route.handler)]
    return [names["token"] for names in held if {"token", "sufficient_scope"} <= names.keys()] or [None]
