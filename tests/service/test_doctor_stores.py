"""The doctor asks the stores that are configured, where Rasa would fall back to memory without a word."""

import asyncio
import json

import pytest

from bot import doctor
from bot.launch import TRACKER_STORE

SQLITE = {"type": TRACKER_STORE, "dialect": "sqlite"}


def found(tmp_path, **settings):
    path = tmp_path / "endpoints.yml"
    path.write_text(json.dumps(settings), encoding="utf8")
    return asyncio.run(doctor._stores(path))


def test_stores_as_configured_are_well(tmp_path):
    stores = found(tmp_path, tracker_store={**SQLITE, "db": str(tmp_path / "c.db")})
    assert [(state, name) for state, name, _ in stores] == [("well", "conversations"), ("well", "locks")]
    assert "RedactedTrackerStore" in stores[0][2]


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"tracker_store": {**SQLITE, "type": "bot.tracker_store.RedactedTrackerStor"}}, "would keep or pass on personal data"),
        (
            {"lock_store": {"type": "bot.locks.NoSuchStore"}},
            "endpoints.yml: a store or broker cannot be used: Could not find a class based on the module path 'bot.locks.NoSuchStore'",
        ),
        ({"tracker_store": {**SQLITE, "db": "/proc/none/c.db"}}, "cannot be written"),
    ],
)
def test_store_that_cannot_be_loaded_is_broken(tmp_path, settings, told):
    if "lock_store" in settings:
        settings = {**settings, "tracker_store": {**SQLITE, "db": str(tmp_path / "c.db")}}
    ((state, _, text),) = found(tmp_path, **settings)
    assert state == "broken"
    assert told in text


def test_channels_as_configured_are_well():
    assert doctor._channels() == ("well", "channels", "bot.channel.WebChannel")


def test_channel_that_cannot_be_loaded_is_broken(monkeypatch):
    monkeypatch.setattr(doctor.launch, "channels", lambda: ["bot.channel.WebChannel", "bot.channels.Telepathy"])
    assert doctor._channels()[0] == "broken"
    assert "'bot.channels.Telepathy' cannot be loaded" in doctor._channels()[2]
