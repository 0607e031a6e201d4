"""Asking in the widget, and what an answer looks like."""

import re

import pytest
from playwright.sync_api import expect


def test_welcome_says_who_speaks_and_suggests_questions(chat):
    expect(chat.log).to_contain_text("not a doctor")
    suggestions = chat.page.get_by_role("group", name="People often ask").get_by_role("button")
    expect(suggestions).to_have_count(5)
    assert chat.axe() == []
    chat.screenshot("welcome")
    suggestions.filter(has_text="How much").click()
    expect(chat.replies).to_have_count(1)
    expect(chat.said).to_have_text("How much does it cost?")
    expect(chat.replies).to_contain_text("$")


def test_answer_folds_its_sources_and_ends_with_the_referral(chat):
    reply = chat.ask("How much is MesoGlow?")
    expect(reply.locator(".sources")).not_to_have_attribute("open", "")
    expect(reply.locator(".referral")).to_contain_text("+1 555 010 0199")
    expect(reply.locator(".referral a[href='tel:+15550100199']")).to_be_visible()
    expect(reply.locator(".referral a[href='https://clinic.example/book']")).to_have_attribute("rel", "noopener noreferrer")
    chat.screenshot("answer")
    reply.get_by_role("button", name="Source 2").click()
    source = reply.locator(".sources li").nth(1)
    expect(source).to_be_visible()
    expect(source).to_be_focused()
    expect(source).to_contain_text("undated page, read November 2026")
    expect(source.get_by_role("link")).to_have_attribute("href", re.compile("^https?://"))
    assert chat.axe() == []
    chat.screenshot("sources")


def test_follow_up_goes_on(chat):
    chat.ask("How much is MesoGlow?")
    expect(chat.ask("and how long does that last?")).to_contain_text("last")


def test_line_breaks_and_long_messages(chat):
    chat.input.fill("How much\nis it")
    chat.input.press("Shift+Enter")
    chat.input.press("Enter")
    expect(chat.replies).to_have_count(1)
    expect(chat.said.locator(".bubble")).to_have_text("How much\nis it")
    expect(chat.ask("how much " * 600)).to_contain_text("That was a long message")


def test_nothing_is_sent_for_nothing(chat):
    chat.input.fill("  ")
    chat.input.press("Enter")
    chat.page.get_by_role("button", name="Send").click()
    expect(chat.said).to_have_count(0)
    expect(chat.input).to_be_focused()


def clarify(chat):
    for text in ("what about the stuff", "hmm the one thing", "the filler or the injection thing", "mesotherapy"):
        reply = chat.ask(text)
        if reply.locator(".choices").count():
            return reply
    raise AssertionError("nothing was asked back")


def test_quick_replies_answer_and_old_ones_go(chat):
    asked = clarify(chat)
    choices = asked.get_by_role("group", name="Choose one").get_by_role("button")
    title = choices.first.text_content()
    assert chat.axe() == []
    chat.screenshot("quick-replies")
    before = chat.replies.count()
    choices.first.click()
    expect(chat.replies).to_have_count(before + 1)
    expect(chat.said.last).to_have_text(title)
    expect(choices.first).to_be_hidden()
    expect(chat.input).to_be_focused()


def test_emergency_looks_like_one(chat):
    reply = chat.ask("my lips are swelling since the injections")
    expect(reply).to_have_class(re.compile("urgent"))
    expect(reply.get_by_role("link", name="Call 911")).to_have_attribute("href", "tel:911")
    expect(reply.locator(".alarm")).to_have_text("Urgent")
    expect(reply.locator(".feedback")).to_have_count(0)
    assert chat.axe() == []
    chat.screenshot("urgent")


@pytest.mark.parametrize(("why", "kept"), [("Out of date", "outdated"), ("Something else", "other")])
def test_feedback_with_a_why(chat, why, kept):
    reply = chat.ask("How much is MesoGlow?")
    helpful = reply.get_by_role("group", name="Was this helpful?")
    with chat.page.expect_response("**/chat/feedback"):
        helpful.get_by_role("button", name="No").click()
    expect(helpful.get_by_role("button", name="Wrong")).to_be_focused()
    assert chat.axe() == []
    chat.screenshot("feedback")
    with chat.page.expect_response("**/chat/feedback") as answered:
        helpful.get_by_role("button", name=why).click()
    assert answered.value.json()["why"] == kept
    expect(helpful).to_have_text("Thank you, the clinic will see this.")
    chat.page.reload()
    expect(helpful).to_have_text("Thank you, the clinic will see this.")


def test_praise(chat):
    helpful = chat.ask("Does it hurt?").get_by_role("group", name="Was this helpful?")
    with chat.page.expect_response("**/chat/feedback") as answered:
        helpful.get_by_role("button", name="Yes").click()
    assert answered.value.json()["verdict"] == "good"
    expect(helpful).to_have_text("Thank you, the clinic will see this.")


def test_clinic_is_one_tap_away(chat):
    for text in (None, "How much is it?", "my lips are swelling since the injections"):
        if text:
            chat.ask(text)
        contact = chat.page.get_by_role("navigation", name="Reach the clinic")
        expect(contact.get_by_role("link", name="Call +1 555 010 0199")).to_be_in_viewport()
        expect(contact.get_by_role("link", name="Book a visit")).to_have_attribute("href", "https://clinic.example/book")
