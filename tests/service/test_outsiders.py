"""What comes from outside opens no other conversation and commands nothing."""

import json
import re
import secrets
import socket
import sqlite3

import pytest

from bot.session import Sessions

pytestmark = [pytest.mark.service, pytest.mark.model]

ORDERS = {
    "metadata": {"kind": "evil", "parts": ["evil"]},
    "sender": "evil",
    "sender_id": "evil",
    "conversation_id": "evil",
    "input_channel": "evil",
    "channel": "evil",
    "stream": True,
    "events": [{"event": "restart"}],
    "slots": {"region": "evil"},
    "parse_data": {"intent": {"name": "evil"}},
}


def events(server, session):
    """Everything that the database holds of a conversation."""
    database = sqlite3.connect(server.database)
    try:
        found = database.execute("select data from events where sender_id = ? order by id", (session.split(".")[0],)).fetchall()
        conversations = [name for (name,) in database.execute("select distinct sender_id from events")]
        assert [name for name in conversations if not re.fullmatch(r"[\w-]{22}", name)] == [], "all were begun by the server"
    finally:
        database.close()
    return [json.loads(data) for (data,) in found]


def forgeries(token, other):
    """Tokens that somebody makes who knows the id of a conversation, and has one of their own."""
    (ident, expiry, signature), (_, _, others) = token.split("."), other.split(".")
    stranger = Sessions(secrets.token_bytes(32))
    yield from (ident, f"{ident}.{expiry}", f"{ident}.{expiry}.", f"{ident}.{expiry}.{others}", f"{ident}.{int(expiry) + 1}.{signature}")
    yield from (f"{ident}.{expiry}.{stranger._sign(f'{ident}.{expiry}')}", f"{ident}.{expiry}.{signature[:-1]}", f"{token} ", f"{token}\x00", token.swapcase())
    yield from (f"{ident}.{expiry}.{signature[:-1]}{'A' if signature[-1] != 'A' else 'B'}", f" {token}", f"{ident}..{signature}", token.replace(".", "。"))


@pytest.mark.parametrize("path", ["messages", "history", "feedback", "erase"])
def test_forged_token_opens_nobody_s_conversation(server, path):
    mine, other = server.session(), server.session()
    server.say("How much is MesoGlow?", mine, message_id="one")
    before = server.post("history", {"session": mine})
    for forged in forgeries(mine, other):
        status, told = server.post(path, {"session": forged, "message_id": "one", "verdict": "good", **({"text": "hello"} if path == "messages" else {})})
        assert (status, told["code"]) == (401, "session"), forged
    assert server.post("history", {"session": mine}) == before


def test_own_token_does_not_reach_another_s_message(server):
    mine, other = server.session(), server.session()
    server.say("How much is MesoGlow?", mine, message_id="one")
    assert server.post("feedback", {"session": other, "message_id": "one", "verdict": "bad"})[0] == 404
    assert server.post("history", {"session": other})[1] == {"messages": []}
    assert server.post("erase", {"session": other})[0] == 200
    assert len(server.post("history", {"session": mine})[1]["messages"]) == 2


def test_fields_that_are_not_a_visitor_s_to_send_are_never_obeyed(server):
    session = server.session()
    status, reply = server.post("messages", {"session": session, "text": "How much is MesoGlow?", **ORDERS})
    assert (status, reply["topics"]) == (200, ["cost"])
    kept = events(server, session)
    said = [event for event in kept if event["event"] == "user"]
    assert [event["input_channel"] for event in said] == ["chat"]
    assert "evil" not in json.dumps(kept)


@pytest.mark.parametrize(
    "text",
    [
        "/restart",
        "/session_start",
        "/nlu_fallback",
        '/intent{"region": "evil"}',
        '/ask_cost{"region": "evil"}',
        " \u200b/ /restart",
        "/slot{}",
        "/affirm@1.0",
    ],
)
def test_slash_commands_nothing(server, text):
    session = server.session()
    server.say("How much is MesoGlow?", session, message_id="one")
    assert server.say(text, session, message_id="two")["text"]
    kept = events(server, session)
    assert [event["event"] for event in kept].count("session_started") == 1
    assert "restart" not in [event["event"] for event in kept]
    said = next(event for event in kept if event.get("message_id") == "two")
    assert not said["text"].startswith("/")
    assert "evil" not in [entity["value"] for entity in said["parse_data"]["entities"]]
    assert "evil" not in [event["value"] for event in kept if event["event"] == "slot"]
    assert server.say("and how long does that last?", session)["topics"] == ["duration"]


@pytest.mark.parametrize("choice", ["/restart", '/ask_cost{"region": "evil"}', "choice-0-0/restart", "choice-0-0\n/restart"])
def test_button_that_nobody_was_shown_commands_nothing(server, choice):
    session = server.session()
    server.say("How much is MesoGlow?", session)
    assert server.post("messages", {"session": session, "choice": choice})[0] == 200
    kept = events(server, session)
    assert "restart" not in [event["event"] for event in kept]
    assert "evil" not in [event["value"] for event in kept if event["event"] == "slot"]


@pytest.mark.parametrize(
    "path", ["/", "/visit", "/questions/", "/privacy", "/site.css", "/widget/v1/clinic-chat.js", "/chat/settings", "/nothing", "/chat/nothing", "//"]
)
def test_every_answer_carries_the_security_headers(server, path):
    _, headers, _ = server.get(path)
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "frame-ancestors" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == ("cross-origin" if "widget" in path else "same-origin")
    assert "Server" not in headers
    assert "Access-Control-Allow-Credentials" not in headers


@pytest.mark.parametrize("method", ["OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", ["/", "/chat/messages", "/widget/v1/clinic-chat.js"])
def test_other_methods_carry_them_too_and_do_nothing(server, path, method):
    status, headers, text = server.get(path, method)
    assert status == (200 if method == "OPTIONS" else 405)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Rasa" not in text


def test_sanic_s_and_rasa_s_own_pages_are_told_in_our_words(server):
    for path in ("/nothing", "/version", "/status", "/webhooks/rest/webhook", "/conversations/x/tracker"):
        status, _, text = server.get(path)
        assert (status, json.loads(text)["code"]) == (404, "not_found")


@pytest.mark.parametrize("head", [b"Content-Length: 300000", b"Content-Length: 999999999999", b"Transfer-Encoding: chunked"])
def test_oversized_body_is_refused_before_it_is_there(server, head):
    host, port = server.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 30) as connection:
        connection.sendall(b"POST /chat/messages HTTP/1.1\r\n" + head + b"\r\n\r\n" + (b"493e0\r\nx" if b"chunked" in head else b"x"))
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert json.loads(answer.partition(b"\r\n\r\n")[2])["code"] == "too_large"
