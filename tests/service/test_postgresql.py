"""PostgreSQL instead of SQLite, by setting, at a clinic in the UK, where visitors agree first: a conversation, its redaction, its erasure, its time."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg2
import pytest

from bot import privacy
from bot.launch import TRACKER_STORE
from bot.quiet import ROOT

pytestmark = [pytest.mark.service, pytest.mark.model]

PASSWORD = "p%40ss-in-the-environment"
UNPRIVILEGED = "nobody"  # PostgreSQL refuses to run as root
WORDS = "I'm Zofia Wojciechowska, zofia.w@example.com, 07700 900461. How much is MesoGlow?"


@pytest.fixture(scope="module")
def database():
    """The settings of a database of Debian's PostgreSQL, on a free port of this machine."""
    programs = max(Path("/usr/lib/postgresql").glob("*/bin/initdb"), default=None)
    assert programs, "These tests need Debian's package postgresql, and it is not here: run bin/browsers"
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    folder = Path(tempfile.mkdtemp(prefix="postgresql-"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    (folder / "password").write_text(PASSWORD)
    if user:
        for path in (folder, folder / "password"):
            shutil.chown(path, user)
    make = [programs, "-D", folder / "data", "-U", "clinic", "-A", "scram-sha-256", "--pwfile", folder / "password", "--no-sync", "-E", "UTF8"]
    subprocess.run(make, user=user, cwd=folder, check=True, capture_output=True)
    settings = {"listen_addresses": "127.0.0.1", "port": port, "unix_socket_directories": "", "fsync": "off"}
    command = [programs.with_name("postgres"), "-D", folder / "data", *(part for name, value in settings.items() for part in ("-c", f"{name}={value}"))]
    process = subprocess.Popen(command, user=user, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                psycopg2.connect(host="127.0.0.1", port=port, user="clinic", password=PASSWORD, dbname="postgres").close()
                break
            except psycopg2.OperationalError:
                assert process.poll() is None, "PostgreSQL ended"
                assert time.monotonic() < deadline, "PostgreSQL does not answer"
                time.sleep(0.1)
        yield {"dialect": "postgresql", "url": "127.0.0.1", "port": port, "db": "postgres", "username": "clinic"}
    finally:
        process.terminate()
        process.wait(20)
        shutil.rmtree(folder)


def rows(database, query, *values):
    connection = psycopg2.connect(host=database["url"], port=database["port"], user="clinic", password=PASSWORD, dbname="postgres")
    with connection, connection.cursor() as cursor:
        cursor.execute(query, values)
        found = cursor.fetchall() if cursor.description else []
    connection.close()
    return found


def test_conversations_are_kept_redacted_and_erased_in_postgresql(database, start, tmp_path, monkeypatch):
    endpoints, clinic = tmp_path / "postgresql.yml", tmp_path / "clinic.yml"
    lines = "".join(f"  {name}: {value}\n" for name, value in database.items())
    endpoints.write_text(f"tracker_store:\n  type: {TRACKER_STORE}\n{lines}  password: ${{CLINIC_DATABASE_PASSWORD}}\n")
    monkeypatch.setenv("CLINIC_DATABASE_PASSWORD", PASSWORD)
    # a server reads the clinic.yml beside its code; this one is to be in the UK
    clinic.write_text("country: UK\nretention_days: 7\n")
    (tmp_path / "sitecustomize.py").write_text(f"import pathlib, bot.clinic\nbot.clinic.Clinic.load.__func__.__defaults__ = (pathlib.Path({str(clinic)!r}),)\n")
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{ROOT}")
    server = start("--endpoints", str(endpoints))
    server.wait_until_ready()

    status, told = server.post("messages", {"session": server.session(), "text": WORDS})
    assert (status, told["code"]) == (403, "consent")
    assert rows(database, "select * from events") == [], "nothing is kept before the visitor agrees"
    begun = server.post("sessions", {"consent": True})[1]
    session = begun["session"].split(".")[0]
    assert server.say(WORDS, begun["session"], message_id="one")["topics"] == ["cost"]
    assert server.say("and how long does that last?", begun["session"])["topics"] == ["duration"]
    assert server.post("feedback", {"session": begun["session"], "message_id": "one", "verdict": "good"})[0] == 200
    kept = " ".join(data for (data,) in rows(database, "select data from events where sender_id = %s", session))
    assert "I'm <name>, <email>, <phone>. How much is MesoGlow?" in kept
    assert not [secret for secret in ("Wojciechowska", "zofia", "900461") if secret in kept]
    said = server.post("history", {"session": begun["session"]})[1]["messages"]
    assert [message["from"] for message in said] == ["visitor", "assistant"] * 2

    other = server.post("sessions", {"consent": True})[1]["session"]
    server.say("is it safe?", other)
    assert "conversation is erased" in privacy.erase(endpoints, begun["erasure_code"])
    assert {found for (found,) in rows(database, "select sender_id from events")} == {other.split(".")[0]}
    assert server.post("messages", {"session": begun["session"], "text": "one more"})[1]["code"] == "session"
    rows(database, "update events set timestamp = timestamp - 8 * 86400 returning id")
    assert privacy.purge(endpoints, 7) == "1 conversation was deleted: nothing was said there for 7 days."
    assert rows(database, "select * from events") == []
