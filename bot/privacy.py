"""What a clinic does with kept conversations when a visitor asks, or in time: erase one, export one, purge the old ones."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot import launch
from bot.quiet import ROOT
from bot.session import SessionError, erased_by

if TYPE_CHECKING:
    from bot.tracker_store import RedactedTrackerStore

DAY = 86_400


def erase(endpoints: Path, code: str) -> str:
    """Erase the conversation of an erasure code; return what was done, in a sentence.

    Raises: LaunchError if the code fits none, or the database cannot be used.
    """
    session = _session(code)
    with _store(endpoints) as store:
        if not store.erase(session):
            raise launch.LaunchError(_NOTHING)
    return "The conversation is erased. Copies of the database that you made before still hold it."


def export(endpoints: Path, code: str, out: Path | None) -> str:
    """Write all that is kept of the conversation of an erasure code as JSON; return it, or where it was written.

    Raises: LaunchError if the code fits none, or a file cannot be used.
    """
    session, to = _session(code), out and out.resolve()
    with _store(endpoints) as store:
        from bot.record import export as exported

        events = store.events(session)
        if not events:
            raise launch.LaunchError(_NOTHING)
        text = json.dumps(exported(events), ensure_ascii=False, indent=2)
    if to is None:
        return text
    launch.write_file(to, f"{text}\n")
    return f"Written to {out}."


def purge(endpoints: Path, days: int | None) -> str:
    """Delete the conversations in which nothing was said for some days, by default those of clinic.yml; return how many, in a sentence.

    Raises: LaunchError if the database cannot be used.
    """
    if days is None:
        days = launch.composer().clinic.retention_days
    with _store(endpoints) as store:
        count = store.forget(time.time() - days * DAY)
    conversations = "1 conversation was" if count == 1 else f"{count} conversations were"
    return f"{conversations} deleted: nothing was said there for {days} days."


_NOTHING = "There is no conversation with this code: it was erased already, was deleted in time, or the code is mistyped."


def _session(code: str) -> str:
    try:
        return erased_by(code)
    except SessionError as error:
        raise launch.LaunchError(f"'{code}' does not fit: {error}.") from None


@contextmanager
def _store(endpoints: Path) -> Iterator[RedactedTrackerStore]:
    """The store of conversations that endpoints.yml names.

    Raises: LaunchError if there is none, or it does not answer.
    """
    settings = launch.tracker_store(endpoints)
    if not settings:
        raise launch.LaunchError("There are no conversations: without a tracker_store in endpoints.yml they are kept in memory only.")
    if settings.get("dialect", "sqlite") == "sqlite" and not (path := ROOT / settings.get("db", "rasa.db")).is_file():
        raise launch.LaunchError(f"There are no conversations yet: {path} does not exist. `make run` makes it.")
    endpoints = endpoints.resolve()
    os.chdir(ROOT)  # settings name their files relative to it

    from rasa.core.tracker_store import TrackerStore
    from rasa.utils.endpoints import read_endpoint_config
    from sqlalchemy.exc import SQLAlchemyError

    from bot.tracker_store import RedactedTrackerStore

    store = TrackerStore.create(read_endpoint_config(str(endpoints), "tracker_store"))
    if not isinstance(store, RedactedTrackerStore):
        raise launch.LaunchError(f"{endpoints.name}, field tracker_store: '{settings.get('type')}' cannot be loaded.")
    try:
        yield store
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise launch.LaunchError(f"The database cannot be used ({reason}): see tracker_store in {endpoints.name}.") from None
    finally:
        store.engine.dispose()
