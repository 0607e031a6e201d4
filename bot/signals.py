"""How this process is ended from outside."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

ENDED_BY_INTERRUPT = 130


def end_politely() -> None:
    """Let a polite end (SIGTERM) do what Ctrl-C does, so that what was begun is cleaned up; a server that is running takes both over."""
    signal.signal(signal.SIGTERM, _interrupt)


@contextmanager
def ending_at_once() -> Iterator[None]:
    """While libraries are imported: end without asking them, since some catch whatever is raised, and there is nothing yet to clean up."""
    before = [(number, signal.signal(number, _exit)) for number in (signal.SIGINT, signal.SIGTERM)]
    try:
        yield
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def _interrupt(*_: Any) -> NoReturn:
    raise KeyboardInterrupt


def _exit(*_: Any) -> NoReturn:
    os.write(sys.stderr.fileno(), b"\nStopped.\n")
    os._exit(ENDED_BY_INTERRUPT)
