"""What is taken out of messages before they are stored, and what stays.

The half `tune` of tests/eval/personal_data.jsonl was looked at while the rules were written, the half `measure` when they were done. Those of
tests/eval/personal_data_held_out.jsonl are by six others, and the rules were mended after each first measurement (docs/measurements.md).
"""

import itertools
import json

import pytest
import yaml

from bot.quiet import ROOT
from bot.redaction import KINDS, findings, redacted

FILES = ("personal_data.jsonl", "personal_data_held_out.jsonl")
ROWS = [json.loads(line) for name in FILES for line in (ROOT / "tests" / "eval" / name).read_text(encoding="utf8").splitlines()]
PATTERNED, NAMES, FALSE = 0.98, 0.90, 0.01


def half(name):
    return [row for row in ROWS if row["id"].startswith(name)]


def is_hidden(text, start, end):
    """Whether no letter or digit of a span is left."""
    covered = {place for finding in findings(text) for place in range(finding.start, finding.end)}
    return all(place in covered for place in range(start, end) if text[place].isalnum())


def recall(rows, wanted):
    spans = [(row["text"], start, end) for row in rows for start, end, kind in row["hide"] if wanted(kind)]
    return sum(is_hidden(*span) for span in spans) / len(spans)


def test_personal_data_is_marked_where_it_stands():
    assert len(ROWS) >= 2100
    assert len({row["id"] for row in ROWS}) == len(ROWS)
    for row in ROWS:
        assert bool(row["hide"]) == (row["kind"] != "ordinary")
        assert all(kind in KINDS and row["text"][start:end].strip() == row["text"][start:end] != "" for start, end, kind in row["hide"])


@pytest.mark.parametrize("name", ["tune", "measure", "held", "later", "third", "fourth", "fifth", "sixth"])
def test_recall(name):
    assert recall(half(name), lambda kind: kind != "name") >= PATTERNED
    assert recall(half(name), lambda kind: kind == "name") >= NAMES


@pytest.mark.parametrize("row", [row for row in ROWS if row["kind"] == "ordinary"], ids=lambda row: row["id"])
def test_ordinary_message_stays_as_it_is(row):
    assert redacted(row["text"]) == row["text"]


def test_ordinary_questions_are_hardly_ever_touched():
    texts = [
        line[2:]
        for block in yaml.safe_load((ROOT / "data" / "nlu.yml").read_text(encoding="utf8"))["nlu"]
        for line in (block.get("examples") or "").splitlines()
        if line.startswith("- ")
    ]
    for path in (ROOT / "tests" / "eval").glob("*.jsonl"):
        if path.name not in FILES:
            rows = map(json.loads, path.read_text(encoding="utf8").splitlines())
            texts += [text for row in rows for text in (row["text"], *row.get("context", ()))]
    touched = [text for text in texts if redacted(text) != text]
    assert len(touched) < FALSE * len(texts), touched


def test_placeholders_tell_the_kind_and_the_rest_stays():
    text = "I'm Anna Kowalska, anna@example.com or 07700 900123. Is 2 ml for 1,000 dollars fair?"
    assert redacted(text) == "I'm <name>, <email> or <phone>. Is 2 ml for 1,000 dollars fair?"


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("my email is anna at example.com", "my email is <email>"),
        ("look at nhs.uk for more", "look at nhs.uk for more"),
        ("my ig is @anna.k92", "my ig is <handle>"),
        ("anna kowalska 07700900123", "<name> <phone>"),
        ("how much is it? Anna", "how much is it? <name>"),
        ("is it safe? May I?", "is it safe? May I?"),
        ("my husband Marek had it, Marek liked it", "my husband <name> had it, <name> liked it"),
        ("Hi, Zoë Hart here. Is it safe?", "Hi, <name> here. Is it safe?"),
        ("I live at Flat 2, 33 Long Acre. Does it hurt?", "I live at <address>. Does it hurt?"),
        ("I live in Manchester and im 45", "I live in Manchester and im 45"),
        ("card 4242 4242 4242 4242 exp 12/28", "card <card> exp <card>"),
        ("the vial says exp 12/28, lot 12345678", "the vial says exp 12/28, lot 12345678"),
        ("my code is 7K2M-9QXA-04TZ-H6WC-E1RV", "my code is <id>"),
        ("MS Relapse last year, ms sufferer", "MS Relapse last year, ms sufferer"),
        ("see PMC3142757 and 10.1016/j.jaad.2018.01.031", "see PMC3142757 and 10.1016/j.jaad.2018.01.031"),
    ],
)
def test_look_alikes_are_told_apart(text, stored):
    assert redacted(text) == stored


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_redacting_twice_changes_nothing_more(row):
    once = redacted(row["text"])
    assert redacted(once) == once


def test_findings_are_in_order_and_apart():
    for row in ROWS:
        found = findings(row["text"])
        assert all(one.end <= other.start for one, other in itertools.pairwise(found))


@pytest.mark.parametrize("text", ["", " ", "\0", "<name>", "<email> and <nonsense>", "my name is", "@", "1" * 2000, "a." * 1000, "My name is Ünal Şahin"])
def test_odd_text_is_no_trouble(text):
    assert "\0" not in redacted(text).replace(text, "")
