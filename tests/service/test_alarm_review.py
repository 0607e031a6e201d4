"""The list of alarms, made from what a real server stored."""

import csv
import subprocess
import sys

import pytest

from bot.alarms import NEAR
from bot.quiet import ROOT

pytestmark = [pytest.mark.service, pytest.mark.model]


MILD = ["lips tingle a little", "hurts like hell lol", "scar from before looks angry", "a friend of mine says her throat closed up once, does that happen"]
"""Some of these come near an alarm."""


def test_alarms_of_real_conversations_are_listed(server, tmp_path):
    session, other = server.session(), server.session()
    for text in ("how much is mesoglow", "I'm Zofia Wojciechowska, my tongue is swelling since the injections", "all fine now, thanks"):
        server.say(text, session)
    calm = [text for text in MILD if server.say(text, other)["kind"] != "urgent"]
    out = tmp_path / "alarms.csv"
    command = [sys.executable, "-m", "bot", "alarms", "--endpoints", str(server.database.parent / "endpoints.yml"), "--out", str(out)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    rows = list(csv.DictReader(out.read_text(encoding="utf-8-sig").splitlines()))
    alarm = next(row for row in rows if "tongue" in row["message"])
    assert alarm["what"] == "alarm"
    assert alarm["level"] == "ambulance"
    assert alarm["message"] == "I'm <name>, my tongue is swelling since the injections"
    assert alarm["before"] == "how much is mesoglow"
    assert alarm["after"] == "all fine now, thanks"
    assert alarm["ended"] == "relieved"
    near = [row for row in rows if row["what"].startswith("near-alarm, answered as ")]
    assert near
    assert all(row["message"] in calm and float(row["likelihood of an alarm"]) >= NEAR for row in near)
    assert not [cell for row in rows for cell in row.values() if session.split(".")[0] in cell or "Zofia" in cell]


def test_missing_database_is_told_in_one_sentence(tmp_path):
    endpoints = tmp_path / "endpoints.yml"
    endpoints.write_text("tracker_store: {type: bot.tracker_store.RedactedTrackerStore, dialect: sqlite, db: /nowhere/x.db}")
    command = [sys.executable, "-m", "bot", "alarms", "--endpoints", str(endpoints)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 1
    assert ended.stderr == "There are no conversations yet: /nowhere/x.db does not exist. `make run` makes it.\n"
