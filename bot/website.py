"""What a browser gets from this server: the widget's file, its settings, the page that shows it, and the page that says how to add it."""

from __future__ import annotations

import base64
import datetime
import gzip
import hashlib
import re
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape
from sanic import Blueprint, Sanic
from sanic import response as http
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import questions
from bot.clinic import Clinic
from bot.composer import Composer
from bot.page import WEB, templates
from bot.quiet import ROOT

WIDGET = WEB / "clinic-chat.js"
WIDGET_ADDRESS = "/widget/v1/clinic-chat.js"
QUESTIONS = "/questions/"
"""Where the static questions and answers stand, for visitors without JavaScript."""
PRIVACY = ROOT / "PRIVACY.md"
OFFICER = ROOT / "docs" / "data-officer.md"

_CONSENT = "Your consent, which the chat asks for before your first message. You take it back by erasing the conversation."
_BASIS = "The clinic tells you on what basis it keeps conversations: ask it."

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


class _File:
    """What is sent as it is: packed to browsers that can unpack it, and not again to those that have it."""

    def __init__(self, content: bytes, content_type: str) -> None:
        self.digest = hashlib.sha384(content).digest()
        self._content, self._packed = content, gzip.compress(content, 9, mtime=0)
        self._type = f"{content_type}; charset=utf-8"

    @property
    def version(self) -> str:
        """What tells the present content from earlier ones in a cache."""
        return self.digest.hex()[:8]

    def send(self, request: Request, headers: dict[str, str]) -> HTTPResponse:
        tag = f'"{self.version}"'
        packed = "gzip" in request.headers.get("accept-encoding", "")
        headers = {**headers, "ETag": tag, "Vary": "Accept-Encoding", **({"Content-Encoding": "gzip"} if packed else {})}
        if request.headers.get("if-none-match") == tag:
            return http.empty(304, headers=headers)
        return http.raw(self._packed if packed else self._content, content_type=self._type, headers=headers)


class Website:
    """The pages of one clinic; without a composer they hold no questions and answers."""

    def __init__(self, clinic: Clinic, disclosure: str, composer: Composer | None = None) -> None:
        self.show(clinic, disclosure, composer)
        self._script = _File(WIDGET.read_bytes(), "text/javascript")
        self._templates = templates()

    def show(self, clinic: Clinic, disclosure: str, composer: Composer | None) -> None:
        """Show this from now on."""
        self._clinic, self._disclosure, self._composer = clinic, disclosure, composer
        self._questions = QUESTIONS if composer else ""

    @property
    def integrity(self) -> str:
        """What a page states of the widget's file, so that a browser runs no other."""
        return f"sha384-{base64.b64encode(self._script.digest).decode()}"

    @property
    def version(self) -> str:
        """What tells the widget's present file from earlier ones in a cache."""
        return self._script.version

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
            "consent": clinic.asks_consent,
            "days": clinic.retention_days,
            "privacy": "/privacy" if PRIVACY.exists() else "",
            "questions": self._questions,
        }

    def attach(self, app: Sanic) -> None:
        """Add the pages to an application that has not started yet; Rasa holds `/` (rasa/server.py:520), which a middleware can take before it."""
        pages = Blueprint("website")
        pages.add_route(_function(self._widget), WIDGET_ADDRESS, methods=["GET", "HEAD"], name="widget")
        pages.add_route(_function(self._style), "/site.css", methods=["GET"], name="style")
        for address, template in {"/visit": "visit.html", "/add-to-your-site": "add.html"}.items():
            pages.add_route(self._page(template), address, methods=["GET"], name=template.removesuffix(".html"))
        if PRIVACY.exists():
            for address, title, note in (("/privacy", "Privacy of the chat", PRIVACY), ("/privacy/officer", "For the clinic's data officer", OFFICER)):
                pages.add_route(self._note(title, note), address, methods=["GET"], name=note.stem)
        if self._composer:
            pages.add_route(self._answers(), QUESTIONS, methods=["GET", "HEAD"], name="questions")
        app.blueprint(pages)
        front = self._page("home.html")

        async def show_front(request: Request) -> HTTPResponse | None:
            return await front(request) if not request.path.strip("/") and request.method in ("GET", "HEAD") else None

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

    @property
    def _frame(self) -> dict[str, Any]:
        """What every page has around its text: the chat, and what stands in its place, and links to the pages that there are."""
        return {
            "embed": Markup(self.tag("")),
            "noscript": Markup(self.fallback("")),
            "privacy": PRIVACY.exists(),
            "questions": self._questions,
        }

    def _answers(self) -> Any:
        """The page of questions and answers, made once a day and whenever the facts change: what a source says of its date depends on the day."""

        @lru_cache(maxsize=1)
        def page(composer: Composer, day: datetime.date) -> _File:
            return _File(questions.render(composer, "layout.html", here=QUESTIONS, **self._frame).encode(), "text/html")

        async def show(request: Request) -> HTTPResponse:
            assert self._composer is not None, "attach() gives the page no address without one"
            return page(self._composer, datetime.date.today()).send(request, _HEADERS)

        return show

    def _page(self, template: str) -> Any:
        page = self._templates.get_template(template)

        async def show(request: Request) -> HTTPResponse:
            address = self._clinic.chat.address or f"{request.scheme}://{request.host}"
            picture = urlsplit(self._clinic.chat.avatar)
            text = page.render(
                clinic=self._clinic,
                address=address,
                here=request.path,
                **self._frame,
                tag=self.tag(address),
                pinned=self.tag(address, pinned=True),
                fallback=self.fallback(address),
                picture=f"{picture.scheme}://{picture.netloc}" if picture.netloc else "",
            )
            return http.html(text, headers=dict(_HEADERS))

        return show

    async def _widget(self, request: Request) -> HTTPResponse:
        kept = "public, max-age=31536000, immutable" if request.args.get("v") == self.version else "public, max-age=300"
        return self._script.send(request, {**_WIDGET_HEADERS, "Cache-Control": kept})

    async def _style(self, request: Request) -> HTTPResponse:
        return http.raw((WEB / "site.css").read_bytes(), content_type="text/css; charset=utf-8", headers=dict(_HEADERS))

    def _note(self, title: str, note: Path) -> Any:
        page = self._templates.get_template("privacy.html")

        async def show(request: Request) -> HTTPResponse:
            text = page.render(clinic=self._clinic, here=request.path, title=title, paragraphs=self.paragraphs(note), **self._frame)
            return http.html(text, headers=dict(_HEADERS))

        return show

    def paragraphs(self, note: Path) -> list[tuple[str, str]]:
        """The paragraphs of a note on privacy as (what it is about, text), with what the clinic has set filled in."""
        ways = ", ".join(way for way in (self._clinic.phone, self._clinic.email, self._clinic.address) if way)
        filled = note.read_text(encoding="utf8").replace("{retention_days}", str(self._clinic.retention_days)).replace("{contact}", ways or "at its desk")
        filled = filled.replace("{remember_minutes}", str(self._clinic.chat.remember_minutes))
        filled = filled.replace("{basis}", _CONSENT if self._clinic.asks_consent else _BASIS)
        blocks = [" ".join(block.split()).replace("`", "") for block in filled.split("\n\n")]
        return [(found[1], found[2]) if (found := _LEAD.match(block)) else ("", block) for block in blocks if block and not block.startswith("#")]


def _dashed(name: str) -> str:
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)


def _function(method: Any) -> Any:
    """A method as a function of its own, since Sanic writes on what it serves (sanic/blueprints.py:309)."""

    async def serve(request: Request) -> HTTPResponse:
        return await method(request)  # type: ignore[no-any-return]

    return serve
