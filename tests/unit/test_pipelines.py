"""How what a pipeline parses becomes the reply that is scored, and which questions are played."""

import json

import pytest
import yaml

from benchmarks.pipelines import KIND_OF_INTENT, prediction, questions, shares, table
from bot.launch import LaunchError
from bot.quiet import ROOT
from bot.reading import Question, Reading


def predicted(intent, reading=None):
    parsed = {"intent": {"name": intent, "confidence": 0.9}}
    found = prediction({"id": "q"}, parsed if reading is None else {**parsed, "reading": json.loads(json.dumps(reading.to_dict()))})
    assert found.pop("id") == "q"
    return found["kind"], found["topics"], found["options"]


def asking(*topics):
    return tuple(Question(topic) for topic in topics)


def test_every_intent_has_a_kind():
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf8"))
    assert KIND_OF_INTENT.keys() == {name for intent in domain["intents"] for name in intent} | {"nlu_fallback"}


@pytest.mark.parametrize(
    ("intent", "expected"),
    [
        ("ask_cost", ("answer", ["cost"], [])),
        ("nlu_fallback", ("out_of_scope", [], [])),
        (None, ("out_of_scope", [], [])),
        ("out_of_scope", ("out_of_scope", [], [])),
        ("report_urgent_symptom", ("urgent", [], [])),
        ("request_personal_advice", ("personal", [], [])),
        ("contact_clinic", ("contact", [], [])),
        ("bot_challenge", ("bot", [], [])),
        ("feedback_bad", ("feedback", [], [])),
        ("insult", ("chitchat", [], [])),
        ("remark", ("chitchat", [], [])),
        ("tell_more", ("clarify", [], [])),
    ],
)
def test_prediction_goes_by_the_intent_where_there_is_no_reading(intent, expected):
    assert predicted(intent) == expected


@pytest.mark.parametrize(
    ("intent", "reading", "expected"),
    [
        ("ask_cost", Reading(asking("cost", "pain", "cost")), ("answer", ["cost", "pain"], [])),
        ("nlu_fallback", Reading(options=asking("uses", "uses", "pain", "cost", "safety")), ("clarify", [], ["uses", "pain", "cost"])),
        ("nlu_fallback", Reading(facet="empty"), ("clarify", [], [])),
        ("ask_cost", Reading(), ("clarify", [], [])),
        ("request_personal_advice", Reading(asking("candidates")), ("personal", [], [])),
        ("contact_clinic", Reading(asking("providers")), ("contact", [], [])),
        ("out_of_scope", Reading(language="es"), ("out_of_scope", [], [])),
    ],
)
def test_prediction_goes_by_the_reading_where_there_is_one(intent, reading, expected):
    assert predicted(intent, reading) == expected


def test_questions_are_labelled_ones_without_earlier_messages(tmp_path, capsys):
    first, second, unlabelled = (tmp_path / name for name in ("a.jsonl", "b.jsonl", "c.jsonl"))
    labelled = {"id": 1, "text": "how much", "kind": "single", "topics": ["cost"]}
    first.write_text("\n".join(json.dumps(row) for row in (labelled, {**labelled, "id": 2, "context": ["hi"]}, {**labelled, "id": 3, "context": []})))
    second.write_text(json.dumps(labelled) + "\nnot json")
    unlabelled.write_text(json.dumps({"id": 1, "text": "how much"}))
    found = questions([first, second, unlabelled])
    assert [len(rows) for rows in found.values()] == [2, 1]
    assert len({row["id"] for rows in found.values() for row in rows}) == 3
    assert "line 2: not JSON" in capsys.readouterr().err
    with pytest.raises(LaunchError):
        questions([tmp_path / "missing.jsonl"])


def test_table_has_the_shares_of_all_questions():
    rows = [
        {"id": 1, "kind": "single", "topics": ["cost"]},
        {"id": 2, "kind": "single", "topics": ["pain"]},
        {"id": 3, "kind": "multi", "topics": ["cost", "pain"]},
        {"id": 4, "kind": "oos", "topics": ["oos"]},
    ]
    intents = ("ask_cost", "nlu_fallback", "ask_pain", "out_of_scope")
    figures = shares(rows, [prediction(row, {"intent": {"name": intent}}) for row, intent in zip(rows, intents, strict=True)])
    assert figures == {
        **{"right": (2, 4), "part": (1, 4), "asked": (0, 4), "wrong": (0, 4), "refused": (1, 4)},
        **{"answerable_right": (1, 3), "out_of_scope_caught": (1, 1), "urgent_recall": (0, 0)},
    }
    head, line, row = table({"ours": {**figures, "training_s": 61.2, "load_s": 1.0, "memory_mb": 555.5, "median_ms": 3.21, "p95_ms": 4.0}}).splitlines()
    assert head.count("|") == line.count("|") == row.count("|")
    assert row == "| ours | 50.0% | 25.0% | 0.0% | 0.0% | 25.0% | 33.3% | 100.0% | none | 61 s | 1.0 s | 556 MB | 3.2 ms (4.0 ms) |"
