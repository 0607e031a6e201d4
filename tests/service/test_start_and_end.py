"""How the server starts, ends, and tells why it cannot start."""

import signal
import socket
import subprocess
import sys
import time

import pytest

from bot.quiet import ROOT

pytestmark = [pytest.mark.service, pytest.mark.model]

WITH_BROKER = "tracker_store: {type: bot.tracker_store.RedactedTrackerStore, db: ''}\nevent_broker: {type: bot.nothing.Broker}"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_the_server_and_leaves_nothing(start, number):
    server = start()
    server.wait_until_ready()
    server.say("hello")
    assert server.end(number, seconds=8) == 0
    assert server.group_is_gone()
    assert "Traceback" not in server.output


@pytest.mark.parametrize("after", [1, 2, 4, 6])
def test_interrupt_while_loading_leaves_nothing(start, after):
    server = start()
    time.sleep(after)
    status = server.end(signal.SIGINT, seconds=8)
    assert status == (0 if "Open http" in server.output else 130)
    assert server.group_is_gone()
    assert "Traceback" not in server.output


def test_busy_port_is_told_at_once_and_in_one_line(start):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        server = start("--port", str(port))
        assert server.process.wait(15) == 1
    assert server.output == f"Port {port} is in use: stop what uses it, or take another one: `make run PORT={port + 1}`.\n"


@pytest.mark.parametrize(
    ("endpoints", "told"),
    [
        ("tracker_store: {type: Sequel, db: x.db}", "tracker_store: type 'Sequel' would keep or pass on personal data"),
        ("tracker_store: {type: SQL, dialect: sqlite, db: x.db}", "write `type: bot.tracker_store.RedactedTrackerStore`"),
        ("event_broker: {type: bot.nothing.Broker}", "would keep or pass on personal data"),
        (WITH_BROKER, "event_broker: 'bot.nothing.Broker' is unknown"),
        (
            "tracker_store: {type: bot.tracker_store.RedactedTrackerStore, dialect: postgresql, url: 127.0.0.1, port: 9, db: x}",
            "the database cannot be reached",
        ),
    ],
)
def test_endpoints_that_rasa_would_pass_over_are_told(tmp_path, model, endpoints, told):
    path = tmp_path / "endpoints.yml"
    path.write_text(endpoints)
    command = [sys.executable, "-m", "bot", "run", "--port", "0", "--endpoints", str(path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert ended.returncode == 1
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "Open http" not in ended.stdout
