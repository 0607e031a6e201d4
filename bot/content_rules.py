"""The rules that content keeps beyond fitting the schema: no promises, plain words, fresh facts, sources that are strong enough.

Imports no Rasa. A broken rule never stops the assistant: `make check` fails until the content or data/facts/exceptions.yml is put right.
"""

from __future__ import annotations

import datetime
import re
import statistics
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import textstat
from pydantic import BaseModel, Extra, ValidationError

from bot import yaml_file
from bot.clinic import CLINIC, Clinic, ClinicError
from bot.facts import CORE_TOPICS, FACTS, Fact, FactError, FactStore
from bot.signatures import void

DOMAIN = CLINIC.parent / "domain.yml"
EXCEPTIONS = "exceptions.yml"

GRADE = 10.0
"""Highest median Flesch-Kincaid grade of a topic file; health literature for the public aims at 6 to 8, and names of substances cost 2."""
FEWEST, FEWEST_CORE = 4, 8
"""Facts that a topic must have, those of other topics with `also` among them."""
DOMAIN_TERMS = (
    "abscessus", "anaphylaxis", "arthritis", "biorevitalisation", "botulinum", "cellulitis", "compounded", "compounding", "deoxycholic",
    "dermatologist", "dermatologists", "dermatology", "granuloma", "granulomas", "homeopathic", "hyaluronic", "hypersensitivity", "kybella",
    "lidocaine", "mesoglow", "mesolift", "mesotherapy", "microneedling", "mycobacterial", "mycobacterium", "pharmacies", "pharmacy",
    "phosphatidylcholine", "polynucleotide", "polynucleotides", "regulator", "regulators", "resurfacing", "skinvive", "tretinoin",
)  # fmt: skip
"""Words that the subject cannot do without; each counts as a short word when the grade is measured."""

_PROMISE = re.compile(r"\b(safe|safely|guaranteed?|permanent(?:ly)?|best|proven|cures?|cured|risk-free|painless(?:ly)?|miracles?)\b", re.IGNORECASE)
_WEAK_SOURCE_NAMED = re.compile(r"\b(clinics?|guides?|portal|sites?|magazine|page|opinion)\b", re.IGNORECASE)
_TERM = re.compile(rf"\b({'|'.join(DOMAIN_TERMS)})\b", re.IGNORECASE)
_STRONG_ONLY = ("regulation", "safety", "candidates", "warning_signs")
_ATTRIBUTES = ("approval", "lasts", "price", "downtime", "evidence")


class Exempt(BaseModel):
    """One place in which a rule does not hold, and why."""

    where: str
    word: str = ""
    reason: str

    class Config:
        frozen = True
        extra = Extra.forbid
        min_anystr_length = 1


class Exceptions(BaseModel):
    """The exceptions of data/facts/exceptions.yml, by rule."""

    promises: tuple[Exempt, ...] = ()
    tiers: tuple[Exempt, ...] = ()

    class Config:
        frozen = True
        extra = Extra.forbid

    @classmethod
    def load(cls, folder: Path = FACTS) -> Exceptions:
        """Read the exceptions; a missing file means that there are none.

        Raises: FactError if the file does not fit.
        """
        try:
            return cls(**(yaml_file.read(folder / EXCEPTIONS) or {}))
        except FileNotFoundError:
            return cls()
        except ValidationError as error:
            field, problem = yaml_file.first_error(error)
            raise FactError(yaml_file.with_line(f"{EXCEPTIONS}, field {field}: {problem}", folder)) from None
        except yaml_file.YamlError as error:
            raise FactError(str(error)) from None
        except (TypeError, UnicodeDecodeError) as error:
            raise FactError(f"{EXCEPTIONS}: expected `promises:` and `tiers:` with entries of where and reason ({str(error).splitlines()[0]})") from None


def warnings(store: FactStore, clinic: Clinic, responses: Any, exceptions: Exceptions, today: datetime.date) -> list[str]:
    """What breaks a rule, one line each, naming file, entry and what to change."""
    return [*broken(store, clinic, responses, exceptions), *lapsed(list(store.facts.values()), today)]


def broken(store: FactStore, clinic: Clinic, responses: Any, exceptions: Exceptions) -> list[str]:
    """What breaks a rule by what it says, and not by the day."""
    said = [*_texts(store), *_strings("clinic.yml", clinic.dict()), *_strings("domain.yml, responses", responses)]
    facts = [*(fact for topic in store.topics.values() for fact in topic.facts), *store.warning_signs.facts]
    return [
        *promises(said, exceptions.promises),
        *grades(store),
        *tiers(store, facts, exceptions.tiers),
        *counts(store),
    ]


def promises(said: Sequence[tuple[str, str]], exempt: Sequence[Exempt]) -> list[str]:
    """Words that promise a benefit, in texts given as (place, text); an exception that no longer applies is one more."""
    found = list(dict.fromkeys((where, word.lower()) for where, text in said for word in _PROMISE.findall(text)))
    listed = {(one.where, one.word) for one in exempt}
    promised = [
        f"{where}: '{word}' reads like a promise: say what a source reports instead, or list the place in {EXCEPTIONS} with its reason"
        for where, word in found
        if (where, word) not in listed
    ]
    idle = [
        f"{EXCEPTIONS}, promises: '{one.word}' no longer stands in {one.where}: delete this exception" for one in exempt if (one.where, one.word) not in found
    ]
    return promised + idle


def grades(store: FactStore) -> list[str]:
    """Topic files that are too hard to read."""
    found = []
    for name, topic in store.topics.items():
        texts = [*(fact.claim for fact in topic.facts), *(answer.opening for answer in topic.answers)]
        grade = statistics.median(reading_grade(text) for text in texts)
        if grade > GRADE:
            found.append(f"{name}.yml: median reading grade {grade:.1f} is above {GRADE:.0f}: use shorter sentences and shorter words")
    return found


def reading_grade(text: str) -> float:
    """The Flesch-Kincaid grade of a text, domain terms counted as short words.

    Units: years of schooling.
    Source: Kincaid and others 1975, as in textstat.
    """
    return float(textstat.flesch_kincaid_grade(_TERM.sub("term", text)))


def lapsed(facts: Sequence[Fact], today: datetime.date) -> list[str]:
    """Facts that should have been checked again."""
    return [
        f"{fact.topic}.yml, fact {fact.id}: due since {fact.review_by}: read its sources again and set `read` in references.yml"
        for fact in facts
        if fact.lapsed(today)
    ]


def tiers(store: FactStore, facts: Sequence[Fact], exempt: Sequence[Exempt]) -> list[str]:
    """Facts that rest on clinic, consumer or opinion pages (tier C) alone where that is not enough, or do not say so."""
    broken: dict[str, str] = {}
    for fact in facts:
        if any(store.sources[key].tier != "C" for key in fact.sources):
            continue
        where = f"{fact.topic}.yml, fact {fact.id}"
        topics = [topic for topic in (fact.topic, *fact.also) if topic in _STRONG_ONLY]
        if topics:
            broken[where] = f"a page of tier C alone cannot carry {' and '.join(topics)}: name a source of tier A or B, or drop the topic"
        elif not _WEAK_SOURCE_NAMED.search(fact.claim):
            broken[where] = "rests on tier C alone: say so in the claim, e.g. 'One clinic's page says ...'"
    listed = {one.where for one in exempt}
    weak = [f"{where}: {problem}, or list it in {EXCEPTIONS} with its reason" for where, problem in broken.items() if where not in listed]
    return weak + [f"{EXCEPTIONS}, tiers: {where} keeps the rule now: delete this exception" for where in listed - broken.keys()]


def counts(store: FactStore) -> list[str]:
    """Topics with too few facts."""
    found = []
    for name in store.topics:
        number = sum(name in (fact.topic, *fact.also) for fact in store.facts.values())
        fewest = FEWEST_CORE if name in CORE_TOPICS else FEWEST
        if number < fewest:
            found.append(f"{name}.yml: {number} facts, and {fewest} are needed: add some, or give others that answer it `also: [{name}]`")
    return found


def main() -> int:
    """Check the content of this installation, print what breaks a rule, and return the exit status.

    A void signature is a warning only: the fact counts as unsigned, and unsigned facts break no rule.
    """
    try:
        store, clinic, exceptions = FactStore.load(), Clinic.load(), Exceptions.load()
    except (FactError, ClinicError) as error:
        print(error, file=sys.stderr)
        return 1
    found = warnings(store, clinic, responses(), exceptions, datetime.date.today())
    for line in [*found, *(f"Warning: {line}" for line in void(store))]:
        print(yaml_file.with_line(line, FACTS, DOMAIN.parent), file=sys.stderr)
    print(f"Rules of content broken: {len(found)}" if found else "The rules of content hold.")
    return 1 if found else 0


def responses() -> Any:
    """The small talk of domain.yml."""
    return yaml_file.read(DOMAIN)["responses"]


def _texts(store: FactStore) -> Iterator[tuple[str, str]]:
    """Everything that the store can say, with its place; not how visitors ask."""
    for name, topic in store.topics.items():
        yield from _strings(f"{name}.yml", {"label": topic.label, "about": topic.about, "unknown": topic.unknown})
        for answer in topic.answers:
            whose = "".join(f" for {one}" for one in (answer.treatment, answer.region) if one not in (None, "any"))
            yield f"{name}.yml, answer {answer.id}{whose}", answer.opening
        yield from _claims(topic.facts)
    yield from _claims(store.warning_signs.facts)
    signs = store.warning_signs
    yield from _strings("warning_signs.yml", {**{key: level.text for key, level in signs.levels.items()}, "doubt": signs.doubt})
    yield from _strings("warning_signs.yml", {"steadying": signs.steadying, "relieved": signs.relieved})
    yield from _strings("warning_signs.yml", {"reminder": signs.reminder, "reminder_crisis": signs.reminder_crisis})
    for key, treatment in store.vocabulary.treatments.items():
        for field in _ATTRIBUTES:
            yield from ((f"vocabulary.yml, treatment {key}, {field}", attribute.text) for attribute in getattr(treatment, field))
    yield from _strings("wording.yml", {key: value for key, value in store.wording.dict().items() if not key.endswith("_asks")})


def _claims(facts: Sequence[Fact]) -> Iterator[tuple[str, str]]:
    for fact in facts:
        yield f"{fact.topic}.yml, fact {fact.id}", f"{fact.claim} {fact.detail or ''}"


def _strings(where: str, value: Any) -> Iterator[tuple[str, str]]:
    """The texts within nested fields, with the names of the fields behind the place."""
    if isinstance(value, str):
        yield where, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _strings(f"{where}, {key}", inner)
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from _strings(where, inner)
