"""20,000 requests in bad faith, as tests/service/test_fuzz.py sends 2,000."""

import signal

import pytest

from tests.fuzzing import Fuzz
from tests.service.conftest import Server

pytestmark = [pytest.mark.service, pytest.mark.model]

REQUESTS = 20_000


def test_server_stands_whatever_is_sent_for_long(tmp_path, model):
    server = Server(tmp_path)
    try:
        server.wait_until_ready()
        fuzz = Fuzz(server)
        fuzz.run(REQUESTS)
    finally:
        server.end(signal.SIGKILL)
    print(dict(fuzz.statuses))
    assert fuzz.statuses.total() >= REQUESTS
