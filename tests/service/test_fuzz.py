"""2,000 requests in bad faith: no answer of 500 and more, no trace of the inside, no conversation lost or mixed."""

import pytest

from tests.fuzzing import Fuzz

pytestmark = [pytest.mark.service, pytest.mark.model]

REQUESTS = 2000


def test_server_stands_whatever_is_sent(server):
    fuzz = Fuzz(server)
    fuzz.run(REQUESTS)
    print(dict(fuzz.statuses))
    assert fuzz.statuses.total() >= REQUESTS
    assert {200, 400, 401, 413} <= set(fuzz.statuses), "requests of every fate"
