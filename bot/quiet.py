"""Keeps Rasa and TensorFlow quiet, private and readable; must be called before anything imports Rasa.

Logs say where something failed, never what a visitor wrote: a traceback is shortened to its places, because the message of an
exception may quote the conversation.
"""

from __future__ import annotations

import logging
import os
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent

ENVIRONMENT = {
    "RASA_TELEMETRY_ENABLED": "false",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "DO_NOT_TRACK": "1",  # for whatever else keeps to it
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",  # no graphics card is used, and looking for one is noise
    "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
    "OPENBLAS_NUM_THREADS": "1",  # products of one message are so small that a second thread does nothing but wait, a quarter of a turn
}

_FRAMES = 3


def quieten(level: int = logging.WARNING, *, visitors: bool = False) -> None:
    """Set the environment, the warnings and the logs of this process.

    LOG_LEVEL=DEBUG in the environment brings back everything, conversations included, unless it is visitors who talk.
    """
    os.environ.update(ENVIRONMENT)
    if visitors:
        os.environ.pop("LOG_LEVEL", None)
    if os.environ.get("LOG_LEVEL", "").upper() == "DEBUG":
        return
    # libraries undo filters of warnings when they are imported, so that warnings go to a log of their own, which stays shut
    logging.captureWarnings(True)
    logging.getLogger("py.warnings").setLevel(logging.ERROR)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlaceFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(handlers=[handler], level=level, force=True)
    logging.getLogger("matplotlib").setLevel(max(level, logging.ERROR))  # complains where it may write no cache of fonts, of which nobody draws any
    _configure_structlog(level)


class PlaceFormatter(logging.Formatter):
    """Formats a record on one line, with the places instead of the traceback of an exception."""

    def format(self, record: logging.LogRecord) -> str:
        """The record without the exception's message."""
        info, record.exc_info, record.exc_text = record.exc_info, None, None
        line = super().format(record).replace("\n", " ")
        return f"{line} [{places(info[1])}]" if info and info[1] else line


def places(error: BaseException) -> str:
    """The type of an exception and the innermost places of it, e.g. 'KeyError at actions/answer.py:41 < bot/composer.py:12'."""
    return f"{type(error).__name__} at {_chain(error.__traceback__)}"


def _chain(trace: TracebackType | None) -> str:
    frames = traceback.extract_tb(trace)
    own = [frame for frame in frames if ROOT in Path(frame.filename).parents and ".venv" not in frame.filename] or frames
    return " < ".join(f"{_short(frame.filename)}:{frame.lineno}" for frame in reversed(own[-_FRAMES:])) or "an unknown place"


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(ROOT)) if ROOT in path.parents else path.name


def _configure_structlog(level: int) -> None:
    import structlog

    def name_only(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> str:
        return str(event.get("event", ""))  # Rasa's fields hold what was said

    structlog.configure(
        processors=[name_only],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
