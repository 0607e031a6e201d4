"""How understanding is scored: what counts as right, asked, refused or wrong, the table of shares, and what confidence is worth.

Imports no Rasa. The rules are those by which questions and predictions are compared everywhere in this project: a prediction is right
where it is an answer to nothing but what was asked, asked where a button leads to it, and wrong where it answers something else.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

Row = Mapping[str, Any]
Verdict = Literal["right", "part", "asked", "refused", "wrong"]

ANSWERABLE = frozenset({"single", "multi", "followup"})
GUARDED = frozenset({"urgent", "personal", "contact", "bot", "chitchat", "feedback", "oos"})
MAX_OPTIONS = 3
BINS = 10
UNPREDICTED: Final[Row] = {"kind": "none"}

_Z_95 = 1.96


@dataclass(frozen=True)
class Score:
    """How many of how many: by kind of question, by first topic, and the named counts as (right, of)."""

    by_kind: Mapping[str, Counter[Verdict]]
    by_topic: Mapping[str, Counter[Verdict]]
    counts: Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class Case:
    """A labelled question with its prediction, and how sure the assistant was: of a clarify, how sure of its first option."""

    question: Row
    prediction: Row
    confidence: float | None = None

    @property
    def verdict(self) -> Verdict:
        """How the prediction is judged."""
        return verdict(self.question, self.prediction)

    @property
    def is_answered(self) -> bool:
        """Whether an answer was given, right or wrong."""
        return bool(self.prediction.get("kind") == "answer")


@dataclass(frozen=True)
class Bin:
    """The answers whose confidence lies between two bounds: how many, how many of them right, and their mean confidence."""

    low: float
    high: float
    of: int
    right: int
    confidence: float


@dataclass(frozen=True)
class Coverage:
    """What a threshold does: of so many answerable questions so many get an answer, and so many of these answers are wrong."""

    threshold: float
    answerable: int
    answered: int
    wrong: int


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
        prediction = by_id.get(question["id"], UNPREDICTED)
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


def cases(questions: Sequence[Row], predictions: Iterable[Row], confidences: Mapping[Any, float | None]) -> list[Case]:
    """Labelled questions beside their predictions and confidences, matched by id as in `score`."""
    by_id = {prediction["id"]: prediction for prediction in predictions}
    return [Case(question, by_id.get(question["id"], UNPREDICTED), confidences.get(question["id"])) for question in questions]


def confusion(played: Iterable[Case]) -> Counter[tuple[str, str]]:
    """How often which (wanted, given) came together, by topic or else by kind of question or reply.

    Wanted is the first topic that was asked for. What is right or right in part counts as given what was wanted; of a wrong answer, the first
    topic that was not asked for is given.
    """
    return Counter((str(case.question["topics"][0]), _given(case)) for case in played)


def reliability(played: Iterable[Case]) -> list[Bin]:
    """The answers in bins of equal width by confidence, the empty bins too; an answer that is right in part is not counted as right.

    Units: confidences between 0 and 1; a bin holds its lower bound, the last one both.
    """
    held: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for case in played:
        if case.is_answered and case.confidence is not None:
            held[min(int(case.confidence * BINS), BINS - 1)].append((case.confidence, case.verdict == "right"))
    return [
        Bin(number / BINS, (number + 1) / BINS, len(pairs), sum(right for _, right in pairs), sum(share for share, _ in pairs) / (len(pairs) or 1))
        for number, pairs in enumerate(held)
    ]


def calibration_error(bins: Sequence[Bin]) -> float:
    """The expected calibration error: how far confidence and share right lie apart in a bin, averaged over all answers; 0 without any.

    Units: a share between 0 and 1.
    Source: Naeini, Cooper and Hauskrecht 2015, Obtaining well calibrated probabilities using Bayesian binning.
    """
    total = sum(found.of for found in bins)
    return sum(abs(found.right - found.of * found.confidence) for found in bins) / total if total else 0.0


def coverage(played: Iterable[Case], chosen: float, thresholds: Iterable[float]) -> list[Coverage]:
    """What other thresholds would do to the answerable questions that were played at the chosen one.

    Above the chosen threshold, answers of lower confidence fall away; those that were given below it (through a clause, or the question before)
    do not hang on it, and stay. Below it, a clarify becomes the answer of its first option.
    """
    answers = [(_reach(case, chosen), _as_answered(case) == "wrong") for case in played if case.question["kind"] in ANSWERABLE]
    found = []
    for threshold in thresholds:
        wrongs = [wrong for limit, wrong in answers if threshold <= limit]
        found.append(Coverage(threshold, len(answers), len(wrongs), sum(wrongs)))
    return found


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


def _given(case: Case) -> str:
    wanted, kind = str(case.question["topics"][0]), str(case.prediction.get("kind"))
    if case.verdict in ("right", "part"):
        return wanted
    if kind == "answer":
        asked = {*case.question["topics"], *(case.question.get("also") or [])}
        topics = [topic for topic in _listed(case.prediction.get("topics")) if topic not in GUARDED]
        return next((topic for topic in topics if topic not in asked), topics[0] if topics else kind)
    return "oos" if kind == "out_of_scope" else kind


def _reach(case: Case, chosen: float) -> float:
    """The highest threshold at which a question gets an answer; minus infinity where it never does."""
    if case.is_answered:
        return case.confidence if case.confidence is not None and case.confidence >= chosen else math.inf
    if case.prediction.get("kind") == "clarify" and case.prediction.get("options") and case.confidence is not None:
        return min(case.confidence, math.nextafter(chosen, -math.inf))
    return -math.inf


def _as_answered(case: Case) -> Verdict:
    """The verdict on an answer, or on the first option as if it had been answered."""
    if case.is_answered:
        return case.verdict
    return verdict(case.question, {"kind": "answer", "topics": _listed(case.prediction.get("options"))[:1]})


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
    return set(_listed(value))


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value or [])
