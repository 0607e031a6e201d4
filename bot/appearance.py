"""How the chat looks and speaks on a clinic's website: the part `chat` of clinic.yml, and what of it the widget is told."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal

from pydantic import validator

from bot.settings import Settings

STRINGS = Path(__file__).resolve().parent / "web" / "strings.json"
"""The widget's own words, from which it is built too."""
SUGGESTIONS = (
    "What is mesotherapy?",
    "How much does it cost?",
    "What are the risks?",
    "How long does it last?",
    "What else is there?",
)
MAX_SUGGESTIONS = 6

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")


class Chat(Settings):
    """The widget's settings, each of which may be missing."""

    name: str = ""
    address: str = ""
    avatar: str = ""
    colour: str = "#1f5f8b"
    corner: Literal["round", "soft", "square"] = "round"
    position: Literal["right", "left"] = "right"
    theme: Literal["auto", "light", "dark"] = "auto"
    language: str = "en"
    direction: Literal["ltr", "rtl"] = "ltr"
    remember_minutes: int = 30
    suggestions: tuple[str, ...] = SUGGESTIONS
    strings: dict[str, str] = {}

    @validator("address")
    def _address_is_an_origin(cls, value: str) -> str:
        return origin(value) if value else value

    @validator("avatar")
    def _avatar_is_web_address(cls, value: str) -> str:
        if value and not re.match(r"https://[^\s()\"']+$", value):
            raise ValueError(f"'{value}' is not the address of a picture that begins with https://")
        return value

    @validator("colour")
    def _colour_is_hexadecimal(cls, value: str) -> str:
        if not _COLOUR.fullmatch(value):
            raise ValueError(f"'{value}' is not a colour such as '#1f5f8b', in quotes")
        return value.lower()

    @validator("remember_minutes")
    def _minutes_are_few(cls, value: int) -> int:
        if not 1 <= value <= 24 * 60:
            raise ValueError(f"{value} is not a number of minutes from 1 to 1440")
        return value

    @validator("suggestions")
    def _suggestions_are_few(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if len(value) > MAX_SUGGESTIONS:
            raise ValueError(f"there are {len(value)}, and more than {MAX_SUGGESTIONS} leave no room to read")
        return value

    @validator("strings")
    def _strings_are_the_widget_s(cls, value: dict[str, str]) -> dict[str, str]:
        unknown = sorted(set(value) - set(strings()))
        if unknown:
            raise ValueError(f"the widget has no text '{unknown[0]}'; its texts are listed in bot/web/strings.json")
        return value


def strings() -> dict[str, str]:
    """The widget's words by name, in English."""
    return dict(json.loads(STRINGS.read_text(encoding="utf8")))


def origin(address: str) -> str:
    """An address as a browser names the site that it belongs to.

    Raises: ValueError if it is more than a site, or none.
    """
    lowered = address.lower().rstrip("/")
    if not _ORIGIN.fullmatch(lowered):
        raise ValueError(f"'{address}' is not the address of a site such as https://www.clinic.example")
    return lowered.removesuffix(":443" if lowered.startswith("https") else ":80")
