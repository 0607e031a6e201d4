"""What the edge lets in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.admission import MAX_CHARACTERS, UNKNOWN_CHOICE, admit, admit_choice, is_cut


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("how much is it?", "how much is it?"),
        ("  how   much\n\tis it ", "how much is it"),
        ("/restart", "restart"),
        (" //  /restart", "restart"),
        ("\u200b/restart", "restart"),
        ("/", ""),
        ("half / half", "half / half"),
        ("a\x00b\u202ec\ufeff", "abc"),
        ("bad\ud800half", "badhalf"),
        ("cafe\u0301", "café"),
        ("😀", "😀"),
        ("", ""),
        (" \u200b ", ""),
    ],
)
def test_admit_reads_what_a_person_meant(typed, read):
    assert admit(typed) == read


@pytest.mark.parametrize("raw", [None, 5, ["text"], {"text": "hi"}, b"hi"])
def test_admit_takes_anything_but_text_as_empty(raw):
    assert admit(raw) == ""


def test_admit_keeps_beginning_and_end_of_a_long_message():
    text = admit("My question is about cost. " + "blah " * 3000 + "and my lips are swelling")
    assert text.startswith("My question is about cost.")
    assert text.endswith("and my lips are swelling")
    assert len(text) <= MAX_CHARACTERS


def test_is_cut_only_above_the_limit():
    assert not is_cut("x" * MAX_CHARACTERS)
    assert is_cut("x" * (MAX_CHARACTERS + 1))
    assert not is_cut(" " * 10_000)


@given(st.text(st.characters(codec=None), max_size=60))
def test_admit_is_stable_and_never_a_command(raw):
    text = admit(raw)
    assert not text.startswith("/")
    assert text == text.strip()
    assert admit(text) == text
    text.encode("utf8")


@pytest.mark.parametrize("choice", ["choice-0a1b2c3d-2", "choice-00-0"])
def test_admit_choice_passes_our_tokens(choice):
    assert admit_choice(choice) == choice


@pytest.mark.parametrize("choice", ["", "choice-xyz-1", "/choice-0a-1", "choice-0a-1\n", "restart", None, 3, "choice-0A-1"])
def test_admit_choice_makes_the_rest_unknown(choice):
    assert admit_choice(choice) == UNKNOWN_CHOICE
