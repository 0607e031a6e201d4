"""Shows what takes long: one line a stage, with the seconds it has taken so far."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO

LOADING = "Starting: loading Rasa (5 to 20 s)"
"""What every command says first that needs Rasa."""


class Clock:
    """A line on the screen that names the present stage and counts its seconds; in a log, one line when a stage is over."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stderr
        self._live = self._stream.isatty()
        self._stage = ""
        self._since = 0.0
        self._over = threading.Event()
        self._ticker: threading.Thread | None = None

    def stage(self, name: str) -> None:
        """End the present stage and begin another."""
        self._end_stage("")
        self._stage, self._since = name, time.monotonic()
        if self._live:
            if self._ticker is None:
                self._ticker = threading.Thread(target=self._tick, daemon=True)
                self._ticker.start()
        else:
            self._write(f"{name} ...\n")

    def end(self, failed: bool = False) -> None:
        """End the last stage; ending again does nothing."""
        self._over.set()
        if self._ticker is not None:
            self._ticker.join()
        self._end_stage("failed" if failed else "")

    def _end_stage(self, word: str) -> None:
        if self._stage and self._live:
            self._write(f"\r{self._stage} ... {word or f'{time.monotonic() - self._since:.0f} s'}\033[K\n")
        self._stage = ""

    def _tick(self) -> None:
        while not self._over.wait(1):
            if self._stage:
                self._write(f"\r{self._stage} ... {time.monotonic() - self._since:.0f} s\033[K")

    def _write(self, text: str) -> None:
        self._stream.write(text)
        self._stream.flush()


@contextmanager
def stages() -> Iterator[Clock]:
    """A clock that ends with the block, and says so where the block fails."""
    clock = Clock()
    failed = True
    try:
        yield clock
        failed = False
    finally:
        clock.end(failed)
