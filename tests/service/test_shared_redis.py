"""What servers tell each other through a real Redis."""

import asyncio
import secrets
import socket
import subprocess
import time
from types import SimpleNamespace

import pytest
import redis
from rasa.core.lock_store import RedisLockStore
from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.domain import Domain

from bot import record
from bot.rate_limits import Counters
from bot.record import Record

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    folder = tmp_path_factory.mktemp("redis")
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        number = held.getsockname()[1]
    running = subprocess.Popen(["redis-server", "--port", str(number), "--bind", "127.0.0.1", "--dir", folder], stdout=subprocess.DEVNULL)
    client, deadline = redis.Redis("127.0.0.1", number), time.monotonic() + 20
    while True:
        try:
            client.ping()
            break
        except redis.RedisError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    yield number
    running.terminate()
    running.wait(10)


@pytest.fixture
def servers(port):
    """The records of two servers."""
    return [Record(SimpleNamespace(lock_store=RedisLockStore(port=port), tracker_store=InMemoryTrackerStore(Domain.empty()))) for _ in range(2)]


async def test_a_conversation_is_in_one_hand_at_a_time(servers):
    inside, most = 0, 0

    async def turn(server):
        nonlocal inside, most
        async with server.alone("conversation"):
            inside += 1
            most = max(most, inside)
            await asyncio.sleep(0.01)
            inside -= 1

    await asyncio.gather(*(turn(server) for server in servers * 5))
    assert most == 1


async def test_other_conversations_need_not_wait(servers):
    first, second = servers
    async with first.alone("one"), second.alone("other"):
        pass


async def test_a_killed_server_holds_a_conversation_for_a_while_only(servers, monkeypatch):
    monkeypatch.setattr(record, "LOCK_SECONDS", 0.2)
    killed, other = servers
    async with killed.alone("conversation"), other.alone("conversation"):  # the first lock runs out before it is let go, which then does no harm
        pass


async def test_servers_count_requests_together(port):
    servers = [Counters(lambda: redis.Redis("127.0.0.1", port)) for _ in range(2)]
    session = secrets.token_hex(8)
    assert [await server.add(session, 7) for server in servers * 2] == [1, 2, 3, 4]
    assert await servers[0].add(session, 8) == 1


async def test_requests_are_counted_while_redis_is_away():
    alone = Counters(lambda: redis.Redis("127.0.0.1", 9))
    assert [await alone.add("session", 7) for _ in range(2)] == [1, 2]
