"""Which alarms a clinic is shown, with what around them, and what it is told where there is nothing to show."""

import csv
import datetime
import json
import sqlite3

import pytest

from bot import alarms
from bot.alarms import Exchange, near_alarms, review, sessions
from bot.launch import TRACKER_STORE, LaunchError

DAY = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.timezone.utc).timestamp()
LIPS = "my lips are swelling"


def said(text, kind="answer", share=0.0, level=""):
    return Exchange(DAY, text, share, kind, level or ("ambulance" if kind == "urgent" else ""))


def urgent(text, likelihood=1.0):
    return said(text, "urgent", likelihood)


def endings(*exchanges):
    return [(alarm.raised.text, alarm.ended) for alarm in alarms.alarms(exchanges)]


@pytest.mark.parametrize(
    ("after", "ended"),
    [
        ([], "stood"),
        ([urgent("its probably nothing"), said("how much is it")], "stood"),
        ([urgent("all fine now", 0.4)], "relieved"),
        ([said("hm"), said("start over", "chitchat")], "started over"),
        ([said("a"), said("b"), said("c"), said("d")], "went on"),
    ],
)
def test_alarm_tells_how_it_ended(after, ended):
    assert endings(said("hello"), urgent(LIPS), *after) == [(LIPS, ended)]


def test_alarm_after_the_end_of_another_is_one_of_its_own():
    assert endings(urgent(LIPS), urgent("all fine now", 0.4), urgent("i cant breathe")) == [(LIPS, "relieved"), ("i cant breathe", "stood")]


def test_alarm_whose_own_words_sound_like_relief_is_listed():
    text = "the doctor saw me but now i cant breathe"
    assert endings(urgent(text, 0.6)) == [(text, "relieved")]
    assert endings(urgent(text)) == [(text, "stood")]


def test_alarm_keeps_two_messages_before_and_all_after():
    (alarm,) = alarms.alarms([said("a"), said("b"), said("c"), urgent(LIPS), said("d"), said("e")])
    assert [exchange.text for exchange in alarm.before] == ["b", "c"]
    assert [exchange.text for exchange in alarm.after] == ["d", "e"]


def test_near_alarms_are_what_was_answered_otherwise():
    exchanges = [said("one", share=0.1), said("two", share=0.09), said("three", "urgent", 1.0), said("four", "", 0.4)]
    assert [alarm.raised.text for alarm in near_alarms(exchanges)] == ["one", "four"]


def event(name, **fields):
    return {"event": name, "timestamp": DAY, **fields}


def user(text, share=0.0):
    return event("user", text=text, parse_data={"alarm_likelihood": share})


def bot(kind, **fields):
    return event("bot", text="...", metadata={"metadata": {"kind": kind, **fields}})


def test_sessions_are_read_from_events():
    pressed = {"choice": "choice-0a-0", "title": "Is it safe?"}
    events = [
        user("I'm Anna, how much"),
        bot("clarify", buttons=[pressed]),
        user(pressed["choice"]),
        bot("answer"),
        event("session_started"),
        user(LIPS, 1.0),
        bot("urgent", level="today"),
        user("hello?"),
    ]
    first, second = sessions(events)
    assert [exchange.text for exchange in first] == ["I'm <name>, how much", "[pressed: Is it safe?]"]
    assert second == [Exchange(DAY, LIPS, 1.0, "urgent", "today"), Exchange(DAY, "hello?", 0.0)]


@pytest.fixture
def database(tmp_path):
    """Makes the database and its endpoints.yml."""
    endpoints, path = tmp_path / "endpoints.yml", tmp_path / "conversations.db"
    endpoints.write_text(json.dumps({"tracker_store": {"type": TRACKER_STORE, "dialect": "sqlite", "db": str(path)}}))

    def make(*events):
        connection = sqlite3.connect(path)
        connection.execute("create table events (id integer primary key, sender_id, type_name, timestamp float, data)")
        for one in events:
            fields = one if isinstance(one, dict) else event("user")
            data = json.dumps(one) if isinstance(one, dict) else one
            connection.execute("insert into events values (null, 'visitor-4d2e', ?, ?, ?)", (fields["event"], fields["timestamp"], data))
        connection.commit()
        connection.close()

    make.endpoints, make.path = endpoints, path
    return make


CONVERSATION = (user("how much"), bot("answer"), user(LIPS, 1.0), bot("urgent", level="ambulance"), user("-1 day and a lump", 0.3), bot("answer"))


def test_review_prints_alarms_and_near_alarms_without_ids(database, capsys):
    database(*CONVERSATION)
    review(database.endpoints)
    printed = capsys.readouterr().out
    assert "ambulance, stood\n    how much\n  > my lips are swelling\n    -1 day and a lump\n" in printed
    assert "answered as answer, likelihood of an alarm 0.30" in printed
    assert "1 alarm and 1 near-alarm in 1 conversation." in printed
    assert "4d2e" not in printed


def test_review_writes_a_table_that_no_spreadsheet_reckons_with(database, tmp_path, capsys):
    database(*CONVERSATION)
    out = tmp_path / "alarms.csv"
    review(database.endpoints, out=out)
    head, alarm, near = csv.reader(out.read_text(encoding="utf-8-sig").splitlines())
    assert tuple(head) == alarms.COLUMNS
    assert alarm[1:] == ["alarm", "ambulance", "", LIPS, "how much", "'-1 day and a lump", "stood"]
    assert near[1:5] == ["near-alarm, answered as answer", "", "0.30", "'-1 day and a lump"]
    assert "written to" in capsys.readouterr().out
    with pytest.raises(LaunchError, match="name a new file"):
        review(database.endpoints, out=out)


def test_review_leaves_out_what_was_before(database, capsys):
    database(*CONVERSATION)
    review(database.endpoints, since=datetime.date(2026, 11, 22))
    assert "0 alarms and 0 near-alarms in 0 conversations since 2026-11-22." in capsys.readouterr().out
    review(database.endpoints, since=datetime.date(2026, 11, 20))
    assert "1 alarm " in capsys.readouterr().out


def test_review_of_an_empty_database_says_so(database, capsys):
    database.path.touch()
    review(database.endpoints)
    assert "0 alarms and 0 near-alarms in 0 conversations." in capsys.readouterr().out


def test_review_leaves_out_entries_that_cannot_be_read(database, capsys):
    database(*CONVERSATION, "{half an eve", "[]", "null", '{"event": "user"}')
    review(database.endpoints)
    printed = capsys.readouterr().out
    assert "1 alarm " in printed
    assert "damaged there: 4 events." in printed


def problem(database):
    with pytest.raises(LaunchError) as caught:
        review(database.endpoints)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_review_tells_that_the_database_is_missing(database):
    assert "There are no conversations yet" in problem(database)


def test_review_tells_that_the_database_is_damaged(database):
    database.path.write_bytes(b"no database at all " * 500)
    assert "cannot be read (file is not a database)" in problem(database)


def test_review_tells_that_the_database_is_cut_short(database):
    database(*CONVERSATION * 200)
    database.path.write_bytes(database.path.read_bytes()[:9000])
    assert "cannot be read (database disk image is malformed)" in problem(database)


def test_review_tells_that_nothing_is_kept(database):
    database.endpoints.write_text("action_endpoint: {url: x}")
    assert "in memory only" in problem(database)
