"""Taking one's own conversation along, and erasing it for good: by the erasure code, by the command line, in every file of the server."""

import json
import sqlite3
import subprocess
import sys

import pytest

from bot import privacy
from bot.launch import LaunchError
from bot.quiet import ROOT

pytestmark = [pytest.mark.service, pytest.mark.model]

WORDS = ("how much is a chrysanthemum facial", "is it safe with a chrysanthemum allergy", "I'm Zofia Wojciechowska, do the chrysanthemums last")


def endpoints(server):
    return server.database.parent / "endpoints.yml"


def conversation(server):
    """The token and the erasure code of a conversation of three messages, one of them judged."""
    begun = server.post("sessions", {})[1]
    for number, text in enumerate(WORDS):
        server.say(text, begun["session"], message_id=str(number))
    assert server.post("feedback", {"session": begun["session"], "message_id": "1", "verdict": "bad", "why": "unclear"})[0] == 200
    return begun["session"], begun["erasure_code"]


def files_with(server, *secrets):
    """The files of a server, journals too, that hold any of some texts."""
    found = {path.name: path.read_bytes().lower() for path in server.database.parent.iterdir() if path.is_file()}
    return [(name, secret) for name, content in found.items() for secret in secrets if secret.lower().encode() in content]


def ask_by_command(server, code):
    command = [sys.executable, "-m", "bot", "erase", code, "--endpoints", str(endpoints(server))]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("The conversation is erased.")


def ask_by_channel(server, code):
    assert server.post("erase", {"code": code}) == (200, {"erased": True})


@pytest.mark.parametrize("erase", [ask_by_command, ask_by_channel])
def test_erasure_code_leaves_nothing_in_any_file(server, erase):
    other = server.session()
    server.say("how much is a delphinium facial", other)
    token, code = conversation(server)
    session = token.split(".")[0]
    assert {secret for _, secret in files_with(server, session, "chrysanthemum", code, code.replace("-", ""))} == {session, "chrysanthemum"}
    erase(server, code.lower())
    assert files_with(server, session, "chrysanthemum", code) == []
    assert files_with(server, "delphinium"), "the conversations of others stay"
    for path in ("messages", "history", "export", "erase"):
        assert server.post(path, {"session": token, "text": "Is it safe?"})[1]["code"] == "session", "whichever process erased it"
    assert files_with(server, session) == []
    status, told = server.post("erase", {"code": code})
    assert (status, told["code"]) == (404, "code")
    with pytest.raises(LaunchError, match="no conversation with this code"):
        privacy.erase(endpoints(server), code)


@pytest.mark.parametrize("path", ["messages", "history", "export", "feedback"])
def test_erasure_code_opens_no_conversation(server, path):
    _, code = conversation(server)
    for key in ("session", "code"):
        status, told = server.post(path, {key: code, "text": "hi", "message_id": "1", "verdict": "good"})
        assert (status, told["code"]) in ((401, "session"), (400, "bad_request"))
        assert "messages" not in told


def test_export_of_the_clinic_and_of_the_visitor_are_the_same(server, tmp_path):
    token, code = conversation(server)
    out = tmp_path / "conversation.json"
    assert privacy.export(endpoints(server), code, out) == f"Written to {out}."
    exported = json.loads(out.read_text(encoding="utf8"))
    assert (200, exported) == server.post("export", {"session": token})
    assert [said["text"] for said in exported["messages"] if said["from"] == "visitor"] == [*WORDS[:2], "I'm <name>, do the chrysanthemums last"]
    assert [(judged["message_id"], judged["why"]) for judged in exported["feedback"]] == [("1", "unclear")]
    assert json.loads(privacy.export(endpoints(server), code, None)) == exported


@pytest.mark.parametrize(("code", "told"), [("nonsense", "20 letters and digits"), ("7K2M-9QXA-04TZ-H6WC-E1RV", "no conversation with this code")])
def test_code_of_nothing_is_told(server, code, told):
    for command in (lambda: privacy.erase(endpoints(server), code), lambda: privacy.export(endpoints(server), code, None)):
        with pytest.raises(LaunchError, match=told):
            command()


def test_purge_says_how_many_went(server):
    token, _ = conversation(server)
    with sqlite3.connect(server.database) as database:
        database.execute("update events set timestamp = timestamp - 20 * 86400 where sender_id = ?", (token.split(".")[0],))
    database.close()
    assert privacy.purge(endpoints(server), None) == "0 conversations were deleted: nothing was said there for 30 days."
    assert privacy.purge(endpoints(server), 15) == "1 conversation was deleted: nothing was said there for 15 days."
    assert files_with(server, token.split(".")[0]) == []
