"""What every answer tells a browser, whoever answers: that it is nothing to run, frame or guess at, unless a page or file says otherwise itself."""

from __future__ import annotations

from sanic import Sanic
from sanic.request import Request
from sanic.response import HTTPResponse

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""The clinic's websites read answers by the rules of bot/origins.py, which Cross-Origin-Resource-Policy leaves alone; Strict-Transport-Security is for who
holds the certificate to set (deploy/nginx.conf)."""


def attach(app: Sanic) -> None:
    """Set the headers on every answer of an application that has not started yet, errors and Rasa's own answers among them."""
    app.register_middleware(_set, "response")  # type: ignore[arg-type]  # its type forgets answers that are set in place


async def _set(request: Request, response: HTTPResponse) -> None:
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
