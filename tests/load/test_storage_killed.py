"""The SQLite file of one server, whose storage layer is killed in the middle of its work, fifty times over."""

import asyncio
import collections
import json
import os
import random
import signal
import sqlite3
import time

from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.tracker_store import RedactedTrackerStore

KILLS, CONVERSATIONS = 50, 5
REPLY = "Our sources hold no official average. " * 20


def test_nothing_acknowledged_is_missing_after_fifty_kills(tmp_path, told):
    path = tmp_path / "conversations.db"
    RedactedTrackerStore(Domain.empty(), dialect="sqlite", db=str(path)).engine.dispose()  # what takes long is loaded once; each process begins as a fork
    acknowledged, in_the_middle = collections.defaultdict(list), 0
    for life in range(KILLS):
        reading, writing = os.pipe()
        process = os.fork()
        if process == 0:
            os.close(reading)
            _save_without_end(path, life, writing)
        os.close(writing)
        with os.fdopen(reading, "rb") as acknowledgements:
            first = acknowledgements.readline()  # it is at work
            time.sleep(random.uniform(0, 0.2))
            os.kill(process, signal.SIGKILL)
            assert os.WTERMSIG(os.waitpid(process, 0)[1]) == signal.SIGKILL
            for name, message_id in map(json.loads, [first, *acknowledgements.read().splitlines()]):
                acknowledged[name].append(message_id)
        in_the_middle += path.with_name(f"{path.name}-journal").exists()
        kept = _kept(path)
        assert {name: said[: len(acknowledged[name])] for name, said in kept.items()} == acknowledged
        unacknowledged = [message_id for name, said in kept.items() for message_id in said[len(acknowledged[name]) :]]
        assert len(unacknowledged) <= 1  # the message of which nobody was told yet
        acknowledged = collections.defaultdict(list, kept)
    told(f"{KILLS} kills, {sum(map(len, kept.values()))} messages saved, {in_the_middle} kills in the middle of a transaction; none missing")
    assert in_the_middle


def _save_without_end(path, life, acknowledge):
    """One life of the storage layer: it saves turns, and says of each that it is saved."""

    async def work():
        store = RedactedTrackerStore(Domain.empty(), dialect="sqlite", db=str(path))
        number = 0
        while True:
            name, message_id = f"conversation-{number % CONVERSATIONS}-{life // 10}", f"{life}-{number}"
            tracker = await store.retrieve(name) or DialogueStateTracker.from_events(name, [ActionExecuted("action_session_start"), SessionStarted()])
            tracker.update_with_events([UserUttered(f"is it safe {number}", message_id=message_id), BotUttered(REPLY)], Domain.empty())
            await store.save(tracker)
            os.write(acknowledge, json.dumps([name, message_id]).encode() + b"\n")
            number += 1

    try:
        asyncio.run(work())
    finally:
        os._exit(1)  # only a fault of the test comes here


def _kept(path):
    """The messages of each conversation; every one has its reply, and the file is whole."""
    database = sqlite3.connect(path)
    try:
        assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        kept = {}
        for name, kind, data in database.execute("select sender_id, type_name, data from events where type_name in ('user', 'bot') order by id"):
            said = kept.setdefault(name, [])
            assert (kind == "user") == (len(said) % 2 == 0)
            said.append(json.loads(data).get("message_id"))
        assert all(len(said) % 2 == 0 for said in kept.values())
        return {name: said[::2] for name, said in kept.items()}
    finally:
        database.close()
