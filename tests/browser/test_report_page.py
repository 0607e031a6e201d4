"""The report as a person sees it: on a phone, by day and by night, with a screen reader; and its picture for the README."""

import datetime
import itertools
import random

import pytest

from bot import composer, report
from bot.facts import TOPICS
from bot.report_page import render
from bot.stored import Conversation
from tests.browser.conftest import SCREENSHOTS, Chat

NOON = datetime.datetime(2026, 11, 20, 12, tzinfo=datetime.timezone.utc)
LONG = "a very long question with averyverylongwordthatnobodywouldtypebutsomebodydoes" + "s" * 60


def conversations(composing):
    """A month of questions: answered, unanswered, marked, asked again."""
    rng = random.Random(4)
    facts = {topic: composing.store.topics[topic].answers[0].facts for topic in TOPICS}
    kinds = itertools.cycle(["answer"] * 6 + ["out_of_scope", "clarify", "answer", "urgent"])
    for number in range(300):
        start, topic, kind = NOON.timestamp() - rng.random() * 30 * 86400, rng.choice(TOPICS), next(kinds)
        reply = {"kind": kind, "body": f"A sentence on {topic}. More.", **({"topics": [topic], "facts": facts[topic]} if kind == "answer" else {})}
        events = []
        for at in (0, 30):
            text = LONG if number % 50 == 1 else f"{topic} question {number % 7}"
            parsed = {"intent_ranking": [{"name": f"ask_{topic}"}], "reading": {"questions": [{"treatments": ["mesotherapy"]}]}}
            asked = {"event": "user", "timestamp": start + at, "text": text, "message_id": f"{at}", "parse_data": parsed, "metadata": {"received": start + at}}
            events += [asked, {"event": "bot", "timestamp": start + at + 0.1, "metadata": {"metadata": reply}}]
        feedback = {"message_id": "0", "verdict": "bad", "why": "unclear"}
        events += [{"event": "agent", "timestamp": start + 60, "data": {"feedback": feedback}}] if number % 9 == 0 else []
        yield Conversation(f"demo-{number}", events, 0)


@pytest.fixture(scope="module")
def page(model, tmp_path_factory):
    composing = composer.load()
    path = tmp_path_factory.mktemp("report") / "report.html"
    path.write_text(render(composing, report.gather(conversations(composing), composing.clinic), NOON))
    return path.as_uri()


@pytest.mark.parametrize(
    "options",
    [
        {"viewport": {"width": 1180, "height": 900}},
        {"viewport": {"width": 1180, "height": 900}, "color_scheme": "dark"},
        {"viewport": {"width": 320, "height": 700}},
    ],
    ids=["day", "night", "phone"],
)
def test_report_can_be_read_by_everybody(chromium, page, options, request):
    context = chromium.new_context(**options)
    seen = Chat(context.new_page(), None)
    seen.page.goto(page)
    assert seen.axe() == []
    assert seen.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert [asked.url for asked in seen.requests] == [page]
    assert seen.errors == []
    for summary in seen.page.locator("summary").all()[:3]:
        summary.click()
    seen.screenshot(f"report-{request.node.callspec.id}")
    assert (SCREENSHOTS / f"report-{request.node.callspec.id}.png").exists()
    context.close()
