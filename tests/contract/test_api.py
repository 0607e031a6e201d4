"""Rasa's HTTP API is off, and where somebody switches it on it asks for a token or does not start."""

import pytest
from rasa.core.run import configure_app
from sanic import Sanic

from bot import api


@pytest.fixture(autouse=True)
def own_registry(monkeypatch):
    monkeypatch.setattr(Sanic, "test_mode", True)  # several applications of one name in one process


def test_as_we_start_it_the_api_is_off():
    app = configure_app([], enable_api=False)
    api.refuse_if_open(app)
    assert {route.path for route in app.router.routes} == {""}


@pytest.mark.parametrize("token", [None, ""])
def test_api_without_a_token_is_refused(token):
    with pytest.raises(SystemExit, match="--auth-token"):
        api.refuse_if_open(configure_app([], enable_api=True, auth_token=token))


@pytest.mark.parametrize("secured", [{"auth_token": "secret"}, {"jwt_secret": "secret"}])
def test_api_that_asks_for_a_token_may_start(secured):
    api.refuse_if_open(configure_app([], enable_api=True, **{"jwt_method": "HS256", **secured}))


def test_api_that_is_not_as_we_know_it_is_refused():
    with pytest.raises(SystemExit, match="--auth-token"):
        api.refuse_if_open(Sanic("rasa_server"))
