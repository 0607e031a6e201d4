"""Errors of the channel: a code, a sentence, and the clinic's phone where the server cannot help."""

import json

import pytest
from sanic.exceptions import MethodNotSupported, NotFound, PayloadTooLarge, ServerError, ServiceUnavailable

from bot.problem import Problem, answer

PHONE = "+1 555 010 0199"


@pytest.mark.parametrize(
    ("error", "status", "code", "phone"),
    [
        (Problem(400, "bad_request", "Send it so."), 400, "bad_request", False),
        (Problem(503, "unavailable", "Not ready yet."), 503, "unavailable", True),
        (NotFound("/secret"), 404, "not_found", False),
        (MethodNotSupported("no", "GET", ["POST"]), 405, "method", False),
        (PayloadTooLarge("too big"), 413, "too_large", False),
        (ServiceUnavailable("busy"), 503, "unavailable", True),
        (ServerError("secret"), 500, "trouble", True),
        (ValueError("my secret question"), 500, "trouble", True),
    ],
)
def test_answer_is_a_sentence(error, status, code, phone, caplog):
    response = answer(error, PHONE)
    told = json.loads(response.body)
    assert (response.status, told["code"]) == (status, code)
    assert told["error"][0].isupper()
    assert (PHONE in told["error"], "phone" in told) == (phone, phone)
    assert "secret" not in told["error"] + caplog.text


def test_answer_without_a_phone_names_none():
    assert "phone" not in json.loads(answer(ValueError(), "").body)
