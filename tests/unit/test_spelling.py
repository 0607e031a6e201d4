"""Mending of misspelt words: towards what visitors say, never away from English."""

import pytest

from bot.spelling import KNOWN_FROM, Spelling

SAID = ["how much does mesotherapy cost", "is it safe", "any bruising after it", "does it hurt", "permanent results", "thank you", "i want to go to the clinic"]


@pytest.fixture(scope="module")
def spelling():
    return Spelling.fit(SAID * KNOWN_FROM)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("mesothearpy", "mesotherapy"),
        ("is it permanant", "is it permanent"),
        ("any brusing", "any bruising"),
        ("does it huuuuurt", "does it hurt"),
        ("howmuch does it cost", "how much does it cost"),
        ("isitsafe", "is it safe"),
        ("mesotherapycost", "mesotherapy cost"),
        ("tothe clinic", "to the clinic"),
    ],
)
def test_errors_are_mended(spelling, typed, meant):
    assert spelling.mend(typed) == meant


@pytest.mark.parametrize(
    "text", ["my yoghurt is sour", "profhilo", "qwxzvk", "x", "", "🙂", "don't", "كم", "Permanent", "100mg", "is £2000 a lot", "ring 999", "hjkasdh " * 50]
)
def test_what_is_right_or_unknown_stays(spelling, text):
    assert spelling.mend(text) == text


def test_a_word_is_not_taken_apart_into_single_letters(spelling):
    assert spelling.mend("iai") == "iai"


def test_spelling_is_kept(spelling, tmp_path):
    spelling.save(tmp_path)
    assert Spelling.load(tmp_path).mend("howmuch mesothearpy") == "how much mesotherapy"


def test_spelling_of_no_examples_mends_nothing():
    assert Spelling.fit([]).mend("mesothearpy") == "mesothearpy"
