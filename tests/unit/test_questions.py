"""The static page of questions and answers: the replies of the chat as a page that needs no script and can be read by machines."""

import itertools
import re

import pytest

from bot.clinic import Clinic
from bot.composer import Composer
from bot.facts import MONEY, TOPICS
from bot.launch import LaunchError
from bot.questions import asked, render, sections, write
from tests.pages import Page

HOSTILE = "</style></script><script>alert('x')</script> & \"quoted\" <img src=x onerror=alert()>"


@pytest.fixture(scope="module")
def gathered(composer):
    return sections(composer)


@pytest.fixture(scope="module")
def entries(gathered):
    return [entry for section in gathered for entry in section.entries]


@pytest.fixture(scope="module")
def page(composer):
    return Page(render(composer))


# What is gathered


def test_sections_are_the_topics_in_their_order(store, gathered):
    assert [section.topic for section in gathered] == list(TOPICS)
    assert all(section.title == store.topics[section.topic].label and section.entries for section in gathered)


def test_every_facet_that_is_asked_for_is_answered(store, entries):
    assert len(entries) == sum(bool(answer.asks) for topic in store.topics.values() for answer in topic.answers)


def test_every_answer_rests_on_known_facts(store, entries):
    for entry in entries:
        assert entry.reply.kind == "answer"
        assert entry.reply.facts, entry.id
        assert store.facts.keys() >= set(entry.reply.facts)
        assert entry.reply.sources
        assert all(source["date"] and source["publisher"] for source in entry.reply.sources)


@pytest.mark.parametrize(
    ("words", "question"),
    [
        ("is it fda approved", "Is it FDA approved?"),
        ("what is mesoglow", "What is MesoGlow?"),
        ("im scared. ", "I’m scared?"),
        ("how can they sell it if its not approved", "How can they sell it if it’s not approved?"),
        ("is it <b>?", "Is it <b>?"),
    ],
)
def test_question_is_written_as_a_sentence(words, question):
    assert asked(words, {"fda": "FDA", "mesoglow": "MesoGlow"}) == question


def test_no_question_is_half_a_sentence(entries):
    begins = "am are can could did do does has how is should what when where which who why will".split()
    assert [entry.question for entry in entries if entry.question.rpartition(": ")[2].lower().split()[0] not in begins] == []


def test_question_that_is_worded_for_the_page_goes_before_what_is_learnt(store, entries):
    worded = [(topic.topic, answer) for topic in store.topics.values() for answer in topic.answers if answer.question]
    shown = {entry.id: entry.question for entry in entries}
    assert worded
    assert all(shown[f"{topic}-{answer.id}"] == answer.question for topic, answer in worded)


def test_question_about_another_treatment_names_it(entries):
    assert next(entry.question for entry in entries if entry.id == "alternatives-compare-botulinum_toxin") == "Botulinum toxin: how does it compare?"


def test_names_are_in_capitals(entries):
    assert {"Is it FDA approved?", "What are the rules in the UK?", "Does it contain Botox?", "What is MesoGlow?"} <= {entry.question for entry in entries}


def test_clinic_in_the_uk_tells_no_price_of_a_prescription_medicine(store, composer_for):
    composer = composer_for(country="UK")
    medicines = {key for key, treatment in store.vocabulary.treatments.items() if treatment.prescription_only}
    for entry in (entry for section in sections(composer) for entry in section.entries):
        assert not [fact for fact in entry.reply.facts if store.facts[fact].treatment in medicines and MONEY.search(store.facts[fact].claim)]


# The page


def test_microdata_holds_every_question_with_its_answer_and_sources(page, entries):
    assert page.values("itemtype").count("https://schema.org/FAQPage") == 1
    assert page.texts("h3", itemprop="name") == [entry.question for entry in entries]
    assert page.texts("p", itemprop="text") == [entry.reply.body for entry in entries]
    assert page.texts("li", itemprop="citation") == [
        f"[{number}] {source['title']}, {source['publisher']}, {source['date']}"
        for entry in entries
        for number, source in enumerate(entry.reply.sources, start=1)
    ]
    for name in ("https://schema.org/Question", "https://schema.org/Answer"):
        assert page.values("itemtype").count(name) == len(entries)


def test_headings_go_down_by_one(page):
    levels = [int(tag[1]) for tag, _, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(lower - upper <= 1 for upper, lower in itertools.pairwise(levels))


def test_contents_lead_to_every_topic_and_no_name_stands_twice(page):
    assert [link[1:] for link in page.values("href") if link.startswith("#")] == ["main", *TOPICS]
    assert len(page.values("id")) == len(set(page.values("id")))


def test_referral_stands_once(page, entries):
    assert page.texts("p", **{"class": "referral"}) == [entries[0].reply.referral]
    assert " ".join(page.texts("body")).count(entries[0].reply.referral) == 1


def test_file_needs_nothing_else(page):
    names = {tag for tag, _, _ in page.tags}
    assert names.isdisjoint({"script", "img", "iframe", "form"})
    assert page.values("src") == []
    assert [has["href"] for tag, has, _ in page.tags if tag == "link"] == ["data:,"]
    assert all(link.startswith(("#", "https://", "http://", "data:,")) for link in page.values("href"))


def test_nothing_breaks_out_of_the_markup(small):
    small["cost.yml"]["label"] = HOSTILE
    small["cost.yml"]["answers"][0].update(asks=[HOSTILE], opening=f"It is so {HOSTILE}.")
    small["references.yml"]["sources"]["paper"].update(title=HOSTILE, publisher=HOSTILE, url="javascript:alert()")
    page = Page(render(Composer(small.load(), Clinic(name=HOSTILE, address=HOSTILE))))
    names = [tag for tag, _, _ in page.tags]
    assert {"script", "img"}.isdisjoint(names)
    assert names.count("style") == 1
    assert not [link for link in page.values("href") if link.startswith("javascript")]
    assert HOSTILE in page.texts("h2")
    assert f"{HOSTILE}?" in page.texts("h3")


def test_write_tells_what_it_wrote_or_why_not(composer, tmp_path):
    assert "questions with their answers" in write(composer, tmp_path / "page.html")
    assert (tmp_path / "page.html").read_text(encoding="utf8") == render(composer)
    with pytest.raises(LaunchError, match="cannot be written"):
        write(composer, tmp_path / "none" / "page.html")


def test_same_facts_give_the_same_page(composer):
    assert render(composer) == render(composer)
