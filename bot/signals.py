"""How this process is ended from outside."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

ENDED_BY_INTERRUPT = 130


def end_at_once() -> None:
    """While nothing is begun, end without asking the libraries that are being loaded: some catch whatever is raised, and go on."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)


def end_politely() -> None:
    """Let Ctrl-C, and a polite end (SIGTERM) like it, raise KeyboardInterrupt, so that what was begun is cleaned up."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _interrupt)


@contextmanager
def ending_at_once() -> Iterator[Path]:
    """While libraries and model load, end without asking them: some catch whatever is raised, and go on.

    Gives a folder for what is unpacked meanwhile, the one thing that is there to clean up.
    """
    with tempfile.TemporaryDirectory(prefix="assistant-") as folder:

        def end(*_: Any) -> NoReturn:
            shutil.rmtree(folder, ignore_errors=True)
            _stop()

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


def _stop(*_: Any) -> NoReturn:
    os.write(2, b"\nStopped.\n")
    os._exit(ENDED_BY_INTERRUPT)


def _interrupt(*_: Any) -> NoReturn:
    raise KeyboardInterrupt
