"""Writes the log that is kept: a JSON object a line, rotated, and without what visitors wrote."""

from __future__ import annotations

import datetime
import json
import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path

from bot.launch import LaunchError
from bot.quiet import ROOT, places

LOG = ROOT / "var" / "log" / "assistant.jsonl"
BYTES, FILES = 5_000_000, 5
"""How large a file grows before the next one begins, and how many earlier ones are kept."""

_OURS = ("bot", "actions")


def keep() -> None:
    """Keep the log in a file, by default LOG, else the one that LOG_FILE names in the environment; the terminal goes on showing what matters.

    Raises: LaunchError if it cannot be written.
    """
    path = Path(os.environ.get("LOG_FILE") or LOG)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = RotatingFileHandler(path, maxBytes=BYTES, backupCount=FILES, encoding="utf8")
    except OSError as error:
        raise LaunchError(f"The log {path} cannot be written ({error.strerror}): set LOG_FILE to another file.") from None
    handler.setFormatter(JsonFormatter())
    for shown in logging.getLogger().handlers:
        shown.setLevel(logging.INFO)
    logging.getLogger().addHandler(handler)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.DEBUG)


class JsonFormatter(logging.Formatter):
    """A record as JSON: of our own modules what they say, of all others only the place, since their words may quote a conversation."""

    def format(self, record: logging.LogRecord) -> str:
        """One line, with the places instead of the traceback of an exception."""
        at = datetime.datetime.fromtimestamp(record.created, datetime.timezone.utc).isoformat(timespec="milliseconds")
        entry = {"at": at, "level": record.levelname.lower(), "from": record.name, "place": f"{record.module}:{record.lineno}"}
        if record.name.split(".")[0] in _OURS:
            entry["event"] = record.getMessage()
        entry.update(getattr(record, "fields", {}))
        if record.exc_info and record.exc_info[1]:
            entry["error"] = places(record.exc_info[1])
        return json.dumps(entry, ensure_ascii=False)
