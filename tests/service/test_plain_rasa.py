"""Rasa's own `rasa run` can load the channel too, without our launcher."""

import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

from bot.api import OPEN
from bot.launch import TRACKER_STORE
from bot.quiet import ENVIRONMENT, ROOT

pytestmark = [pytest.mark.service, pytest.mark.model]


@pytest.fixture
def address(tmp_path, model):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text(json.dumps({"tracker_store": {"type": TRACKER_STORE, "dialect": "sqlite", "db": str(tmp_path / "c.db")}}))
    command = ["-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(port), "--cors", "*", "--model", str(model), "--endpoints", str(endpoints)]
    with (tmp_path / "log").open("w") as log:
        process = subprocess.Popen([sys.executable, *command], cwd=ROOT, stdout=log, stderr=log, env={**os.environ, **ENVIRONMENT})
    deadline = time.monotonic() + 120
    while not re.search("Rasa server is up and running", (tmp_path / "log").read_text()):
        assert process.poll() is None, (tmp_path / "log").read_text()
        assert time.monotonic() < deadline, (tmp_path / "log").read_text()
        time.sleep(0.2)
    yield f"http://127.0.0.1:{port}"
    process.kill()
    process.wait(10)


def ask(address, path, data=None, **headers):
    request = urllib.request.Request(f"{address}{path}", data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.headers, answer.read().decode()


def test_channel_works_under_plain_rasa_run(address):
    assert "Your visit" in ask(address, "/")[1]
    headers, settings = ask(address, "/chat/settings", Origin="https://evil.example")
    assert json.loads(settings)["name"]
    assert "Access-Control-Allow-Origin" not in headers, "only clinic.yml says who may read, not --cors"
    assert ask(address, "/chat/settings", Origin="https://www.clinic.example")[0]["Access-Control-Allow-Origin"] == "https://www.clinic.example"
    session = json.loads(ask(address, "/chat/sessions", b"{}")[1])["session"]
    said = json.dumps({"session": session, "text": "hello", "message_id": "1"}).encode()
    assert json.loads(ask(address, "/chat/messages", said)[1])["text"], "there is no action server beside it, and still no silence"
    history = json.loads(ask(address, "/chat/history", json.dumps({"session": session}).encode())[1])
    assert history["messages"][0]["text"] == "hello"


def test_plain_rasa_run_with_an_open_api_does_not_start(model):
    command = [sys.executable, "-m", "rasa", "run", "--enable-api", "--interface", "127.0.0.1", "--port", "0", "--model", str(model)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env={**os.environ, **ENVIRONMENT}, timeout=120)
    assert ended.returncode == 1
    assert ended.stderr.rstrip().endswith(OPEN)
