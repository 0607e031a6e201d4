"""What it costs to forget old conversations in PostgreSQL, measured for docs/scale.md."""

import time

import pytest
from rasa.shared.core.domain import Domain

from bot.tracker_store import RedactedTrackerStore

pytestmark = [pytest.mark.service, pytest.mark.model]

CONVERSATIONS, DAYS = 10_000, 31
DAY = 86_400


def test_a_day_is_forgotten_of_a_month(installation, told):
    """The rows are those of a real conversation, many times over; the small disk of the other tests is not used."""
    database = installation.database
    some = "(select min(sender_id) from events where data like '%%botox%%')"
    told_rows = database.ask(f"select type_name, intent_name, action_name, data from events where sender_id = {some} order by id")
    assert told_rows
    store = RedactedTrackerStore(
        Domain.empty(), dialect="postgresql", host="127.0.0.1", port=database.port, db="postgres", username="assistant", password=database.password
    )
    now = time.time()
    for row in told_rows:
        database.ask(
            "insert into events (id, sender_id, type_name, intent_name, action_name, data, timestamp) "
            "select nextval('events_id_seq'), 'conversation-' || n, %s, %s, %s, %s, %s - (n %% %s) * %s from generate_series(1, %s) n",
            *row,
            *(now, DAYS, DAY, CONVERSATIONS),
            database="postgres",
        )
    begun = time.monotonic()
    forgotten = store.forget(now - 29.5 * DAY)
    seconds = time.monotonic() - begun
    begun = time.monotonic()
    assert store.forget(now - 29.5 * DAY) == 0
    (size,) = database.ask("select pg_total_relation_size('events'), count(*) from events", database="postgres")
    told(
        f"{CONVERSATIONS * len(told_rows)} rows: {forgotten} conversations of {len(told_rows)} rows forgotten in {seconds:.1f} s, "
        f"nothing to forget in {time.monotonic() - begun:.1f} s, {size[0] / 1e6:.0f} MB, {size[0] / size[1]:.0f} bytes a row"
    )
    assert 0 < forgotten < CONVERSATIONS / 10
    store.engine.dispose()
