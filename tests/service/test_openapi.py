"""The file that describes the channel, held against the running server."""

import functools
import inspect
import json

import jsonschema
import pytest
import yaml

from bot import channel
from bot.facts import LEVELS
from bot.problem import Problem
from bot.quiet import ROOT
from bot.reply import KINDS, Reply

pytestmark = [pytest.mark.service, pytest.mark.model]

DESCRIBED = yaml.safe_load((ROOT / "docs" / "openapi.yml").read_text(encoding="utf8"))
SCHEMAS = DESCRIBED["components"]["schemas"]


def resolved(reference):
    return functools.reduce(lambda node, part: node[part], reference.removeprefix("#/").split("/"), DESCRIBED)


def check(path, status, answer):
    """Hold an answer against the file."""
    described = next(iter(DESCRIBED["paths"][path].values()))["responses"]
    response = resolved(described.get(str(status), described.get("default"))["$ref"])
    schema = {**response["content"]["application/json"]["schema"], "components": DESCRIBED["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer)


def post(server, path, body, **headers):
    status, answer = server.post(path, body, **headers)
    check(f"/chat/{path}", status, answer)
    return status, answer


def test_file_names_every_service_and_no_other():
    services = channel.Desk(None, None).services
    described = {path.removeprefix("/chat"): method for path, methods in DESCRIBED["paths"].items() for method in methods}
    assert described == {**dict.fromkeys(services, "post"), "/settings": "get"}


def test_file_names_what_the_code_knows():
    assert set(SCHEMAS["Reply"]["properties"]) == {"text", *Reply.__dataclass_fields__} == set(SCHEMAS["Reply"]["required"])
    assert SCHEMAS["Reply"]["properties"]["kind"]["enum"] == list(KINDS)
    assert set(SCHEMAS["Reply"]["properties"]["level"]["enum"]) == {"", *LEVELS}
    assert SCHEMAS["Verdict"]["enum"] == list(channel.VERDICTS)
    assert SCHEMAS["Why"]["enum"] == ["", *channel.WHYS]
    assert set(inspect.signature(Problem).parameters) == {"status", "code", "sentence"}


def test_conversation_is_as_described(server):
    session = post(server, "sessions", {})[1]["session"]
    _, reply = post(server, "messages", {"session": session, "text": "how much is it", "message_id": "1"})
    assert reply["kind"] == "answer"
    _, reply = post(server, "messages", {"session": session, "text": "cost or pain or what", "message_id": "2"})
    post(server, "messages", {"session": session, "choice": "choice-0-0"})
    post(server, "messages", {"session": session, "text": "my lips are swelling since the injections"})
    assert post(server, "feedback", {"session": session, "message_id": "1", "verdict": "bad", "why": "outdated"})[0] == 200
    status, history = post(server, "history", {"session": session})
    assert status == 200
    assert [said["from"] for said in history["messages"]] == ["visitor", "assistant"] * 4
    status, exported = post(server, "export", {"session": session})
    assert (status, exported["messages"]) == (200, history["messages"])
    assert [(judged["message_id"], judged["verdict"], judged["why"]) for judged in exported["feedback"]] == [("1", "bad", "outdated")]
    assert post(server, "erase", {"session": session}) == (200, {"erased": True})


def test_settings_are_as_described(server):
    status, _, text = server.get("/chat/settings")
    check("/chat/settings", status, json.loads(text))


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("messages", b"x", 400),
        ("messages", {"session": "forged"}, 401),
        ("history", {}, 400),
        ("feedback", {"session": True, "message_id": "9", "verdict": "good"}, 404),
        ("feedback", {"session": True, "message_id": "9", "verdict": "fair"}, 400),
        ("feedback", {"session": True, "message_id": "9", "verdict": "good", "why": "wrong"}, 400),
        ("erase", {"code": "7K2M-9QXA-04TZ-H6WC-E1RV"}, 404),
        ("erase", {"code": "7K2M"}, 400),
        ("messages", b'{"session": "a", "text": "' + b"x" * 300_000 + b'"}', 413),
    ],
)
def test_errors_are_as_described(server, path, body, status):
    if isinstance(body, dict) and body.get("session") is True:
        body = {**body, "session": server.session()}
    assert post(server, path, body)[0] == status


@pytest.mark.parametrize(("path", "method", "status"), [("/chat/nothing", "GET", 404), ("/chat/messages", "GET", 405), ("/chat/settings", "POST", 405)])
def test_wrong_addresses_are_told_as_errors(server, path, method, status):
    found, headers, text = server.get(path, method)
    assert found == status
    assert headers["Content-Type"] == "application/json"
    jsonschema.Draft202012Validator({**SCHEMAS["Error"], "components": DESCRIBED["components"]}).validate(json.loads(text))
