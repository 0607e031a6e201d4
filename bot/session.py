"""Session tokens: whoever holds one may go on with its conversation, and nobody else may read, judge or erase it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import os
import re
import secrets
import time
from collections import OrderedDict
from pathlib import Path

from bot.quiet import ROOT

KEY_FILE = ROOT / "var" / "session.key"
KEY_VARIABLE = "SESSION_KEY"
LIFETIME = 24 * 3600
"""Seconds for which a token is good; the widget itself forgets a conversation after half an hour without a message."""

ENDED = 10_000
"""Erased conversations whose tokens are remembered as good for nothing."""

_TOKEN = re.compile(r"([A-Za-z0-9_-]{22})\.([0-9]{1,12})\.([A-Za-z0-9_-]{43})")

_log = logging.getLogger(__name__)


class SessionError(ValueError):
    """A token that is forged, of another server, past its time, or of an erased conversation."""


class Sessions:
    """Gives out tokens `id.expiry.signature` and knows its own again; the id alone, which is what is stored, opens nothing."""

    def __init__(self, key: bytes, lifetime: int = LIFETIME) -> None:
        self._key = key
        self._lifetime = lifetime
        self._ended: OrderedDict[str, None] = OrderedDict()

    def start(self) -> str:
        """A token for a new conversation, with 128 random bits for an id."""
        claim = f"{secrets.token_urlsafe(16)}.{int(time.time()) + self._lifetime}"
        return f"{claim}.{self._sign(claim)}"

    def read(self, token: str) -> str:
        """The id of the conversation that a token opens.

        Raises: SessionError.
        """
        parts = _TOKEN.fullmatch(token)
        if not parts or not hmac.compare_digest(self._sign(f"{parts[1]}.{parts[2]}"), parts[3]):
            raise SessionError("the token is not one of ours")
        if int(parts[2]) < time.time():
            raise SessionError("the token is past its time")
        if parts[1] in self._ended:
            raise SessionError("the conversation was erased")
        return parts[1]

    def end(self, session: str) -> None:
        """Let the token of a conversation open nothing from now on, so that a late message does not bring it back."""
        self._ended[session] = None
        while len(self._ended) > ENDED:
            self._ended.popitem(last=False)

    def _sign(self, claim: str) -> str:
        signature = hmac.new(self._key, claim.encode(), hashlib.sha256).digest()
        return base64.urlsafe_b64encode(signature).decode().rstrip("=")


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
