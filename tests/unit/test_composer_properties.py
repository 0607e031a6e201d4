"""Whatever is asked, of whatever clinic: the reply keeps the contract of the design."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.clinic import Clinic
from bot.composer import DETAIL, Composer
from bot.facts import MESOTHERAPY, MONEY, NUMBER, REGIONS, TOPICS, FactStore
from bot.reading import Question
from bot.reply import MARK, ReplyCheck, source_line

STORE = FactStore.load()
TREATMENTS = tuple(STORE.vocabulary.treatments)
PLACES = (None, *REGIONS[:-1])
ONE, MORE = 99, 165
"""Words of a body: about 90 for one topic, about 150 for more, a tenth more at most."""

FIELDS = {
    "name": "Test Clinic",
    "dermatologist": "Dr Test",
    "phone": "555 0100",
    "email": "hello@test.example",
    "booking_link": "https://test.example/book",
    "address": "1 Test Street",
    "time_zone": "Europe/London",
    "hours": {"monday": "09:00-17:00"},
}


def questions(regions=PLACES):
    def of(topic):
        facets = st.sampled_from([None, "nonsense", *dict.fromkeys(answer.id for answer in STORE.topics[topic].answers)])
        treatments = st.lists(st.sampled_from(TREATMENTS), min_size=1, max_size=3, unique=True).map(tuple)
        return st.builds(Question, st.just(topic), facets, treatments, st.sampled_from(regions))

    return st.sampled_from(TOPICS).flatmap(of)


@st.composite
def composers(draw):
    """Composers of clinics with some fields, some offers, any country; each is made once."""
    kept = draw(st.sampled_from([tuple(FIELDS), (), ("name", "dermatologist"), ("name", "dermatologist", "phone"), ("booking_link", "name", "dermatologist")]))
    country = draw(st.sampled_from(REGIONS))
    offers = draw(st.sampled_from([(), (None,), ("£180 a session",)]))
    key = (kept, country, offers)
    if key not in _MADE:
        priced = [{"treatment": treatment, "price": price} for price in offers for treatment in TREATMENTS]
        _MADE[key] = Composer(STORE, Clinic(country=country, offers=priced, **{name: FIELDS[name] for name in kept}))
    return _MADE[key]


_MADE: dict[object, Composer] = {}


def keeps_contract(reply, composer, words):
    ReplyCheck.check(composer._check, reply.metadata())
    lines = reply.text.split("\n")
    assert all(line.strip() for line in lines), "a blank line"
    assert reply.referral
    assert lines[-1] == reply.referral
    assert reply.text.count(reply.referral) == 1
    assert "{" not in reply.text
    body = MARK.sub("", reply.body)
    assert len(body.split()) <= words, body
    assert set(reply.topics) <= set(TOPICS)
    # facts and sources
    sources = STORE.sources_of(*reply.facts)
    assert list(reply.sources) == [source_line(source) for source in sources]
    assert reply.as_of == min((source.sort_date for source in sources), default="")
    for number, source in enumerate(sources, start=1):
        assert f"[{number}] {source.title}, {source.publisher}, {source.date}" in lines
        assert f"[{number}]" in reply.body
    assert {int(number) for mark in MARK.findall(reply.body) for number in re.findall(r"\d+", mark)} <= set(range(1, len(sources) + 1))
    # each claim bears the numbers of its own sources
    numbers = {source.id: f"[{number}]" for number, source in enumerate(sources, start=1)}
    for key in reply.facts:
        fact = STORE.facts[key]
        if fact.claim in body:
            assert f"{fact.claim[:-1]} {''.join(numbers[one] for one in fact.sources)}." in reply.body
        assert body.count(fact.claim) <= 1
    for line in body.split("\n"):
        assert sum(STORE.facts[key].claim in line for key in reply.facts) <= 3


def is_answered_honestly(reply, composer, asked):
    """Facts are about what was asked, what contests one stands with it, and no price is told that the country forbids."""
    about = {STORE.subject(treatment) for question in asked for treatment in question.treatments} | {None}
    facts = [STORE.facts[key] for key in reply.facts]
    body = MARK.sub("", reply.body)
    carries_the_numbers_of_its_openings(reply)
    for fact in facts:
        if fact.claim in body and not composer.clinic.prices_prescription_medicines and MONEY.search(fact.claim):
            assert fact.treatment is None or not STORE.vocabulary.treatments[fact.treatment].prescription_only
        if fact.claim in body and fact.beside:
            assert set(fact.beside) & set(reply.facts), f"{fact.id} without what dates or contests it"
    listed = {key for question in asked for answer in STORE.topics[question.topic].answers for key in answer.facts}
    beside = {other for key in listed for other in STORE.facts[key].beside}
    assert all(fact.treatment in about or fact.id in listed | beside for fact in facts)


OPENINGS = {answer.opening for topic in STORE.topics.values() for answer in topic.answers}


def carries_the_numbers_of_its_openings(reply):
    """Each opening is said once, with facts whose texts or dates hold its numbers, each of which is told or cited."""
    body = MARK.sub("", reply.body)
    carried = {number for key in reply.facts for text in (STORE.facts[key].claim, STORE.facts[key].detail or "") for number in NUMBER.findall(text)}
    carried |= {number for source in STORE.sources_of(*reply.facts) for number in NUMBER.findall(source.date)}
    for opening in OPENINGS:
        assert body.count(opening) <= 1 or any(opening in other for other in OPENINGS - {opening})
        assert opening not in body or set(NUMBER.findall(opening)) <= carried, opening


@pytest.mark.parametrize("region", REGIONS[:-1])
@pytest.mark.parametrize("country", ["US", "UK"])
def test_every_answer_has_the_facts_of_its_opening_s_numbers(country, region):
    composer = Composer(STORE, Clinic(country=country))
    for topic in STORE.topics.values():
        for answer in topic.answers:
            treatment = answer.treatment or MESOTHERAPY
            for question in (Question(topic.topic, answer.id, (treatment,)), Question(topic.topic, answer.id, (treatment,), region)):
                carries_the_numbers_of_its_openings(composer.answer([question], region))


@pytest.mark.parametrize("first", TOPICS)
def test_every_pair_of_topics_has_the_facts_of_its_openings_numbers(first):
    composer = Composer(STORE, Clinic(country="US"))
    for second in TOPICS:
        for one in STORE.topics[first].answers[:4]:
            for other in STORE.topics[second].answers[:4]:
                carries_the_numbers_of_its_openings(composer.answer([Question(first, one.id), Question(second, other.id)]))


@given(composers(), questions(), st.sampled_from(PLACES), st.integers(0, 6))
@settings(max_examples=250, deadline=None)
def test_one_question_keeps_the_contract_however_much_more_is_told(composer, question, region, depth):
    question = Question(question.topic, question.facet, question.treatments[:1], question.region)
    reply = composer.answer([question], region)
    keeps_contract(reply, composer, ONE)
    is_answered_honestly(reply, composer, [question])
    assert reply.topics == (question.topic,)
    known = list(reply.facts)
    for _ in range(depth):
        reply = composer.tell_more(question, known, region)
        keeps_contract(reply, composer, ONE)
        details = [key for key in reply.facts if key in known]
        assert not details or len(reply.facts) == 1
        assert not {f"{key}{DETAIL}" for key in details} & set(known), "told twice"
        known += [*reply.facts, *(f"{key}{DETAIL}" for key in details)]


@given(composers(), st.lists(questions(), min_size=1, max_size=3), st.sampled_from(PLACES))
@settings(max_examples=250, deadline=None)
def test_several_questions_keep_the_contract(composer, asked, region):
    reply = composer.answer(asked, region)
    keeps_contract(reply, composer, ONE if len(asked) == 1 and len(asked[0].treatments) == 1 else MORE)
    is_answered_honestly(reply, composer, asked)
    assert set(reply.topics) == {question.topic for question in asked}
    assert len(reply.body.split("\n")) <= 3


@given(
    composers(),
    st.lists(questions(), min_size=1, max_size=2),
    st.sampled_from(PLACES),
    st.sampled_from(["general", "under_18", "pregnancy", "medicines", "look", None]),
)
@settings(max_examples=150, deadline=None)
def test_one_s_own_case_keeps_the_contract(composer, asked, region, facet):
    reply = composer.personal(facet, asked, region)
    keeps_contract(reply, composer, ONE if len(asked) == 1 else MORE)
    assert reply.body.count(composer.store.wording.personal_facts) <= 1


@given(composers(), st.lists(st.sampled_from(TREATMENTS), min_size=2, max_size=2, unique=True), st.sampled_from(PLACES))
@settings(max_examples=100, deadline=None)
def test_comparisons_keep_the_contract(composer, treatments, region):
    reply = composer.compare(treatments, region)
    keeps_contract(reply, composer, MORE)
    if not composer.clinic.prices_prescription_medicines:
        forbidden = [row for row in reply.body.split("\n") if row.startswith(("Botulinum toxin, price", "Tretinoin, price"))]
        assert not forbidden


@given(composers(), st.lists(questions(), max_size=5), st.text(max_size=20), st.booleans())
@settings(max_examples=50, deadline=None)
def test_asking_back_keeps_the_contract(composer, options, seed, repeated):
    keeps_contract(composer.clarify(options, seed, repeated), composer, ONE)
