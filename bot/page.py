"""How the pages for people at the clinic are made (evaluation, review, report): each from a text of its own, behind one head, needing no other file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.quiet import ROOT

WEB = ROOT / "bot" / "web"
"""The templates, and what the website serves."""


def page(template: str, style: str, filters: Mapping[str, Any], **shown: Any) -> str:
    """A page as HTML; every text in it is escaped.

    Args:
        template: The page, which sets its `title` and includes `head.html`.
        style: Its stylesheet.
        filters: What it makes texts of values with.
        shown: What it shows.
    """
    environment = Environment(loader=FileSystemLoader(WEB), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(filters)
    return environment.from_string(template).render(style=Markup(style), **shown)
