"""What is looked at before anything slow starts, and that each problem is told in one line."""

import json
import socket

import pytest

from bot import launch, training
from bot.clinic import ClinicError
from bot.facts import FactError
from bot.launch import LaunchError

CREDENTIALS = "bot.channel.WebChannel:\n"
ENDPOINTS = f"tracker_store: {{type: {launch.TRACKER_STORE}, dialect: sqlite, db: new/folder/chat.db}}\n"


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """A place for credentials.yml and endpoints.yml."""
    monkeypatch.setattr(launch, "ROOT", tmp_path)
    monkeypatch.setattr(launch, "CREDENTIALS", tmp_path / "credentials.yml")
    (tmp_path / "credentials.yml").write_text(CREDENTIALS)
    (tmp_path / "endpoints.yml").write_text(ENDPOINTS)
    return tmp_path


def problem(function, *arguments):
    with pytest.raises(LaunchError) as caught:
        function(*arguments)
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_settings_make_the_folder_of_the_database(settings):
    launch.settings(settings / "endpoints.yml")
    assert (settings / "new" / "folder" / "chat.db").exists()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("credentials.yml", "rest:\n", "bot.channel.WebChannel"),
        ("credentials.yml", "a: [1\n", "credentials.yml, line 1"),
        ("credentials.yml", "just words", "credentials.yml: expected lines"),
        ("endpoints.yml", "tracker_store: {", "endpoints.yml, line 1"),
        ("endpoints.yml", "tracker_store: yes please", "endpoints.yml, field tracker_store"),
        ("endpoints.yml", b"\xff\xfe", "endpoints.yml cannot be read"),
    ],
)
def test_settings_name_what_is_broken(settings, name, content, told):
    (settings / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    assert told in problem(launch.settings, settings / "endpoints.yml")


@pytest.mark.parametrize("name", ["credentials.yml", "endpoints.yml"])
def test_settings_name_what_is_missing(settings, name):
    (settings / name).unlink()
    assert problem(launch.settings, settings / "endpoints.yml").startswith(f"{name} is missing")


def test_settings_refuse_a_file_that_is_no_database(settings):
    (settings / "new" / "folder").mkdir(parents=True)
    (settings / "new" / "folder" / "chat.db").write_bytes(b"no database at all" * 100)
    assert "cannot be written" in problem(launch.settings, settings / "endpoints.yml")


def test_settings_refuse_a_limit_that_is_none(settings, monkeypatch):
    monkeypatch.setenv("REQUESTS_PER_SESSION", "none")
    assert problem(launch.settings, settings / "endpoints.yml").startswith("REQUESTS_PER_SESSION=none is not a number")


def test_listen_tells_of_a_busy_port():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert problem(launch.listen, "127.0.0.1", port).startswith(f"Port {port} is in use")


def test_listen_tells_of_an_address_that_is_not_ours():
    assert "cannot be used" in problem(launch.listen, "192.0.2.1", 0)


def test_listen_takes_a_free_port():
    with launch.listen("127.0.0.1", 0) as held:
        assert held.getsockname()[1] > 0


def test_model_tells_that_none_was_trained(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "MODEL", tmp_path / "assistant.tar.gz")
    assert "make train" in problem(launch.model)


def test_model_refuses_a_file_that_training_did_not_write(tmp_path, monkeypatch):
    monkeypatch.setattr(training, "MODEL", tmp_path / "assistant.tar.gz")
    monkeypatch.setattr(training, "FINGERPRINT", tmp_path / "fingerprint.json")
    training.MODEL.write_bytes(b"somebody else's")
    training.FINGERPRINT.write_text(json.dumps({"inputs": {}, "model": "0" * 64}))
    assert "is not the file that training wrote" in problem(launch.model)


@pytest.mark.parametrize("error", [FactError("cost.yml, fact cost.x: no"), ClinicError("clinic.yml, field country: no")])
def test_composer_passes_on_what_does_not_fit(monkeypatch, error):
    def fail():
        raise error

    monkeypatch.setattr(launch, "load_composer", fail)
    assert str(error) in problem(launch.composer)


@pytest.mark.parametrize("workers", ["4", "many"])
def test_settings_refuse_workers_that_would_share_nothing(settings, monkeypatch, workers):
    monkeypatch.setenv("SANIC_WORKERS", workers)
    assert f"SANIC_WORKERS={workers}" in problem(launch.settings, settings / "endpoints.yml")


def test_settings_accept_one_worker(settings, monkeypatch):
    monkeypatch.setenv("SANIC_WORKERS", "1")
    launch.settings(settings / "endpoints.yml")
