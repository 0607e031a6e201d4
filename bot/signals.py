"""How this process is ended from outside."""

from __future__ import annotations

import signal
from typing import Any, NoReturn


def end_politely() -> None:
    """Let a polite end (SIGTERM) do what Ctrl-C does, so that what was begun is cleaned up; a server that is running takes both over."""
    signal.signal(signal.SIGTERM, _interrupt)


def _interrupt(*_: Any) -> NoReturn:
    raise KeyboardInterrupt
