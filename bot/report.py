"""Counts what the stored conversations tell a clinic: what is asked, what went unanswered, what displeased, and how quick the replies were.

Imports no Rasa. How it looks is in bot/report_page.py.
"""

from __future__ import annotations

import datetime
import itertools
import re
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot import launch, stored
from bot.clinic import Clinic
from bot.demo_data import SENDER
from bot.encoder import SentenceEncoder
from bot.facts import Fact, FactStore
from bot.heard import ASK
from bot.stored import Conversation, Exchange

NO_QUESTIONS = ("chitchat", "feedback")
"""The kinds of reply to messages that ask nothing."""
NOTHING_FOUND = "unknown"
"""Stands in the place of the kind of an answer that rests on no fact: the sources say nothing on what was asked."""
UNANSWERED = ("clarify", "out_of_scope", NOTHING_FOUND, "")
WITHIN = 120.0
"""Seconds within which another message can be a rephrasing."""
IN_COMMON = 0.5
"""Share of their words that two messages must have in common to be wordings of one question."""
ALIKE = 0.45
"""How far apart in meaning, as 1 - cosine on average, the questions of a group may be. Looked at on 700 messages out of scope of data/nlu.yml: at 0.35 wordings
of one question stay apart, at 0.5 all that is not English comes together."""
MOST = 2000
"""Wordings that are grouped, the most frequent first: some 6 s."""
PAIRS = 3
"""Rephrasings that are kept of a reply."""
PERIODS = (30, 60, 90)
"""Days ahead for which the facts to be checked are told."""

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


@dataclass
class Wording:
    """A question that went unanswered, in all the messages that put it in these words."""

    text: str
    count: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    topics: Counter[str] = field(default_factory=Counter)
    """The topic that each of the messages came nearest to."""


@dataclass(frozen=True)
class Group:
    """Wordings near in meaning, the most frequent first."""

    wordings: tuple[Wording, ...]

    @property
    def count(self) -> int:
        """How many messages."""
        return sum(wording.count for wording in self.wordings)

    @property
    def kinds(self) -> Counter[str]:
        """What the messages got instead of an answer."""
        return sum((wording.kinds for wording in self.wordings), Counter())

    @property
    def topic(self) -> str:
        """The topic that most of the messages came nearest to; empty where there is none."""
        topics = sum((wording.topics for wording in self.wordings), Counter[str]())
        return topics.most_common(1)[0][0] if topics else ""


@dataclass
class Told:
    """One reply, in all the conversations in which it was given."""

    kind: str
    said: str
    topics: tuple[str, ...]
    facts: tuple[str, ...]
    count: int = 0
    good: int = 0
    whys: Counter[str] = field(default_factory=Counter)
    """Why visitors called it bad."""
    asked: Counter[str] = field(default_factory=Counter)
    """What the visitors had asked who called it bad."""
    rephrased: int = 0
    rewordings: list[tuple[str, str]] = field(default_factory=list)

    @property
    def bad(self) -> int:
        """How many visitors called it bad."""
        return sum(self.whys.values())


@dataclass
class Report:
    """What was counted. Days are those of the clinic's time zone."""

    conversations: Counter[datetime.date] = field(default_factory=Counter)
    """By the day of their first message."""
    questions: Counter[datetime.date] = field(default_factory=Counter)
    messages: int = 0
    kinds: Counter[str] = field(default_factory=Counter)
    """Of the replies to questions."""
    topics: Counter[str] = field(default_factory=Counter)
    treatments: Counter[str] = field(default_factory=Counter)
    facts: Counter[str] = field(default_factory=Counter)
    """How often each was told."""
    told: dict[tuple[str, tuple[str, ...]], Told] = field(default_factory=dict)
    unanswered: dict[str, Wording] = field(default_factory=dict)
    closed: int = 0
    """Questions that came while the clinic was closed."""
    seconds: list[float] = field(default_factory=list)
    """From the arrival of a message to its reply, where that is known."""
    made_up: int = 0
    """Conversations that nobody had (bot/demo_data.py)."""
    unreadable: int = 0

    def share(self, *kinds: str) -> float:
        """The share of the questions that got a reply of these kinds."""
        return sum(self.kinds[kind] for kind in kinds) / max(1, self.kinds.total())


def gather(conversations: Iterable[Conversation], clinic: Clinic, since: float = 0.0) -> Report:
    """Count what conversations hold since a moment, in seconds since 1970."""
    report, zone = Report(), stored.zone(clinic)
    for conversation in conversations:
        report.unreadable += conversation.unreadable
        sessions = [[one for one in exchanges if one.time >= since] for exchanges in stored.sessions(conversation.events)]
        first = next((one for exchanges in sessions for one in exchanges), None)
        if first is None:
            continue
        report.conversations[datetime.datetime.fromtimestamp(first.time, zone).date()] += 1
        report.made_up += conversation.sender.startswith(SENDER)
        for exchanges in sessions:
            for one, following in itertools.zip_longest(exchanges, exchanges[1:]):
                _count(report, one, following, clinic, zone)
    return report


def groups(wordings: Iterable[Wording], encode: Encode) -> tuple[list[Group], int]:
    """Unanswered questions by meaning, the largest group first, and how many messages were left out because their wordings are more than MOST."""
    ordered = sorted(wordings, key=lambda wording: (-wording.count, wording.text))
    taken, left = ordered[:MOST], ordered[MOST:]
    if len(taken) < 2:
        return [Group((wording,)) for wording in taken], 0
    from scipy.cluster.hierarchy import fcluster, linkage

    vectors = encode([wording.text for wording in taken]).astype(np.float64)
    vectors[np.abs(vectors).sum(axis=1) == 0, 0] = 1.0  # what holds no words has no direction of its own
    found: dict[int, list[Wording]] = {}
    for number, wording in zip(fcluster(linkage(vectors, "average", metric="cosine"), ALIKE, "distance"), taken, strict=True):
        found.setdefault(int(number), []).append(wording)
    return sorted((Group(tuple(some)) for some in found.values()), key=lambda group: -group.count), sum(wording.count for wording in left)


def encode(texts: Sequence[str]) -> NDArray[np.float32]:
    """The vectors of texts, by the encoder inside the trained model.

    Raises: LaunchError if there is no trained model.
    """
    with tempfile.TemporaryDirectory(prefix="assistant-") as folder, tarfile.open(launch.model()) as model:
        for member in model:
            if "SentenceFeaturizer" in member.name and member.isfile() and (file := model.extractfile(member)):
                (Path(folder) / Path(member.name).name).write_bytes(file.read())
        return SentenceEncoder(Path(folder)).encode(texts)


def lapsing(store: FactStore, today: datetime.date) -> list[tuple[int, list[Fact]]]:
    """The facts to be checked again, by the days that are left: those past their date under 0, then those of each of PERIODS that are in none before it."""
    bounds = (-1, *PERIODS)
    found: list[tuple[int, list[Fact]]] = [(max(bound, 0), []) for bound in bounds]
    for fact in sorted(store.facts.values(), key=lambda fact: (fact.review_by, fact.id)):
        place = next((place for place, bound in enumerate(bounds) if (fact.review_by - today).days <= bound), None)
        if place is not None:
            found[place][1].append(fact)
    return found


def is_rephrased(first: Exchange, then: Exchange | None) -> bool:
    """Whether a message puts the one before it in other words.

    It was typed within two minutes, and shares at least half of its words with the one before and names the same treatments, or led to the very same
    facts again, or came where the assistant had asked back and offered buttons.
    """
    if then is None or then.pressed or then.time - first.time > WITHIN or then.kind in NO_QUESTIONS:
        return False
    if first.kind == "clarify" or (first.facts and set(first.facts) == set(then.facts)):
        return True
    words, others = (set(re.findall(r"\w+", one.text.lower())) for one in (first, then))
    return not first.pressed and first.treatments == then.treatments and len(words & others) >= IN_COMMON * max(1, len(words | others))


def _count(report: Report, one: Exchange, following: Exchange | None, clinic: Clinic, zone: datetime.tzinfo) -> None:
    report.messages += 1
    if one.seconds is not None:
        report.seconds.append(one.seconds)
    if one.kind in NO_QUESTIONS:
        return
    moment = datetime.datetime.fromtimestamp(one.time, zone)
    report.questions[moment.date()] += 1
    report.closed += clinic.opening(moment)[0] == "closed"
    near = next((name.removeprefix(ASK) for name in one.intents if name.startswith(ASK)), "")
    kind = NOTHING_FOUND if one.kind == "answer" and not one.facts and one.intents[:1] == (f"{ASK}{near}",) else one.kind
    report.kinds[kind] += 1
    report.topics.update(one.topics)
    report.facts.update(one.facts)
    if kind in ("answer", NOTHING_FOUND):
        report.treatments.update(one.treatments)
    if kind in UNANSWERED and not one.pressed and not (kind == "clarify" and following is not None and following.pressed):
        key = " ".join(re.findall(r"\w+", one.text.lower())) or one.text
        wording = report.unanswered.setdefault(key, Wording(one.text))
        wording.count += 1
        wording.kinds[kind] += 1
        wording.topics.update([near] if near else [])
    told = report.told.setdefault((kind, one.facts), Told(kind, one.said, one.topics, one.facts))
    told.count += 1
    if one.verdict == "good":
        told.good += 1
    elif one.verdict:
        told.whys[one.why or "other"] += 1
        told.asked[one.text] += 1
    if kind in ("answer", *UNANSWERED) and following is not None and is_rephrased(one, following):
        told.rephrased += 1
        if len(told.rewordings) < PAIRS and (one.text, following.text) not in told.rewordings:
            told.rewordings.append((one.text, following.text))


def spans(report: Report) -> Iterator[tuple[datetime.date, int, int]]:
    """Each day, or of more than nine weeks each week by its first day, with its conversations and questions; days without any are there too."""
    days = sorted({*report.conversations, *report.questions})
    if not days:
        return
    step = 1 if (days[-1] - days[0]).days < 63 else 7
    start = days[0] if step == 1 else days[0] - datetime.timedelta(days[0].weekday())
    while start <= days[-1]:
        inside = [start + datetime.timedelta(number) for number in range(step)]
        yield start, sum(report.conversations[day] for day in inside), sum(report.questions[day] for day in inside)
        start += datetime.timedelta(step)
