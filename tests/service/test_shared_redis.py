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


async def test_servers_know_what_another_one_erased(servers):
    first, second = servers
    session = secrets.token_hex(8)
    assert not second.is_erased(session)
    await first.erase(session)
    assert second.is_erased(session)
    assert not second.is_erased(f"other-{session}")
