"""Reading questions and writing predictions."""

import json

import pytest

from bot.evaluate import is_labelled, prediction, read
from bot.launch import LaunchError


def test_read_names_bad_lines_by_number(tmp_path):
    path = tmp_path / "questions.jsonl"
    lines = [
        '{"id": 1, "text": "how much"}',
        "",
        "not json",
        "[1]",
        '{"text": "no id"}',
        '{"id": 2}',
        '{"id": 3, "text": "hi", "context": "hello"}',
        '{"id": 1, "text": "again"}',
        '{"id": 4, "text": "", "context": ["hi"]}',
    ]
    path.write_text("\n".join(lines), encoding="utf8")
    rows, problems = read(path)
    assert [row["id"] for row in rows] == [1, 4]
    assert [problem.split(":")[0] for problem in problems] == ["line 3", "line 4", "line 5", "line 6", "line 7", "line 8"]


def test_read_keeps_a_line_whole_that_holds_odd_separators(tmp_path):
    path = tmp_path / "questions.jsonl"
    path.write_text(json.dumps({"id": 1, "text": "a\u2028b\x85c"}, ensure_ascii=False) + "\r\n", encoding="utf8")
    assert read(path) == ([{"id": 1, "text": "a\u2028b\x85c"}], [])


@pytest.mark.parametrize("name", ["missing.jsonl", ""])
def test_read_tells_of_a_file_that_is_none(tmp_path, name):
    with pytest.raises(LaunchError, match="cannot be read"):
        read(tmp_path / name)


def test_prediction_keeps_three_options():
    message = {"kind": "clarify", "topics": [], "options": ["cost", "pain", "uses", "safety"], "text": "Which?"}
    assert prediction({"id": 7}, message) == {
        "id": 7,
        "kind": "clarify",
        "topics": [],
        "options": ["cost", "pain", "uses"],
        "reply": "Which?",
    }


@pytest.mark.parametrize(
    ("row", "labelled"),
    [
        ({"kind": "single", "topics": ["cost"]}, True),
        ({"kind": "single"}, False),
        ({"topics": ["cost"]}, False),
        ({"kind": "oos", "topics": []}, False),
    ],
)
def test_is_labelled_needs_kind_and_topics(row, labelled):
    assert is_labelled(row) is labelled
