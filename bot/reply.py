"""One reply, its parts, and the check that it says nothing which the store does not hold."""

from __future__ import annotations

import datetime
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bot.clinic import Clinic
from bot.facts import LEVELS, NUMBER, FactStore, Source

KINDS = ("answer", "clarify", "urgent", "personal", "contact", "bot", "chitchat", "feedback", "out_of_scope")
WITH_REFERRAL = ("answer", "clarify", "urgent", "personal", "contact", "out_of_scope")
CHOICE = re.compile(r"^choice-[0-9a-f]+-[0-9]+$")
CONTACT_CHOICE = "choice-00-0"
"""The button that leads to the clinic's contact details, whenever it was shown."""
MARK = re.compile(r" ?\[\d+\](?:\[\d+\])*")
MAX_OPTIONS = 3


class ReplyError(ValueError):
    """A reply says something that the store does not hold, or breaks the contract; it must not be sent."""


@dataclass(frozen=True)
class Reply:
    """What the visitor gets; the fields are those of the design's contract, and empty means missing."""

    kind: str
    body: str
    level: str = ""
    topics: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    as_of: str = ""
    sources: tuple[dict[str, str], ...] = ()
    referral: str = ""
    buttons: tuple[dict[str, str], ...] = ()
    disclosure: str = ""

    @property
    def text(self) -> str:
        """The whole reply as one message without blank lines, the referral last."""
        lines = [f"[{number}] {source['title']}, {source['publisher']}, {source['date']}" for number, source in enumerate(self.sources, start=1)]
        return "\n".join(part for part in (self.body, *lines, self.referral) if part)

    def metadata(self) -> dict[str, Any]:
        """The parts that are not empty, as JSON."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in fields.items() if value}


class ReplyCheck:
    """Holds everything that may be said with one store and one clinic, and checks replies against it."""

    def __init__(self, store: FactStore, clinic: Clinic) -> None:
        self._store = store
        self._said = sorted(set(_sentences(store, clinic)) - {""}, key=len, reverse=True)
        self._by_start: dict[str, list[str]] = {}
        for sentence in self._said:
            self._by_start.setdefault(sentence[:6], []).append(sentence)
        self._carried: dict[str, set[str]] = {}
        for text, facts in _carriers(store):
            self._carried.setdefault(text, set()).update(facts)
        self._openings = {answer.opening for topic in store.topics.values() for answer in topic.answers}
        self._referrals = {fill(text, clinic_fields(clinic)) for text in (*store.wording.referral, *store.wording.urgent_referral)}

    def check(self, metadata: Mapping[str, Any]) -> None:
        """Pass a reply's metadata, or refuse it.

        Raises: ReplyError naming what does not fit: the kind, level, a topic, a button, a fact, a source, the date, a sentence of the body, the referral.
        """
        kind = metadata.get("kind")
        if kind not in KINDS:
            raise ReplyError(f"unknown kind {kind!r}")
        facts = list(metadata.get("facts", ()))
        for fact_id in facts:
            if fact_id not in self._store.facts:
                raise ReplyError(f"unknown fact {fact_id}")
        self._check_choices(kind, metadata)
        if list(metadata.get("sources", ())) != ([] if kind == "urgent" else source_lines(self._store, facts)):
            raise ReplyError("its sources are not those of its facts")
        if metadata.get("as_of", "") != (self._store.as_of(*facts) if facts else ""):
            raise ReplyError("the date is not that of the oldest source")
        body = metadata.get("body", "")
        if "\n\n" in body:
            raise ReplyError("a blank line, where channels would split it")
        if kind in WITH_REFERRAL and metadata.get("level") != "crisis" and metadata.get("referral") not in self._referrals:
            raise ReplyError("the referral is missing or unknown")
        if kind != "chitchat":
            self._check_body(MARK.sub("", body), facts)

    def _check_choices(self, kind: str, metadata: Mapping[str, Any]) -> None:
        """Check the parts that are ids: the level, the topics, the options and the buttons' tokens."""
        level = metadata.get("level") or None
        if level not in (LEVELS if kind == "urgent" else (None,)):
            raise ReplyError(f"the level {level!r} does not fit the kind {kind}")
        options = metadata.get("options", ())
        for topic in (*metadata.get("topics", ()), *options):
            if topic not in self._store.topics:
                raise ReplyError(f"unknown topic {topic}")
        if len(options) > MAX_OPTIONS:
            raise ReplyError(f"more than {MAX_OPTIONS} options")
        for button in metadata.get("buttons", ()):
            if not CHOICE.match(button["choice"]):
                raise ReplyError(f"a button's token has not the form of one: {button['choice']!r}")

    def _check_body(self, body: str, facts: Sequence[str]) -> None:
        """Consume the body sentence by sentence, the longest known one first; what facts carry needs one of theirs, an opening those of its numbers."""
        place = 0
        while place < len(body):
            if body[place] in " \n":
                place += 1
                continue
            match = next((said for said in self._by_start.get(body[place : place + 6], ()) if body.startswith(said, place)), None)
            if match is None:
                raise ReplyError(f"not in the store: {body[place : place + 60]!r}")
            if match in self._carried and self._carried[match].isdisjoint(facts):
                raise ReplyError(f"said without its fact: {match[:60]!r}")
            if match in self._openings and not self._store.numbers_of(*facts).issuperset(NUMBER.findall(match)):
                raise ReplyError(f"said without the facts of its numbers: {match[:60]!r}")
            place += len(match)


def source_lines(store: FactStore, facts: Sequence[str]) -> list[dict[str, str]]:
    """The sources of facts as a reply lists them; where a fact is past its review, with the month in which its source was last checked."""
    today = datetime.date.today()
    lapsed = {key for fact_id in facts if store.facts[fact_id].lapsed(today) for key in store.facts[fact_id].sources}
    return [source_line(source, source.id in lapsed) for source in store.sources_of(*facts)]


def source_line(source: Source, lapsed: bool = False) -> dict[str, str]:
    """A source as the reply lists it; without url where it has none."""
    date = f"{source.date}, last checked {source.read:%B %Y}" if lapsed else source.date
    fields = {"id": source.id, "title": source.title, "publisher": source.publisher, "url": source.url or "", "date": date}
    return {name: value for name, value in fields.items() if value}


def clinic_fields(clinic: Clinic) -> dict[str, str]:
    """What wording may fill in from clinic.yml."""
    return {name: getattr(clinic, name) for name in ("name", "dermatologist", "phone", "email", "booking_link", "address", "timetable")}


def fill(text: str, fields: Mapping[str, str]) -> str:
    """Fill in {fields}; the empty string where one of them is empty, so that a sentence with a hole is never said."""
    needed = re.findall(r"{(\w+)}", text)
    return text.format(**fields) if all(fields.get(name) for name in needed) else ""


def urgent_fields(store: FactStore, clinic: Clinic) -> dict[str, str]:
    """The numbers to call: those of clinic.yml, else those of its country."""
    numbers = store.warning_signs.numbers[clinic.country]
    emergency = clinic.emergency_number or numbers.emergency
    if emergency[0].isdigit():
        emergency += " (elsewhere your local emergency number)"
    return {"emergency": emergency, "urgent_line": clinic.urgent_line or numbers.urgent_line, "crisis_line": clinic.crisis_line or numbers.crisis_line}


def _carriers(store: FactStore) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The sentences that rest on facts, with these."""
    for fact in store.facts.values():
        yield from ((text, (fact.id,)) for text in (fact.claim, fact.detail) if text)
    for topic in store.topics.values():
        yield from ((answer.opening, answer.facts) for answer in topic.answers)
    for key, treatment in store.vocabulary.treatments.items():
        yield from ((row, facts) for facts, row in comparison_rows(store, key, treatment.name))


def _sentences(store: FactStore, clinic: Clinic) -> Iterator[str]:
    """Every sentence that a body may be made of, filled in."""
    wording, vocabulary = store.wording, store.vocabulary
    fields = clinic_fields(clinic)
    treatments = [treatment.name for treatment in vocabulary.treatments.values()]
    for fact in store.facts.values():
        yield fact.claim
        yield fact.detail or ""
    for topic in store.topics.values():
        yield from (answer.opening for answer in topic.answers)
        yield from (sentence(topic.unknown.format(treatment=name)) for name in treatments)
        yield wording.no_more.format(about=topic.about)
        yield from (wording.no_more_of.format(about=topic.about, treatment=name) for name in treatments)
    for key, treatment in vocabulary.treatments.items():
        yield from (row for _, row in comparison_rows(store, key, treatment.name))
        offer = clinic.offer(key)
        if offer is not None:
            yield offer_line(store, clinic, key)
        yield wording.not_priced.format(treatment=treatment.name)
    yield from (wording.compare.format(first=first, second=second) for first, second in itertools.permutations(treatments, 2))
    yield from (wording.no_region.format(region=region.name) for region in vocabulary.regions.values())
    for text in ("last_sources", "not_asked_before", "clarify", "clarify_again", "clarify_open", "choice_gone", "something_else", "can_answer", "out_of_scope",
                 "doctor_only", "steadfast", "empty", "too_long", "trouble", "personal_facts", "feedback_good", "feedback_bad"):  # fmt: skip
        yield getattr(wording, text)
    for group in (wording.languages, wording.personal, wording.bot):
        yield from group.values()
    times = [f"{hour:02}:{minute:02}" for hour in range(24) for minute in range(60)] if clinic.hours else []
    spans = {span for spans in clinic.hours.values() for span in spans.split("-")}
    days = ("today", *(day.capitalize() for day in clinic.hours))
    for text in wording.contact.values():
        yield fill(text, {**fields, "time": ""})
        yield from (fill(text, {**fields, "time": time}) for time in times if time in spans)
        yield from (fill(text, {**fields, "time": f"{day} {time}"}) for day in days for time in spans)
    numbers = urgent_fields(store, clinic)
    signs = store.warning_signs
    warnings = (*(level.text for level in signs.levels.values()), *signs.doubt.values(), *signs.relieved.values())
    for text in (*warnings, signs.steadying, signs.reminder, signs.reminder_crisis):
        yield fill(text, numbers)


def sentence(text: str) -> str:
    """A text with its first letter in capitals."""
    return text[:1].upper() + text[1:]


def comparison_rows(store: FactStore, key: str, name: str, place: str = "any", fields: Sequence[str] = ()) -> list[tuple[tuple[str, ...], str]]:
    """What a comparison says of a treatment, line by line with the facts.

    Of each attribute the lines of the place are told; where it has none, the first line, and all prices.

    Args:
        store: The fact store.
        key: The treatment.
        name: What to call it.
        place: The region whose lines go before those of others; `any` takes all.
        fields: The attributes told; all of them where none is given.
    """
    treatment = store.vocabulary.treatments[store.vocabulary.treatments[key].same_as or key]
    labels = store.wording.compare_attributes
    rows = []
    for field, label in labels.items():
        if fields and field not in fields:
            continue
        attributes = getattr(treatment, field)
        fitting = [attribute for attribute in attributes if attribute.region in (place, "any")] if place != "any" else []
        elsewhere = attributes if field == "price" or place == "any" else attributes[:1]
        rows += [(attribute.facts, f"{sentence(name)}, {label}: {attribute.text}.") for attribute in fitting or elsewhere]
    return rows


def offer_line(store: FactStore, clinic: Clinic, treatment: str) -> str:
    """What the clinic itself says that it offers, and at what price."""
    offer = clinic.offer(treatment)
    if offer is None:
        return ""
    name = store.vocabulary.treatments[treatment].name
    text = store.wording.offer_priced if offer.price else store.wording.offer_unpriced
    return fill(text, {"name": clinic.name or "The clinic", "treatment": name, "price": offer.price or ""})
