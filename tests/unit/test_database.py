"""The form of the database of conversations: brought up to date once, whole or not at all, and never by two at a time."""

import os
import sqlite3

import pytest
import sqlalchemy

from bot import database
from bot.database import VERSION, DatabaseError, migrate, take, use

FORM_1 = """
CREATE TABLE events (id INTEGER NOT NULL, sender_id VARCHAR(255) NOT NULL, type_name VARCHAR(255) NOT NULL, timestamp FLOAT, intent_name VARCHAR(255),
    action_name VARCHAR(255), data TEXT, PRIMARY KEY (id));
CREATE INDEX ix_events_sender_id ON events (sender_id);
INSERT INTO events VALUES (1, 'a', 'user', 1.0, 'ask_cost', NULL, '{"event": "user", "timestamp": 1.0, "text": "how much"}');
"""
"""A database as version 0.1.0 left it."""


@pytest.fixture
def old(tmp_path):
    path = tmp_path / "conversations.db"
    connection = sqlite3.connect(path)
    connection.executescript(FORM_1)
    connection.close()
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    yield engine
    engine.dispose()


def names(engine):
    with engine.connect() as connection:
        return {row.name for row in connection.exec_driver_sql("SELECT name FROM sqlite_master")}


def test_old_database_is_brought_up_to_date_and_keeps_what_it_holds(old):
    assert migrate(old) == 1
    assert "ix_events_sender_id_timestamp" in names(old)
    with old.connect() as connection:
        assert connection.exec_driver_sql("SELECT version FROM assistant_schema").fetchall() == [(VERSION,)]
        assert connection.exec_driver_sql("SELECT count(*) FROM events").scalar() == 1
    assert migrate(old) == VERSION


def test_index_is_what_the_days_of_conversations_are_read_from(old):
    migrate(old)
    with old.connect() as connection:
        for query in (
            "SELECT DISTINCT sender_id FROM events WHERE timestamp >= 1",
            "SELECT sender_id FROM events GROUP BY sender_id HAVING max(timestamp) < 1",
        ):
            plan = " ".join(row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}"))
            assert "COVERING INDEX ix_events_sender_id_timestamp" in plan


def test_step_that_fails_changes_nothing(old, monkeypatch):
    monkeypatch.setattr(database, "STEPS", {2: (*database.STEPS[2], "CREATE NONSENSE")})
    with pytest.raises(sqlalchemy.exc.OperationalError):
        migrate(old)
    assert names(old) == {"events", "ix_events_sender_id"}


def test_database_of_a_newer_version_is_refused(old):
    migrate(old)
    with old.begin() as connection:
        connection.exec_driver_sql("UPDATE assistant_schema SET version = 99")
    with pytest.raises(DatabaseError, match="form 99, and this version of the assistant knows"):
        migrate(old)


def test_many_may_use_a_database_and_one_may_take_it(tmp_path):
    path = tmp_path / "conversations.db"
    users = [use(path), use(path)]
    with pytest.raises(DatabaseError, match="is in use: end the assistant first"):
        take(path)
    for held in users:
        os.close(held)
    held = take(path)
    with pytest.raises(DatabaseError, match="is being restored"):
        use(path)
    os.close(held)
    os.close(use(path))
