"""The fact store: everything the assistant may say about medicine, read from data/facts/ and checked as a whole.

Imports no Rasa, so that it loads in milliseconds and can be tested alone. A store is immutable: a changed file
means a new store, read at the next start.
"""

from __future__ import annotations

import datetime
import functools
import hashlib
import json
import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, Optional, get_args

from pydantic import BaseModel, Extra, ValidationError, validator

from bot import yaml_file

FACTS = Path(__file__).resolve().parent.parent / "data" / "facts"

TOPICS = (
    "definition", "cost", "safety", "regulation", "duration", "alternatives", "effectiveness", "ingredients", "procedure",
    "pain", "recovery", "sessions", "candidates", "providers", "popularity", "uses", "recommendation", "sources",
)  # fmt: skip
"""The topics that the assistant comes with; a clinic adds others as files (`topics`)."""
CORE_TOPICS = ("cost", "safety", "regulation", "duration", "alternatives")
LEVELS = ("ambulance", "today", "clinic", "crisis")
REGIONS = ("US", "UK", "EU", "Canada", "any")
MESOTHERAPY = "mesotherapy"
SIGNATURES = "signatures.yml"
NO_TOPICS = ("references", "vocabulary", "warning_signs", "wording", "signatures", "exceptions")
"""Files of data/facts/ that hold no topic."""
TODO = "TODO"
"""Stands where something is still to be written; a topic that a clinic adds is left out until it stands nowhere in its file."""
SIGNED_OFF = "sources.signed_off"
"""The fact that tells how many others are signed off; it follows from the signatures and cannot be signed itself."""

Region = Literal["US", "UK", "EU", "Canada", "any"]
SourceDate = str

_DATE = re.compile(r"^(undated|\d{4}(-\d{2}(-\d{2})?)?)$")
MONEY = re.compile(r"[$£€]\s?\d|\d\s?(US |Canadian )?(dollars|pounds|euros)\b")
_BARE_PRICE = re.compile(
    r"\b(?:costs?|prices?|fees?|charges?)\b[^.]*?(?<![$£€\d,.])\b\d{2,}"
    r"(?![\d,.%]|\s?(?:US |per cent|people|sessions?|years?|dollars|pounds|euros))"
)
_YEAR = re.compile(r"\b(19|20)\d{2}\b")
_CALLED = ("emergency", "urgent_line", "crisis_line")
_CLINIC = ("name", "dermatologist", "phone", "email", "booking_link", "address")
_NAME_AND_ROLE = re.compile(r"[^\W\d_][^,\[\]{}]*, [^\W\d_][^\[\]{}]*")
_SIGNERS_NAMED, _LONGEST_NAME, _MOST_WORDS = 2, 80, 15
"""So that what is said of signatures fits into a reply."""
_FILLED_IN = {
    "referral": _CLINIC,
    "urgent_referral": _CLINIC,
    "no_region": ("region",),
    "no_more": ("about",),
    "no_more_of": ("about", "treatment"),
    "compare": ("first", "second"),
    "not_priced": ("treatment",),
    "offer_priced": ("name", "treatment", "price"),
    "offer_unpriced": ("name", "treatment"),
    "contact": (*_CLINIC, "time", "timetable"),
    "signed_off": ("signed", "all", "who"),
    "signed_off_by": ("by", "date"),
    "signed_off_others": ("others",),
}
"""What may stand in braces in wording.yml, by field."""
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")

_log = logging.getLogger(__name__)


class FactError(ValueError):
    """Something in data/facts/ does not fit; the text names the file, the entry and the field, and says what to change."""


class _Entry(BaseModel):
    """Base of every entry: frozen, and a misspelt field is an error rather than silence."""

    class Config:
        frozen = True
        extra = Extra.forbid

    @validator("sources", "facts", "aliases", check_fields=False)
    def _is_not_empty(cls, value: Any) -> Any:
        if not value:
            raise ValueError("needs at least one entry")
        return value

    @validator("*")
    def _has_every_key(cls, value: Any, field: Any) -> Any:
        missing = [key for key in get_args(field.key_field.type_) if key not in value] if field.key_field else []
        if missing:
            raise ValueError(f"{missing[0]} is missing")
        return value


class Source(_Entry):
    """A published page or paper that facts rest on."""

    id: str
    title: str
    publisher: str
    url: Optional[str] = None
    evidence: str
    tier: Literal["A", "B", "C"]
    published: SourceDate
    updated: Optional[SourceDate] = None
    reviewed_by_publisher: Optional[SourceDate] = None
    read: datetime.date

    @validator("published", "updated", "reviewed_by_publisher")
    def _date_is_known_form(cls, value: str | None) -> str | None:
        if value is not None and not _DATE.match(value):
            raise ValueError(f"'{value}' is not a date: write YYYY, YYYY-MM, YYYY-MM-DD (in quotes) or undated")
        return value

    @property
    def date(self) -> str:
        """The date as a visitor reads it, e.g. '2009-11-16, updated 2018-10-18' or 'undated page, read November 2026'."""
        if self.published == "undated":
            if self.updated:
                return f"updated {self.updated}"
            if self.reviewed_by_publisher:
                return f"reviewed {self.reviewed_by_publisher}"
            return f"undated page, read {self.read:%B %Y}"
        return f"{self.published}, updated {self.updated}" if self.updated else self.published

    @property
    def sort_date(self) -> str:
        """The date to compare by; an undated page counts from the day on which it was read."""
        if self.published != "undated":
            return self.published
        return self.updated or self.reviewed_by_publisher or self.read.isoformat()


class Fact(_Entry):
    """One hedged statement of one or two plain sentences, with the sources that carry it."""

    id: str
    topic: str
    claim: str
    sources: tuple[str, ...]
    also: tuple[str, ...] = ()
    detail: Optional[str] = None
    treatment: Optional[str] = None
    region: Region = "any"
    beside: tuple[str, ...] = ()
    """Facts that date or contest this one and must be told with it."""
    review_by: datetime.date
    signed_off_by: str = ""
    """Name and role of who signed the fact as it stands; filled in from signatures.yml, never by hand."""

    def lapsed(self, today: datetime.date) -> bool:
        """Whether the fact should have been checked again by `today`."""
        return today > self.review_by


class Answer(_Entry):
    """How one facet of a topic is answered: an opening sentence that answers the question, then facts that carry it."""

    id: str
    question: Optional[str] = None
    """How the page of questions words it, where the first of `asks` is no whole sentence; nothing is learnt from it."""
    asks: tuple[str, ...] = ()
    opening: str
    facts: tuple[str, ...]
    treatment: Optional[str] = None
    region: Region = "any"


class Topic(_Entry):
    """One topic: its facts and its answers, the first of which serves where no other fits better."""

    topic: str
    label: str
    about: str
    unknown: str
    answers: tuple[Answer, ...]
    facts: tuple[Fact, ...]


class Attribute(_Entry):
    """What a comparison says of a treatment in one respect, in a few words, and the facts that carry it."""

    text: str
    facts: tuple[str, ...]
    region: Region = "any"


class Treatment(_Entry):
    """A treatment that visitors name: how they write it, and what a comparison can say of it."""

    name: str
    aliases: tuple[str, ...]
    misspellings: tuple[str, ...] = ()
    same_as: Optional[str] = None
    """Another name of this treatment: its facts answer for it."""
    prescription_only: bool = False
    approval: tuple[Attribute, ...] = ()
    lasts: tuple[Attribute, ...] = ()
    price: tuple[Attribute, ...] = ()
    downtime: tuple[Attribute, ...] = ()
    evidence: tuple[Attribute, ...] = ()


class Term(_Entry):
    """A region or a body area: its name in a sentence and how visitors write it."""

    name: str
    aliases: tuple[str, ...]
    misspellings: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    """Words that tie a fact to a region without saying where the visitor is, such as FDA."""


class Vocabulary(_Entry):
    """What visitors name: treatments, regions and areas of the body, each by id."""

    treatments: dict[str, Treatment]
    regions: dict[str, Term]
    body_areas: dict[str, Term]


class Level(_Entry):
    """The urgent reply of one level; {emergency}, {urgent_line} and {crisis_line} are filled in."""

    text: str
    facts: tuple[str, ...]


class Numbers(_Entry):
    """Whom to call in one country, with the facts that carry the numbers."""

    emergency: str
    urgent_line: str
    crisis_line: str
    rests_on: tuple[str, ...] = ()


class WarningSigns(_Entry):
    """What the assistant says when a message sounds like an emergency, and what it says in the turns after."""

    topic: Literal["warning_signs"]
    levels: dict[Literal["ambulance", "today", "clinic", "crisis"], Level]
    numbers: dict[Region, Numbers]
    doubt: dict[Literal["ambulance", "today", "clinic", "crisis"], str]
    steadying: str
    relieved: dict[Literal["ambulance", "today", "clinic", "crisis"], str]
    reminder_crisis: str
    reminder: str
    facts: tuple[Fact, ...]


class Wording(_Entry):
    """What the assistant says around the facts; {fields} are filled in by the composer."""

    disclosure: str
    referral: tuple[str, ...]
    urgent_referral: tuple[str, ...]
    no_region: str
    no_more: str
    no_more_of: str
    last_sources: str
    not_asked_before: str
    compare: str
    compare_attributes: dict[Literal["approval", "lasts", "price", "downtime", "evidence"], str]
    not_priced: str
    offer_priced: str
    offer_unpriced: str
    clarify: str
    clarify_again: str
    clarify_open: str
    choice_gone: str
    something_else: str
    something_else_title: str
    contact_title: str
    can_answer: str
    out_of_scope: str
    doctor_only: str
    steadfast: str
    empty: str
    too_long: str
    trouble: str
    languages: dict[str, str]
    personal: dict[Literal["general", "under_18", "pregnancy", "medicines", "look"], str]
    personal_facts: str
    contact: dict[
        Literal["phone", "email", "booking_link", "address", "open", "closed", "closed_unknown", "timetable", "closed_days", "no_details", "not_booked"], str
    ]
    contact_asks: dict[Literal["hours", "booking", "address", "person"], tuple[str, ...]]
    bot: dict[Literal["robot", "abilities", "privacy", "trust", "sells", "made_by"], str]
    bot_asks: dict[Literal["robot", "abilities", "privacy", "trust", "sells", "made_by"], tuple[str, ...]]
    feedback_good: str
    feedback_bad: str
    signed_off: dict[Literal["none", "some", "all"], str]
    signed_off_opening: dict[Literal["none", "some", "all"], str]
    signed_off_by: str
    signed_off_others: str


class Signature(_Entry):
    """That somebody signed a fact off; it holds as long as the fact's digest is the one that was signed."""

    fact: str
    by: str
    date: datetime.date
    digest: str

    @validator("by")
    def _by_is_name_and_role(cls, value: str) -> str:
        fits = value.isprintable() and len(value) <= _LONGEST_NAME and len(value.split()) <= _MOST_WORDS
        if not fits or not _NAME_AND_ROLE.fullmatch(value):
            raise ValueError(f"'{value}' is not 'Name, role' without brackets, of at most {_LONGEST_NAME} characters and {_MOST_WORDS} words")
        return value


class FactStore:
    """All facts, sources, topics and wording, indexed by id and checked against each other."""

    def __init__(
        self,
        sources: dict[str, Source],
        vocabulary: Vocabulary,
        topics: dict[str, Topic],
        warning_signs: WarningSigns,
        wording: Wording,
        signatures: Sequence[Signature] = (),
    ) -> None:
        self.sources = sources
        self.vocabulary = vocabulary
        self.topics = topics
        self.warning_signs = warning_signs
        self.wording = wording
        self.signatures = {signature.fact: signature for signature in signatures}
        """The latest signature of each fact, whether it still holds or not."""
        self.facts: dict[str, Fact] = {}
        for facts in [*(topic.facts for topic in topics.values()), warning_signs.facts]:
            self.facts.update((fact.id, fact) for fact in facts)

    @classmethod
    def load(cls, folder: Path = FACTS) -> FactStore:
        """Read and check every file of `folder`.

        Raises: FactError naming file, entry, field and line for anything that does not fit.
        """
        try:
            return cls._read(folder)
        except FactError as error:
            raise FactError(yaml_file.with_line(str(error), folder)) from None

    @classmethod
    def _read(cls, folder: Path) -> FactStore:
        sources = _sources(folder / "references.yml")
        vocabulary = load_vocabulary(folder)
        topics_ = {name: _topic(folder / f"{name}.yml", sources) for name in topics(folder)}
        warning_signs = _with_facts(WarningSigns, folder / "warning_signs.yml", sources)
        wording = _build(Wording, _read(folder / "wording.yml"), "wording.yml")
        store = _signed(cls(sources, vocabulary, topics_, warning_signs, wording, load_signatures(folder / SIGNATURES)))
        _check(store)
        lapsed = sum(fact.lapsed(datetime.date.today()) for fact in store.facts.values())
        if lapsed:
            _log.warning("%d facts are past their review_by; `make check` names them", lapsed)
        return store

    def sources_of(self, *fact_ids: str) -> list[Source]:
        """The sources of facts, each once, in the order of the facts."""
        return [self.sources[key] for key in dict.fromkeys(key for fact_id in fact_ids for key in self.facts[fact_id].sources)]

    def numbers_of(self, *fact_ids: str) -> set[str]:
        """The numbers that facts carry: those of their texts and of the dates of their sources."""
        texts = [text for fact_id in fact_ids for text in (self.facts[fact_id].claim, self.facts[fact_id].detail or "")]
        return {number for text in (*texts, *(source.date for source in self.sources_of(*fact_ids))) for number in NUMBER.findall(text)}

    def as_of(self, *fact_ids: str) -> str:
        """The oldest date among the sources of facts, as YYYY[-MM[-DD]]."""
        return min(source.sort_date for source in self.sources_of(*fact_ids))

    def digest(self, fact_id: str) -> str:
        """A hash of what a signature of a fact covers: all that a reader can see of it and its sources, and what is told beside it.

        The day on which a source was read counts where it serves as the date of an undated one; the topics and `review_by` do not.
        """
        fact = self.facts[fact_id].dict(include={"id", "claim", "detail", "treatment", "region", "beside"}, exclude_none=True)
        sources = [{**source.dict(exclude={"read"}, exclude_none=True), "date": source.date} for source in self.sources_of(fact_id)]
        return hashlib.sha256(json.dumps([fact, sources], sort_keys=True).encode()).hexdigest()

    @property
    def void_signatures(self) -> list[Signature]:
        """Signatures that hold no longer, because their fact has changed since or is gone."""
        return [one for one in self.signatures.values() if one.fact not in self.facts or not self.facts[one.fact].signed_off_by]

    def subject(self, treatment: str) -> str | None:
        """The treatment as facts name it: None for mesotherapy under any of its names."""
        treatment = self.vocabulary.treatments[treatment].same_as or treatment
        return None if treatment == MESOTHERAPY else treatment

    def answers(self, topic: str, facet: str | None, treatment: str, region: str) -> list[Answer]:
        """The answers of a topic that fit a treatment, best first: the facet asked for, the very name, the visitor's region, file order."""
        subject = self.subject(treatment)
        fitting = [one for one in self.topics[topic].answers if one.treatment in (subject, treatment) and one.region in (region, "any")]
        return sorted(fitting, key=lambda one: (one.id != facet, one.treatment != treatment, one.region != region))

    @functools.cached_property
    def asks(self) -> list[tuple[str, str, str]]:
        """Example wordings of facets, as (topic, facet, wording); `contact` and `bot` stand beside the topics."""
        guarded = (("contact", self.wording.contact_asks), ("bot", self.wording.bot_asks))
        return [
            *((topic.topic, answer.id, ask) for topic in self.topics.values() for answer in topic.answers for ask in answer.asks),
            *((kind, facet, ask) for kind, facets in guarded for facet, asks in facets.items() for ask in asks),
        ]


def topics(folder: Path = FACTS) -> tuple[str, ...]:
    """The topics: those that the assistant comes with, then those that a clinic has added and written to the end."""
    return (*TOPICS, *(name for name, text in _added(folder) if TODO not in text))


def added(folder: Path = FACTS) -> list[str]:
    """The topics that a clinic has added, the unfinished ones too."""
    return [name for name, _ in _added(folder)]


def _added(folder: Path) -> Iterator[tuple[str, str]]:
    """The name and the text of each file that says of itself that it is the topic of its name."""
    for path in sorted(folder.glob("[!.]*.yml")):
        if path.stem not in (*TOPICS, *NO_TOPICS):
            text = path.read_text(encoding="utf8", errors="ignore")
            if re.search(rf"^topic: *{re.escape(path.stem)}\s*$", text, re.MULTILINE):
                yield path.stem, text


def _read(path: Path) -> Any:
    try:
        content = yaml_file.read(path)
    except FileNotFoundError:
        raise FactError(f"{path.name}: the file is missing from {path.parent}") from None
    except UnicodeDecodeError as error:
        raise FactError(f"{path.name}: not a text file in UTF-8 ({error.reason} at byte {error.start})") from None
    except yaml_file.YamlError as error:
        raise FactError(str(error)) from None
    if not isinstance(content, dict):
        raise FactError(f"{path.name}: expected a mapping of fields at the top, found {type(content).__name__}")
    return content


def _build(model: type[Any], fields: Any, where: str) -> Any:
    try:
        return model(**fields)
    except TypeError:
        raise FactError(f"{where}: expected fields with values, found {fields!r}") from None
    except ValidationError as error:
        field, problem = yaml_file.first_error(error)
        raise FactError(f"{where}, field {field}: {problem}") from None


def _sources(path: Path) -> dict[str, Source]:
    entries = _read(path).get("sources")
    if not isinstance(entries, dict):
        raise FactError(f"{path.name}, field sources: expected sources by name, found {entries!r}")
    found = {}
    for key, entry in entries.items():
        where = f"{path.name}, source {key}"
        if not isinstance(entry, dict):
            raise FactError(f"{where}: expected fields with values, found {entry!r}")
        found[key] = _build(Source, {"id": key, **entry}, where)
    return found


def _with_facts(model: type[Any], path: Path, sources: dict[str, Source]) -> Any:
    """Build a file's model, each fact first, so that an error names the fact; review_by falls a year after reading."""
    content = _read(path)
    facts, listed = [], content.get("facts") or []
    if not isinstance(listed, list):
        raise FactError(f"{path.name}, field facts: must be a list of facts, each beginning with a dash")
    for number, fields in enumerate(listed, start=1):
        where = f"{path.name}, fact {fields.get('id', f'number {number}') if isinstance(fields, dict) else f'number {number}'}"
        if not isinstance(fields, dict):
            raise FactError(f"{where}: expected fields with values, found {fields!r}")
        if fields.get("signed_off_by"):
            raise FactError(f"{where}, field signed_off_by: is not written by hand: run `python -m bot sign`, which writes {SIGNATURES}")
        if not isinstance(fields.get("sources") or [], list):
            raise FactError(f"{where}, field sources: must be a list, such as [{fields['sources']}]")
        for key in fields.get("sources") or []:
            if not isinstance(key, str) or key not in sources:
                raise FactError(f"{where}, field sources: unknown source '{key}': add it to references.yml or correct the name")
        reads = [sources[key].read for key in fields.get("sources") or []]
        lapse = _a_year_after(min(reads)) if reads else None
        facts.append(_build(Fact, {"topic": content.get("topic"), "review_by": lapse, **fields}, where))
    return _build(model, {**content, "facts": facts}, path.name)


def load_signatures(path: Path) -> tuple[Signature, ...]:
    """All signatures, the oldest first; none where there is no such file.

    Raises: FactError if the file does not fit.
    """
    entries = (_read(path).get("signatures") or []) if path.exists() else []
    if not isinstance(entries, list):
        raise FactError(f"{path.name}, field signatures: expected a list, found {entries!r}")
    return tuple(_build(Signature, entry, f"{path.name}, signature number {number}") for number, entry in enumerate(entries, start=1))


def _signed(store: FactStore) -> FactStore:
    """The store in which each fact that was signed as it stands says by whom, and topic `sources` how many were."""
    held = {key: one for key, one in store.signatures.items() if key in store.facts and key != SIGNED_OFF and one.digest == store.digest(key)}
    claim, opening = _said_of_signatures(store, list(held.values()))

    def with_signatures(entry: Any) -> Any:
        facts = (fact.copy(update={"signed_off_by": held[fact.id].by}) if fact.id in held else fact for fact in entry.facts)
        return entry.copy(update={"facts": tuple(fact.copy(update={"claim": claim}) if fact.id == SIGNED_OFF else fact for fact in facts)})

    topics = {name: with_signatures(topic) for name, topic in store.topics.items()}
    answers = (answer.copy(update={"opening": answer.opening.replace("{signed_off}", opening)}) for answer in topics["sources"].answers)
    topics["sources"] = topics["sources"].copy(update={"answers": tuple(answers)})
    return FactStore(store.sources, store.vocabulary, topics, with_signatures(store.warning_signs), store.wording, tuple(store.signatures.values()))


def _said_of_signatures(store: FactStore, held: Sequence[Signature]) -> tuple[str, str]:
    """What is said of the signatures that hold, as (claim, opening): how many facts carry one, who signed them, and when last."""
    wording, of = store.wording, len(store.facts.keys() - {SIGNED_OFF})
    state: Literal["none", "some", "all"] = "none" if not held else "all" if len(held) == of else "some"
    last = {one.by: one.date for one in sorted(held, key=lambda one: one.date)}
    signers = Counter(one.by for one in held).most_common()
    who = [wording.signed_off_by.format(by=by, date=f"{last[by].day} {last[by]:%B %Y}") for by, _ in signers[:_SIGNERS_NAMED]]
    who += [wording.signed_off_others.format(others=len(signers) - _SIGNERS_NAMED)] if len(signers) > _SIGNERS_NAMED else []
    return wording.signed_off[state].format(signed=len(held), all=of, who=" and ".join(who)), wording.signed_off_opening[state]


def _a_year_after(day: datetime.date) -> datetime.date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return datetime.date(day.year + 1, 3, 1)


def _topic(path: Path, sources: dict[str, Source]) -> Topic:
    topic: Topic = _with_facts(Topic, path, sources)
    if topic.topic != path.stem:
        raise FactError(f"{path.name}, field topic: '{topic.topic}' must be '{path.stem}', the file's name")
    if not topic.facts or not topic.answers:
        raise FactError(f"{path.name}: an answerable topic needs at least one fact and one answer")
    return topic


def _check(store: FactStore) -> None:
    """Check what spans files.

    Raises: FactError.
    """
    files = [(f"{name}.yml", topic.facts) for name, topic in store.topics.items()] + [("warning_signs.yml", store.warning_signs.facts)]
    seen: dict[str, str] = {}
    for file, facts in files:
        for fact in facts:
            where = f"{file}, fact {fact.id}"
            if fact.id in seen:
                raise FactError(f"{where}, field id: already used in {seen[fact.id]}: every fact needs an id of its own")
            seen[fact.id] = file
            _check_fact(store, fact, where)
    for name, topic in store.topics.items():
        _check_fields(topic.unknown, ("treatment",), f"{name}.yml, field unknown")
        for answer in topic.answers:
            _check_answer(store, name, answer)
    _check_vocabulary(store)
    _check_wording(store.wording)
    _check_warning_signs(store)


def _check_vocabulary(store: FactStore) -> None:
    known = store.vocabulary.treatments
    for group, keys, needed in (("treatments", known, (MESOTHERAPY,)), ("regions", store.vocabulary.regions, REGIONS[:-1])):
        for key in needed:
            if key not in keys:
                raise FactError(f"vocabulary.yml, field {group}: {key} is missing")
    for key, treatment in known.items():
        if treatment.same_as is not None and treatment.same_as not in known:
            raise FactError(f"vocabulary.yml, treatment {key}, field same_as: '{treatment.same_as}' is not in vocabulary.yml")
        for field in ("approval", "lasts", "price", "downtime", "evidence"):
            for attribute in getattr(treatment, field):
                _check_ids(store, attribute.facts, f"vocabulary.yml, treatment {key}, field {field}")
                _check_numbers(store, attribute.text, attribute.facts, f"vocabulary.yml, treatment {key}, field {field}")


def _check_warning_signs(store: FactStore) -> None:
    signs = store.warning_signs
    for level, entry in signs.levels.items():
        _check_ids(store, entry.facts, f"warning_signs.yml, level {level}")
        _check_fields(entry.text, _CALLED, f"warning_signs.yml, level {level}, field text")
        _check_fields(signs.doubt[level], _CALLED, f"warning_signs.yml, field doubt.{level}")
    for region, numbers in signs.numbers.items():
        _check_ids(store, numbers.rests_on, f"warning_signs.yml, numbers {region}")
        _check_numbers(
            store,
            f"{numbers.emergency} {numbers.urgent_line} {numbers.crisis_line}",
            numbers.rests_on,
            f"warning_signs.yml, numbers {region}",
        )


def _check_wording(wording: Wording) -> None:
    for name, value in wording:
        texts = value.items() if isinstance(value, dict) else enumerate(value, start=1) if isinstance(value, tuple) else [("", value)]
        for key, text in texts:
            if isinstance(text, str):
                _check_fields(text, _FILLED_IN.get(name, ()), f"wording.yml, field {name}{f'.{key}' if key else ''}")


def _check_fields(text: str, known: tuple[str, ...], where: str) -> None:
    for field in re.findall(r"{(.*?)}", text):
        if field not in known:
            others = f"; what can be is {', '.join(known)}" if known else ""
            raise FactError(f"{where}: {{{field}}} is not filled in here{others}")


def _check_fact(store: FactStore, fact: Fact, where: str) -> None:
    prefix = f"{fact.topic}."
    if not fact.id.startswith(prefix):
        raise FactError(f"{where}, field id: must begin with '{prefix}'")
    for topic in fact.also:
        if topic not in store.topics:
            raise FactError(f"{where}, field also: '{topic}' is not a topic")
    for other in fact.beside:
        if other not in store.facts:
            raise FactError(f"{where}, field beside: there is no fact '{other}'")
    if fact.treatment is not None:
        if fact.treatment not in store.vocabulary.treatments or fact.treatment == MESOTHERAPY:
            raise FactError(f"{where}, field treatment: '{fact.treatment}' is not another treatment of vocabulary.yml")
        if not names(store.vocabulary.treatments[fact.treatment], fact.claim):
            raise FactError(f"{where}, field claim: is about {fact.treatment} and must name it, so that it is never taken for mesotherapy")
    if fact.region != "any" and not names(store.vocabulary.regions[fact.region], fact.claim):
        raise FactError(f"{where}, field claim: is about {fact.region} and must name it")
    if "cost" in (fact.topic, *fact.also):
        _check_price(fact.claim, where)


def _check_price(claim: str, where: str) -> None:
    if _BARE_PRICE.search(claim) and not MONEY.search(claim):
        raise FactError(f"{where}, field claim: a price needs its currency")
    if MONEY.search(claim):
        if not re.search(r"\b(US|UK|EU|India|Canada|England|American|British)\b", claim):
            raise FactError(f"{where}, field claim: a price needs its country")
        if not _YEAR.search(claim):
            raise FactError(f"{where}, field claim: a price needs its year (or 'undated' and the year in which it was read)")


def _check_answer(store: FactStore, topic: str, answer: Answer) -> None:
    where = f"{topic}.yml, answer {answer.id}"
    _check_ids(store, answer.facts, where)
    if answer.treatment is not None and answer.treatment not in store.vocabulary.treatments:
        raise FactError(f"{where}, field treatment: '{answer.treatment}' is not in vocabulary.yml")
    for fact_id in answer.facts:
        fact = store.facts[fact_id]
        if topic not in (fact.topic, *fact.also):
            raise FactError(f"{where}, field facts: {fact_id} is of topic {fact.topic}; give it `also: [{topic}]` or leave it out")
        if answer.treatment is not None and fact.treatment != answer.treatment:
            raise FactError(f"{where}, field facts: {fact_id} is not about {answer.treatment}")
    _check_numbers(store, answer.opening, answer.facts, where)


def _check_ids(store: FactStore, fact_ids: tuple[str, ...], where: str) -> None:
    for fact_id in fact_ids:
        if fact_id not in store.facts:
            raise FactError(f"{where}, field facts: there is no fact '{fact_id}'")


def _check_numbers(store: FactStore, text: str, fact_ids: tuple[str, ...], where: str) -> None:
    carried = store.numbers_of(*fact_ids)
    for number in NUMBER.findall(text):
        if number not in carried:
            raise FactError(f"{where}: the number {number} stands in none of its facts ({', '.join(fact_ids)})")


def names(term: Treatment | Term, text: str) -> bool:
    """Whether a text names a treatment or region by its name or one of its aliases."""
    return any(re.search(rf"(?<!\w){re.escape(word)}(?:s|es)?(?!\w)", text, re.IGNORECASE) for word in _words(term))


def _words(term: Treatment | Term) -> Iterator[str]:
    yield term.name
    yield from term.aliases
    if isinstance(term, Term):
        yield from term.marks


def load_vocabulary(folder: Path = FACTS) -> Vocabulary:
    """The vocabulary alone.

    Raises: FactError if vocabulary.yml does not fit.
    """
    vocabulary: Vocabulary = _build(Vocabulary, _read(folder / "vocabulary.yml"), "vocabulary.yml")
    return vocabulary
