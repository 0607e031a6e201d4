"""A running server takes changes of facts and settings, refuses what does not fit, and can be watched; in a copy of the project, whose files are changed."""

import datetime
import json
import re
import time
import urllib.request

import pytest

from bot.facts import FactStore
from bot.quiet import ROOT
from bot.signatures import sign

pytestmark = [pytest.mark.service, pytest.mark.model]

SECONDS = 20


@pytest.fixture(scope="module")
def project(tmp_path_factory, copied):
    return copied(tmp_path_factory.mktemp("project"))


@pytest.fixture(scope="module")
def server(project, server_of, tmp_path_factory):
    running = server_of(tmp_path_factory.mktemp("live"), root=project, METRICS_PORT="0")
    try:
        running.wait_until_ready()
        yield running
        assert running.end() == 0
        assert "ERROR" not in running.output
    finally:
        running.end(9)


def until(holds):
    """Wait until something holds."""
    deadline = time.monotonic() + SECONDS
    while not (found := holds()):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return found


def edit(path, *changes):
    text = path.read_text(encoding="utf8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text, encoding="utf8")


def facts(server):
    return json.loads(server.get("/health")[2])["facts"]


def events(server):
    return [json.loads(line) for line in server.kept_log.read_text(encoding="utf8").splitlines()]


def test_a_right_change_is_live_and_a_wrong_one_keeps_the_last_good_state(server, project):
    session, origin = server.session(), {"Origin": "https://new.clinic.example"}
    assert "the many needle sticks as painful" in server.say("does it hurt", session)["text"]
    assert server.post("sessions", {}, **origin)[0] == 403
    edit(project / "data" / "facts" / "pain.yml", ("the many needle sticks", "the many sticks"))
    edit(
        project / "clinic.yml",
        ("phone: +1 555 010 0199", "phone: +1 555 010 0200"),
        ("opening_message: Hello!", "opening_message: Good day!"),
        ("websites: [", "websites: [https://new.clinic.example, "),
        ("retention_days: 30", "retention_days: 12"),
    )
    until(lambda: "the many sticks as painful" in server.say("does it hurt", session)["text"])
    assert "clinic.yml, pain.yml: the change is in force" in server.output
    assert "010 0200" in server.say("does it hurt", session)["referral"]
    page, (status, welcome) = server.get("/questions/")[2], server.post("sessions", {}, **origin)
    assert "the many sticks as painful" in page
    assert "010 0200" in page
    assert (status, welcome["body"][:9]) == (200, "Good day!")
    assert json.loads(server.get("/chat/settings")[2])["phone"] == "+1 555 010 0200"
    assert "for 12 days" in server.get("/privacy")[2]

    edit(project / "data" / "facts" / "pain.yml", ("[dermanetwork]", "[dermanetwrok]"))
    problem = until(lambda: facts(server)["refused"])["problem"]
    assert re.search(r"pain\.yml, .* unknown source 'dermanetwrok'.* \(line \d+\)", problem)
    assert any(event["level"] == "warning" and problem in event.get("event", "") for event in events(server))
    assert "the many sticks as painful" in server.say("does it hurt", session)["text"]
    edit(project / "data" / "facts" / "pain.yml", ("[dermanetwrok]", "[dermanetwork]"))
    until(lambda: facts(server)["refused"] is None)


def test_signature_counts_without_a_restart(server, project):
    assert server.say("has a doctor checked this")["text"].startswith("Not yet")
    folder = project / "data" / "facts"
    sign(FactStore.load(folder), ["pain.cream"], "Dr Ada Osei, dermatologist", datetime.date(2026, 11, 25), folder)
    until(lambda: "Dr Ada Osei" in server.say("has a doctor checked this")["text"])


# Watching it


def test_ready_tells_of_model_and_stores(server):
    status, _, text = server.get("/ready")
    assert status == 200
    assert json.loads(text) == {"ready": True, "model": True, "tracker_store": True, "lock_store": True}


def metrics(server):
    with urllib.request.urlopen(re.search(r"^Metrics: (\S+)$", server.output, re.MULTILINE)[1], timeout=10) as answer:
        text = answer.read().decode()
    return {name: float(value) for name, value in re.findall(r"^(assistant_\S+) (\S+)$", text, re.MULTILINE)}, text


def test_metrics_count_kinds_red_flags_and_time_and_hold_no_session(server):
    before, _ = metrics(server)
    session = server.session()
    for text in ("does it hurt", "what is the capital of france", "my lips are swelling since the injections"):
        server.say(text, session)
    after, text = metrics(server)
    grown = {name for name in after if after[name] > before.get(name, 0)}
    assert {
        'assistant_replies_total{kind="answer"}',
        'assistant_unanswered_total{why="out_of_scope"}',
        'assistant_red_flags_total{level="ambulance"}',
        'assistant_requests_total{service="message",status="200"}',
        'assistant_request_seconds_count{service="message"}',
    } <= grown
    assert session.split(".")[0] not in text
    assert "swelling" not in text
    assert server.get("/metrics")[0] == 404, "numbers are for another address than visitors'"


def test_log_holds_events_and_nothing_that_was_typed(server):
    server.say("unmistakablewords and does it hurt")
    server.post("messages", b'{"text": "unmistakablewords')
    turns = [event for event in events(server) if event.get("event") == "turn"]
    assert {"turn", "kind", "ms"} <= turns[-1].keys()
    assert "unmistakablewords" not in server.kept_log.read_text(encoding="utf8") + server.output


def test_addresses_of_the_documentation_are_served(server):
    words = "".join((ROOT / "docs" / f"{page}.md").read_text(encoding="utf8") for page in ("website", "architecture"))
    named = set(re.findall(r"`(/[a-z.-]+/?)`", words)) - {"/chat/", "/widget/"}
    assert {"/health", "/ready", "/questions/", "/privacy", "/site.css", "/add-to-your-site"} <= named
    assert {address: server.get(address)[0] for address in named} == dict.fromkeys(named, 200)
