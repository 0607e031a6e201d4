"""Nothing leaves the machine: the whole server under strace, which refuses and writes down every attempt of any of its threads or programs to connect.

It sees the calls that the kernel gets, so that libraries written in C are caught as well as Python, name look-ups included.
"""

import http.client
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from urllib.parse import urlsplit

import pytest

from bot.quiet import ROOT
from tests.service.conftest import Server

pytestmark = [pytest.mark.service, pytest.mark.model]

CALLS = "connect,sendto,sendmsg,sendmmsg"
VISITOR = "127.0.0.77"
MESSAGES = ("How much is MesoGlow?", "see https://example.com/me?id=77 or mail zofia.w@example.com", "my lips are swelling since the injections")
PAGES = ("/", "/visit", "/add-to-your-site", "/questions/", "/privacy", "/privacy/officer", "/widget/v1/clinic-chat.js", "/chat/settings")


def watched(trace, *command):
    """A command whose calls to the network are written to a file, and whose connections are refused."""
    strace = shutil.which("strace")
    assert strace, "This test needs strace, and it is not here: run bin/services"
    return [strace, "-f", "--seccomp-bpf", "-qq", "-e", f"trace={CALLS}", "-e", "inject=connect:error=ENETUNREACH", "-o", str(trace), *command]


def attempts(trace):
    """The calls that were to reach another machine; what a server sends to who has asked it names no address."""
    return [line for line in trace.read_text(errors="replace").splitlines() if re.search(r"sa_family=AF_(?!UNIX|NETLINK)", line)]


def test_attempts_are_seen_and_refused(tmp_path):
    """The test of the next test."""
    script = """
import socket, subprocess, sys
for attempt in (lambda: socket.create_connection(("192.0.2.1", 80)), lambda: socket.getaddrinfo("clinic.example", 80)):
    try:
        attempt()
        sys.exit("connected")
    except OSError:
        pass
socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 9))
subprocess.run([sys.executable, "-c", "import socket; socket.socket().connect_ex(('192.0.2.2', 80))"], check=True)
"""
    trace = tmp_path / "trace"
    subprocess.run(watched(trace, sys.executable, "-c", script), check=True)
    found = "\n".join(attempts(trace))
    assert all(address in found for address in ("192.0.2.1", "192.0.2.2", "htons(53)", "htons(9)")), found


def test_telemetry_is_off_whatever_the_environment_says(monkeypatch):
    for name in ("RASA_TELEMETRY_ENABLED", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK", "HF_HUB_OFFLINE"):
        monkeypatch.setenv(name, "true" if name.startswith("RASA") else "0")
    script = """
import os
from bot.quiet import quieten
quieten()
import huggingface_hub.constants as hub, rasa.telemetry, sentry_sdk
rasa.telemetry.initialize_telemetry()
print(rasa.telemetry.is_telemetry_enabled(), sentry_sdk.Hub.current.client, hub.HF_HUB_DISABLE_TELEMETRY, hub.HF_HUB_OFFLINE, os.environ["DO_NOT_TRACK"])
"""
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True)
    assert ended.stdout == "False None True True 1\n"


@pytest.fixture
def server(tmp_path, model, monkeypatch):
    """A server under watch, with the settings by which libraries would be let do as they like."""
    monkeypatch.setenv("RASA_TELEMETRY_ENABLED", "true")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec {shlex.join(watched(tmp_path / "trace", sys.executable))} "$@"\n')
    python.chmod(0o700)
    with monkeypatch.context() as patched:
        patched.setattr(sys, "executable", str(python))
        running = Server(tmp_path)
    yield running
    if not running.group_is_gone():
        os.killpg(running.process.pid, signal.SIGKILL)
    running.process.wait(20)


def test_nothing_leaves_the_machine(server, tmp_path):
    server.wait_until_ready()
    address = urlsplit(server.address)
    visitor = http.client.HTTPConnection(address.hostname, address.port, timeout=60, source_address=(VISITOR, 0))

    def ask(path, body=None):
        visitor.request("GET" if body is None else "POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = visitor.getresponse()
        content = answer.read()
        assert answer.status == 200, (path, content)
        return content

    for page in PAGES:
        ask(page)
    begun = json.loads(ask("/chat/sessions", {}))
    session = {"session": begun["session"]}
    for number, text in enumerate(MESSAGES):
        assert json.loads(ask("/chat/messages", {**session, "text": text, "message_id": str(number)}))["text"]
    ask("/chat/feedback", {**session, "message_id": "0", "verdict": "bad", "why": "wrong"})
    ask("/chat/history", session)
    ask("/chat/export", session)
    files = [path for path in tmp_path.iterdir() if path.is_file() and path.name != "trace"]
    assert [path.name for path in files if VISITOR.encode() in path.read_bytes()] == [], "addresses of visitors are not kept"
    ask("/chat/erase", {"code": begun["erasure_code"]})
    visitor.close()
    os.killpg(server.process.pid, signal.SIGINT)  # strace itself waits for what it watches
    assert server.process.wait(30) == 0
    assert attempts(tmp_path / "trace") == []
