"""The doctor's findings: ten lines, and what is broken is told with what to do."""

import datetime

import pytest

from bot import doctor
from bot.clinic import Clinic
from bot.composer import Composer
from bot.launch import LaunchError


@pytest.fixture
def stores(monkeypatch):
    """Stands in for the databases, which tests/service asks with Rasa."""

    async def found(_):
        return [("well", "conversations", "answers"), ("well", "locks", "answers")]

    monkeypatch.setattr(doctor, "_stores", found)
    monkeypatch.setattr(doctor, "_channels", lambda: ("well", "channels", "web"))


def test_healthy_installation_is_told_in_ten_lines(stores, monkeypatch, composer, capsys):
    monkeypatch.setattr(doctor.launch, "composer", lambda: composer)
    monkeypatch.setattr(doctor, "_model", lambda composer: ("well", "model", "as trained"))
    monkeypatch.setattr(doctor, "_versions", lambda: ("well", "versions", "as locked"))
    assert doctor.main() == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 10
    assert {line[0] for line in lines} <= {"✓", "!"}
    assert any(line.startswith("✓ facts          228 facts from 98 sources in 18 topics") for line in lines)


def test_broken_facts_are_told_and_the_rest_is_looked_at_all_the_same(stores, monkeypatch, capsys):
    def fail():
        raise LaunchError("data/facts/cost.yml, line 3: not valid YAML: a tab stands at its beginning: use blanks")

    monkeypatch.setattr(doctor.launch, "composer", fail)
    assert doctor.main() == 1
    shown = capsys.readouterr().out
    assert "✗ facts          data/facts/cost.yml, line 3: not valid YAML: a tab stands at its beginning" in shown
    assert "conversations" in shown


def test_model_that_is_missing_exchanged_or_old_is_told(monkeypatch, tmp_path, composer):
    monkeypatch.setattr(doctor.training, "MODEL", tmp_path / "assistant.tar.gz")
    assert doctor._model(composer) == ("broken", "model", "There is no trained model yet (models/assistant.tar.gz): run `make train`.")
    (tmp_path / "assistant.tar.gz").write_bytes(b"another model")
    assert doctor._model(composer)[2].endswith("is not the file that training wrote: run `make train` to make it anew.")
    monkeypatch.setattr(doctor.training, "is_intact", lambda: True)
    monkeypatch.setattr(doctor.training, "changes", lambda store: ["data/nlu.yml"])
    assert doctor._model(composer) == ("to do", "model", "trained before data/nlu.yml changed: `make run` trains it anew")


def test_packages_that_are_not_those_of_the_lock_are_told(monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    for name in ("requirements.lock", "bin/setup"):
        (tmp_path / name).touch()
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    assert doctor._versions()[0] == "broken"
    assert doctor._versions()[2].endswith("run `make install`")


def test_facts_that_are_due_are_counted(monkeypatch, composer):
    class Later(datetime.date):
        @classmethod
        def today(cls):
            return datetime.date(2100, 1, 1)

    monkeypatch.setattr(doctor.datetime, "date", Later)
    state, _, text = doctor._dates(composer)
    assert state == "to do"
    assert text.startswith(f"{len(composer.store.facts)} facts are due")


def test_gaps_of_the_settings_are_named(store):
    assert doctor._clinic(Composer(store, Clinic()))[2].startswith("to be filled in: name, dermatologist, phone")


def test_full_disk_is_told(monkeypatch):
    monkeypatch.setattr(doctor, "LEAST_SPACE", 1e9)
    assert doctor._disk()[0] == "broken"
