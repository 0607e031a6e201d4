"""The page for the dermatologist: every fact, the replies made of it, how far it is signed, and how to sign it."""

import datetime
import itertools
import re
import shlex
from html.parser import HTMLParser

import pytest

from bot.clinic import Clinic
from bot.composer import Composer
from bot.facts import SIGNED_OFF
from bot.launch import LaunchError
from bot.reading import Question
from bot.reply import MARK
from bot.review import sections
from bot.review_page import EVIDENCE, render, write
from bot.signatures import PLACEHOLDER, sign

ADA = "Dr Ada Osei, consultant dermatologist"
TODAY = datetime.date(2026, 11, 25)
HOSTILE = "<script>alert('x')</script> & \"quoted\" <img src=x onerror=alert(1)>"


class Page(HTMLParser):
    """The tags of a page, with its text in words."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.pieces, self.commands = [], [], []
        self.feed(text[text.index("<body>") :])
        self.words = " ".join(" ".join(self.pieces).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.pieces.append(data)
        if self.tags[-1][0] == "pre" and data.strip():
            self.commands.append(data)


def page_of(composer, today=TODAY):
    return Page(render(composer, today))


def small_page(small, today=TODAY, **clinic):
    return page_of(Composer(small.load(), Clinic(**clinic)), today)


@pytest.fixture(scope="module")
def gathered(composer):
    return {section.key: section for section in sections(composer)}


@pytest.fixture(scope="module")
def written(composer):
    return render(composer, TODAY)


@pytest.fixture(scope="module")
def page(written):
    return Page(written)


# What is gathered


def test_sections_hold_every_fact_once(store, gathered):
    assert [fact.id for section in gathered.values() for fact in section.facts] == list(store.facts)
    assert list(gathered) == [*store.topics, "warning_signs", "comparisons", "personal"]


def test_every_fact_is_told_on_something(store, gathered):
    assert {fact_id for section in gathered.values() for use in section.uses for fact_id in use.facts} == store.facts.keys()


def test_replies_are_those_that_visitors_get(composer, gathered):
    use = gathered["cost"].uses[1]
    reply = composer.answer([Question("cost", "price", region="UK")])
    assert (use.asked, use.body, use.facts) == (("“how much does it cost”, in the UK",), MARK.sub("", reply.body), reply.facts)
    asked = {words: use for use in gathered["alternatives"].uses for words in use.asked}
    assert any(words.endswith(", about botulinum toxin") for words in asked)


@pytest.mark.parametrize("level", ["ambulance", "today", "clinic", "crisis"])
def test_every_alarm_is_gathered(composer, gathered, level):
    bodies = [use.body for use in gathered["warning_signs"].uses]
    for turn in ("first", "doubt", "steadying", "relieved"):
        assert composer.urgent(level, turn).body in bodies
    assert Composer(composer.store, Clinic(country="UK")).urgent(level).body in bodies


def test_every_comparison_is_gathered(composer, store, gathered):
    lines = {line for use in gathered["comparisons"].uses for line in use.body.split("\n")}
    for treatment in store.vocabulary.treatments.values():
        if treatment.same_as is None:
            for field in ("approval", "lasts", "price", "downtime", "evidence"):
                for attribute in getattr(treatment, field):
                    assert any(line.lower().startswith(treatment.name.lower()) and line.endswith(f": {attribute.text}.") for line in lines)


def test_every_personal_wording_is_gathered(store, gathered):
    assert {use.body for use in gathered["personal"].uses} == set(store.wording.personal.values())


def test_equal_replies_are_shown_once_and_numbers_run_on(gathered):
    uses = [use for section in gathered.values() for use in section.uses]
    assert [use.number for use in uses] == list(range(1, len(uses) + 1))
    for section in gathered.values():
        assert len({(use.body, use.facts) for use in section.uses}) == len(section.uses)


# The page


def test_page_shows_every_fact_with_its_sources(store, page):
    words = page.words.replace(" ,", ",")
    for fact in store.facts.values():
        assert " ".join(fact.claim.split()) in words
        assert " ".join((fact.detail or "").split()) in words
        assert any(tag == "article" and attributes["id"] == fact.id for tag, attributes in page.tags)
    for source in store.sources_of(*store.facts):
        assert f"{' '.join(source.title.split())}, {' '.join(source.publisher.split())}. {EVIDENCE[source.evidence][0].upper()}" in words
        assert source.url is None or any(tag == "a" and attributes.get("href") == source.url for tag, attributes in page.tags)


def test_page_has_words_for_every_kind_of_evidence(store):
    assert {source.evidence for source in store.sources.values()} == EVIDENCE.keys()


def test_page_says_dates_in_words(small):
    small["references.yml"]["sources"]["paper"].update(updated="2020-01-31", reviewed_by_publisher="2021")
    small["pain.yml"]["facts"][0].update(sources=["page"], claim="One clinic's page says so.")
    words = small_page(small).words
    assert "A A paper, A journal. Review of studies by others. Published May 2019, updated 31 January 2020, reviewed by its publisher 2021, read 22" in words
    assert "Shows no date, read 1 October 2026." in words
    assert "Review due 22 November 2027" in words


def test_page_counts_what_is_signed_void_and_due(small):
    sign(small.load(), ["cost.one", "pain.one"], ADA, TODAY, small.folder)
    small["pain.yml"]["facts"][0].update(claim="A paper says that it may be so.", review_by="2026-01-31")
    page = small_page(small)
    assert "Cost 1 1 0 0 0 " in page.words
    assert "Pain 1 0 0 1 1 " in page.words
    assert "Safety 1 0 1 0 0 " in page.words
    assert "All 19 1 17 1 1 " in page.words
    assert "1 of 19 are signed off." in page.words
    assert f"Signature {ADA}, 25 November 2026 " in page.words
    assert f"{ADA} signed it on 25 November 2026, but it has changed since" in page.words
    assert "due for review since 31 January 2026" in page.words
    states = {attributes["id"]: attributes["class"] for tag, attributes in page.tags if tag == "article"}
    assert (states["cost.one"], states["pain.one"], states["safety.one"]) == ("signed", "void", "none")


def test_page_names_signatures_of_facts_that_are_gone(small):
    sign(small.load(), ["pain.one"], ADA, TODAY, small.folder)
    small["pain.yml"]["facts"][0]["id"] = "pain.two"
    small["pain.yml"]["answers"][0]["facts"] = ["pain.two"]
    assert f"Signatures of facts that no longer exist: pain.one ( {ADA}, 25 November 2026)." in small_page(small).words.replace(f"({ADA}", f"( {ADA}")


def test_commands_on_the_page_sign(small):
    small["pain.yml"]["facts"].append({"id": "pain.two", "claim": "A page says more.", "sources": ["paper"]})
    commands = small_page(small).commands
    single = [command for command in commands if "\n" not in command]
    (batch,) = set(commands) - set(single)
    assert len(single) == 20
    for command in (batch, *(one for one in single if "pain." not in one)):
        words = shlex.split(command.replace("\\\n", ""))
        assert (words[:4], words[-2:]) == ([".venv/bin/python", "-m", "bot", "sign"], ["--by", PLACEHOLDER])
        sign(small.load(), words[4:-2], ADA, TODAY, small.folder)
    assert {fact.signed_off_by for fact in small.load().facts.values()} == {ADA}
    assert small_page(small).commands == []


def test_page_offers_no_command_for_what_cannot_be_signed(page):
    assert not [command for command in page.commands if SIGNED_OFF in command]


def test_links_within_the_page_lead_somewhere(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    targets = {attributes["href"][1:] for tag, attributes in page.tags if tag == "a" and attributes["href"].startswith("#")}
    assert targets <= set(ids)
    assert {f"section-{key}" for key in ("cost", "warning_signs", "comparisons", "personal")} <= targets


def test_headings_skip_no_level(page):
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_page_needs_no_script_and_loads_nothing(written, page):
    assert "default-src 'none'; style-src 'unsafe-inline'" in written
    assert {tag for tag, _ in page.tags} & {"script", "img", "link", "iframe", "object", "image", "base", "form"} == set()
    assert not re.search(r"@import|url\(", written)
    assert not [name for _, attributes in page.tags for name in attributes if name.startswith("on") or name == "src"]


def test_page_is_the_same_for_the_same_input(composer, written):
    assert render(composer, TODAY) == written


def test_page_escapes_what_facts_hold_and_links_the_web_only(small):
    small["cost.yml"]["facts"][0]["detail"] = HOSTILE
    small["references.yml"]["sources"]["paper"].update(title=HOSTILE, url="javascript:alert(1)")
    page = small_page(small, name=HOSTILE)
    assert {tag for tag, _ in page.tags} & {"script", "img"} == set()
    assert HOSTILE in page.words
    assert {attributes["href"][0] for tag, attributes in page.tags if tag == "a"} == {"#"}


def test_page_does_without_a_clinic(small):
    assert "the replies that visitors get from them" in small_page(small).words
    assert "Replies are those of a clinic in any country" in small_page(small).words


# Writing


def test_write_leaves_a_whole_page_or_none(composer, tmp_path):
    path = tmp_path / "review.html"
    path.write_text("before")
    assert write(composer, path) == f"{path}: {len(composer.store.facts)} facts, 0 of them signed off. Open it in a browser, or print it."
    assert path.read_text().endswith("</html>")
    assert [found.name for found in tmp_path.iterdir()] == ["review.html"]


@pytest.mark.parametrize("place", ["folder", "none/review.html"])
def test_write_tells_why_it_cannot(composer, tmp_path, place):
    (tmp_path / "folder").mkdir()
    with pytest.raises(LaunchError, match=re.escape(f"{tmp_path / place} cannot be written")):
        write(composer, tmp_path / place)
    assert [found.name for found in tmp_path.rglob("*")] == ["folder"]
