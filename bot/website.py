"""What a browser gets from this server: the widget's file, its settings, the page that shows it, and the page that says how to add it."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from markupsafe import Markup, escape
from sanic import Blueprint, Sanic
from sanic import response as http
from sanic.request import Request
from sanic.response import HTTPResponse

from bot.clinic import Clinic
from bot.quiet import ROOT

WEB = Path(__file__).resolve().parent / "web"
WIDGET = WEB / "clinic-chat.js"
WIDGET_ADDRESS = "/widget/v1/clinic-chat.js"
QUESTIONS = "/questions/"
"""Where the static questions and answers stand, for visitors without JavaScript."""
PRIVACY = ROOT / "PRIVACY.md"

_LEAD = re.compile(r"\*\*(.+?)\.?\*\* (.*)")

_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' https: data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'; trusted-types 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-cache",
}
_WIDGET_HEADERS = {
    # read by any website, which is what a file for websites is for; an integrity value needs it
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
}


class Website:
    """The pages of one clinic."""

    def __init__(self, clinic: Clinic, disclosure: str) -> None:
        self._clinic = clinic
        self._disclosure = disclosure
        self._script = WIDGET.read_bytes()
        self._packed = gzip.compress(self._script, 9, mtime=0)
        self._digest = hashlib.sha384(self._script).digest()
        self._questions = ""
        self._templates = jinja2.Environment(loader=jinja2.FileSystemLoader(WEB), autoescape=True, trim_blocks=True, lstrip_blocks=True)

    @property
    def integrity(self) -> str:
        """What a page states of the widget's file, so that a browser runs no other."""
        return f"sha384-{base64.b64encode(self._digest).decode()}"

    @property
    def version(self) -> str:
        """What tells the widget's present file from earlier ones in a cache."""
        return self._digest.hex()[:8]

    def settings(self) -> dict[str, Any]:
        """What the widget asks for when it is opened."""
        clinic, chat = self._clinic, self._clinic.chat
        return {
            **chat.dict(exclude={"address", "remember_minutes"}),
            "name": chat.name or clinic.name,
            "minutes": chat.remember_minutes,
            "phone": clinic.phone,
            "booking": clinic.booking_link,
            "opening": clinic.opening_message,
            "disclosure": self._disclosure,
            "privacy": "/privacy" if PRIVACY.exists() else "",
            "questions": self._questions,
        }

    def attach(self, app: Sanic) -> None:
        """Add the pages to an application that has not started yet; Rasa holds `/` (rasa/server.py:520), which a middleware can take before it."""
        self._questions = QUESTIONS if any(f"/{route.path}".startswith(QUESTIONS.rstrip("/")) for route in app.router.routes) else ""
        pages = Blueprint("website")
        pages.add_route(_function(self._widget), WIDGET_ADDRESS, methods=["GET", "HEAD"], name="widget")
        pages.add_route(_function(self._style), "/site.css", methods=["GET"], name="style")
        for address, template in {"/visit": "visit.html", "/add-to-your-site": "add.html"}.items():
            pages.add_route(self._page(template), address, methods=["GET"], name=template.removesuffix(".html"))
        if PRIVACY.exists():
            pages.add_route(_function(self._privacy), "/privacy", methods=["GET"], name="privacy")
        app.blueprint(pages)
        front = self._page("home.html")

        async def show_front(request: Request) -> HTTPResponse | None:
            return await front(request) if request.path == "/" and request.method in ("GET", "HEAD") else None

        app.register_middleware(show_front, "request")

    def tag(self, address: str, pinned: bool = False) -> str:
        """The line that puts the widget on a page, with what its button needs before anything is asked of the server.

        Args:
            address: Where the server is reached.
            pinned: Whether the page accepts this very file only.
        """
        clinic, chat = self._clinic, self._clinic.chat
        shown = {
            "name": chat.name or clinic.name,
            "phone": clinic.phone,
            "booking": clinic.booking_link,
            "colour": chat.colour,
            "corner": chat.corner,
            "position": chat.position,
            "theme": chat.theme,
            **{f"text-{_dashed(name)}": text for name, text in chat.strings.items()},
        }
        usual = {name: str(field.default) for name, field in type(chat).__fields__.items()}
        attributes = {f"data-{name}": value for name, value in shown.items() if value and value != usual.get(name)}
        source = f"{address}{WIDGET_ADDRESS}"
        if pinned:
            source, attributes = f"{source}?v={self.version}", {"integrity": self.integrity, "crossorigin": "anonymous", **attributes}
        told = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
        return f'<script src="{source}"{told} async></script>'

    def fallback(self, address: str) -> str:
        """What stands in the widget's place where JavaScript is off: a link to the answers as a page, or else to the clinic."""
        links = ((f"{address}{self._questions}" if self._questions else "", "Questions and answers"), (self._clinic.booking_link, "Book a visit"))
        link, text = next((entry for entry in links if entry[0]), ("", ""))
        return f'<noscript><a href="{escape(link)}">{text}</a></noscript>' if link else ""

    def _page(self, template: str) -> Any:
        page = self._templates.get_template(template)

        async def show(request: Request) -> HTTPResponse:
            address = self._clinic.chat.address or f"{request.scheme}://{request.host}"
            picture = urlsplit(self._clinic.chat.avatar)
            text = page.render(
                clinic=self._clinic,
                address=address,
                here=request.path,
                embed=Markup(self.tag("")),
                noscript=Markup(self.fallback("")),
                tag=self.tag(address),
                pinned=self.tag(address, pinned=True),
                fallback=self.fallback(address),
                picture=f"{picture.scheme}://{picture.netloc}" if picture.netloc else "",
                privacy=PRIVACY.exists(),
            )
            return http.html(text, headers=dict(_HEADERS))

        return show

    async def _widget(self, request: Request) -> HTTPResponse:
        tag = f'"{self.version}"'
        kept = "public, max-age=31536000, immutable" if request.args.get("v") == self.version else "public, max-age=300"
        packed = "gzip" in request.headers.get("accept-encoding", "")
        headers = {**_WIDGET_HEADERS, "ETag": tag, "Cache-Control": kept, "Vary": "Accept-Encoding", **({"Content-Encoding": "gzip"} if packed else {})}
        if request.headers.get("if-none-match") == tag:
            return http.empty(304, headers=headers)
        return http.raw(self._packed if packed else self._script, content_type="text/javascript; charset=utf-8", headers=headers)

    async def _style(self, request: Request) -> HTTPResponse:
        return http.raw((WEB / "site.css").read_bytes(), content_type="text/css; charset=utf-8", headers=dict(_HEADERS))

    async def _privacy(self, request: Request) -> HTTPResponse:
        page = self._templates.get_template("privacy.html")
        text = page.render(clinic=self._clinic, here=request.path, paragraphs=self.privacy(), privacy=True)
        return http.html(text, headers=dict(_HEADERS))

    def privacy(self) -> list[tuple[str, str]]:
        """The paragraphs of PRIVACY.md as (what it is about, text), with what the clinic has set filled in."""
        ways = ", ".join(way for way in (self._clinic.phone, self._clinic.email, self._clinic.address) if way)
        filled = PRIVACY.read_text(encoding="utf8").replace("{retention_days}", str(self._clinic.retention_days)).replace("{contact}", ways or "at its desk")
        filled = filled.replace("{remember_minutes}", str(self._clinic.chat.remember_minutes))
        blocks = [" ".join(block.split()).replace("`", "") for block in filled.split("\n\n")]
        return [(found[1], found[2]) if (found := _LEAD.match(block)) else ("", block) for block in blocks if block and not block.startswith("#")]


def _dashed(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)


def _function(method: Any) -> Any:
    """A method as a function of its own, since Sanic writes on what it serves (sanic/blueprints.py:309)."""

    async def serve(request: Request) -> HTTPResponse:
        return await method(request)  # type: ignore[no-any-return]

    return serve
