"""Reading questions and writing predictions."""

import json
import sys
from types import SimpleNamespace

import pytest

from bot.evaluate import confidence, evaluate, is_labelled, learning_curve, prediction, read
from bot.evaluation_page import LearningCurve, LearningPoint
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


RANKING = [("nlu_fallback", 0.31), ("report_urgent_symptom", 0.3), ("ask_uses", 0.28), ("out_of_scope", 0.2), ("ask_pain", 0.11)]


@pytest.mark.parametrize(
    ("kind", "options", "ranking", "expected"),
    [
        ("answer", [], [("ask_cost", 0.9), ("ask_pain", 0.1)], 0.9),
        ("clarify", ["uses", "pain"], RANKING, 0.31),  # it leads the ranking, the alarm apart: as sure as the decision
        ("clarify", ["pain", "uses"], RANKING, 0.11),
        ("clarify", ["cost"], RANKING, 0.31),  # not among those that Rasa keeps: no surer than the decision
        ("clarify", ["pain"], [("nlu_fallback", 0.2), ("affirm", 0.5), ("ask_pain", 0.4)], 0.2),
        ("clarify", [], RANKING, None),
        ("clarify", ["uses"], [], None),
        ("out_of_scope", [], [], None),
    ],
)
def test_confidence_is_that_of_the_decision_or_of_the_first_option(kind, options, ranking, expected):
    assert confidence({"kind": kind, "options": options}, ranking) == expected


def test_learning_curve_is_read(tmp_path):
    assert learning_curve(tmp_path / "none.json") is None
    path = tmp_path / "curve.json"
    points = [{"writers": 1, "examples": 1020, "right": 0.59, "low": 0.57, "high": 0.61}]
    path.write_text(json.dumps({"date": "2026-11-22", "points": points}), encoding="utf8")
    assert learning_curve(path) == LearningCurve("2026-11-22", (LearningPoint(1, 1020, 0.59, 0.57, 0.61),))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"date": "2026-11-22", "points": []}',
        '{"date": "2026-11-22", "points": [{"writers": 1}]}',
        '{"date": "2026-11-22", "points": [{"writers": 1, "examples": 2, "right": 59, "low": 57, "high": 61}]}',
    ],
)
def test_learning_curve_tells_of_a_file_that_holds_none(tmp_path, text):
    path = tmp_path / "curve.json"
    path.write_text(text, encoding="utf8")
    with pytest.raises(LaunchError, match=r"curve\.json holds no learning curve"):
        learning_curve(path)


class Stub:
    """Answers everything with the cost, and is 0.9 sure."""

    threshold = 0.35

    @classmethod
    def load(cls):
        return cls()

    async def reply(self, session, text):
        return {"kind": "answer", "topics": ["cost"], "options": [], "text": "It depends. Ask us.", "facts": ["cost.one"]}

    async def ranking(self, session, text):
        return [("ask_cost", 0.9)]


@pytest.fixture
def played(tmp_path, monkeypatch):
    """Plays rows through the stub; gives what `evaluate` returned, and the two paths."""
    monkeypatch.setitem(sys.modules, "bot.conversation", SimpleNamespace(Assistant=Stub))
    monkeypatch.setattr("bot.evaluate.LEARNING_CURVE", tmp_path / "none.json")

    def play(*rows, page="page.html"):
        questions, predictions = tmp_path / "questions.jsonl", tmp_path / "out.jsonl"
        questions.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf8")
        return evaluate(questions, predictions, tmp_path / page), predictions, tmp_path / page

    return play


def test_evaluate_writes_five_keys_and_the_page(played):
    status, predictions, page = played({"id": "a", "text": "how much \ud800", "kind": "single", "topics": ["cost"]}, {"id": "b", "text": "unlabelled"})
    assert status == 0
    lines = [json.loads(line) for line in predictions.read_text(encoding="utf8").splitlines()]
    assert [set(line) for line in lines] == [{"id", "kind", "topics", "options", "reply"}] * 2
    assert "1 of 1 message was understood right" in " ".join(page.read_text(encoding="utf8").split())


def test_evaluate_without_labels_says_that_there_is_no_page(played, capsys):
    status, predictions, page = played({"id": "a", "text": "how much"})
    assert (status, predictions.exists(), page.exists()) == (0, True, False)
    assert [line for line in capsys.readouterr().err.splitlines() if "nothing to score" in line] != []


@pytest.mark.parametrize("page", ["missing/page.html", ".", "questions.jsonl", "out.jsonl"])
def test_evaluate_tells_of_a_bad_page_before_anything_is_played(tmp_path, page):
    questions = tmp_path / "questions.jsonl"
    questions.write_text('{"id": "a", "text": "how much", "kind": "single", "topics": ["cost"]}\n', encoding="utf8")
    with pytest.raises(LaunchError, match="cannot be"):
        evaluate(questions, tmp_path / "out.jsonl", tmp_path / page)
    assert not (tmp_path / "out.jsonl").exists()
    assert questions.read_text(encoding="utf8").startswith("{")
