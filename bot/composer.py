"""Chooses facts and composes replies: the one place in which the sentences of the store become a message."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bot.clinic import CLINIC, DAYS, Clinic, ClinicError
from bot.facts import FACTS, MESOTHERAPY, MONEY, NUMBER, Answer, Fact, FactStore
from bot.reading import Question
from bot.reply import (
    CONTACT_CHOICE,
    MARK,
    MAX_OPTIONS,
    Reply,
    ReplyCheck,
    clinic_fields,
    comparison_rows,
    fill,
    offer_line,
    sentence,
    source_lines,
    urgent_fields,
)
from bot.yaml_file import with_line

WORDS_ONE_TOPIC, WORDS_MORE_TOPICS = 90, 150
SLACK = 10
"""Words by which a body may be longer, so that a topic is not left without any fact."""
MAX_FACTS, MAX_SEGMENTS = 3, 3
DETAIL = "+detail"
"""Behind a fact's id in what was told: its detail too."""
OWN_PRICE = "own_price"
"""The facet of cost that asks what the clinic itself charges."""
FIRST_TOPICS = ("safety", "candidates")
"""Told first where several topics are asked for."""


@dataclass(frozen=True)
class Sentence:
    """One sentence of a body and the facts whose sources it bears; an opening bears none that the facts behind it bear."""

    text: str
    facts: tuple[str, ...] = ()


class Composer:
    """Composes every reply of the assistant from one store and one clinic; each is checked before it leaves."""

    def __init__(self, store: FactStore, clinic: Clinic) -> None:
        self.store = store
        self.clinic = clinic
        self._check = ReplyCheck(store, clinic)
        for offer in clinic.offers:
            if offer.treatment not in store.vocabulary.treatments:
                told = f"clinic.yml, field offers: '{offer.treatment}' is not a treatment of data/facts/vocabulary.yml"
                raise ClinicError(with_line(told, CLINIC.parent))

    def check(self, metadata: Mapping[str, Any]) -> None:
        """Pass a reply's metadata, or refuse it.

        Raises: ReplyError, see bot.reply.ReplyCheck.
        """
        self._check.check(metadata)

    # Answers

    def answer(self, questions: Sequence[Question], region: str | None = None) -> Reply:
        """Answer one or several questions in one reply, the most important topic first.

        Args:
            questions: What was asked; at most three topics are answered.
            region: The conversation's region, where a question names none.
        """
        segments = _segments(questions)
        words = WORDS_ONE_TOPIC if len(segments) == 1 else WORDS_MORE_TOPICS
        lines: list[list[Sentence]] = []
        told: set[str] = set()
        for number, (question, treatment) in enumerate(segments):
            segment = self._segment(question, treatment, region, words // (len(segments) - number), told)
            before = {said.text for line in lines for said in line}
            line = [said for said in segment if said.text not in before]
            words -= _words(line)
            told.update(fact_id for said in line for fact_id in said.facts)
            lines += [line] if line else []
        return self._finish("answer", lines, topics=tuple(dict.fromkeys(question.topic for question, _ in segments)))

    def compare(self, treatments: Sequence[str], region: str | None = None, topic: str = "alternatives") -> Reply:
        """Put what the sources say of two treatments side by side, one line an attribute; the prices come first where the topic is cost."""
        first, second = (self._name(treatment) for treatment in treatments[:2])
        lines = [[Sentence(self.store.wording.compare.format(first=first, second=second))]]
        place = region or self.clinic.country
        rows = [row for treatment in treatments[:2] for row in self._prices(treatment, place)] if topic == "cost" else []
        rows += [row for treatment in treatments[:2] for row in self._attributes(treatment, place, without_price=topic == "cost")]
        for row in rows:
            if _words([said for line in lines for said in line]) + _words([row]) <= WORDS_MORE_TOPICS:
                lines.append([row])
        return self._finish("answer", lines, topics=(topic,))

    def tell_more(self, question: Question, told: Iterable[str], region: str | None = None) -> Reply:
        """The next facts on a topic that were not told yet, then the details of those that were, or that there is no more.

        Args:
            question: What was answered last.
            told: The ids of the facts told so far; with `DETAIL` behind it where the detail was told too.
            region: The conversation's region.
        """
        place = question.region or region or self.clinic.country
        treatment = _subject(question, question.treatments[0])
        answers = self.store.answers(question.topic, question.facet, treatment, place)
        known = set(told)
        listed = [self.store.facts[fact_id] for answer in answers for fact_id in answer.facts]
        subject = self.store.subject(treatment)
        topic_facts = [fact for fact in self.store.topics[question.topic].facts if fact.treatment == subject]
        all_facts = [fact for fact in dict.fromkeys([*listed, *topic_facts]) if not self._withheld(fact)]
        half_told = [fact for fact in all_facts if fact.id in known and f"{fact.id}{DETAIL}" not in known]
        details = [fact for fact in half_told if fact.detail and not self._has_price(fact, fact.detail)]
        line = self._facts([fact for fact in all_facts if fact.id not in known], place, WORDS_ONE_TOPIC, known)
        line = line or [Sentence(fact.detail, (fact.id,)) for fact in details[:1] if fact.detail]
        no_more = self.store.wording.no_more if subject is None else self.store.wording.no_more_of
        line = line or [Sentence(no_more.format(about=self.store.topics[question.topic].about, treatment=self._name(treatment)))]
        return self._finish("answer", [line], topics=(question.topic,))

    def give_sources(self, facts: Sequence[str]) -> Reply:
        """The sources behind facts already told; what is said of the sources in general where there are none."""
        known = tuple(dict.fromkeys(fact_id.removesuffix(DETAIL) for fact_id in facts if fact_id.removesuffix(DETAIL) in self.store.facts))
        if not known:
            return self.answer([Question("sources")])
        return self._finish("answer", [[Sentence(self.store.wording.last_sources, known)]], topics=("sources",))

    # Other kinds

    def clarify(self, options: Sequence[Question], seed: str, repeated: bool = False) -> Reply:
        """Ask which of up to three readings is meant; the second time in a row with a way to a person."""
        wording = self.store.wording
        chosen = list({option.topic: option for option in options}.values())[:MAX_OPTIONS]
        text = wording.clarify_open if not chosen else wording.clarify_again if repeated else wording.clarify
        lines = [[Sentence(text)]] if chosen else [[Sentence(text)], [Sentence(wording.can_answer)]]
        titles = [self.store.topics[option.topic].label for option in chosen]
        if chosen:
            titles.append(wording.something_else_title)
        if repeated:
            titles.append(wording.contact_title)
        token = hashlib.sha256(seed.encode()).hexdigest()[:8]
        buttons = tuple({"title": title, "choice": f"choice-{token}-{number}"} for number, title in enumerate(titles))
        return self._finish("clarify", lines, options=tuple(option.topic for option in chosen), buttons=buttons)

    def something_else(self, repeated: bool = False) -> Reply:
        """Ask for other words and name what can be answered."""
        return self._say("clarify", "something_else", "can_answer", to_person=repeated)

    def what_about(self, repeated: bool = False) -> Reply:
        """'More' was asked for before anything was answered."""
        return self._say("clarify", "not_asked_before", "can_answer", to_person=repeated)

    def choice_gone(self, repeated: bool = False) -> Reply:
        """A button that is no longer known was pressed."""
        return self._say("clarify", "choice_gone", "can_answer", to_person=repeated)

    def empty(self, repeated: bool = False) -> Reply:
        """Nothing came through."""
        return self._say("clarify", "empty", "can_answer", to_person=repeated)

    def trouble(self) -> Reply:
        """Something failed; the visitor is asked to try again."""
        return self._say("out_of_scope", "trouble")

    def decline(self, facet: str | None = None, language: str | None = None) -> Reply:
        """Decline kindly what is out of scope, and say what can be answered; another language gets its sentence."""
        if language is not None:
            languages = self.store.wording.languages
            lines = [[Sentence(languages.get(language, languages["other"]))], [Sentence(self.store.wording.can_answer)]]
            return self._finish("out_of_scope", lines, buttons=self._contact_buttons())
        return self._say("out_of_scope", facet if facet in ("doctor_only", "steadfast") else "out_of_scope", "can_answer")

    def personal(self, facet: str | None, questions: Sequence[Question], region: str | None = None) -> Reply:
        """No yes or no on one's own case: what the sources say in general of each condition told, and the referral.

        Args:
            facet: The wording that the case needs.
            questions: The general questions behind the case, at most two.
            region: The conversation's region.
        """
        wording = self.store.wording
        lines = [[Sentence(wording.personal[facet] if facet in wording.personal else wording.personal["general"])]]
        told: dict[str, tuple[Answer, str]] = {}
        for question in questions:
            place = question.region or region or self.clinic.country
            answers = self.store.answers(question.topic, question.facet, MESOTHERAPY, place) if question.facet is not None else []
            if answers and answers[0].id == question.facet and self._may_be_told(answers[0]):
                told.setdefault(answers[0].opening, (answers[0], place))
        if told:
            lines[0].append(Sentence(wording.personal_facts))
        words = (WORDS_ONE_TOPIC if len(told) < 2 else WORDS_MORE_TOPICS) - _words(lines[0])
        known: set[str] = set()
        for number, (answer, place) in enumerate(told.values()):
            line = self._opened(answer, place, words // (len(told) - number), known)
            words -= _words(line)
            known.update(fact_id for said in line for fact_id in said.facts)
            lines = [[*lines[0], *line]] if len(told) == 1 else [*lines, line]
        return self._finish("personal", lines)

    def contact(self, facet: str | None, now: datetime.datetime, treatment: str | None = None) -> Reply:
        """How to reach the clinic, what was asked for first; and what it offers, where it says so."""
        wording, clinic = self.store.wording.contact, self.clinic
        state, time = clinic.opening(now)
        hours = wording["open"] if state == "open" else wording["closed"] if time else wording["closed_unknown"]
        fields = {**clinic_fields(clinic), "name": clinic.name or "the clinic"}
        said: dict[str, str] = {name: fill(text, fields) for name, text in wording.items() if name in ("phone", "email", "booking_link", "address")}
        said["hours"] = fill(hours, {"time": time}) if state != "unknown" else ""
        said["timetable"] = fill(wording["timetable"], fields)
        said["closed_days"] = wording["closed_days"] if 0 < len(clinic.hours) < len(DAYS) else ""
        order = {"hours": ("hours", "timetable", "closed_days", "phone"), "address": ("address", "phone"), "person": ("phone", "email", "hours")}
        parts = [said[name] for name in order.get(facet or "", ("phone", "booking_link", "hours")) if said[name]] or [wording["no_details"]]
        if facet not in ("hours", "address", "person"):
            parts.insert(0, wording["not_booked"])
        if treatment is not None:
            parts.append(self._offer(treatment))
        # A web address ends its line, so that no full stop is taken for a part of it.
        return self._finish("contact", [[Sentence(part)] for part in parts if part])

    def bot(self, facet: str | None) -> Reply:
        """A straight answer about the assistant itself."""
        texts = self.store.wording.bot
        first = texts.get(facet, texts["robot"])  # type: ignore[call-overload]
        lines = [[Sentence(first)]] if facet == "abilities" else [[Sentence(first), Sentence(texts["abilities"])]]
        return self._finish("bot", [*lines, [Sentence(self.store.wording.can_answer)]] if facet == "abilities" else lines)

    def feedback(self, good: bool) -> Reply:
        """Thanks for praise; for blame an apology and a way to a person."""
        text = self.store.wording.feedback_good if good else self.store.wording.feedback_bad
        return self._finish("feedback", [[Sentence(text)]], buttons=() if good else self._contact_buttons())

    def urgent(self, level: str, turn: str = "first") -> Reply:
        """What to do now; `turn` is first, doubt (the visitor plays it down), steadying (help is on its way) or relieved (it has passed)."""
        signs = self.store.warning_signs
        texts = {"first": signs.levels[level].text, "doubt": signs.doubt[level], "steadying": signs.steadying, "relieved": signs.relieved[level]}  # type: ignore[index]
        fields = urgent_fields(self.store, self.clinic)
        text = fill(texts[turn], fields)
        if level == "crisis" and turn == "steadying":
            text = fill(signs.doubt["crisis"], fields)
        here = signs.numbers[self.clinic.country].rests_on
        elsewhere = {fact_id for numbers in signs.numbers.values() for fact_id in numbers.rests_on} - set(here)
        facts = tuple(dict.fromkeys(fact_id for fact_id in (*signs.levels[level].facts, *here) if fact_id not in elsewhere))  # type: ignore[index]
        reply = Reply(
            kind="urgent",
            body=text,
            level=level,
            facts=facts,
            as_of=self.store.as_of(*facts) if facts else "",
            referral="" if level == "crisis" else self._referral(self.store.wording.urgent_referral),
        )
        return self._checked(reply)

    def with_reminder(self, reply: Reply, level: str = "") -> Reply:
        """A reply in the turns after an alarm, of a level, that is not itself urgent: one line of reminder comes first."""
        signs = self.store.warning_signs
        reminder = fill(signs.reminder_crisis if level == "crisis" else signs.reminder, urgent_fields(self.store, self.clinic))
        return self._checked(replace(reply, body=f"{reminder}\n{reply.body}"))

    # Parts

    def _say(self, kind: str, *names: str, to_person: bool = False) -> Reply:
        return self._finish(kind, [[Sentence(getattr(self.store.wording, name))] for name in names], buttons=self._contact_buttons() if to_person else ())

    def _segment(self, question: Question, treatment: str, region: str | None, budget: int, told: Collection[str]) -> list[Sentence]:
        """What is said of one topic and one treatment: an opening, then as many facts as there is room for, none of them told before."""
        place = question.region or region or self.clinic.country
        treatment = _subject(question, treatment)
        if question.topic == "cost" and self._price_withheld(treatment):
            return [Sentence(self.store.wording.not_priced.format(treatment=self._name(treatment)))]
        answers = [answer for answer in self.store.answers(question.topic, question.facet, treatment, place) if self._may_be_told(answer)]
        line: list[Sentence] = []
        if question.topic == "cost" and (offer := self._offer(treatment)):
            line.append(Sentence(offer))
            answers = [answer for answer in answers if answer.id != OWN_PRICE]  # which would deny what was just said
        if not answers:
            return [*line, *self._unknown(question.topic, treatment, place, budget - _words(line), told)]
        answer = answers[0]
        if question.region and answer.region == "any" and not any(fact.region in (question.region, "any") for fact in self._chosen(answer)):
            line.append(Sentence(self.store.wording.no_region.format(region=self.store.vocabulary.regions[question.region].name)))
        return [*line, *self._opened(answer, place, budget - _words(line), told)]

    def _opened(self, answer: Answer, place: str, room: int, told: Collection[str] = ()) -> list[Sentence]:
        """An opening and the facts behind it, as far as they fit; it bears the sources of its numbers itself where their facts are not told."""
        chosen = self._chosen(answer)
        facts = self._facts([fact for fact in chosen if fact.id not in told], place, room - _words([Sentence(answer.opening)]), told)
        cited = [] if facts else [chosen[0].id]
        shown = [fact_id for said in facts for fact_id in said.facts]
        for fact in chosen:
            missing = set(NUMBER.findall(answer.opening)) - self.store.numbers_of(*told, *shown, *cited)
            if missing & self.store.numbers_of(fact.id):
                cited.append(fact.id)
        return [Sentence(answer.opening, tuple(cited)), *facts]

    def _unknown(self, topic: str, treatment: str, place: str, room: int, told: Collection[str]) -> list[Sentence]:
        """An honest 'our sources do not say', then what they do say of that treatment under the topic, if anything."""
        line = [Sentence(sentence(self.store.topics[topic].unknown.format(treatment=self._name(treatment))))]
        subject = self.store.subject(treatment)
        about = [fact for fact in self.store.facts.values() if fact.treatment == subject and topic in (fact.topic, *fact.also)]
        fresh = [fact for fact in about if fact.id not in told and not self._withheld(fact)]
        return [*line, *self._facts(fresh, place, room - _words(line), told)]

    def _prices(self, treatment: str, place: str) -> list[Sentence]:
        """A comparison's lines on price; a sentence that there is none, or none to be told, where it has no line."""
        name = self._name(treatment)
        if self._price_withheld(treatment):
            return [Sentence(self.store.wording.not_priced.format(treatment=name))]
        rows = comparison_rows(self.store, treatment, name, place, ("price",))
        return [Sentence(text, facts) for facts, text in rows] or [Sentence(sentence(self.store.topics["cost"].unknown.format(treatment=name)))]

    def _attributes(self, treatment: str, place: str, without_price: bool) -> list[Sentence]:
        """A comparison's lines; of a medicine that may not be advertised, neither its price nor how well it works."""
        left_out = ("price", "evidence") if self._price_withheld(treatment) else ("price",) if without_price else ()
        fields = [field for field in self.store.wording.compare_attributes if field not in left_out]
        rows = comparison_rows(self.store, treatment, self._name(treatment), place, fields)
        return [Sentence(text, facts) for facts, text in rows]

    def _chosen(self, answer: Answer) -> list[Fact]:
        facts = [self.store.facts[fact_id] for fact_id in answer.facts]
        return [fact for fact in facts if not self._withheld(fact)]

    def _facts(self, facts: Sequence[Fact], place: str, room: int, told: Collection[str] = ()) -> list[Sentence]:
        """As many facts as fit: those of the visitor's region first, each with what is to be told beside it, unless that was told."""
        ranked = sorted(facts, key=lambda fact: fact.region not in (place, "any"))
        line: list[Sentence] = []
        for fact in ranked:
            group = [sentence for sentence in self._group(fact, told) if sentence not in line]
            if len(line) + len(group) <= MAX_FACTS and _words([*line, *group]) <= room:
                line += group
        groups = (self._group(fact, told) for fact in ranked)
        return line or next((group for group in groups if _words(group) <= room + SLACK and len(group) <= MAX_FACTS), [])

    def _group(self, fact: Fact, told: Collection[str]) -> list[Sentence]:
        """A fact, what dates or contests it, and what does so to that."""
        members = [fact.id]
        for member in members:  # which grows meanwhile
            members += [other for other in self.store.facts[member].beside if other not in told and other not in members]
        found = [self.store.facts[member] for member in members]
        return [Sentence(member.claim, (member.id,)) for member in found if not self._withheld(member)]

    def _withheld(self, fact: Fact) -> bool:
        """Whether the country's rules keep this clinic's website from saying the fact: prices of prescription-only medicines."""
        return self._has_price(fact, fact.claim)

    def _has_price(self, fact: Fact, text: str) -> bool:
        """Whether a text of a fact gives a price that may not be given here."""
        return fact.treatment is not None and self._price_withheld(fact.treatment) and MONEY.search(text) is not None

    def _may_be_told(self, answer: Answer) -> bool:
        """Whether the facts that may be told carry the opening: at least one of them, its numbers, and no price where one is withheld."""
        told = [fact.id for fact in self._chosen(answer)]
        priced = len(told) < len(answer.facts) and MONEY.search(answer.opening) is not None
        return bool(told) and not priced and self.store.numbers_of(*told).issuperset(NUMBER.findall(answer.opening))

    def _price_withheld(self, treatment: str) -> bool:
        return self.store.vocabulary.treatments[treatment].prescription_only and not self.clinic.prices_prescription_medicines

    def _offer(self, treatment: str) -> str:
        """What the clinic says that it offers of a treatment, under that name or the one that it goes by; nothing where no price may be told."""
        names = (treatment, self.store.vocabulary.treatments[treatment].same_as or treatment)
        return "" if self._price_withheld(treatment) else next((line for name in names if (line := offer_line(self.store, self.clinic, name))), "")

    def _name(self, treatment: str) -> str:
        return self.store.vocabulary.treatments[treatment].name

    def _contact_buttons(self) -> tuple[dict[str, str], ...]:
        return ({"title": self.store.wording.contact_title, "choice": CONTACT_CHOICE},)

    def _referral(self, texts: Sequence[str]) -> str:
        return next(filled for filled in (fill(text, clinic_fields(self.clinic)) for text in texts) if filled)

    def _finish(
        self,
        kind: str,
        lines: Sequence[Sequence[Sentence]],
        topics: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
        buttons: tuple[dict[str, str], ...] = (),
    ) -> Reply:
        """Number the sources, put the parts together and check the whole."""
        cited = [fact_id for line in lines for said in line for fact_id in said.facts]
        facts = tuple(dict.fromkeys(cited))
        sources = self.store.sources_of(*facts)
        numbers = {source.id: number for number, source in enumerate(sources, start=1)}
        body = "\n".join(" ".join(self._marked(said, numbers) for said in line if said.text) for line in lines)
        needs_referral = kind not in ("chitchat", "bot", "feedback")
        reply = Reply(
            kind=kind,
            body=body,
            topics=topics,
            options=options,
            facts=facts,
            as_of=self.store.as_of(*facts) if facts else "",
            sources=tuple(source_lines(self.store, facts)),
            referral=self._referral(self.store.wording.referral) if needs_referral else "",
            buttons=buttons,
        )
        return self._checked(reply)

    def _marked(self, said: Sentence, numbers: dict[str, int]) -> str:
        keys = [source.id for source in self.store.sources_of(*said.facts)]
        marks = "".join(f"[{numbers[key]}]" for key in keys)
        if not marks:
            return said.text
        return f"{said.text[:-1]} {marks}{said.text[-1]}" if said.text.endswith(".") else f"{said.text} {marks}"

    def _checked(self, reply: Reply) -> Reply:
        self.check(reply.metadata())
        return reply


def _segments(questions: Sequence[Question]) -> list[tuple[Question, str]]:
    """What a reply takes up, one topic and treatment each: every topic once before a second treatment, the most important topic first."""
    every: dict[object, tuple[Question, str]] = {}
    for question in sorted(questions, key=lambda question: question.topic not in FIRST_TOPICS):
        for treatment in question.treatments[:2]:
            every.setdefault((question.topic, question.facet, question.region, treatment), (question, treatment))
    first: dict[str, tuple[Question, str]] = {}
    for segment in every.values():
        first.setdefault(segment[0].topic, segment)
    chosen = list(dict.fromkeys([*first.values(), *every.values()]))[:MAX_SEGMENTS]
    return [segment for segment in every.values() if segment in chosen]


def _subject(question: Question, treatment: str) -> str:
    """What a question is answered about: where answers come from is the same for all treatments."""
    return MESOTHERAPY if question.topic == "sources" else treatment


def _words(line: Sequence[Sentence]) -> int:
    return sum(len(MARK.sub("", said.text).split()) for said in line)


_of_this_turn: ContextVar[Composer | None] = ContextVar("of_this_turn", default=None)
_in_force: Composer | None = None


def load() -> Composer:
    """The composer of the turn that is being answered; outside of one that of this installation, which is read at the first call.

    Raises: FactError or ClinicError if data/facts/ or clinic.yml do not fit.
    """
    return _of_this_turn.get() or _in_force or put_in_force(read())


def read(facts: Path = FACTS, clinic: Path = CLINIC) -> Composer:
    """A composer of the files as they stand.

    Raises: FactError or ClinicError if data/facts/ or clinic.yml do not fit.
    """
    return Composer(FactStore.load(facts), Clinic.load(clinic))


def put_in_force(composer: Composer) -> Composer:
    """Have every turn that begins from now on answered by a composer, and return it."""
    global _in_force
    _in_force = composer
    return composer


@contextmanager
def turn_of(composer: Composer | None) -> Iterator[None]:
    """Have what is done within, a whole turn, done with one composer, whatever is put in force meanwhile."""
    token = _of_this_turn.set(composer)
    try:
        yield
    finally:
        _of_this_turn.reset(token)
