"""The page of an evaluation, from rows made by hand (bot/evaluation_page.py)."""

import html
import re
from html.parser import HTMLParser

import pytest

from bot.evaluation_page import LearningCurve, LearningPoint, first_sentence, render, share_bar
from bot.scoring import Case, calibration_error, interval, reliability, score

HOSTILE = "<script>alert('x')</script> & \"quoted\" <img src=x onerror=alert(1)> $x_1$ $"


def case(number, kind, topics, given, confidence=0.5, **more):
    asked = {"id": f"q{number}", "text": "how much", "kind": kind, "topics": topics, "also": [], "context": [], **more}
    return Case(asked, {"id": f"q{number}", "topics": [], "options": [], "reply": "It depends. Ask us.", **given}, confidence)


PLAYED = [
    *(case(number, "single", ["cost"], {"kind": "answer", "topics": ["cost"]}, 0.9) for number in range(8)),
    case(8, "single", ["cost"], {"kind": "answer", "topics": ["pain"]}, 0.4),
    case(9, "multi", ["cost", "pain"], {"kind": "answer", "topics": ["pain"]}, 0.7),
    case(10, "followup", ["safety"], {"kind": "clarify", "options": ["safety"]}, 0.3),
    case(11, "single", ["pain"], {"kind": "out_of_scope"}, 0.6, context=["is it safe"]),
    case(12, "urgent", ["urgent"], {"kind": "urgent"}, 1.0),
    case(13, "oos", ["oos"], {"kind": "answer", "topics": ["cost"]}, 0.55),
]
LEARNING = LearningCurve("2026-11-22", (LearningPoint(1, 1020, 0.59, 0.57, 0.61), LearningPoint(12, 15337, 0.865, 0.85, 0.88)))


class Page(HTMLParser):
    """The tags of a page, with its text in words."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.pieces = [], []
        self.feed(text)
        self.words = " ".join(" ".join(self.pieces).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.pieces.append(data)


@pytest.fixture(scope="module")
def written():
    return render("questions.jsonl", PLAYED, 0.35, LEARNING)


@pytest.fixture(scope="module")
def page(written):
    return Page(written)


def test_page_shows_every_share_of_the_score(page):
    result = score([one.question for one in PLAYED], [one.prediction for one in PLAYED])
    for name, (hits, of) in result.counts.items():
        low, high = interval(hits, of)
        drawn = f"{hits / of:.1%}, 95% interval {low:.1%} to {high:.1%} {hits / of:.1%}" if of else "none in this file –"
        shown = f"{low:.1%} to {high:.1%}" if of else "–"
        assert f" {name} {drawn} {hits} of {of} {shown} " in page.words


def test_page_counts_kinds_and_topics(page):
    assert "9 of 14 messages were understood right (64.3%), 2 wrong (14.3%)." in page.words
    assert "Besides, 1 right in part, 1 met with a question back that leads to the answer, and 1 not answered." in page.words
    assert "one question 8 0 0 1 1 10" in page.words
    assert "several at once 0 1 0 0 0 1" in page.words
    assert re.search(r"cost 80\.0%, 95% interval \S+ to \S+ 80\.0% 8 of 10", page.words)
    assert "Recognised as urgent: 1 of 1 urgent messages." in page.words


def test_page_lists_confusions_reliability_and_threshold(page):
    assert "10 of 14 stand on the outlined diagonal" in page.words
    assert "wanted cost , given pain 1" in page.words
    assert "wanted pain , given out of scope 1" in page.words
    assert f"expected calibration error {calibration_error(reliability(PLAYED)):.3f}" in page.words
    assert "0.9 to 1.0 0.90 8 of 8 100.0%" in page.words
    assert "answer: 0.35 in config.yml, 10 of 12 answerable questions get an answer (83.3%). 1 of these 10 answers are wrong (10.0%;" in page.words
    assert "0.3 11 91.7% 1 9.1%" in page.words
    assert "0.35 ← chosen 10 83.3% 1 10.0%" in page.words
    assert "0.5 9 75.0% 0 0.0%" in page.words


def test_page_lists_every_error_and_nothing_else(page):
    assert [attributes["class"] for tag, attributes in page.tags if tag == "article"] == ["wrong", "wrong", "part", "refused"]
    assert "wanted one question: cost given answer: pain confidence 0.40 reply It depends." in page.words
    assert "before: is it safe" in page.words


def test_page_shows_the_learning_curve(page):
    assert "measured on 2026-11-22" in page.words
    assert "12 15,337 86.5% 85.0% to 88.0%" in page.words


def test_page_is_the_same_for_the_same_input(written):
    assert render("questions.jsonl", PLAYED, 0.35, LEARNING) == written


def test_page_ignores_the_machines_matplotlib_settings(written):
    import matplotlib

    with matplotlib.rc_context({"font.size": 30, "svg.fonttype": "path", "axes.facecolor": "red"}):
        assert render("questions.jsonl", PLAYED, 0.35, LEARNING) == written
        assert matplotlib.rcParams["font.size"] == 30


def test_page_needs_no_script_and_no_network(written, page):
    assert "default-src 'none'; style-src 'unsafe-inline'" in written
    assert not re.search(r"https?:|//[a-z]|@import|data:", written)
    assert {tag for tag, _ in page.tags} & {"script", "img", "link", "iframe", "object", "image", "base", "form"} == set()
    for _, attributes in page.tags:
        assert not [name for name in attributes if name.startswith("on") or name in ("src", "xlink:href")]
        assert attributes.get("href", "#").startswith("#")


def test_page_has_ids_that_are_there_once(page):
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes["href"][1:] for _, attributes in page.tags if "href" in attributes}
    assert links <= set(ids)


def test_every_chart_has_a_text_alternative(page):
    charts = [attributes for tag, attributes in page.tags if tag == "svg"]
    assert sum(attributes["class"].startswith("chart") for attributes in charts) == 5
    assert all(attributes["role"] == "img" and attributes["aria-label"] for attributes in charts)


def test_hostile_text_is_escaped_wherever_it_stands():
    asked = {"text": HOSTILE, "context": [HOSTILE], "also": [HOSTILE], "id": HOSTILE}
    given = {"kind": "answer", "topics": [HOSTILE], "reply": HOSTILE}
    bad = Case({**asked, "kind": "single", "topics": [HOSTILE + "1", "cost"]}, given, 0.5)
    odd = Case({**asked, "kind": HOSTILE, "topics": [HOSTILE], "text": "\x00\u202e" + HOSTILE}, {"kind": HOSTILE, "options": [HOSTILE]}, 0.5)
    wrong = Case({**asked, "kind": "single", "topics": ["pain"], "also": []}, given, 0.5)
    text = render(HOSTILE, [bad, odd, wrong, *PLAYED], 0.35)
    page = Page(text)
    assert {tag for tag, _ in page.tags} & {"script", "img"} == set()
    assert "<script" not in text
    assert "<img" not in text
    assert html.escape(HOSTILE).split(" ")[0].replace("&#x27;", "&#39;") in text
    assert HOSTILE in page.words


@pytest.mark.parametrize(("rows", "chosen"), [(PLAYED[-1:], 0.35), (PLAYED[-2:-1], 0.35), (PLAYED[10:11], 0.0), (PLAYED[11:12], 0.1), (PLAYED[:1], 1.0)])
def test_page_of_few_rows_is_whole(rows, chosen):
    words = Page(render("q", rows, chosen)).words
    assert "of 1 message was understood right" in words
    assert "nan" not in words.lower().split()
    assert "There is no learning curve yet: make bench draws it." in words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It depends. Ask us.", "It depends."),
        ("About $100 to $600.50 a time. More", "About $100 to $600.50 a time."),
        ("First line\nSecond", "First line"),
        ("Call 911 now! Do it.", "Call 911 now!"),
        ("", ""),
    ],
)
def test_first_sentence(text, expected):
    assert first_sentence(text) == expected


def test_share_bar_says_what_it_shows():
    assert 'aria-label="80.0%, 95% interval 49.0% to 94.3%"' in share_bar(8, 10)
    assert share_bar(0, 0) == ""
