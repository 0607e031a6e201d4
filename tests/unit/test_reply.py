"""A reply's parts, and the check that nothing is said which the store does not hold."""

import datetime
import re

import pytest

from bot.clinic import Clinic
from bot.composer import Composer
from bot.facts import LEVELS
from bot.reading import Question
from bot.reply import Reply, ReplyCheck, ReplyError, fill

NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.timezone.utc)
MADE = {
    "answer": lambda c: c.answer([Question("cost", "price")]),
    "two topics": lambda c: c.answer([Question("pain"), Question("safety")]),
    "comparison": lambda c: c.compare(["mesotherapy", "botulinum_toxin"]),
    "more": lambda c: c.tell_more(Question("cost"), []),
    "sources": lambda c: c.give_sources(["cost.session_uk"]),
    "clarify": lambda c: c.clarify([Question("cost"), Question("pain")], "seed"),
    "open clarify": lambda c: c.clarify([], "seed"),
    "something else": lambda c: c.something_else(),
    "what about": lambda c: c.what_about(),
    "no more of another": lambda c: c.tell_more(Question("cost", None, ("prp",)), list(c.store.facts)),
    "choice gone": lambda c: c.choice_gone(),
    "empty": lambda c: c.empty(),
    "trouble": lambda c: c.trouble(),
    "decline": lambda c: c.decline(),
    "language": lambda c: c.decline(language="pl"),
    "personal": lambda c: c.personal("medicines", (Question("candidates", "blood_thinners"),)),
    "contact": lambda c: c.contact("person", NOON),
    "bot": lambda c: c.bot("privacy"),
    "praise": lambda c: c.feedback(good=True),
    "blame": lambda c: c.feedback(good=False),
    **{f"urgent {level}": lambda c, level=level: c.urgent(level) for level in LEVELS},
    "doubt": lambda c: c.urgent("today", "doubt"),
}


@pytest.fixture(scope="module")
def check(composer):
    return ReplyCheck(composer.store, composer.clinic).check


@pytest.fixture(params=MADE)
def metadata(request, composer):
    return MADE[request.param](composer).metadata()


def refuse(check, metadata, **changes):
    with pytest.raises(ReplyError) as caught:
        check({**metadata, **changes})
    return str(caught.value)


def test_check_passes_what_the_composer_makes(check, metadata):
    check(metadata)


def test_check_refuses_any_changed_word(check, metadata):
    words = metadata["body"].split(" ")
    for place, word in enumerate(words):
        if re.fullmatch(r"\W*(\[\d+\])*\W*", word):
            continue  # only the number of a source
        changed = " ".join([*words[:place], re.sub(r"\w+", lambda match: match[0] + "x", word, count=1), *words[place + 1 :]])
        assert "not in the store" in refuse(check, metadata, body=changed), word


def test_check_refuses_any_word_left_out(check, metadata):
    body = re.sub(r" ?\[\d+\]", "", metadata["body"])
    words = body.split(" ")
    for place in range(1, len(words)):
        if not words[place - 1].endswith((".", "?")) or words[place][:1].islower():
            refuse(check, metadata, body=" ".join([*words[:place], *words[place + 1 :]]))


def test_check_refuses_any_changed_number(check, composer):
    for question in (Question("cost", "price"), Question("duration", "lasts"), Question("effectiveness", "in_favour")):
        metadata = composer.answer([question]).metadata()
        body = re.sub(r" ?\[\d+\]", "", metadata["body"])
        for number in re.finditer(r"\d", body):
            changed = body[: number.start()] + str((int(number[0]) + 1) % 10) + body[number.end() :]
            refuse(check, metadata, body=changed)


@pytest.mark.parametrize("added", ["It is safe.", " Call +1 900 1234.", "See https://evil.example", "\n\nBuy now", "<b>", "."])
def test_check_refuses_anything_added(check, metadata, added):
    refuse(check, metadata, body=metadata["body"] + added)
    refuse(check, metadata, body=added + metadata["body"])


def test_check_refuses_a_changed_link(composer_for):
    composer = composer_for(address="1 Test Street")
    metadata = composer.contact("booking", NOON).metadata()
    link = composer.clinic.booking_link
    assert link in metadata["body"]
    refuse(ReplyCheck(composer.store, composer.clinic).check, metadata, body=metadata["body"].replace(link, "https://evil.example/book"))


def test_check_refuses_an_unknown_fact(check, metadata):
    assert "unknown fact cost.invented" in refuse(check, metadata, facts=[*metadata.get("facts", []), "cost.invented"])


def test_check_refuses_a_sentence_without_its_fact(check, composer):
    for made in ("answer", "two topics", "comparison", "more", "personal"):
        metadata = MADE[made](composer).metadata()
        assert "said without its fact" in refuse(check, metadata, facts=[], sources=[], as_of="")


@pytest.mark.parametrize("as_of", ["", "2026-11-22", "1999", None])
def test_check_refuses_another_date(check, composer, as_of):
    assert "the date" in refuse(check, composer.answer([Question("cost")]).metadata(), as_of=as_of)


@pytest.mark.parametrize("field", ["title", "publisher", "date", "id", "url"])
def test_check_refuses_a_changed_source(check, composer, field):
    metadata = composer.answer([Question("safety")]).metadata()
    first, *others = metadata["sources"]
    assert "source" in refuse(check, metadata, sources=[{**first, field: "2031"}, *others])


def test_check_refuses_a_source_of_another_fact(check, composer):
    metadata = composer.answer([Question("safety")]).metadata()
    others = composer.answer([Question("cost", "packages")]).metadata()["sources"]
    refuse(check, metadata, sources=[*metadata["sources"], *others])


def test_check_refuses_another_referral(check, metadata):
    needs = metadata["kind"] not in ("chitchat", "bot", "feedback") and metadata.get("level") != "crisis"
    if needs:
        assert "referral" in refuse(check, metadata, referral="Ask a friend.")
        assert "referral" in refuse(check, metadata, referral="")


def test_check_refuses_a_source_left_out(check, composer):
    metadata = composer.answer([Question("safety")]).metadata()
    assert "sources" in refuse(check, metadata, sources=metadata["sources"][1:])
    assert "sources" in refuse(check, composer.urgent("today").metadata(), sources=metadata["sources"])


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"topics": ["cost", "weather"]}, "unknown topic weather"),
        ({"options": ["weather"]}, "unknown topic weather"),
        ({"options": ["cost", "pain", "uses", "safety"]}, "more than 3 options"),
        ({"buttons": [{"title": "Cost", "choice": "/ask_cost"}]}, "token"),
        ({"level": "today"}, "level 'today'"),
        ({"level": "soon"}, "level 'soon'"),
    ],
)
def test_check_refuses_what_is_no_topic_button_or_level(check, composer, changes, told):
    assert told in refuse(check, MADE["clarify"](composer).metadata(), **changes)


@pytest.mark.parametrize("level", [None, "", "soon"])
def test_check_refuses_an_alarm_without_its_level(check, composer, level):
    assert "level" in refuse(check, composer.urgent("today").metadata(), level=level)


def test_check_refuses_an_opening_without_the_facts_of_its_numbers(small):
    small["cost.yml"]["facts"] = [{"id": f"cost.{one}", "claim": f"A paper names {one}.", "sources": ["paper"]} for one in (7, 8)]
    small["cost.yml"]["answers"][0].update(opening="The numbers are 7 and 8.", facts=["cost.7", "cost.8"])
    composer = Composer(small.load(), Clinic())
    metadata = composer.answer([Question("cost")]).metadata()
    assert metadata["facts"] == ["cost.7", "cost.8"]
    body = "The numbers are 7 and 8. A paper names 7."
    assert "said without the facts of its numbers" in refuse(ReplyCheck(composer.store, composer.clinic).check, metadata, body=body, facts=["cost.7"])


def test_sources_of_lapsed_facts_say_when_they_were_last_checked(small):
    small["cost.yml"]["facts"][0].update(sources=["paper", "page"], review_by="2020-01-01")
    composer = Composer(small.load(), Clinic())
    dates = [source["date"] for source in composer.answer([Question("cost")]).sources]
    assert dates == ["2019-05, last checked November 2026", "undated page, read October 2026, last checked October 2026"]
    assert [source["date"] for source in composer.answer([Question("pain")]).sources] == ["2019-05"]


def test_check_refuses_an_unknown_kind(check, metadata):
    assert "unknown kind" in refuse(check, metadata, kind="sermon")
    assert "unknown kind" in refuse(check, metadata, kind=None)


def test_check_knows_the_clinic_s_own_words_only(composer, composer_for, store):
    metadata = composer_for(phone="555 0199").contact("person", NOON).metadata()
    refuse(ReplyCheck(store, composer.clinic).check, metadata)


def test_text_ends_with_the_referral_and_lists_sources_before_it(composer):
    reply = composer.answer([Question("cost")])
    lines = reply.text.split("\n")
    assert lines[-1] == reply.referral
    numbered = [f"[{number}] {one['title']}, {one['publisher']}, {one['date']}" for number, one in enumerate(reply.sources, start=1)]
    assert lines[-1 - len(numbered) : -1] == numbered
    assert numbered


def test_metadata_holds_only_what_is_there():
    assert Reply(kind="chitchat", body="Hello!").metadata() == {"kind": "chitchat", "body": "Hello!"}


def test_metadata_is_json(composer):
    metadata = composer.answer([Question("cost")]).metadata()
    assert isinstance(metadata["facts"], list)
    assert isinstance(metadata["sources"], list)


@pytest.mark.parametrize(
    ("text", "fields", "filled"),
    [
        ("Call {phone}.", {"phone": "1"}, "Call 1."),
        ("Call {phone}.", {"phone": ""}, ""),
        ("Call {phone}.", {}, ""),
        ("Call.", {}, "Call."),
        ("Ask {name} on {phone}.", {"name": "A", "phone": ""}, ""),
    ],
)
def test_fill_never_leaves_a_hole(text, fields, filled):
    assert fill(text, fields) == filled
