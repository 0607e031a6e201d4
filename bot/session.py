"""Session tokens: whoever holds one may go on with its conversation, and nobody else may read or judge it.

Each conversation has an erasure code too, which can do nothing but erase it. Its id is a hash of the code, so that the code leads to the id and the id,
which is what is stored, does not lead to the code: nothing that joins the two need be kept, and the code is good for as long as there is something to erase.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import os
import re
import secrets
import time
from pathlib import Path
from typing import NamedTuple

from bot.quiet import ROOT

KEY_FILE = ROOT / "var" / "session.key"
KEY_VARIABLE = "SESSION_KEY"
LIFETIME = 24 * 3600
"""Seconds for which a token is good; the widget itself forgets a conversation after half an hour without a message."""

AGREED = ".agreed"
"""What stands in the token of a visitor who has agreed to what is kept (clinic.yml: consent)."""

_TOKEN = re.compile(rf"([A-Za-z0-9_-]{{22}})\.([0-9]{{1,12}})({re.escape(AGREED)})?\.([A-Za-z0-9_-]{{43}})")
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE = re.compile(rf"[{LETTERS}]{{20}}")
_MISREAD = str.maketrans("OIL", "011", "- \t\n")
"""Source: Crockford's base 32, whose letters cannot be taken for one another."""

_log = logging.getLogger(__name__)


class SessionError(ValueError):
    """A token that is forged, of another server, past its time, or of an erased conversation; or what can be no erasure code."""


class Session(NamedTuple):
    """What a token says: the id of its conversation, and whether the visitor has agreed to what is kept."""

    id: str
    agreed: bool


class Sessions:
    """Gives out tokens `id.expiry.signature` and knows its own again; the id alone, which is what is stored, opens nothing."""

    def __init__(self, key: bytes, lifetime: int = LIFETIME) -> None:
        self._key = key
        self._lifetime = lifetime

    def start(self, agreed: bool = False) -> tuple[str, str]:
        """A token for a new conversation, and its erasure code of 100 random bits."""
        letters = [secrets.choice(LETTERS) for _ in range(20)]
        code = "-".join("".join(letters[at : at + 4]) for at in range(0, 20, 4))
        claim = f"{erased_by(code)}.{int(time.time()) + self._lifetime}{AGREED if agreed else ''}"
        return f"{claim}.{self._sign(claim)}", code

    def read(self, token: str) -> Session:
        """The conversation that a token opens.

        Raises: SessionError.
        """
        parts = _TOKEN.fullmatch(token)
        if not parts or not hmac.compare_digest(self._sign(token.rpartition(".")[0]), parts[4]):
            raise SessionError("the token is not one of ours")
        if int(parts[2]) < time.time():
            raise SessionError("the token is past its time")
        return Session(parts[1], bool(parts[3]))

    def _sign(self, claim: str) -> str:
        return _in_letters(hmac.new(self._key, claim.encode(), hashlib.sha256).digest())


def erased_by(code: str) -> str:
    """The id of the conversation that an erasure code erases, however the code was copied: in small letters, without its hyphens.

    Raises: SessionError if it can be no code.
    """
    letters = code.upper().translate(_MISREAD)
    if not _CODE.fullmatch(letters):
        raise SessionError("an erasure code has 20 letters and digits, such as 7K2M-9QXA-04TZ-H6WC-E1RV")
    return _in_letters(hashlib.sha256(letters.encode()).digest()[:16])


def signing_key(path: Path = KEY_FILE) -> bytes:
    """The key that signs tokens: of the environment where several servers share it, else of a file that is made at the first start.

    Where neither works, a key of this process alone: conversations then begin anew after a restart.
    """
    if given := os.environ.get(KEY_VARIABLE):
        return given.encode()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_bytes(32))
        key = path.read_bytes()
    except OSError as error:
        _log.warning("%s cannot be used (%s): conversations will not outlive a restart", path, error)
        key = b""
    return key if len(key) >= 32 else secrets.token_bytes(32)


def _in_letters(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _write_once(path: Path, key: bytes) -> None:
    """Write the file whole and for its owner only, unless another server has just done so."""
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(key)
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()
