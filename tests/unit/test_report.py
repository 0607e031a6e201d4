"""What the report counts, and the page that shows it: every number from conversations made for it, by an encoder that needs no model."""

import datetime
import re
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import yaml

from bot import report, report_page
from bot.clinic import Clinic
from bot.report import MOST, Told, Wording, gather, groups, is_rephrased, lapsing, spans
from bot.report_page import render
from bot.stored import Conversation, Exchange
from tests.pages import Page

NOON = datetime.datetime(2026, 11, 20, 12, tzinfo=ZoneInfo("Europe/London"))
START = NOON.timestamp()
CLINIC = Clinic(name="Test & Clinic", time_zone="Europe/London", hours={"friday": "09:00-17:00"})
HOSTILE = "</style></script><script>alert('x')</script> & \"quoted\" <img src=x onerror=alert()>"
PRESSED = {"choice": "choice-0a-0", "title": "What it costs"}


def encode(texts):
    """Vectors by the first word: the same word, the same direction."""
    first = [text.split()[0].strip(":") for text in texts]
    words = sorted(set(first))
    return np.eye(max(2, len(words)), dtype=np.float32)[[words.index(word) for word in first]]


def asked(text, at=0.0, intents=("ask_cost",), message_id="", **reading):
    parsed = {"intent_ranking": [{"name": name} for name in intents], "reading": {"questions": [reading] if reading else []}}
    received = {"received": START + at - 0.05}
    return {"event": "user", "timestamp": START + at, "text": text, "message_id": message_id or text, "parse_data": parsed, "metadata": received}


def told(kind, at=0.0, **parts):
    return {"event": "bot", "timestamp": START + at + 0.05, "metadata": {"metadata": {"kind": kind, "body": f"A {kind}. More.", **parts}}}


def judged(message_id, verdict, why=""):
    feedback = {"message_id": message_id, "verdict": verdict, "why": why}
    return {"event": "agent", "timestamp": START + 60, "data": {"feedback": feedback}}


def talk(*events, sender="a"):
    return Conversation(sender, [{"event": "session_started", "timestamp": START}, *events], 0)


COST = {"topics": ["cost"], "facts": ["cost.session_uk"]}
SAFETY = {"topics": ["safety"], "facts": ["safety.reactions"]}


def counted(*events, **more):
    return gather([talk(*events)], CLINIC, **more)


# What is counted


def test_questions_are_counted_by_what_they_got():
    found = counted(
        asked("hello", intents=("greet",)),
        told("chitchat"),
        asked("how much", treatments=["mesotherapy"]),
        told("answer", **COST),
        asked("weather"),
        told("out_of_scope"),
        asked("lips swell"),
        told("urgent", level="today"),
    )
    assert found.messages == 4
    assert found.kinds == {"answer": 1, "out_of_scope": 1, "urgent": 1}
    assert found.topics == {"cost": 1}
    assert found.treatments == {"mesotherapy": 1}
    assert found.facts == {"cost.session_uk": 1}
    assert found.share("answer") == pytest.approx(1 / 3)
    assert found.conversations == found.conversations.__class__({NOON.date(): 1})


def test_days_and_opening_hours_are_those_of_the_clinic():
    late = 11.5 * 3600  # half past eleven at night in London, the next day further east
    found = counted(asked("how much", at=late), told("answer", at=late, **COST), asked("is it safe"), told("answer", **SAFETY))
    assert found.questions == {NOON.date(): 2}
    assert found.closed == 1
    east = gather([talk(asked("how much", at=late), told("answer", at=late, **COST))], Clinic(time_zone="Asia/Tokyo"))
    assert list(east.questions) == [NOON.date() + datetime.timedelta(1)]
    assert east.closed == 0


def test_what_was_before_is_left_out():
    events = (asked("how much"), told("answer", **COST), asked("is it safe", at=7200), told("answer", at=7200, **SAFETY))
    found = counted(*events, since=START + 3600)
    assert found.topics == {"safety": 1}
    assert not counted(*events, since=START + 9000).conversations


@pytest.mark.parametrize(
    ("events", "unanswered"),
    [
        ([asked("weather"), told("out_of_scope")], ["weather"]),
        ([asked("hm"), told("clarify", buttons=[PRESSED])], ["hm"]),
        ([asked("hm"), told("clarify", buttons=[PRESSED]), asked(PRESSED["choice"]), told("answer", **COST)], []),
        ([asked("hm"), told("clarify", buttons=[PRESSED]), asked("cost"), told("answer", **COST)], ["hm"]),
        ([asked("price of x"), told("answer", topics=["cost"])], ["price of x"]),
        ([asked("go on", intents=("tell_more", "ask_cost")), told("answer", topics=["cost"])], []),
        ([asked("lost")], ["lost"]),
        ([asked("how much"), told("answer", **COST)], []),
    ],
)
def test_unanswered_is_what_led_to_no_fact(events, unanswered):
    assert [wording.text for wording in counted(*events).unanswered.values()] == unanswered


def test_one_wording_is_counted_once_whatever_its_signs():
    found = counted(asked("The weather?"), told("out_of_scope"), asked("the weather", at=1), told("out_of_scope", at=1))
    (wording,) = found.unanswered.values()
    assert (wording.text, wording.count) == ("The weather?", 2)
    assert wording.topics == {"cost": 2}


def test_last_judgement_of_a_reply_counts_and_goes_with_its_reason():
    found = counted(
        asked("how much", message_id="1"),
        told("answer", **COST),
        asked("is it safe", message_id="2"),
        told("answer", **SAFETY),
        judged("1", "good"),
        judged("1", "bad", "outdated"),
        judged("2", "good"),
        judged("3", "bad", "wrong"),
    )
    cost, safety = found.told["answer", ("cost.session_uk",)], found.told["answer", ("safety.reactions",)]
    assert (cost.whys, cost.asked, cost.good) == ({"outdated": 1}, {"how much": 1}, 0)
    assert (safety.bad, safety.good) == (0, 1)


def test_judgement_reaches_a_reply_of_an_earlier_session():
    later = {"event": "session_started", "timestamp": START + 9000}
    found = counted(asked("how much", message_id="1"), told("answer", **COST), later, judged("1", "bad"))
    assert found.told["answer", ("cost.session_uk",)].whys == {"other": 1}


def test_time_to_answer_is_from_the_arrival_of_the_message():
    found = counted(asked("how much"), told("answer", **COST))
    assert found.seconds == [pytest.approx(0.1)]
    unknown = asked("how much")
    del unknown["metadata"]
    assert counted(unknown, told("answer", **COST)).seconds == []


def said(text, at=0.0, kind="answer", **more):
    return Exchange(START + at, text, 0.0, kind, **more)


@pytest.mark.parametrize(
    ("first", "then", "rephrased"),
    [
        (said("how long does it last", facts=("a",)), said("how long it last", 30, facts=("b",)), True),
        (said("how long does it last", facts=("a",)), said("how long does it last", 121, facts=("b",)), False),
        (said("how long does it last", facts=("a",)), said("how long does botox last", 30, facts=("b",), treatments=("botox",)), False),
        (said("price", facts=("a",)), said("what would i pay", 30, facts=("a",)), True),
        (said("price", facts=("a",)), said("is it safe", 30, facts=("b",)), False),
        (said("the glow", kind="clarify"), said("is it safe", 30), True),
        (said("the glow", kind="clarify"), said("[pressed: x]", 30, pressed=True), False),
        (said("price", facts=("a",)), said("price thanks", 30, kind="chitchat"), False),
        (said("price", facts=("a",)), None, False),
    ],
)
def test_rephrasing_is_another_wording_within_two_minutes(first, then, rephrased):
    assert is_rephrased(first, then) is rephrased


def test_reply_that_was_followed_by_a_rephrasing_tells_both_wordings_without_personal_data(composer):
    found = counted(asked("I'm Zofia Nowak. price", at=0), told("answer", **COST), asked("what would i pay", at=20), told("answer", at=20, **COST))
    (reply,) = found.told.values()
    assert (reply.count, reply.rephrased) == (2, 1)
    text = render(composer, found, NOON, encode=encode)
    assert "I&#39;m &lt;name&gt;. price” <b>then</b> “what would i pay" in text
    assert "Zofia" not in text


def test_unanswered_is_grouped_by_meaning_with_the_largest_first():
    wordings = [Wording("weather today", 2), Wording("football score", 1), Wording("weather tomorrow", 3)]
    found, left = groups(wordings, encode)
    assert [[wording.text for wording in group.wordings] for group in found] == [["weather tomorrow", "weather today"], ["football score"]]
    assert (found[0].count, left) == (5, 0)
    assert groups(wordings[:1], encode)[0][0].count == 2
    assert groups([], encode) == ([], 0)


def test_rarest_wordings_are_left_out_and_told():
    wordings = [Wording(f"weather {number}", 2 if number else 1) for number in range(MOST + 1)]
    found, left = groups(wordings, encode)
    assert (sum(len(group.wordings) for group in found), left) == (MOST, 1)


def test_wording_without_words_is_in_a_group_too():
    found, _ = groups([Wording("🤷"), Wording("weather")], lambda texts: np.array([[0, 0], [0, 1]], dtype=np.float32))
    assert len(found) == 2


def test_facts_are_told_in_the_first_period_that_they_lapse_in(store):
    first = min(fact.review_by for fact in store.facts.values())
    for ahead, place in ((-1, 0), (0, 30), (30, 30), (31, 60), (60, 60), (90, 90)):
        found = dict(lapsing(store, first - datetime.timedelta(ahead)))
        assert [days for days, facts in found.items() if any(fact.review_by == first for fact in facts)] == [place]
    assert not any(facts for _, facts in lapsing(store, first - datetime.timedelta(91)))


def test_long_times_are_told_by_week():
    found = counted(asked("a"), told("answer", **COST))
    assert list(spans(found)) == [(NOON.date(), 1, 1)]
    found.questions[NOON.date() + datetime.timedelta(3)] = 5
    assert [questions for _, _, questions in spans(found)] == [1, 0, 0, 5]
    found.questions[NOON.date() + datetime.timedelta(70)] = 7
    weeks = list(spans(found))
    assert [start.weekday() for start, _, _ in weeks] == [0] * 11
    assert [questions for _, _, questions in weeks] == [1, 5, *[0] * 8, 7]


# The page


CONVERSATION = (
    asked("how much", message_id="1", treatments=["mesotherapy"]),
    told("answer", **COST),
    asked("what would i pay", 20, treatments=["filler"]),
    told("answer", 20, **COST),
    asked(f"weather {HOSTILE}", 200, ("out_of_scope", "ask_safety")),
    told("out_of_scope", 200),
    asked("weather: [now]", 300, ("out_of_scope", "ask_safety")),
    told("out_of_scope", 300),
    judged("1", "bad", "wrong"),
)


@pytest.fixture(scope="module")
def html(composer):
    return render(composer, gather([talk(*CONVERSATION)], CLINIC), NOON, encode=encode)


@pytest.fixture(scope="module")
def page(html):
    return Page(html)


def test_page_tells_the_numbers(page):
    tiles = " | ".join(page.texts("li"))
    for words in ("1 conversation |", "4 questions, in 4 messages", "50 % of them answered", "2 went unanswered", "1 marked bad, 0 good"):
        assert words in tiles


def test_page_has_one_heading_and_a_section_for_each_question_of_a_clinic(page):
    assert len(page.texts("h1")) == 1
    assert [tag[1]["id"] for tag in page.tags if tag[0] == "section"] == [
        "days", "replies", "topics", "unanswered", "marked", "rephrased", "lapsing", "speed",
    ]  # fmt: skip
    names = {has["id"] for _, has, _ in page.tags if "id" in has}
    assert {has["href"][1:] for tag, has, _ in page.tags if tag == "a"} <= names
    assert all(has.get("aria-label") for _, has, _ in page.tags if has.get("role") == "img")
    assert all(has.get("scope") for tag, has, _ in page.tags if tag == "th")


def test_page_needs_no_script_and_no_other_address(html):
    assert "<script" not in html
    assert not re.findall(r"""(?:src|href)=["'](?!#)|url\(|@import""", html)
    assert "default-src 'none'" in html


def test_group_comes_with_stubs_that_are_the_files_own_form(page):
    fact, examples = ("".join(pieces) for tag, _, pieces in page.tags if tag == "pre")
    answers, facts = (yaml.safe_load(part) for part in fact.split("# under facts:\n"))
    assert answers[0]["facts"] == [facts[0]["id"]] == ["safety.NAME"]
    assert len(answers[0]["asks"]) == 2
    assert "weather: [now]" in answers[0]["asks"]
    (intent,) = yaml.safe_load(examples)
    assert intent["intent"] == "ask_safety"
    assert "- weather: (now)\n" in intent["examples"]


def test_reply_marked_bad_is_there_with_its_reason_question_and_facts(page):
    (reply,) = page.texts("article", **{"class": "reply"})
    assert "A answer." in reply
    assert "wrong 1" in reply
    assert "“how much”" in reply
    assert "cost.session_uk" in reply


def test_rephrasing_is_told_with_its_definition(page):
    (section,) = page.texts("section", id="rephrased")
    assert "within two minutes" in section
    assert "“how much” then “what would i pay”" in section
    assert "1 of 2" in section


def test_page_without_conversations_says_so(composer):
    text = render(composer, report.Report(), NOON, datetime.date(2026, 11, 1), encode)
    assert "No conversations are stored since 1 November 2026" in text
    assert "Facts to check again" in text
    Page(text)


def test_made_up_conversations_are_told_apart(composer):
    events = (asked("how much"), told("answer", **COST))
    all_made_up = gather([talk(*events, sender="demo-1")], CLINIC)
    assert "Nobody said any of this" in render(composer, all_made_up, NOON, encode=encode)
    mixed = gather([talk(*events, sender="demo-1"), talk(*events)], CLINIC)
    assert "Do not trust any number here" in render(composer, mixed, NOON, encode=encode)
    assert "made up" not in render(composer, gather([talk(*events)], CLINIC), NOON, encode=encode)


def test_facts_past_their_day_are_listed_with_how_often_they_were_told(composer, store):
    last = max(fact.review_by for fact in store.facts.values())
    found = counted(asked("how much"), told("answer", **COST))
    page = Page(render(composer, found, datetime.datetime.combine(last, datetime.time(12)), encode=encode))
    (section,) = page.texts("section", id="lapsing")
    assert f"{store.facts['cost.session_uk'].claim} cost.session_uk" in section
    assert "In 30 days" in section or "Past their day" in section


@pytest.mark.parametrize(("highest", "top"), [(0, 4), (3, 4), (5, 8), (70, 80), (102, 120), (1000, 1000), (1001, 1200)])
def test_scale_ends_at_a_round_number(highest, top):
    assert report_page._top(highest) == top


def test_reply_of_a_kind_that_a_later_version_may_know_is_shown(composer):
    found = counted(asked("how much"), told("new_kind"))
    found.told["new_kind", ()] = Told("new_kind", "Said.", (), (), 1, 0, found.told["new_kind", ()].whys.__class__(wrong=1))
    Page(render(composer, found, NOON, encode=encode))
