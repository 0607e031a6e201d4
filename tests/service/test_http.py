"""The real server, asked over HTTP."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from bot.reply import Reply

pytestmark = [pytest.mark.service, pytest.mark.model]

PARTS = {"text", "message_id", *Reply.__dataclass_fields__}


def test_question_gets_an_answer_with_all_its_parts(server):
    reply = server.say("How much does a session of mesotherapy cost?")
    assert reply.keys() == PARTS
    assert reply["kind"] == "answer"
    assert reply["topics"] == ["cost"]
    assert reply["facts"]
    assert all(source["date"] for source in reply["sources"])
    assert reply["text"].endswith(reply["referral"])
    assert "\n\n" not in reply["text"]


def test_sessions_are_random_and_begin_with_the_disclosure(server):
    (status, first), (_, second) = server.post("sessions", {}), server.post("sessions", {})
    assert status == 200
    assert first["session"] != second["session"]
    assert len(first["session"]) >= 20
    assert "not a doctor" in first["disclosure"]
    assert first["text"]


def test_conversation_goes_on_in_its_session(server):
    session = server.session()
    server.say("How much is MesoGlow?", session)
    assert server.say("and how long does that last?", session)["topics"] == ["duration"]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"", "session"),
        (b'{"session": "a",', "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[]", "must be an object"),
        ({"text": "hi"}, "session"),
        ({"session": 5, "text": "hi"}, "session"),
        ({"session": True}, "either the field text"),
        ({"session": True, "text": "hi", "choice": "choice-0-0"}, "either the field text"),
        ({"session": True, "text": ["hi"]}, "text must be a text"),
        ({"session": True, "choice": 1}, "choice must be a text"),
        ({"session": True, "text": "hi", "message_id": 1}, "message_id"),
        ({"session": True, "text": "hi", "message_id": ""}, "message_id"),
    ],
)
def test_wrong_request_is_told_in_a_sentence(server, body, told):
    if isinstance(body, dict) and body.get("session") is True:
        body = {**body, "session": server.session()}
    status, answer = server.post("messages", body)
    assert status == 400
    assert told in answer["error"]
    assert answer["code"] == "bad_request"


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "/",
        "/restart",
        "//nlu_fallback",
        '/ask_cost{"treatment": "x"}',
        "/ask_cost",
        "EXTERNAL: ask_cost",
        "😀😀",
        "\u200b\u202e",
        "\x00\x07",
        "\ud800",
        "how much " * 1200,
        "choice-0-0",
        "{sender_id}",
        "'; drop table events; --",
        "ß" * 500,
    ],
)
def test_odd_message_still_gets_a_helpful_reply(server, text):
    reply = server.say(text)
    assert reply["text"].strip()
    assert reply["kind"]
    assert "something went wrong" not in reply["text"]


def test_slash_is_read_as_words_and_not_as_a_command(server):
    assert server.say("/ how much does it cost?")["topics"] == ["cost"]


@pytest.mark.parametrize("choice", ["choice-0-0", "nonsense", "/restart", ""])
def test_unknown_button_still_gets_a_helpful_reply(server, choice):
    status, reply = server.post("messages", {"session": server.session(), "choice": choice})
    assert status == 200
    assert reply["text"]
    assert "something went wrong" not in reply["text"]


def test_long_message_is_answered_and_says_that_it_was_cut(server):
    reply = server.say("How much does mesotherapy cost? " * 400)
    assert reply["text"].startswith("That was a long message")


def test_message_sent_twice_is_answered_once(server):
    session = server.session()
    first = server.say("How much is it?", session, message_id="m1")
    assert server.say("Is it safe?", session, message_id="m1") == first
    with sqlite3.connect(server.database) as database:
        heard = database.execute("select count(*) from events where sender_id = ? and type_name = 'user'", (session.split(".")[0],)).fetchone()
    database.close()
    assert heard == (1,)


def test_message_sent_twice_at_once_is_answered_once(server):
    session = server.session()
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: server.say("How much is it?", session, message_id="m1"), range(4)))
    assert all(reply == replies[0] for reply in replies)


def test_many_visitors_at_once_get_their_own_answers(server):
    asked = {"cost": "How much does it cost?", "duration": "How long does it last?", "pain": "Does it hurt?"}
    with ThreadPoolExecutor(8) as pool:
        replies = list(pool.map(lambda topic: (topic, server.say(asked[topic])["topics"]), [*asked] * 6))
    assert all(got == [topic] for topic, got in replies)


@pytest.mark.parametrize(
    ("path", "told"), [("/", "Easy to reach"), ("/visit", "Your visit"), ("/add-to-your-site", "integrity="), ("/site.css", "color-scheme")]
)
def test_pages_are_served_under_a_strict_policy(server, path, told):
    status, headers, text = server.get(path)
    assert status == 200
    assert told in text
    assert "trusted-types 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_questions_and_answers_are_a_page_without_a_script_of_its_own(server):
    status, headers, text = server.get("/questions/")
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "How much does it cost?" in text
    assert text.count("<script") == 1  # the chat's
    assert "<style" not in text
    assert server.get("/questions/", **{"If-None-Match": headers["ETag"]})[0] == 304
    assert '<noscript><a href="/questions/">' in server.get("/")[2]
    assert "/questions/&#34;&gt;Questions and answers" in server.get("/add-to-your-site")[2]


@pytest.mark.parametrize("path", ["/conversations/x/tracker", "/model/parse", "/chat/endpoints.yml", "/chat/../clinic.yml", "/domain"])
def test_nothing_else_is_open(server, path):
    assert server.get(path)[0] in (404, 405)


def test_log_holds_nothing_that_was_said(server):
    server.say("my unmistakable words")
    assert "unmistakable" not in server.output
    assert "Traceback" not in server.output
