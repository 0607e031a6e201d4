"""Clauses that may each hold a question."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.splitter import MAX_CLAUSES
from bot.splitter import split as clauses_of


def split(text):
    return [clause.text for clause in clauses_of(text)]


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("how much is it", []),
        ("How much is it?", []),
        ("", []),
        ("?!", []),
        ("🙂", []),
        ("price + downtime", ["price", "downtime"]),
        ("how much? does it hurt?", ["how much", "does it hurt"]),
        ("is it safe and does it hurt", ["is it safe", "does it hurt"]),
        ("cost, pain and downtime", ["cost", "pain", "downtime"]),
        ("is it safe?\nhow much is it", ["is it safe", "how much is it"]),
        ("price n pain pls", ["price", "pain pls"]),
        ("price pain downtime", ["price", "pain", "downtime"]),
        ("what is it how much is it", ["what is it", "how much is it"]),
        ("(a) what is in it (b) is it legal", ["what is in it", "is it legal"]),
        ("tell me what goes in", []),
    ],
)
def test_split_proposes_the_clauses(text, clauses):
    assert split(text) == clauses


def test_split_puts_a_sentence_before_its_clauses():
    assert split("Is it safe and painful? How much is it?") == ["Is it safe and painful", "Is it safe", "painful", "How much is it"]


@pytest.mark.parametrize("text", ["orthodox sandals", "it costs 1,000 dollars", "24/7", "well-known", "nctf 135"])
def test_split_leaves_words_and_numbers_whole(text):
    assert split(text) == []


def test_split_keeps_the_end_of_a_long_story():
    clauses = split(". ".join(f"part {number} of my story" for number in range(100)) + ". how much is it")
    assert len(clauses) == MAX_CLAUSES
    assert clauses[-1] == "how much is it"


@given(st.text(max_size=2000))
@settings(max_examples=100)
def test_split_proposes_only_what_was_said(text):
    clauses = split(text)
    assert len(clauses) <= MAX_CLAUSES
    assert all(clause in text and re.search(r"\w", clause) for clause in clauses)
    assert len(set(clauses)) == len(clauses)


@pytest.mark.parametrize(
    ("text", "asks"),
    [("I had it last week. does it hurt", [False, True]), ("it hurt. right?", [False, True]), ("how much. where", [True, True])],
)
def test_split_tells_questions_from_the_story(text, asks):
    assert [clause.asks for clause in clauses_of(text)] == asks
