"""The real server as a process of its own, on a free port of this machine, with a database of its own."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid

import pytest

from bot.launch import TRACKER_STORE
from bot.quiet import ROOT
from bot.rate_limits import ADDRESS_VARIABLE, SESSION_VARIABLE

READY_SECONDS = 120
UNLIMITED = {SESSION_VARIABLE: "1000000", ADDRESS_VARIABLE: "1000000"}
"""Tests are one address that asks without a pause; tests/service/test_limits.py has a server with the limits that hold."""


class Server:
    """One started server: its process, its address and what it printed."""

    prefix = ()

    def __init__(self, folder, *arguments, **environment):
        self.log = folder / f"{uuid.uuid4().hex}.log"
        endpoints = folder / "endpoints.yml"
        self.database = folder / "conversations.db"
        endpoints.write_text(json.dumps({"tracker_store": {"type": TRACKER_STORE, "dialect": "sqlite", "db": str(self.database)}}))
        command = [*self.prefix, sys.executable, "-m", "bot", "run", "--port", "0", "--endpoints", str(endpoints), *arguments]
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env={**os.environ, **UNLIMITED, **environment}, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )
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
        """Whether neither the server nor anything that it started is left."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, 0)
            return False
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
