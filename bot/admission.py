"""What a visitor's message must be before anything reads it: one set of rules for the channel, the shell and evaluation.

Imports no Rasa.
"""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 2000
UNKNOWN_CHOICE = "choice-0-0"

_CHOICE = re.compile(r"choice-[0-9a-f]+-[0-9]+")
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co"})  # control, format (zero-width, direction), half a character, private use
_COMMAND = re.compile(r"[\s/]+")


def admit(raw: object) -> str:
    """The text of a message as the assistant reads it; anything that is not text becomes the empty text.

    A leading slash goes, since Rasa would take what follows for the name of an intent (`RegexMessageHandler`,
    rasa/nlu/classifiers/regex_message_handler.py). So do invisible characters, among them lone surrogates, which no database stores.
    Of a message that is too long the beginning and the end stay, since people put their question, or what frightens them, at either.

    Units: at most MAX_CHARACTERS characters, spaces folded, in Unicode normal form C.
    """
    text = _readable(raw)
    if len(text) <= MAX_CHARACTERS:
        return text
    half = (MAX_CHARACTERS - 3) // 2
    return f"{text[:half].rstrip()} … {text[-half:].lstrip()}"


def is_cut(raw: object) -> bool:
    """Whether `admit` leaves out a part of the message because of its length."""
    return len(_readable(raw)) > MAX_CHARACTERS


def admit_choice(raw: object) -> str:
    """The token of a pressed button; one that no button of ours carries becomes UNKNOWN_CHOICE, which is answered as such."""
    return raw if isinstance(raw, str) and _CHOICE.fullmatch(raw) else UNKNOWN_CHOICE


def _readable(raw: object) -> str:
    if not isinstance(raw, str):
        return ""
    spaced = " ".join(raw.split())
    visible = "".join(character for character in spaced if unicodedata.category(character) not in _INVISIBLE)
    text = " ".join(unicodedata.normalize("NFC", visible).split())
    return _COMMAND.sub("", text, count=1) if text.startswith("/") else text
