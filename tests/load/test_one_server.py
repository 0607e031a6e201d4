"""One server with its SQLite file, as `make run` starts it, under the same load as three."""

import asyncio
import json
import signal
import sqlite3
import time

import pytest
from conftest import Disk, Server
from crowd import crowd, later, messages_a_second, talked_alone

from bot.launch import TRACKER_STORE

pytestmark = [pytest.mark.service, pytest.mark.model]

VISITORS = 200
LIMITS = {"REQUESTS_PER_ADDRESS": "1000000", "REQUESTS_PER_SESSION": "1000000"}


@pytest.fixture(scope="module")
def disk(place):
    made = Disk(place / "small", 16)
    yield made
    made.unmount()


@pytest.fixture(scope="module")
def server(place, disk, model):
    endpoints = place / "sqlite.yml"
    endpoints.write_text(json.dumps({"tracker_store": {"type": TRACKER_STORE, "dialect": "sqlite", "db": str(disk.path / "conversations.db")}}))
    running = Server(place, LIMITS, endpoints)
    running.wait()
    yield running
    running.end(signal.SIGKILL)


@pytest.fixture(scope="module")
def alone(server):
    return asyncio.run(talked_alone(server.address))


@pytest.fixture(scope="module")
def capacity(server, alone, told):
    measured, spent = asyncio.run(messages_a_second(server.address, alone, {"server": server}))
    told(f"one server: {measured:.1f} messages a second at most; processor a message: {spent}; memory {server.used()[1]:.0f} MB")
    return measured


@pytest.fixture
def talk(server, disk, alone, capacity, told):
    def run(*faults, visitors=VISITORS):
        begun = time.monotonic()
        people, seen = asyncio.run(crowd(server.address, alone, visitors, 3 * visitors / capacity, *faults))
        told(f"one server, {visitors} visitors: {seen}; {time.monotonic() - begun:.0f} s")
        assert seen.wrong == []
        database = sqlite3.connect(disk.path / "conversations.db")
        try:
            rows = database.execute("select sender_id, data from events where type_name = 'user' order by id").fetchall()
        finally:
            database.close()
        told(f"SQLite: {(disk.path / 'conversations.db').stat().st_size / len(rows):.0f} bytes a message with its reply")
        stored = {}
        for session, data in rows:
            stored.setdefault(session, []).append(json.loads(data)["message_id"])
        for visitor in people:
            for session, said in visitor.conversations.items():
                assert stored[session.split(".")[0]] == [message_id for message_id, _, _ in said]
            assert not [session for session in visitor.erased if session.split(".")[0] in stored]
        return seen

    return run


def test_200_visitors_at_one_server_each_get_their_own_replies(talk):
    assert talk().failures == {}


def test_disk_full_at_one_server(talk, disk):
    def fill():
        disk.fill()
        time.sleep(15)
        disk.free()

    seen = talk(later(8, fill), visitors=40)
    assert set(seen.failures) == {"503 unavailable"}


def test_one_server_killed(talk, server):
    def kill():
        server.end(signal.SIGKILL)
        server.start()

    talk(later(8, kill), visitors=40)
