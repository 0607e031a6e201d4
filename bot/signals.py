"""How this process is ended from outside."""

from __future__ import annotations

import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

ENDED_BY_INTERRUPT = 130


def end_politely() -> None:
    """Let a polite end (SIGTERM) do what Ctrl-C does, so that what was begun is cleaned up; a server that is running takes both over."""
    signal.signal(signal.SIGTERM, _interrupt)


@contextmanager
def ending_at_once() -> Iterator[Path]:
    """While libraries and model load, end without asking them: some catch whatever is raised, and go on.

    Gives a folder for what is unpacked meanwhile, the one thing that is there to clean up.
    """
    with tempfile.TemporaryDirectory(prefix="assistant-") as folder:

        def end(*_: Any) -> NoReturn:
            shutil.rmtree(folder, ignore_errors=True)
            os.write(sys.stderr.fileno(), b"\nStopped.\n")
            os._exit(ENDED_BY_INTERRUPT)

        before = [(number, signal.signal(number, end)) for number in (signal.SIGINT, signal.SIGTERM)]
        try:
            yield Path(folder)
        finally:
            for number, handler in before:
                signal.signal(number, handler)


@contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Have Rasa unpack the model into this folder rather than into the system's (rasa/core/processor.py:137)."""
    usual, tempfile.tempdir = tempfile.tempdir, str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = usual


def _interrupt(*_: Any) -> NoReturn:
    raise KeyboardInterrupt
