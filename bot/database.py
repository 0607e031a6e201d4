"""The database of conversations beside what Rasa does with it: its form, brought up to date step by step, and the sign that somebody uses it.

Imports no Rasa, which makes the table `events` (rasa/core/tracker_store.py:1098) and changes nothing of one that is there.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Any

import sqlalchemy

STEPS = {
    2: ("CREATE INDEX ix_events_sender_id_timestamp ON events (sender_id, timestamp)",),
}
"""What leads to each version from the one before; version 1 is the table as Rasa makes it. Version 2: which conversations are over, or were active since a
day, is read from an index rather than from the whole table."""
VERSION = max(STEPS)

_LOCK = 0x6D65736F
"""A number by which nothing else locks the database."""


class DatabaseError(RuntimeError):
    """The database cannot be used; the text is one line that says what to do."""


def migrate(engine: Any) -> int:
    """Bring a database with the table of events to VERSION, all steps or none; return the version that it had.

    Raises: DatabaseError if a newer version of the assistant has made it.
    """
    with engine.connect() as connection:
        found = version(connection)
    if found == VERSION:
        return found
    with engine.begin() as connection:
        sqlite = engine.dialect.name == "sqlite"
        connection.exec_driver_sql("BEGIN IMMEDIATE" if sqlite else f"SELECT pg_advisory_xact_lock({_LOCK})")  # of several servers that start, one
        found = version(connection)
        for step in range(found + 1, VERSION + 1):
            for statement in STEPS[step]:
                connection.exec_driver_sql(statement)
        if found < VERSION:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS assistant_schema (version INTEGER NOT NULL)")
            connection.exec_driver_sql("DELETE FROM assistant_schema")
            connection.exec_driver_sql(f"INSERT INTO assistant_schema VALUES ({VERSION})")
    return found


def version(connection: Any) -> int:
    """The version of a database's form.

    Raises: DatabaseError if it is newer than VERSION.
    """
    if not sqlalchemy.inspect(connection).has_table("assistant_schema"):
        return 1
    found = int(connection.exec_driver_sql("SELECT version FROM assistant_schema").scalar() or 1)
    if found > VERSION:
        raise DatabaseError(
            f"The database of conversations has form {found}, and this version of the assistant knows {VERSION}: a newer version made it. Run that one again."
        )
    return found


def use(path: Path) -> int:
    """Mark the file of a SQLite database as in use until this process ends, or the returned file descriptor is closed.

    Between two messages SQLite itself does not know that a server is there.

    Raises: DatabaseError if it is being restored.
    """
    return _lock(path, fcntl.LOCK_SH, "is being restored from a backup: wait until that is done")


def take(path: Path) -> int:
    """Have the file of a SQLite database for oneself until this process ends, or the returned file descriptor is closed.

    Raises: DatabaseError if somebody uses it.
    """
    return _lock(path, fcntl.LOCK_EX, "is in use: end the assistant first")


def _lock(path: Path, kind: int, problem: str) -> int:
    held = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)  # not the file itself: to close it here would undo SQLite's own locks
    try:
        fcntl.flock(held, kind | fcntl.LOCK_NB)
    except OSError:
        os.close(held)
        raise DatabaseError(f"The database {path} {problem}.") from None
    return held
