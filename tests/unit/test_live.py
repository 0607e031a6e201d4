"""What changes of facts and settings are taken into service, what is refused, and that a turn is answered by one composer."""

import logging
import re
import shutil

import pytest

from bot import composer as composing
from bot.clinic import CLINIC
from bot.composer import read, turn_of
from bot.facts import FACTS
from bot.live import Watch


@pytest.fixture
def files(tmp_path):
    """The folder of a copy of facts and settings."""
    shutil.copytree(FACTS, tmp_path / "facts")
    shutil.copy(CLINIC, tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def first():
    return read()


@pytest.fixture
def watch(first, files, monkeypatch):
    monkeypatch.setattr("bot.live.training.fingerprint", lambda store: {"data/facts (wordings and names)": len(store.asks)})
    return Watch(first, files / "facts", files / "clinic.yml")


def edit(path, old, new):
    text = path.read_text(encoding="utf8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf8")


def settled(watch):
    """What the second look after a change gives; the first finds that files are being written."""
    assert watch.look() is None
    return watch.look()


def test_nothing_happens_as_long_as_nothing_changes(watch):
    assert [watch.look() for _ in range(3)] == [None] * 3


def test_changed_fact_and_settings_make_a_new_composer_once(watch, files):
    edit(files / "facts" / "pain.yml", "the many needle sticks", "the many sticks")
    edit(files / "clinic.yml", "retention_days: 30", "retention_days: 7")
    fresh = settled(watch)
    assert "the many sticks" in fresh.store.facts["pain.shallow"].claim
    assert fresh.clinic.retention_days == 7
    assert watch.refused is None
    assert watch.look() is None


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("facts/pain.yml", "    claim: Clinics", "    claims: Clinics", r"pain.yml, fact pain.clinics, field claim: is missing \(line {}\)"),
        ("facts/pain.yml", "    sources: [dermanetwork]", "    source: [dermanetwork]", r"pain.yml, fact pain.\w+, field sources?: .* \(line \d+\)"),
        ("facts/pain.yml", "[dermanetwork]", "[dermanetwrok]", r".*, fact pain.clinics, field sources: unknown source 'dermanetwrok': .* \(line {}\)"),
        ("facts/pain.yml", "label: Does it hurt?", 'label: "Does it hurt?', r"pain.yml, line \d+: not valid YAML: .*"),
        ("facts/pain.yml", "    claim: Clinics", "\t claim: Clinics", r"pain.yml, line {}: not valid YAML: a tab stands at its beginning: use blanks"),
        ("facts/pain.yml", "    claim: Clinics", "   claim: Clinics", r"pain.yml, line {}: not valid YAML: this does not begin below .*"),
        ("facts/pain.yml", "It can hurt, and", "It is perfectly safe, and", r"pain.yml, answer hurts: 'safe' reads like a promise: .* \(line {}\)"),
        ("facts/pain.yml", "about: the pain\n", "about: the pain\nabout: pain\n", r"pain.yml, line 4: not valid YAML: about stands here for .*"),
        ("facts/vocabulary.yml", "  skinvive:\n", "  skinvived:\n", r".*skinvive.*"),
        ("clinic.yml", "retention_days: 30", "retention_day: 30", r"clinic.yml, field retention_day: .*did you mean retention_days.* \(line {}\)"),
        ("clinic.yml", "retention_days: 30", "retention_days: long", r"clinic.yml, field retention_days: must be a whole number \(line {}\)"),
        ("clinic.yml", "friday: 09:00-16:00", "friday: 9-16", r"clinic.yml, field hours.friday: '9-16' is not a span of hours such as 09:00-17:00 \(line {}\)"),
        ("clinic.yml", "  monday: ", "\tmonday: ", r"clinic.yml, line {}: not valid YAML: a tab stands at its beginning: use blanks"),
        ("clinic.yml", "offers: []", "offers: [{treatment: botoks}]", r"clinic.yml, field offers: 'botoks' is not a treatment.* \(line {}\)"),
        ("clinic.yml", "name: Example", 'name: "Example', r"clinic.yml, line \d+: not valid YAML: .*"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_by_its_line_and_changes_nothing(watch, files, caplog, name, old, new, told):
    edit(files / name, old, new)
    text = (files / name).read_text(encoding="utf8")
    line = text[: text.index(new)].count("\n") + 1 + new.startswith("\n")
    if "is missing" in told:
        line -= 1  # that of the entry which misses it
    assert settled(watch) is None
    assert re.fullmatch(f"(data/facts/)?{told.format(line)}", watch.refused["problem"]), (line, watch.refused["problem"])
    assert watch.refused["problem"] in caplog.text
    assert watch.look() is None
    edit(files / name, new, old)
    assert settled(watch) is not None
    assert watch.refused is None


def test_file_that_is_being_written_waits(watch, files):
    path = files / "facts" / "pain.yml"
    text = path.read_text(encoding="utf8")
    for end in (100, 200, 300):
        path.write_text(text[:end], encoding="utf8")
        assert watch.look() is None
    path.write_text(f"{text}\n", encoding="utf8")
    assert watch.look() is None
    assert watch.refused is None
    assert watch.look() is not None


def test_new_way_of_asking_is_served_and_the_log_says_that_it_wants_training(watch, files, caplog):
    caplog.set_level(logging.INFO, "bot.live")
    edit(files / "facts" / "pain.yml", "ouch factor,", "ouch factor, how ouchy is it,")
    assert settled(watch) is not None
    assert watch.needs_training
    assert "`make run`" in caplog.text


def test_fact_that_is_due_keeps_no_change_out(watch, files):
    edit(files / "facts" / "pain.yml", "  - id: pain.shallow\n", "  - id: pain.shallow\n    review_by: 2020-01-01\n")
    assert settled(watch) is not None


def test_a_turn_is_answered_by_one_composer(composer, composer_for, monkeypatch):
    other = composer_for(name="Another Clinic")
    monkeypatch.setattr(composing, "_in_force", composer)
    with turn_of(composer):
        composing.put_in_force(other)
        assert composing.load() is composer
    assert composing.load() is other
