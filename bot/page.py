"""How pages are made: those of bot/web/, and those for people at the clinic (evaluation, review, report), which need no other file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.quiet import ROOT

WEB = ROOT / "bot" / "web"
"""The templates, and what the website serves."""


def templates() -> Environment:
    """What pages are made with; every text in them is escaped, and one that a page lacks is an error."""
    return Environment(loader=FileSystemLoader(WEB), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)


def page(template: str, style: str, filters: Mapping[str, Any], **shown: Any) -> str:
    """A page for people at the clinic as HTML.

    Args:
        template: The page, which sets its `title` and includes `head.html`.
        style: Its stylesheet.
        filters: What it makes texts of values with.
        shown: What it shows.
    """
    environment = templates()
    environment.filters.update(filters)
    return environment.from_string(template).render(style=Markup(style), **shown)
