"""What is left of personal data in the files of a real server, and that the conversation goes on all the same."""

import sqlite3

import pytest

pytestmark = [pytest.mark.service, pytest.mark.model]

SECRETS = ("Wojciechowska", "zofia.w", "07700 900461", "900461", "4242 4242", "987-65-4329", "14/02/1987", "Primrose", "NW1 8QQ", "448812")
CONVERSATION = (
    "Hello, I'm Zofia Wojciechowska and how much is MesoGlow?",
    "how long does it last? mail zofia.w@example.com or call 07700 900461",
    "I was born 14/02/1987, ssn 987-65-4329, is it safe for me",
    "i live at 17 Primrose Road, London NW1 8QQ, where are you. My results: https://portal.example.com/r?patient=448812",
    "can I pay with 4242 4242 4242 4242? thanks, Zofia Wojciechowska",
)


def stored(server):
    """The bytes of every file of the server: database, journals, log."""
    return {path.name: path.read_bytes() for path in server.database.parent.iterdir() if path.is_file()}


def test_nothing_personal_is_in_any_file(server):
    session = server.session()
    for text in CONVERSATION:
        server.say(text, session)
    files = stored(server)
    assert b"<name>" in files["conversations.db"]
    assert [(name, secret) for name, content in files.items() for secret in SECRETS if secret.lower().encode() in content.lower()] == []


def test_not_even_debugging_logs_what_visitors_type(start, monkeypatch):
    monkeypatch.setenv("LOG_LEVEL", "DEBUG")
    server = start()
    server.wait_until_ready()
    server.say("my unmistakable words")
    assert "unmistakable" not in server.output


def test_follow_up_understands_a_message_with_personal_data(server):
    session = server.session()
    assert server.say("I'm Zofia Wojciechowska, zofia.w@example.com. How much is Botox?", session)["topics"] == ["cost"]
    reply = server.say("and how long does that last?", session)
    assert reply["topics"] == ["duration"]
    assert "Botox" in reply["text"]


UNCLEAR = [
    "scar from before looks angry",
    "the stuff with the glow and the things",
    "what about the glow then",
    "my hairs falling out, heard theres shots for that",
]


def test_button_answers_after_a_message_with_personal_data(server):
    session = server.session()
    reply = next(reply for reply in (server.say(f"im Zofia Wojciechowska, {text}", session) for text in UNCLEAR) if reply["options"])
    status, answer = server.post("messages", {"session": session, "choice": reply["buttons"][0]["choice"]})
    assert status == 200
    assert answer["kind"] == "answer"
    assert answer["topics"] == reply["options"][:1]


def test_alarm_is_raised_and_stands_with_personal_data_in_it(server):
    session = server.session()
    assert server.say("This is Zofia Wojciechowska, 07700 900461, my lips are swelling since the injections", session)["kind"] == "urgent"
    assert server.say("its probably nothing", session)["kind"] == "urgent"
    with sqlite3.connect(server.database) as database:
        (text,) = database.execute(
            "select data from events where sender_id = ? and type_name = 'user' order by id limit 1", (session.split(".")[0],)
        ).fetchone()
    database.close()
    assert "This is <name>, <phone>, my lips are swelling" in text
    assert server.say("all fine now, Dr Pemberton checked me", session)["kind"] == "urgent"
    assert server.say("how much is mesoglow", session)["text"].count("emergency") == 0
