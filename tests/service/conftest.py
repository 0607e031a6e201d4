"""The real server as a process of its own, on a free port of this machine, with a database of its own."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path

import pytest

from bot.launch import TRACKER_STORE
from bot.quiet import ROOT
from bot.rate_limits import ADDRESS_VARIABLE, SESSION_VARIABLE
from bot.training import MODELS

READY_SECONDS = 120
PASSWORD = "p%40ss-of-the-database"
UNLIMITED = {SESSION_VARIABLE: "1000000", ADDRESS_VARIABLE: "1000000"}
"""Tests are one address that asks without a pause; tests/service/test_limits.py has a server with the limits that hold."""


class Server:
    """One started server: its process, its address and what it printed."""

    prefix = ()

    def __init__(self, folder, *arguments, root=ROOT, **environment):
        self.kept_log = folder / "assistant.jsonl"
        self.log = folder / f"{uuid.uuid4().hex}.log"
        endpoints = folder / "endpoints.yml"
        self.database = folder / "conversations.db"
        endpoints.write_text(json.dumps({"tracker_store": {"type": TRACKER_STORE, "dialect": "sqlite", "db": str(self.database)}}))
        command = [*self.prefix, sys.executable, "-m", "bot", "run", "--port", "0", "--endpoints", str(endpoints), *arguments]
        with self.log.open("w") as log:
            environment = {**os.environ, **UNLIMITED, "LOG_FILE": str(self.kept_log), **environment}
            self.process = subprocess.Popen(command, cwd=root, env=environment, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        self.address = ""

    @property
    def output(self):
        return self.log.read_text()

    def wait_until_ready(self):
        deadline = time.monotonic() + READY_SECONDS
        while not (ready := re.search(r"^Open (http\S+)/ ", self.output, re.MULTILINE)):
            assert self.process.poll() is None, self.output
            assert time.monotonic() < deadline, self.output
            time.sleep(0.1)
        self.address = ready[1]

    def end(self, number=signal.SIGINT, seconds=20):
        """Send a signal; return the exit status."""
        if self.process.poll() is None:
            os.kill(self.process.pid, number)
        return self.process.wait(seconds)

    def group_is_gone(self):
        """Whether neither the server nor anything that it started is left, within a second: a library asks `uname` something while it is imported."""
        deadline = time.monotonic() + 1
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.killpg(self.process.pid, 0)
                if time.monotonic() > deadline:
                    return False
                time.sleep(0.02)
        return True

    def post(self, path, body, **headers):
        """POST JSON, or bytes as they are; return status and parsed answer."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.address}/chat/{path}", data=data, method="POST", headers={"Content-Type": "application/json", **headers})
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, json.load(error)

    def get(self, path, method="GET", **headers):
        """GET; return status, headers and text."""
        request = urllib.request.Request(f"{self.address}{path}", method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.headers, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read().decode()

    def session(self):
        """The token of a new conversation."""
        return self.post("sessions", {})[1]["session"]

    def say(self, text, session=None, **more):
        """The reply to a message in a conversation, by default a new one."""
        status, reply = self.post("messages", {"session": session or self.session(), "text": text, **more})
        assert status == 200, reply
        return reply


@pytest.fixture(scope="session")
def server_of():
    """Starts a server with a folder of its own, and settings that only some tests want."""
    return Server


@pytest.fixture(scope="session")
def copied(model):
    """Copies what is committed here or will be into a folder, with the model, for tests that change its files."""

    def copy(folder):
        listed = subprocess.run(["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True)
        for name in listed.stdout.split():
            if not name.startswith(("tests/", "widget/", "docs/images/")) and (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, folder / name)
        (folder / "models").symlink_to(MODELS)
        return folder

    return copy


@pytest.fixture
def start(tmp_path, model):
    """Starts servers, and ends them with the test."""
    started = []

    def start_one(*arguments):
        started.append(Server(tmp_path, *arguments))
        return started[-1]

    yield start_one
    for server in started:
        server.end(signal.SIGKILL)


@pytest.fixture(scope="session")
def server(tmp_path_factory, model):
    """One server for all tests that only talk to it."""
    running = Server(tmp_path_factory.mktemp("server"))
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.end(signal.SIGKILL)


@pytest.fixture(scope="session")
def postgres():
    """Makes empty databases in a PostgreSQL of its own on this machine; each is given as the settings of a tracker store."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    assert programs, "These tests need PostgreSQL, and it is not here: run bin/services"
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    (folder / "password").write_text(PASSWORD)
    unprivileged = ["runuser", "-u", "postgres", "--"] if os.getuid() == 0 else []  # PostgreSQL refuses root
    if unprivileged:
        for path in (folder, folder / "password"):
            shutil.chown(path, "postgres")

    def run(program, *arguments):
        environment = {**os.environ, "PGPASSWORD": PASSWORD}
        subprocess.run([*unprivileged, programs[-1] / program, *arguments], check=True, cwd=folder, env=environment, stdout=subprocess.DEVNULL)

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data, address = folder / "data", ["-h", "127.0.0.1", "-p", str(port)]
    run("initdb", "-D", data, "-U", "clinic", "-A", "scram-sha-256", "--pwfile", folder / "password", "--no-sync")
    run("pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", f"-c listen_addresses=127.0.0.1 -p {port} -k {folder} -c fsync=off", "start")

    def make(name):
        run("createdb", *address, "-U", "clinic", name)
        return {"type": TRACKER_STORE, "dialect": "postgresql", "url": "127.0.0.1", "port": port, "username": "clinic", "password": PASSWORD, "db": name}

    try:
        yield make
    finally:
        run("pg_ctl", "-D", data, "-m", "immediate", "stop")
        shutil.rmtree(folder)
