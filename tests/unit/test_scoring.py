"""The score, on cases made by hand and against the script that the project is judged by."""

import importlib.util
import itertools
import random
from pathlib import Path

import pytest

from bot.facts import TOPICS
from bot.scoring import GUARDED, Bin, Case, Coverage, calibration_error, cases, confusion, coverage, interval, reliability, score, table, verdict

JUDGE = Path(__file__).resolve().parents[3] / "shared" / "eval" / "score.py"


def question(kind, topics, also=()):
    return {"id": "q", "kind": kind, "topics": list(topics), "also": list(also)}


def prediction(kind, topics=(), options=()):
    return {"id": "q", "kind": kind, "topics": list(topics), "options": list(options)}


@pytest.mark.parametrize(
    ("asked", "given", "expected"),
    [
        (question("single", ["cost"]), prediction("answer", ["cost"]), "right"),
        (question("single", ["cost"]), prediction("answer", ["safety"]), "wrong"),
        (question("single", ["cost"]), prediction("answer", ["cost", "safety"]), "wrong"),
        (question("single", ["cost"], ["safety"]), prediction("answer", ["cost", "safety"]), "right"),
        (question("single", ["cost"]), prediction("answer"), "wrong"),
        (question("single", ["cost"]), prediction("clarify", options=["safety", "cost"]), "asked"),
        (question("single", ["cost"]), prediction("clarify", options=["safety"]), "refused"),
        (question("single", ["cost"]), prediction("clarify", options=["safety", "pain", "uses", "cost"]), "refused"),
        (question("single", ["cost"]), prediction("out_of_scope"), "refused"),
        (question("single", ["cost"], ["personal"]), prediction("personal"), "right"),
        (question("multi", ["cost", "pain"]), prediction("answer", ["cost"]), "part"),
        (question("multi", ["cost", "pain"]), prediction("answer", ["pain", "cost"]), "right"),
        (question("multi", ["cost", "urgent"]), prediction("urgent"), "part"),
        (question("oos", ["oos"]), prediction("out_of_scope"), "right"),
        (question("oos", ["oos"]), prediction("clarify", options=["cost"]), "asked"),
        (question("oos", ["oos"], ["uses"]), prediction("answer", ["uses"]), "right"),
        (question("urgent", ["urgent"]), prediction("clarify", options=["safety"]), "wrong"),
        (question("urgent", ["urgent"]), prediction("urgent"), "right"),
        (question("chitchat", ["chitchat"]), prediction("none"), "wrong"),
    ],
)
def test_verdict_follows_the_rules(asked, given, expected):
    assert verdict(asked, given) == expected


def test_interval_is_wilsons():
    low, high = interval(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert interval(0, 0) == (0.0, 1.0)


def test_score_counts_a_missing_prediction_as_wrong():
    result = score([question("single", ["cost"])], [])
    assert result.counts["wrong"] == (1, 1)


def test_table_shows_every_share():
    lines = table(score([question("single", ["cost"])], [prediction("answer", ["cost"])])).splitlines()
    assert lines[0] == "single     n=   1  {'right': 1}"
    assert lines[1] == "right by first topic: {'cost': '1/1'}"
    assert "single_right              1/1    1.000   95 % 0.207..1.000" in lines


@pytest.mark.skipif(not JUDGE.exists(), reason=f"{JUDGE} is not on this machine")
def test_score_agrees_with_the_judge():
    spec = importlib.util.spec_from_file_location("judge", JUDGE)
    judge = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(judge)
    questions, predictions = invented(random.Random(0))
    by_kind, by_topic, counts, _ = judge.score(questions, predictions)
    ours = score(questions, predictions)
    assert ours.counts == counts
    assert ours.by_kind == {kind: found for kind, found in by_kind.items() if found}
    assert ours.by_topic == by_topic
    for right, of in itertools.product(range(5), (0, 4, 9)):
        assert interval(right, of) == judge.interval(right, of)


def test_cases_are_matched_by_id():
    asked = [{**question("single", ["cost"]), "id": name} for name in ("a", "b")]
    found = cases(asked, [{**prediction("answer", ["cost"]), "id": "b"}], {"b": 0.7})
    assert [(case.prediction["kind"], case.confidence, case.verdict) for case in found] == [("none", None, "wrong"), ("answer", 0.7, "right")]


@pytest.mark.parametrize(
    ("asked", "given", "expected"),
    [
        (question("single", ["cost"]), prediction("answer", ["cost"]), ("cost", "cost")),
        (question("single", ["cost"], ["safety"]), prediction("answer", ["safety"]), ("cost", "cost")),
        (question("multi", ["cost", "pain"]), prediction("answer", ["pain"]), ("cost", "cost")),
        (question("single", ["cost"]), prediction("answer", ["cost", "safety"]), ("cost", "safety")),
        (question("single", ["cost"]), {**prediction("answer"), "topics": "pain"}, ("cost", "pain")),
        (question("single", ["cost"]), prediction("answer"), ("cost", "answer")),
        (question("single", ["cost"]), prediction("clarify", options=["cost"]), ("cost", "clarify")),
        (question("single", ["cost"]), prediction("out_of_scope"), ("cost", "oos")),
        (question("oos", ["oos"]), prediction("out_of_scope"), ("oos", "oos")),
        (question("urgent", ["urgent"]), prediction("answer", ["safety"]), ("urgent", "safety")),
        (question("urgent", ["urgent"]), prediction("personal"), ("urgent", "personal")),
    ],
)
def test_confusion_has_what_is_right_on_its_diagonal(asked, given, expected):
    assert dict(confusion([Case(asked, given)])) == {expected: 1}


def test_reliability_and_calibration_error_by_hand():
    right, wrong = (question("single", ["cost"]), prediction("answer", ["cost"])), (question("oos", ["oos"]), prediction("answer", ["cost"]))
    played = [Case(*right, 0.9), Case(*right, 1.0), Case(*wrong, 0.95), Case(*right, 0.3), Case(*right, None)]
    played.append(Case(question("single", ["cost"]), prediction("clarify", options=["cost"]), 0.3))  # not answered
    bins = reliability(played)
    assert [found.of for found in bins] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 3]
    assert bins[3] == Bin(0.3, 0.4, 1, 1, 0.3)
    assert (bins[9].right, bins[9].confidence) == (2, pytest.approx(0.95))
    assert calibration_error(bins) == pytest.approx((1 * (1 - 0.3) + 3 * (0.95 - 2 / 3)) / 4)
    assert calibration_error(reliability([])) == 0.0


def test_coverage_by_hand():
    asked = question("single", ["cost"])
    played = [
        Case(asked, prediction("answer", ["cost"]), 0.8),
        Case(asked, prediction("answer", ["pain"]), 0.4),
        Case(asked, prediction("answer", ["cost"]), 0.2),  # through a clause: does not hang on the threshold
        Case(asked, prediction("clarify", options=["pain", "cost"]), 0.25),  # below 0.25 its first option, which is wrong, is the answer
        Case(asked, prediction("clarify", options=["cost"]), 0.6),  # asked back for another reason: never an answer at the chosen threshold
        Case(asked, prediction("clarify"), None),
        Case(asked, prediction("out_of_scope"), 0.9),
        Case(question("oos", ["oos"]), prediction("answer", ["cost"]), 0.9),  # not answerable
    ]
    assert coverage(played, 0.35, (0, 0.25, 0.3, 0.35, 0.4, 0.5, 1)) == [
        Coverage(0, 7, 5, 2),
        Coverage(0.25, 7, 5, 2),
        Coverage(0.3, 7, 4, 1),
        Coverage(0.35, 7, 3, 1),
        Coverage(0.4, 7, 3, 1),
        Coverage(0.5, 7, 2, 0),
        Coverage(1, 7, 1, 0),
    ]


def test_coverage_at_the_chosen_threshold_is_what_was_played():
    questions, predictions = invented(random.Random(1))
    chance = random.Random(2)
    played = cases(questions, predictions, {asked["id"]: chance.random() for asked in questions})
    answers = [case for case in played if case.is_answered and case.question["kind"] in ("single", "multi", "followup")]
    (point,) = coverage(played, 0.35, (0.35,))
    assert (point.answered, point.wrong) == (len(answers), sum(case.verdict == "wrong" for case in answers))
    curve = [found.answered for found in coverage(played, 0.35, [step / 20 for step in range(21)])]
    assert curve == sorted(curve, reverse=True)


def invented(chance):
    """Questions and predictions of every sort, by lot."""
    names = [*TOPICS[:5], *sorted(GUARDED)]
    kinds = ["answer", "clarify", "urgent", "personal", "contact", "bot", "chitchat", "feedback", "out_of_scope", "none"]
    questions, predictions = [], []
    for number in range(3000):
        kind = chance.choice(["single", "multi", "followup", *sorted(GUARDED)])
        topics = [kind] if kind in GUARDED else chance.sample(names, 2 if kind == "multi" else 1)
        questions.append({"id": number, "kind": kind, "topics": topics, "also": chance.choice([None, chance.sample(names, 2)])})
        if chance.random() < 0.98:
            options = chance.sample(names, chance.randrange(5))
            topics = chance.choice([None, topics, topics[0], chance.sample(names, 2)])
            predictions.append({"id": number, "kind": chance.choice(kinds), "topics": topics, "options": options})
    return questions, predictions
