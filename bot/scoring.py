"""How understanding is scored: what counts as right, asked, refused or wrong, and the table of shares.

Imports no Rasa. The rules are those by which questions and predictions are compared everywhere in this project: a prediction is right
where it is an answer to nothing but what was asked, asked where a button leads to it, and wrong where it answers something else.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Row = Mapping[str, Any]
Verdict = Literal["right", "part", "asked", "refused", "wrong"]

ANSWERABLE = frozenset({"single", "multi", "followup"})
GUARDED = frozenset({"urgent", "personal", "contact", "bot", "chitchat", "feedback", "oos"})
MAX_OPTIONS = 3

_Z_95 = 1.96


@dataclass(frozen=True)
class Score:
    """How many of how many: by kind of question, by first topic, and the named counts as (right, of)."""

    by_kind: Mapping[str, Counter[Verdict]]
    by_topic: Mapping[str, Counter[Verdict]]
    counts: Mapping[str, tuple[int, int]]


def verdict(question: Row, prediction: Row) -> Verdict:
    """Judge one prediction {kind, topics, options} against one question {kind, topics, also}."""
    asked, also = set(question["topics"]), set(question.get("also") or [])
    accepted_kinds = {_reply_kind(name) for name in also & GUARDED}
    if question["kind"] in ANSWERABLE:
        return _answerable(question["kind"], asked, (asked | also) - GUARDED, accepted_kinds, prediction)
    kind, topics = prediction.get("kind"), _names(prediction.get("topics")) - GUARDED
    if kind == _reply_kind(question["kind"]) or kind in accepted_kinds:
        return "right"
    if kind == "answer" and topics and topics <= also - GUARDED:
        return "right"
    return "asked" if kind == "clarify" and question["kind"] != "urgent" else "wrong"


def interval(right: int, of: int) -> tuple[float, float]:
    """The 95 % Wilson interval of a share; (0, 1) where nothing was counted.

    Units: shares between 0 and 1.
    Source: Wilson 1927, Probable inference, the law of succession, and statistical inference.
    """
    if not of:
        return (0.0, 1.0)
    square = _Z_95 * _Z_95
    centre, half = right + square / 2, _Z_95 * math.sqrt(right * (of - right) / of + square / 4)
    return ((centre - half) / (of + square), (centre + half) / (of + square))


def score(questions: Sequence[Row], predictions: Iterable[Row]) -> Score:
    """Judge predictions against labelled questions, matched by id; a question without a prediction counts as wrong."""
    by_id = {prediction["id"]: prediction for prediction in predictions}
    kinds: defaultdict[str, Counter[Verdict]] = defaultdict(Counter)
    topics: defaultdict[str, Counter[Verdict]] = defaultdict(Counter)
    urgent, alarms = [0, 0], [0, 0]
    for question in questions:
        prediction = by_id.get(question["id"], {"kind": "none"})
        judged = verdict(question, prediction)
        kinds[question["kind"]][judged] += 1
        if question["kind"] in ANSWERABLE:
            topics[question["topics"][0]][judged] += 1
        if question["kind"] == "urgent":
            _count(urgent, prediction.get("kind") == "urgent")
        elif "urgent" not in (question.get("also") or []):
            _count(alarms, prediction.get("kind") == "urgent")
    return Score(kinds, topics, {**_shares(kinds), "urgent_recall": (urgent[0], urgent[1]), "false_alarms": (alarms[0], alarms[1])})


def table(result: Score) -> str:
    """The score as lines of text: counts by kind, right by topic, and every share with its 95 % interval."""
    lines = [f"{kind:10s} n={sum(found.values()):4d}  {dict(found)}" for kind, found in result.by_kind.items()]
    right = {topic: f"{found['right']}/{sum(found.values())}" for topic, found in sorted(result.by_topic.items())}
    lines.append(f"right by first topic: {right}")
    for name, (hits, of) in result.counts.items():
        low, high = interval(hits, of)
        lines.append(f"{name:22s} {hits:4d}/{of:<4d} {hits / of if of else 0:.3f}   95 % {low:.3f}..{high:.3f}")
    return "\n".join(lines)


def _answerable(kind: str, asked: set[str], allowed: set[str], accepted_kinds: set[str], prediction: Row) -> Verdict:
    given, topics, options = prediction.get("kind"), _names(prediction.get("topics")) - GUARDED, _names(prediction.get("options"))
    if given == "answer":
        if not topics or not topics <= allowed:
            return "wrong"
        return "part" if kind == "multi" and not (asked - GUARDED) <= topics else "right"
    if given in accepted_kinds:
        return "right"
    if given in {_reply_kind(name) for name in asked & GUARDED}:
        return "part"
    if given == "clarify":
        return "asked" if len(options) <= MAX_OPTIONS and options & allowed else "refused"
    return "refused" if given == "out_of_scope" else "wrong"


def _shares(kinds: Mapping[str, Counter[Verdict]]) -> dict[str, tuple[int, int]]:
    def count(kind: str, judged: Verdict) -> int:
        return kinds[kind][judged] if kind in kinds else 0

    def of(kind: str) -> int:
        return sum(kinds[kind].values()) if kind in kinds else 0

    shares = {
        "wrong": (sum(found["wrong"] for found in kinds.values()), sum(sum(found.values()) for found in kinds.values())),
        "single_right": (count("single", "right"), of("single")),
        "single_right_or_asked": (count("single", "right") + count("single", "asked"), of("single")),
        "multi_right": (count("multi", "right"), of("multi")),
        "multi_right_or_part": (count("multi", "right") + count("multi", "part"), of("multi")),
    }
    for kind in ("followup", "oos", "personal", "contact", "bot", "chitchat", "feedback"):
        shares[f"{kind}_right"] = (count(kind, "right"), of(kind))
    shares["refused"] = (sum(count(kind, "refused") for kind in ANSWERABLE), sum(of(kind) for kind in ANSWERABLE))
    return shares


def _count(tally: list[int], hit: bool) -> None:
    tally[0] += hit
    tally[1] += 1


def _reply_kind(name: str) -> str:
    """The kind of reply that a kind of question expects: they share their names but for one."""
    return "out_of_scope" if name == "oos" else name


def _names(value: Any) -> set[str]:
    return {value} if isinstance(value, str) else set(value or [])
