"""Gathers what a dermatologist reads before signing: every fact, and every reply that is made of it, as visitors get it.

Imports no Rasa. How the page looks is in bot/review_page.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.clinic import Clinic
from bot.composer import DETAIL, Composer
from bot.facts import LEVELS, MESOTHERAPY, REGIONS, Answer, Fact, FactStore, Topic
from bot.reading import Question
from bot.reply import MARK, Reply, comparison_rows

LEVEL_WORDS = {"ambulance": "signs of an emergency", "today": "signs that need a doctor today", "clinic": "late lumps", "crisis": "thoughts of self-harm"}
TURN_WORDS = {"first": "", "doubt": ", played down", "steadying": ", with help on its way", "relieved": ", which have passed"}
PERSONAL_WORDS = {
    "general": "is it right for me",
    "under_18": "being under 18",
    "pregnancy": "pregnancy",
    "medicines": "one’s own medicines",
    "look": "what is on one’s skin",
}


@dataclass(frozen=True)
class Use:
    """One thing that visitors are told: its number on the page, what leads to it, and the facts that it rests on."""

    number: int
    asked: tuple[str, ...]
    body: str
    facts: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A topic, or another kind of reply: its facts, and what visitors are told."""

    key: str
    title: str
    facts: tuple[Fact, ...]
    uses: tuple[Use, ...]


_Told = tuple[str, str, tuple[str, ...]]
"""What leads to it, the words, the facts."""


def sections(composer: Composer) -> list[Section]:
    """Everything of a store by topic, then what is not asked by topic; equal replies of a section are one."""
    store = composer.store
    gathered: list[tuple[str, str, tuple[Fact, ...], Iterable[_Told]]] = [
        (topic.topic, topic.label, topic.facts, told) for topic, told in zip(store.topics.values(), _answers(composer), strict=True)
    ]
    gathered += [
        ("warning_signs", "Warning signs", store.warning_signs.facts, _urgent(composer)),
        ("comparisons", "Comparisons", (), _comparisons(composer)),
        ("personal", "One’s own case", (), _personal(composer)),
    ]
    found, number = [], 0
    for key, title, facts, told in gathered:
        merged: dict[tuple[str, tuple[str, ...]], list[str]] = {}
        for asked, body, rests_on in told:
            merged.setdefault((body, rests_on), []).append(asked)
        uses = [Use(number + place, tuple(dict.fromkeys(asked)), *said) for place, (said, asked) in enumerate(merged.items(), start=1)]
        number += len(uses)
        found.append(Section(key, title, facts, tuple(uses)))
    return found


def _answers(composer: Composer) -> list[list[_Told]]:
    """By topic, the reply to every facet, then what 'tell me more' adds where some fact is told by nothing else."""
    store = composer.store
    asked = [[_asked(store, topic, answer) for answer in topic.answers] for topic in store.topics.values()]
    first = [[(words, question, composer.answer([question])) for words, question in questions] for questions in asked]
    seen = {fact_id for replies in first for _, _, reply in replies for fact_id in reply.facts}
    found = []
    for replies in first:
        told = [_told(words, reply) for words, _, reply in replies]
        for words, question, reply in replies:
            for more in _more(composer, question, reply):
                if not seen.issuperset(more.facts):
                    told.append(_told(f"{words}, then “tell me more”", more))
                    seen.update(more.facts)
        found.append(told)
    return found


def _asked(store: FactStore, topic: Topic, answer: Answer) -> tuple[str, Question]:
    """How visitors ask what an answer is for, and the question that it is understood as."""
    words = next((other.asks[0] for other in topic.answers if other.id == answer.id and other.asks), answer.id)
    about = f", about {store.vocabulary.treatments[answer.treatment].name}" if answer.treatment else ""
    where = f", in {store.vocabulary.regions[answer.region].name}" if answer.region != "any" else ""
    region = answer.region if answer.region != "any" else None
    return f"“{words}”{about}{where}", Question(topic.topic, answer.id, (answer.treatment or MESOTHERAPY,), region)


def _more(composer: Composer, question: Question, reply: Reply) -> Iterator[Reply]:
    told = list(reply.facts)
    while (more := composer.tell_more(question, told)).facts:
        yield more
        told += [*more.facts, *(f"{fact_id}{DETAIL}" for fact_id in more.facts if fact_id in told)]


def _urgent(composer: Composer) -> Iterator[_Told]:
    """The alarms as this clinic gives them, then their first words in other countries."""
    for level in LEVELS:
        for turn, words in TURN_WORDS.items():
            yield _told(f"{LEVEL_WORDS[level]}{words}", composer.urgent(level, turn))
    clinic = composer.clinic
    for region in REGIONS:
        if region != clinic.country:
            where = "that names no country" if region == "any" else f"in {composer.store.vocabulary.regions[region].name}"
            elsewhere = Composer(composer.store, Clinic.parse_obj({"country": region}))
            for level in LEVELS:
                yield _told(f"{LEVEL_WORDS[level]}, for a clinic {where}", elsewhere.urgent(level))


def _comparisons(composer: Composer) -> Iterator[_Told]:
    """Each treatment beside mesotherapy, of which every comparison says the same; then the lines that are told in other regions only."""
    store = composer.store
    treatments = {key: treatment.name for key, treatment in store.vocabulary.treatments.items() if treatment.same_as is None}
    rows = {key: {row: facts for facts, row in comparison_rows(store, key, name)} for key, name in treatments.items()}
    carried = {row: facts for found in rows.values() for row, facts in found.items()}
    said: set[str] = set()

    def told(asked: str, lines: Iterable[str]) -> Iterator[_Told]:
        fresh = [line for line in lines if line not in said]
        said.update(fresh)
        if fresh:
            yield asked, "\n".join(fresh), tuple(dict.fromkeys(fact_id for line in fresh for fact_id in carried.get(line, ())))

    for key in (key for key in treatments if key != MESOTHERAPY):
        same = f", with the same lines on {treatments[MESOTHERAPY]}" if said else ""
        reply = composer.compare((MESOTHERAPY, key))
        yield from told(f"{treatments[MESOTHERAPY]} or {treatments[key]}{same}", MARK.sub("", reply.body).split("\n"))
    for key, name in treatments.items():
        yield from told(f"{name}, told in other regions", rows[key])


def _personal(composer: Composer) -> Iterator[_Told]:
    for facet in composer.store.wording.personal:
        yield _told(PERSONAL_WORDS[facet], composer.personal(facet, (Question("safety"),)))


def _told(asked: str, reply: Reply) -> _Told:
    return asked, MARK.sub("", reply.body), reply.facts
