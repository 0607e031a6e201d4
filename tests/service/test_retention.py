"""Old conversations go by themselves."""

import sqlite3
import time

import pytest
from rasa.core.tracker_store import SQLTrackerStore
from rasa.shared.core.domain import Domain

from bot.tracker_store import RedactedTrackerStore

pytestmark = pytest.mark.service
DAY = 86_400
NOW = time.time()


def fill(path, conversations):
    """A database with an event at each age in days of each conversation."""
    store = RedactedTrackerStore(Domain.empty(), dialect="sqlite", db=str(path))
    with store.session_scope() as database:
        for name, ages in conversations.items():
            for age in ages:
                database.add(SQLTrackerStore.SQLEvent(sender_id=name, type_name="user", timestamp=NOW - age * DAY, data=f'{{"text": "words of {name}"}}'))
        database.commit()
    return store


def left(path):
    with sqlite3.connect(path) as database:
        return sorted(database.execute("select sender_id, count(*) from events group by sender_id").fetchall())


def test_conversations_go_whole_once_nothing_was_said_for_long(tmp_path):
    path = tmp_path / "conversations.db"
    store = fill(path, {"long-over": [40, 35, 31], "gone-on": [40, 2], "new": [0]})
    assert store.forget(NOW - 30 * DAY) == 1
    assert left(path) == [("gone-on", 2), ("new", 1)]
    assert b"words of long-over" not in path.read_bytes()
    assert store.forget(NOW - 30 * DAY) == 0


@pytest.mark.model
def test_the_server_deletes_what_is_old(start, tmp_path):
    fill(tmp_path / "conversations.db", {"over": [31], "new": [1]})
    start().wait_until_ready()
    deadline = time.monotonic() + 20
    while left(tmp_path / "conversations.db") != [("new", 1)]:
        assert time.monotonic() < deadline
        time.sleep(0.2)
