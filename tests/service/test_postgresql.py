"""PostgreSQL instead of SQLite, by setting, at a clinic in the UK, where visitors agree first: a conversation, its redaction, its erasure, its time."""

import psycopg2
import pytest

from bot import privacy

pytestmark = [pytest.mark.service, pytest.mark.model]

WORDS = "I'm Zofia Wojciechowska, zofia.w@example.com, 07700 900461. How much is MesoGlow?"


def rows(database, query, *values):
    connection = psycopg2.connect(host=database["url"], port=database["port"], user=database["username"], password=database["password"], dbname=database["db"])
    with connection, connection.cursor() as cursor:
        cursor.execute(query, values)
        found = cursor.fetchall() if cursor.description else []
    connection.close()
    return found


@pytest.fixture
def server(postgres, copied, server_of, tmp_path):
    """A server of a clinic in the UK on a database of its own."""
    project = copied(tmp_path / "project")
    (project / "clinic.yml").write_text("country: UK\nretention_days: 7\n")
    database = postgres("of_the_uk")
    lines = "".join(f"  {name}: {value}\n" for name, value in {**database, "password": "${CLINIC_DATABASE_PASSWORD}"}.items())
    endpoints = tmp_path / "postgresql.yml"
    endpoints.write_text(f"tracker_store:\n{lines}")
    running = server_of(tmp_path, "--endpoints", str(endpoints), root=project, CLINIC_DATABASE_PASSWORD=database["password"])
    running.settings, running.database = endpoints, database
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.end(9)


def test_conversations_are_kept_redacted_and_erased_in_postgresql(server, monkeypatch):
    endpoints, database = server.settings, server.database
    monkeypatch.setenv("CLINIC_DATABASE_PASSWORD", database["password"])
    status, told = server.post("messages", {"session": server.session(), "text": WORDS})
    assert (status, told["code"]) == (403, "consent")
    assert rows(database, "select * from events") == [], "nothing is kept before the visitor agrees"
    begun = server.post("sessions", {"consent": True})[1]
    session = begun["session"].split(".")[0]
    assert server.say(WORDS, begun["session"], message_id="one")["topics"] == ["cost"]
    assert server.say("and how long does that last?", begun["session"])["topics"] == ["duration"]
    assert server.post("feedback", {"session": begun["session"], "message_id": "one", "verdict": "good"})[0] == 200
    kept = " ".join(data for (data,) in rows(database, "select data from events where sender_id = %s", session))
    assert "I'm <name>, <email>, <phone>. How much is MesoGlow?" in kept
    assert not [secret for secret in ("Wojciechowska", "zofia", "900461") if secret in kept]
    said = server.post("history", {"session": begun["session"]})[1]["messages"]
    assert [message["from"] for message in said] == ["visitor", "assistant"] * 2

    other = server.post("sessions", {"consent": True})[1]["session"]
    server.say("is it safe?", other)
    assert "conversation is erased" in privacy.erase(endpoints, begun["erasure_code"])
    assert {found for (found,) in rows(database, "select sender_id from events")} == {other.split(".")[0]}
    assert server.post("messages", {"session": begun["session"], "text": "one more"})[1]["code"] == "session"
    rows(database, "update events set timestamp = timestamp - 8 * 86400 returning id")
    assert privacy.purge(endpoints, 7) == "1 conversation was deleted: nothing was said there for 7 days."
    assert rows(database, "select * from events") == []
