"""A conversation from page to page, through bad connections, and its end: nothing is lost, nothing doubled, and nothing stays that should go."""

import json
import re
import sqlite3

import pytest
from playwright.sync_api import expect

from tests.service.conftest import Server

DROPPED = ("Failed to load resource", "net::ERR")


def token(chat):
    kept = chat.page.evaluate("JSON.parse(sessionStorage.getItem(Object.keys(sessionStorage)[0]))")
    return kept["token"]


def events(server, session, kind="user"):
    database = sqlite3.connect(server.database)
    try:
        return database.execute("select data from events where sender_id = ? and type_name = ?", (session.split(".")[0], kind)).fetchall()
    finally:
        database.close()


# From page to page


def test_conversation_is_there_after_a_reload_and_on_the_next_page(chat):
    chat.ask("How much is MesoGlow?")
    chat.page.reload()
    expect(chat.panel).to_be_visible()
    expect(chat.replies).to_have_count(1)
    assert chat.page.evaluate("document.activeElement === document.body"), "an open chat must not take the focus of the next page"
    chat.page.get_by_role("link", name="Your visit").click()
    expect(chat.said).to_have_text("How much is MesoGlow?")
    expect(chat.ask("and how long does that last?")).to_contain_text("last")
    assert len(events(chat.server, token(chat))) == 2


def test_closed_chat_stays_closed_and_keeps_the_conversation(chat):
    chat.ask("How much is MesoGlow?")
    chat.page.keyboard.press("Escape")
    chat.page.reload()
    expect(chat.launcher).to_be_visible()
    expect(chat.panel).to_have_count(0)
    chat.launcher.click()
    expect(chat.replies).to_have_count(1)


def test_conversation_is_forgotten_after_its_minutes(chat):
    chat.ask("How much is MesoGlow?")
    chat.page.evaluate(
        """() => { const key = Object.keys(sessionStorage)[0], kept = JSON.parse(sessionStorage[key]);
        sessionStorage[key] = JSON.stringify({...kept, at: kept.at - 31 * 60000}); }"""
    )
    chat.page.reload()
    chat.launcher.click()
    expect(chat.log).to_contain_text("not a doctor")
    expect(chat.said).to_have_count(0)


def test_conversation_is_forgotten_in_time_on_an_open_page(visit):
    chat = visit()
    chat.page.clock.install()
    chat.open()
    chat.ask("How much is MesoGlow?")
    chat.page.clock.fast_forward("31:00")
    expect(chat.said).to_have_count(0)
    assert chat.page.evaluate("sessionStorage.length") == 0


def test_another_tab_begins_a_conversation_of_its_own(chat, visit):
    chat.ask("How much is MesoGlow?")
    other = chat.page.context.new_page()
    other.goto(chat.server.address)
    assert other.evaluate("sessionStorage.length") == 0


def test_chat_works_where_the_browser_keeps_nothing(visit):
    chat = visit()
    chat.page.add_init_script("Object.defineProperty(window, 'sessionStorage', {get() { throw new DOMException('no', 'SecurityError'); }})")
    chat.open()
    expect(chat.ask("How much is MesoGlow?")).to_contain_text("$")


def test_reply_that_comes_to_a_closed_chat_shows_at_the_launcher(chat):
    chat.page.route("**/chat/messages", lambda route: (chat.page.wait_for_timeout(400), route.continue_()))
    chat.input.fill("How much is MesoGlow?")
    chat.input.press("Enter")
    chat.page.get_by_role("button", name="Close the chat").click()
    expect(chat.page.get_by_role("button", name="Ask a question (new reply)")).to_be_visible()
    chat.launcher.click()
    expect(chat.replies).to_have_count(1)


# Bad connections


def test_what_is_written_offline_is_sent_when_the_line_is_back(visit):
    chat = visit(expected=DROPPED).open()
    chat.ask("How much is MesoGlow?")
    chat.page.context.set_offline(True)
    expect(chat.panel.locator(".status")).to_contain_text("You are offline")
    for text in ("Does it hurt?", "Who gives it?"):
        chat.input.fill(text)
        chat.input.press("Enter")
    for place in (1, 2):
        expect(chat.said.nth(place)).to_contain_text("Waiting for a connection")
    assert chat.axe() == []
    chat.screenshot("offline")
    chat.page.context.set_offline(False)
    expect(chat.replies).to_have_count(3)
    expect(chat.panel.locator(".status")).to_have_text("You are back online.")
    expect(chat.said.nth(1)).not_to_contain_text("Waiting")
    assert [json.loads(data)["text"] for (data,) in events(chat.server, token(chat))] == ["How much is MesoGlow?", "Does it hurt?", "Who gives it?"]


def test_what_was_held_is_sent_from_the_next_page(visit):
    chat = visit(expected=DROPPED).open()
    chat.page.context.set_offline(True)
    chat.input.fill("Does it hurt?")
    chat.input.press("Enter")
    expect(chat.said).to_contain_text("Waiting for a connection")
    chat.page.context.set_offline(False)
    chat.page.reload()
    expect(chat.replies).to_have_count(1)


def test_two_503s_are_got_over(visit):
    chat, failed = visit(expected=DROPPED).open(), []

    def fail_twice(route):
        if len(failed) < 2:
            failed.append(route)
            return route.fulfill(status=503, content_type="application/json", body='{"error": "Busy.", "code": "unavailable"}')
        return route.continue_()

    chat.page.route("**/chat/messages", fail_twice)
    expect(chat.ask("How much is MesoGlow?")).to_contain_text("$")
    assert len(failed) == 2
    expect(chat.said.locator(".note")).to_have_count(0)


def test_reply_that_is_lost_on_its_way_is_fetched_and_nothing_doubled(visit):
    chat, lost = visit(expected=DROPPED).open(), []

    def lose_once(route):
        if lost:
            return route.continue_()
        lost.append(route.fetch())
        return route.abort()

    chat.page.route("**/chat/messages", lose_once)
    chat.ask("How much is MesoGlow?")
    assert len(events(chat.server, token(chat))) == 1


def test_failure_is_told_with_a_way_to_try_again(visit):
    chat = visit(expected=DROPPED).open()
    chat.page.route(
        "**/chat/messages", lambda route: route.fulfill(status=503, content_type="application/json", body='{"error": "Call us: +1 5", "code": "x"}')
    )
    chat.input.fill("How much is MesoGlow?")
    chat.input.press("Enter")
    expect(chat.said).to_contain_text("Not sent. Call us: +1 5")
    expect(chat.page.get_by_role("button", name="Try again")).to_be_in_viewport()
    expect(chat.panel.locator(".typing")).to_be_hidden()
    assert chat.axe() == []
    chat.screenshot("failed")
    chat.page.unroute("**/chat/messages")
    chat.page.get_by_role("button", name="Try again").click()
    expect(chat.replies).to_have_count(1)
    expect(chat.said).to_have_text("How much is MesoGlow?")


def test_refused_message_does_not_hold_up_the_next(visit):
    chat = visit(expected=DROPPED).open()
    chat.page.route(
        "**/chat/messages", lambda route: route.fulfill(status=413, content_type="application/json", body='{"error": "Too long.", "code": "x"}'), times=1
    )
    chat.input.fill("x")
    chat.input.press("Enter")
    expect(chat.said).to_contain_text("Not sent. Too long.")
    expect(chat.ask("Does it hurt?")).to_be_visible()


def test_dead_server_leaves_the_phone(visit, tmp_path, model):
    mine = Server(tmp_path)
    try:
        mine.wait_until_ready()
        chat = visit(expected=DROPPED)
        chat.server = mine
        chat.open()
        chat.ask("Does it hurt?")
    finally:
        mine.end(9)
    chat.input.fill("How much is MesoGlow?")
    chat.input.press("Enter")
    expect(chat.said.last).to_contain_text("Not sent. The assistant cannot be reached.")
    expect(chat.page.get_by_role("link", name="Call +1 555 010 0199")).to_be_visible()


def test_chat_opens_without_the_server_s_settings(visit):
    chat = visit(expected=DROPPED)
    chat.page.route("**/chat/settings", lambda route: route.abort())
    chat.open()
    expect(chat.page.get_by_role("link", name="Call +1 555 010 0199")).to_be_visible()
    expect(chat.ask("How much is MesoGlow?")).to_contain_text("$")


def test_conversation_that_the_server_no_longer_knows_begins_anew(visit):
    chat = visit(expected=DROPPED).open()
    chat.ask("How much is MesoGlow?")
    chat.page.evaluate(
        """() => { const key = Object.keys(sessionStorage)[0], kept = JSON.parse(sessionStorage[key]);
        sessionStorage[key] = JSON.stringify({...kept, token: kept.token.slice(0, -3) + 'xxx'}); }"""
    )
    chat.page.reload()
    expect(chat.ask("Does it hurt?")).to_be_visible()


def test_typing_shows_while_the_answer_is_awaited(chat):
    chat.page.route("**/chat/messages", lambda route: (chat.page.wait_for_timeout(2200), route.continue_()))
    chat.input.fill("Does it hurt?")
    chat.input.press("Enter")
    expect(chat.panel.locator(".typing")).to_be_visible()
    expect(chat.panel.get_by_role("status")).to_have_text("The assistant is writing")
    expect(chat.replies).to_have_count(1)
    expect(chat.panel.locator(".typing")).to_be_hidden()
    expect(chat.panel.get_by_role("status")).to_have_text("")


# Taking away and ending


def test_start_over_begins_anew(chat):
    chat.ask("How much is MesoGlow?")
    before = token(chat)
    chat.menu("Start over")
    expect(chat.said).to_have_count(0)
    expect(chat.log).to_contain_text("not a doctor")
    expect(chat.input).to_be_focused()
    chat.ask("and how long does that last?")
    assert token(chat) != before


def test_start_over_while_a_reply_is_awaited_drops_it(chat):
    chat.page.route("**/chat/messages", lambda route: (chat.page.wait_for_timeout(500), route.continue_()))
    chat.input.fill("How much is MesoGlow?")
    chat.input.press("Enter")
    chat.menu("Start over")
    expect(chat.ask("Does it hurt?")).to_be_visible()
    chat.page.wait_for_timeout(300)
    expect(chat.replies).to_have_count(1)


def test_start_over_does_not_wait_for_what_hangs(visit):
    chat, hanging = visit(expected=DROPPED).open(), []
    chat.page.route("**/chat/messages", lambda route: hanging.append(route), times=1)
    chat.input.fill("How much is MesoGlow?")
    chat.input.press("Enter")
    expect(chat.panel.locator(".typing")).to_be_visible()
    chat.menu("Start over")
    expect(chat.ask("Does it hurt?")).to_be_visible()
    hanging[0].abort()
    assert [json.loads(data)["text"] for (data,) in events(chat.server, token(chat))] == ["Does it hurt?"]


def test_erase_asks_first_and_leaves_nothing_here_or_there(chat):
    chat.ask("How much is MesoGlow?")
    session = token(chat)
    chat.menu("Erase my chat")
    ask = chat.page.get_by_role("dialog", name="Erase this chat here and at the clinic?")
    expect(ask).to_be_visible()
    assert chat.axe() == []
    chat.screenshot("erase")
    ask.get_by_role("button", name="Keep it").click()
    expect(chat.said).to_have_count(1)
    chat.menu("Erase my chat")
    chat.page.keyboard.press("Escape")
    expect(ask).to_be_hidden()
    expect(chat.panel).to_be_visible()
    chat.menu("Erase my chat")
    ask.get_by_role("button", name="Erase it").click()
    expect(chat.panel.get_by_role("status")).to_have_text("Your chat is erased.")
    expect(chat.said).to_have_count(0)
    assert chat.page.evaluate("sessionStorage.length") == 0
    assert events(chat.server, session) == events(chat.server, session, "bot") == []


def test_erase_that_fails_is_told_and_keeps_the_conversation(visit):
    chat = visit(expected=DROPPED).open()
    chat.ask("How much is MesoGlow?")
    chat.page.route("**/chat/erase", lambda route: route.abort())
    chat.menu("Erase my chat")
    chat.page.get_by_role("button", name="Erase it").click()
    expect(chat.panel.get_by_role("status")).to_contain_text("could not be erased")
    expect(chat.said).to_have_count(1)


def test_transcript_holds_everything_with_its_sources(chat):
    reply = chat.ask("How much is MesoGlow?")
    referral = reply.locator(".referral").text_content()
    with chat.page.expect_download() as downloading:
        chat.menu("Download this chat")
    assert re.fullmatch(r"chat-\d{4}-\d\d-\d\d\.txt", downloading.value.suggested_filename)
    text = downloading.value.path().read_text(encoding="utf8")
    assert text.startswith("Conversation with Example Dermatology Clinic\n")
    assert "not a doctor" in text
    assert "How much is MesoGlow?" in text
    assert re.search(r"^\[2\] .*undated page, read November 2026, https?://", text, re.MULTILINE)
    assert "call +1 555 010 0199" in text
    assert "call +1 555 010 0199" in referral


@pytest.mark.parametrize("options", [{}, {"viewport": {"width": 390, "height": 844}, "has_touch": True}])
def test_print_shows_the_conversation_alone(visit, options):
    chat = visit(**options)
    chat.page.add_init_script("window.print = () => { window.printed = true; }")
    chat.open()
    chat.ask("How much is MesoGlow?")
    chat.menu("Print this chat")
    assert chat.page.evaluate("window.printed")
    chat.page.emulate_media(media="print")
    page = chat.page.locator("clinic-chat .print")
    expect(page).to_be_visible()
    expect(page).to_contain_text("[2]")
    expect(chat.page.locator("main")).to_be_hidden()
    expect(chat.panel).to_be_hidden()
    chat.page.emulate_media(media="screen")
    chat.page.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(chat.page.locator("main")).to_be_visible()
    expect(page).to_have_count(0)
    expect(chat.panel).to_be_visible()
