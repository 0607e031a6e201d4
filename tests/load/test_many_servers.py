"""Three servers behind nginx, 200 visitors, and what may go wrong meanwhile."""

import asyncio
import hashlib
import io
import json
import shutil
import signal
import subprocess
import tarfile
import time

import aiohttp
import pytest
from crowd import PHONE, crowd, later, messages_a_second, talked_alone

from bot.quiet import ROOT

pytestmark = [pytest.mark.service, pytest.mark.model]

VISITORS, FEWER = 200, 60


@pytest.fixture(scope="module")
def alone(installation):
    return asyncio.run(talked_alone(installation.nginx.address))


@pytest.fixture(scope="module")
def capacity(installation, alone, told):
    """Messages a second that this machine answers now; the visitors send two thirds of that."""
    parts = {f"server {number}": server for number, server in enumerate(installation.servers, 1)}
    parts |= {"PostgreSQL": installation.database, "Redis": installation.redis, "nginx": installation.nginx}
    measured, spent = asyncio.run(messages_a_second(installation.nginx.address, alone, parts))
    told(f"three servers: {measured:.1f} messages a second at most; processor a message: {spent}")
    return measured


@pytest.fixture
def talk(installation, alone, capacity, told):
    """Lets the visitors talk while faults happen, and looks at what they and the database say afterwards."""

    def run(*faults, visitors=FEWER):
        begun, pause = time.monotonic(), 3 * visitors / capacity
        people, seen = asyncio.run(crowd(installation.nginx.address, alone, visitors, pause, *faults))
        told(f"{visitors} visitors: {seen}; {time.monotonic() - begun:.0f} s")
        assert seen.wrong == []
        for visitor in people:
            for session, said in visitor.conversations.items():
                assert stored(installation, session) == [message_id for message_id, _, _ in said]
            for session in visitor.erased:
                assert stored(installation, session) == []
        return seen

    return run


def stored(installation, session):
    """The ids of a conversation's messages, as they stand in the database."""
    rows = installation.database.ask("select data from events where sender_id = %s and type_name = 'user' order by id", session.split(".")[0])
    return [json.loads(data)["message_id"] for (data,) in rows]


def test_200_visitors_each_get_their_own_replies(installation, talk, told):
    before = installation.nginx.seen()
    seen = talk(visitors=VISITORS)
    after = installation.nginx.seen()
    told("memory: " + ", ".join(f"{server.used()[1]:.0f} MB" for server in installation.servers))
    (row,) = installation.database.ask("select pg_total_relation_size('events'), count(*) filter (where type_name = 'user'), count(*) from events")
    told(f"PostgreSQL: {row[0] / row[1]:.0f} bytes a message with its reply ({row[2] / row[1]:.1f} rows)")
    assert seen.failures == {}
    shares = [after[str(server.port)] - before[str(server.port)] for server in installation.servers]
    assert min(shares) > sum(shares) / 5


def test_one_message_at_two_servers_at_once_is_answered_once(installation):
    async def both():
        first, second, _ = (server.address for server in installation.servers)
        async with aiohttp.ClientSession() as web:
            for _ in range(20):
                session = await post(web, first, "sessions", {})
                body = {"session": session["session"], "message_id": "same", "text": "how much is mesoglow"}
                replies = await asyncio.gather(*(post(web, address, "messages", body) for address in (first, second)))
                again = [await post(web, address, "messages", body) for address in (first, second)]
                assert "text" in again[0]
                assert [*replies, *again] == [again[0]] * 4
                assert stored(installation, session["session"]) == ["same"]

    asyncio.run(both())


async def post(web, address, path, body):
    async with web.post(f"{address}/chat/{path}", json=body) as answer:
        return await answer.json()


def test_server_killed(installation, talk):
    victim = installation.servers[0]

    def kill():
        victim.end(signal.SIGKILL)
        victim.start()  # as a container's engine would

    talk(later(8, kill))
    victim.wait()


def test_postgresql_restarted(installation, talk):
    database = installation.database

    def restart():
        database.end(signal.SIGQUIT)  # at once, as in a crash
        time.sleep(3)
        database.start()

    talk(later(8, restart))


def test_redis_restarted(installation, talk):
    def restart():
        installation.redis.end(signal.SIGKILL)
        time.sleep(3)
        installation.redis.start()

    talk(later(8, restart))


def test_server_paused(installation, talk):
    victim = installation.servers[1]

    def pause():
        victim.send(signal.SIGSTOP)
        time.sleep(25)
        victim.send(signal.SIGCONT)

    talk(later(6, pause))


def test_disk_full(installation, talk):
    disk = installation.database.disk

    def fill():
        disk.fill()
        time.sleep(15)
        disk.free()

    seen = talk(later(8, fill))
    assert seen.failures.keys() <= {"503 unavailable"}
    assert seen.failures


def test_rolling_update(installation, talk, place):
    release = new_release(place / "release")

    def roll():
        for old in list(installation.servers):
            new = installation.server(release)
            new.wait()
            installation.servers[installation.servers.index(old)] = new
            installation.nginx.change(installation.servers)
            time.sleep(2)
            old.end(signal.SIGTERM)

    talk(later(5, roll))
    (rows,) = installation.database.ask("select count(*) from events where data like %s", '%"model_id": "released-anew"%')
    assert rows[0] > 0


def new_release(path):
    """A copy of the assistant with a model of another identity, as a new image would bring it."""
    files = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\n")
    for name in filter(None, files):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, path / name)
    model = path / "models" / "assistant.tar.gz"
    model.parent.mkdir(exist_ok=True)
    with tarfile.open(ROOT / "models" / "assistant.tar.gz") as old, tarfile.open(model, "w:gz", compresslevel=1) as new:
        for member in old.getmembers():
            content = old.extractfile(member).read() if member.isfile() else b""
            if member.name.endswith("metadata.json") and member.name.count("/") <= 1:
                content = json.dumps({**json.loads(content), "model_id": "released-anew"}).encode()
                member.size = len(content)
            new.addfile(member, io.BytesIO(content))
    told = json.loads((ROOT / "models" / "fingerprint.json").read_text())
    (path / "models" / "fingerprint.json").write_text(json.dumps({**told, "model": hashlib.sha256(model.read_bytes()).hexdigest()}))
    return path


def test_phone_is_named_while_the_database_is_away(installation):
    installation.database.end(signal.SIGQUIT)
    try:
        server = installation.servers[0]

        async def ask():
            async with aiohttp.ClientSession() as web:
                session = await post(web, server.address, "sessions", {})
                return await post(web, server.address, "messages", {"session": session["session"], "message_id": "1", "text": "is it safe"})

        answer = asyncio.run(ask())
        assert (answer["code"], answer["phone"]) == ("unavailable", PHONE)
    finally:
        installation.database.start()
        installation.database.wait()
