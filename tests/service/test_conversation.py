"""One's own conversation over HTTP: its history, feedback, erasure, and that nobody else gets at it."""

import sqlite3

import pytest

pytestmark = [pytest.mark.service, pytest.mark.model]


def rows(server, session):
    database = sqlite3.connect(server.database)
    try:
        return database.execute("select type_name, data from events where sender_id = ?", (session.split(".")[0],)).fetchall()
    finally:
        database.close()


def test_history_tells_what_was_said_in_order(server):
    session = server.session()
    first = server.say("How much is MesoGlow?", session, message_id="one")
    second = server.say("and does it hurt", session, message_id="two")
    messages = server.post("history", {"session": session})[1]["messages"]
    assert [(said["from"], said["message_id"]) for said in messages] == [("visitor", "one"), ("assistant", "one"), ("visitor", "two"), ("assistant", "two")]
    assert [said["text"] for said in messages] == ["How much is MesoGlow?", first["text"], "and does it hurt", second["text"]]
    assert messages[1]["sources"] == first["sources"]


def test_history_shows_a_pressed_button_by_its_title(server):
    session = server.session()
    asked = server.say("what about the stuff", session)
    for text in ("can you tell me about that thing please", "hmm the one thing", "and the other"):
        if asked["buttons"]:
            break
        asked = server.say(text, session)
    assert asked["buttons"]
    server.post("messages", {"session": session, "choice": asked["buttons"][0]["choice"]})
    said = [message["text"] for message in server.post("history", {"session": session})[1]["messages"] if message["from"] == "visitor"]
    assert said[-1] == asked["buttons"][0]["title"]


def test_conversation_goes_on_after_feedback(server):
    session = server.session()
    server.say("How much is MesoGlow?", session, message_id="one")
    status, kept = server.post("feedback", {"session": session, "message_id": "one", "verdict": "bad", "why": "wrong"})
    assert (status, kept) == (200, {"message_id": "one", "verdict": "bad", "why": "wrong"})
    assert server.say("and how long does that last?", session)["topics"] == ["duration"]
    kept = [data for kind, data in rows(server, session) if kind == "agent"]
    assert len(kept) == 1
    assert '"why": "wrong"' in kept[0]


def test_erase_leaves_no_row_and_no_memory(server):
    session = server.session()
    server.say("How much is MesoGlow?", session, message_id="one")
    assert rows(server, session)
    assert server.post("erase", {"session": session}) == (200, {"erased": True})
    assert rows(server, session) == []
    for path in ("history", "messages", "erase"):
        assert server.post(path, {"session": session, "text": "Is it safe?"})[1]["code"] == "session"
    assert rows(server, session) == []


def test_message_id_is_remembered_by_another_server(start):
    first, second = start(), start()
    first.wait_until_ready()
    second.wait_until_ready()
    session = first.session()
    reply = first.say("How much is MesoGlow?", session, message_id="one")
    first.end()
    again = second.say("Is it safe?", session, message_id="one")
    assert again == reply
    assert [kind for kind, _ in rows(second, session)].count("user") == 1


@pytest.mark.parametrize("path", ["messages", "history", "feedback", "erase"])
@pytest.mark.parametrize("change", [lambda token: token[:22], lambda token: "A" * 22 + token[22:], lambda token: token[:-1] + "_", lambda token: f"{token}x"])
def test_token_of_nobody_opens_nothing(server, path, change):
    session = server.session()
    server.say("How much is MesoGlow?", session, message_id="one")
    status, answer = server.post(path, {"session": change(session), "text": "hi", "message_id": "one", "verdict": "good"})
    assert (status, answer["code"]) == (401, "session")


# Other websites

CLINIC = "https://www.clinic.example"


@pytest.mark.parametrize("path", ["/chat/messages", "/chat/settings", "/chat/erase"])
def test_preflight_of_the_clinic_s_site_is_granted(server, path):
    headers = {"Origin": CLINIC, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    status, answer, _ = server.get(path, "OPTIONS", **headers)
    assert status == 200
    assert answer["Access-Control-Allow-Origin"] == CLINIC
    assert "POST" in answer["Access-Control-Allow-Methods"]
    assert answer["Access-Control-Allow-Headers"] == "Content-Type"
    assert answer["Vary"] == "Origin"
    assert "Access-Control-Allow-Credentials" not in answer


@pytest.mark.parametrize("origin", ["https://evil.example", "http://www.clinic.example", "https://www.clinic.example.evil.example", "null"])
def test_other_sites_are_refused(server, origin):
    _, answer, _ = server.get("/chat/messages", "OPTIONS", Origin=origin, **{"Access-Control-Request-Method": "POST"})
    assert not [name for name in answer if name.lower().startswith("access-control-")]
    assert server.post("sessions", {}, Origin=origin)[1]["code"] == "origin"


@pytest.mark.parametrize("path", ["settings", "nothing"])
def test_answers_and_errors_can_be_read_on_the_clinic_s_site(server, path):
    assert server.get(f"/chat/{path}", Origin=CLINIC)[1]["Access-Control-Allow-Origin"] == CLINIC


def test_the_server_s_own_pages_may_talk_to_it(server):
    assert server.post("sessions", {}, Origin=server.address)[0] == 200


@pytest.mark.parametrize("path", ["/webhooks/rest/webhook", "/webhooks/rest/", "/socket.io/"])
def test_stock_channels_are_off(server, path):
    assert server.get(path)[0] == 404
