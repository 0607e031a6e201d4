"""Looks before anything slow starts: whether the model, the facts and the settings are there and fit; writes what commands make. Imports no Rasa."""

from __future__ import annotations

import errno
import os
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from bot import training, yaml_file
from bot.clinic import ClinicError
from bot.composer import Composer
from bot.composer import load as load_composer
from bot.composer import read as read_composer
from bot.facts import FactError
from bot.quiet import ROOT
from bot.reply import ReplyError

CREDENTIALS = ROOT / "credentials.yml"
ENDPOINTS = ROOT / "endpoints.yml"
CHANNEL = "bot.channel.WebChannel"
TRACKER_STORE = "bot.tracker_store.RedactedTrackerStore"


class LaunchError(RuntimeError):
    """The assistant cannot start; the text is one line that says what to do."""


def composer() -> Composer:
    """What composes replies, with the facts and the clinic's settings.

    Raises: LaunchError if a file in data/facts/ or clinic.yml does not fit.
    """
    with _told_in_one_line():
        return load_composer()


def composer_of(facts: Path, clinic: Path) -> Composer:
    """A composer of these files as they stand now.

    Raises: LaunchError if one of them does not fit.
    """
    with _told_in_one_line():
        return read_composer(facts, clinic)


@contextmanager
def _told_in_one_line() -> Iterator[None]:
    try:
        yield
    except FactError as error:
        raise LaunchError(f"data/facts/{error}") from error
    except (ClinicError, ReplyError) as error:
        raise LaunchError(str(error)) from error


def model() -> Path:
    """The trained model, as training left it.

    Raises: LaunchError if there is none, or if the file is not the one that was trained here.
    """
    if not training.MODEL.exists():
        raise LaunchError("There is no trained model yet (models/assistant.tar.gz): run `make train`.")
    if not training.is_intact():
        raise LaunchError("models/assistant.tar.gz is not the file that training wrote: run `make train` to make it anew.")
    return training.MODEL


def settings(endpoints: Path = ENDPOINTS) -> None:
    """Read the files of endpoints and credentials and the limits of the environment, and make the folder of a SQLite database.

    Raises: LaunchError if one is missing or broken, if the web channel is not switched on, or if personal data would be stored.
        SANIC_WORKERS is refused, which Rasa passes over without a shared lock store (rasa/core/utils.py:303).
    """
    from bot.rate_limits import Counters, LimitError, RateLimits  # with Sanic, which no other command needs

    if (workers := os.environ.get("SANIC_WORKERS", "1")) != "1":
        raise LaunchError(
            f"SANIC_WORKERS={workers}: a server is one process, and several of them need a shared lock store. Unset SANIC_WORKERS, and start as many "
            "servers as you need with `--endpoints deploy/endpoints.yml` (deploy/README.md)."
        )
    try:
        RateLimits(b"", Counters())
    except LimitError as error:
        raise LaunchError(str(error)) from error
    channels()
    store = tracker_store(endpoints)
    if store.get("dialect") == "sqlite" and isinstance(store.get("db"), str):
        _check_database(ROOT / store["db"])


def channels() -> list[str]:
    """The channels through which visitors come.

    Raises: LaunchError if credentials.yml is missing or broken, or does not switch on the web channel.
    """
    names = list(_mapping(CREDENTIALS))
    if CHANNEL not in names:
        raise LaunchError(f"credentials.yml does not name {CHANNEL}, so that there would be no chat: add the line `{CHANNEL}:`.")
    return names


def tracker_store(endpoints: Path = ENDPOINTS) -> dict[str, Any]:
    """The settings of the store of conversations; empty where they are kept in memory.

    Raises: LaunchError if the file is missing or broken, or if personal data would be stored or passed on.
    """
    store, broker = (_mapping(endpoints).get(name) or {} for name in ("tracker_store", "event_broker"))
    if not isinstance(store, dict):
        raise LaunchError(f"{endpoints.name}, field tracker_store: expected lines such as `type: {TRACKER_STORE}`")
    if (store or broker) and store.get("type") != TRACKER_STORE:
        raise LaunchError(
            f"{endpoints.name}, field tracker_store: type '{store.get('type')}' would keep or pass on personal data as it was typed: "
            f"write `type: {TRACKER_STORE}`, which redacts it."
        )
    return store


def listen(host: str, port: int) -> socket.socket:
    """Hold the address, so that nobody takes it while the model loads.

    Raises: LaunchError if it is taken or forbidden.
    """
    held = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((host, port))
    except (OSError, OverflowError) as error:
        held.close()
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise LaunchError(f"Port {port} is in use: stop what uses it, or take another one: `make run PORT={port + 1}`.") from None
        raise LaunchError(f"The address {host}:{port} cannot be used ({error}): take another port, e.g. `make run PORT=5006`.") from None
    return held


def _check_database(path: Path) -> None:
    """Make the folder and try to write; Rasa itself only logs that it cannot, and then forgets (rasa/core/tracker_store.py:1091)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=2)) as database:
            database.execute("BEGIN IMMEDIATE")
            database.execute("ROLLBACK")
    except (OSError, sqlite3.Error) as error:
        raise LaunchError(f"The database {path} cannot be written ({error}): see tracker_store in endpoints.yml.") from error


def write_file(path: Path, text: str) -> None:
    """Write a file at once, so that an interrupt leaves no half one.

    Raises: LaunchError if it cannot be written.
    """
    part = path.parent / f".{path.name}.part"
    try:
        part.write_text(text, encoding="utf8")
        os.replace(part, path)
    except OSError as error:
        raise LaunchError(f"{path} cannot be written: {error.strerror}") from error
    finally:
        part.unlink(missing_ok=True)


def _mapping(path: Path) -> dict[str, Any]:
    try:
        content = yaml_file.read(path)
    except FileNotFoundError:
        raise LaunchError(f"{path.name} is missing: bring it back with `git checkout {path.name}`.") from None
    except (UnicodeDecodeError, OSError) as error:
        raise LaunchError(f"{path.name} cannot be read: {error}.") from None
    except yaml_file.YamlError as error:
        raise LaunchError(str(error)) from None
    if not isinstance(content, dict):
        raise LaunchError(f"{path.name}: expected lines such as `name: value`")
    return content
