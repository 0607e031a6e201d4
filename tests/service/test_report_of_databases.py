"""The report, made from what real servers, real databases and made-up conversations hold."""

import json
import random
import subprocess
import sys
import time

import pytest
import sqlalchemy

from bot import backup, composer, demo_data, report, stored
from bot.database import VERSION
from bot.launch import TRACKER_STORE, LaunchError
from bot.quiet import ROOT

pytestmark = [pytest.mark.service, pytest.mark.model]

SCRIPTS = [
    demo_data.Script("topic", ("how much is it", "and is it safe?")),
    demo_data.Script("unknown", ("what is the capital of france",)),
    demo_data.Script("vague", ("the glow", demo_data.PRESS)),
    demo_data.Script("alarm", ("my lips are swelling since the injections",)),
    demo_data.Script("chat", ("hello", "thanks")),
]


def settings(folder, store):
    path = folder / f"{store['dialect']}.yml"
    path.write_text(json.dumps({"tracker_store": store}))
    return path


def sqlite(folder):
    return {"type": TRACKER_STORE, "dialect": "sqlite", "db": str(folder / "made-up.db")}


async def test_report_is_the_same_from_sqlite_and_postgresql(assistant, postgres, tmp_path):
    played = await demo_data.play(assistant, SCRIPTS, random.Random(1))
    assert [len(one.turns) for one in played] == [2, 1, 2, 1, 2]
    reports = []
    clinic = composer.load().clinic
    now = time.time()
    for store in (sqlite(tmp_path), postgres("made_up")):
        made_up = demo_data.conversations_of(played, 400, 30, now, random.Random(2))
        messages, conversations = demo_data.write(settings(tmp_path, store), made_up, 400)
        found = stored.Conversations(settings(tmp_path, store))
        assert len(found) == conversations
        reports.append(report.gather(found, clinic))
        assert reports[-1].messages == messages >= 400
        assert reports[-1].made_up == conversations
    first, second = reports
    assert first == second
    assert first.kinds["answer"] > first.kinds["out_of_scope"] > 0
    assert {"cost", "safety"} <= first.topics.keys()
    assert len(first.seconds) == first.messages
    assert len(first.questions) > 20
    assert first.unanswered


async def test_made_up_conversations_never_go_where_real_ones_are(server, tmp_path):
    server.say("how much is it")
    endpoints = server.database.parent / "endpoints.yml"
    with pytest.raises(LaunchError, match="conversations that are not made up"):
        demo_data.write(endpoints, iter(()), 10)
    with pytest.raises(LaunchError, match=r"the database of endpoints\.yml, which is for real conversations"):
        demo_data.make(endpoints=ROOT / "endpoints.yml")


def test_postgresql_is_brought_up_to_date_like_sqlite(postgres):
    from rasa.core.tracker_store import TrackerStore
    from rasa.shared.core.domain import Domain
    from rasa.utils.endpoints import EndpointConfig

    store = TrackerStore.create(EndpointConfig.from_dict(postgres("fresh")), Domain.empty())
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT version FROM assistant_schema").scalar() == VERSION
        assert "ix_events_sender_id_timestamp" in {index["name"] for index in sqlalchemy.inspect(connection).get_indexes("events")}
    store.engine.dispose()


def test_report_of_a_running_server(server, tmp_path):
    session = server.session()
    server.say("how much is it", session, message_id="asked")
    assert server.post("feedback", {"session": session, "message_id": "asked", "verdict": "bad", "why": "outdated"})[0] == 200
    server.say("who won the football, by the way", server.session())
    endpoints, page = server.database.parent / "endpoints.yml", tmp_path / "report.html"
    ended = subprocess.run([sys.executable, "-m", "bot", "report", page, "--endpoints", endpoints], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert "messages in" in ended.stderr
    text = page.read_text()
    assert "who won the football, by the way" in text
    assert "outdated 1" in text
    assert "Half of the replies left within" in text
    assert session.split(".")[0] not in text
    assert "made up" not in text


def test_backup_of_a_running_server_is_whole_and_not_restored_over_it(server, tmp_path):
    server.say("how much is it, unmistakably")
    out = tmp_path / "backup.tar.gz"
    command = [sys.executable, "-m", "bot", "backup", out, "--endpoints", server.database.parent / "endpoints.yml"]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    (tmp_path / "endpoints.yml").write_text((server.database.parent / "endpoints.yml").read_text())
    with pytest.raises(LaunchError, match="is in use: end the assistant first"):
        backup.restore(out, tmp_path)
    assert server.say("is it safe")["kind"] == "answer"
