"""A database that does not save: the visitor is told, with the clinic's phone, and nothing that was answered is missing."""

import sqlite3
import threading

import pytest

pytestmark = [pytest.mark.service, pytest.mark.model]


def test_message_that_cannot_be_saved_is_not_answered_and_can_be_sent_again(server):
    session = server.session()
    server.say("How much is MesoGlow?", session, message_id="one")
    message = {"session": session, "message_id": "two", "text": "and botox?"}
    other = sqlite3.connect(server.database, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")  # SQLite waits five seconds for whoever writes
        status, answer = server.post("messages", message)
    finally:
        other.close()
    assert (status, answer["code"]) == (503, "unavailable")
    assert answer["phone"] in answer["error"]
    status, answer = server.post("messages", message)
    assert status == 200
    assert "Botox" in answer["text"]
    assert [said["message_id"] for said in server.post("history", {"session": session})[1]["messages"]] == ["one", "one", "two", "two"]


def test_erasure_that_failed_can_be_asked_for_again(server):
    session = server.session()
    server.say("How much is MesoGlow?", session)
    other = sqlite3.connect(server.database, isolation_level=None)
    try:
        other.execute("BEGIN IMMEDIATE")
        assert server.post("erase", {"session": session})[0] == 503
    finally:
        other.close()
    assert server.post("erase", {"session": session}) == (200, {"erased": True})
    assert server.post("history", {"session": session})[1]["code"] == "session"


def test_message_waits_until_the_database_can_save_again(server):
    session = server.session()
    other = sqlite3.connect(server.database, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    free = threading.Timer(6, other.close)  # later than SQLite itself waits
    free.start()
    try:
        status, answer = server.post("messages", {"session": session, "text": "How much is MesoGlow?"})
    finally:
        free.join()
    assert status == 200
    assert "cost" in answer["topics"]
    assert [said["from"] for said in server.post("history", {"session": session})[1]["messages"]] == ["visitor", "assistant"]
