"""Agreeing to what is kept before the first message, and the code with which a conversation can be erased later."""

import json
import sqlite3

import pytest
from playwright.sync_api import expect

REFUSED = ("Failed to load resource",)
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
ENLARGED = {"viewport": {"width": 320, "height": 256}}


def asks_consent(chat):
    """Let the server's settings be those of a clinic that asks for consent."""

    def change(route):
        route.fulfill(json={**route.fetch().json(), "consent": True, "days": 14})

    chat.page.route("**/chat/settings", change)
    return chat


def consent(chat):
    return chat.page.get_by_role("group", name="What you write may tell something about your health.")


@pytest.mark.parametrize(("name", "options"), [("large", {}), ("dark", {"color_scheme": "dark"}), ("phone", PHONE), ("enlarged", ENLARGED)])
def test_nothing_can_be_asked_until_the_visitor_agrees(visit, name, options):
    chat = asks_consent(visit(**options)).open()
    expect(consent(chat)).to_contain_text("for 14 days")
    expect(consent(chat).get_by_role("link", name="Privacy note")).to_be_visible()
    expect(chat.input).to_be_hidden()
    expect(chat.page.get_by_role("group", name="People often ask")).to_be_hidden()
    assert chat.axe() == []
    chat.screenshot(f"consent-{name}")
    if name == "large":
        expect(chat.page.get_by_role("button", name="I agree")).to_be_focused()
    chat.page.get_by_role("button", name="I agree").click()
    expect(consent(chat)).to_be_hidden()
    expect(chat.input).to_be_focused()
    chat.ask("How much is MesoGlow?")
    begun = [request.post_data_json for request in chat.requests if request.url.endswith("/chat/sessions")]
    assert begun == [{"consent": True}]


def test_consent_stays_for_the_conversation_and_is_asked_anew_for_the_next(visit):
    chat = asks_consent(visit()).open()
    chat.page.get_by_role("button", name="I agree").click()
    chat.ask("How much is MesoGlow?")
    chat.page.reload()
    expect(chat.input).to_be_visible()
    expect(consent(chat)).to_be_hidden()
    chat.menu("Start over")
    expect(consent(chat)).to_be_visible()
    expect(chat.page.get_by_role("button", name="I agree")).to_be_focused()
    expect(chat.input).to_be_hidden()


def test_server_that_asks_for_consent_gets_it_and_then_the_message(visit):
    chat = visit(expected=REFUSED).open()
    told = {"error": "This clinic asks for your consent.", "code": "consent"}
    chat.page.route("**/chat/messages", lambda route: route.fulfill(status=403, json=told), times=1)
    chat.input.fill("How much is MesoGlow?")
    chat.input.press("Enter")
    expect(chat.said).to_contain_text("This clinic asks for your consent.")
    expect(consent(chat)).to_be_visible()
    chat.page.get_by_role("button", name="I agree").click()
    expect(chat.replies).to_have_count(1)
    expect(chat.said).to_have_text("How much is MesoGlow?")


def test_menu_and_transcript_give_the_code_that_erases(chat):
    menu = chat.page.locator("clinic-chat .menu")
    chat.page.get_by_role("button", name="More").click()
    expect(menu.locator(".code")).to_be_hidden()
    chat.page.keyboard.press("Escape")
    chat.ask("How much is MesoGlow?")
    kept = chat.page.evaluate("JSON.parse(sessionStorage.getItem(Object.keys(sessionStorage)[0]))")
    (code,) = kept["codes"]
    chat.page.get_by_role("button", name="More").click()
    expect(menu).to_contain_text(f"To erase it later, give the clinic this code: {code}")
    assert chat.axe() == []
    chat.screenshot("menu-with-code")
    chat.page.keyboard.press("Escape")
    with chat.page.expect_download() as downloading:
        chat.menu("Download this chat")
    assert code in downloading.value.path().read_text(encoding="utf8")
    assert chat.server.post("erase", {"code": code}) == (200, {"erased": True})


def test_conversation_whose_token_has_ended_is_erased_all_the_same(visit):
    chat = visit(expected=REFUSED).open()
    chat.ask("How much is a chrysanthemum facial?")
    chat.page.evaluate(
        """() => { const key = Object.keys(sessionStorage)[0], kept = JSON.parse(sessionStorage[key]);
        sessionStorage[key] = JSON.stringify({...kept, token: kept.token.slice(0, -3) + 'xxx'}); }"""
    )
    chat.page.reload()
    chat.ask("And is a chrysanthemum safe?")
    kept = chat.page.evaluate("JSON.parse(sessionStorage.getItem(Object.keys(sessionStorage)[0]))")
    assert len(kept["codes"]) == 2
    chat.menu("Erase my chat")
    chat.page.get_by_role("button", name="Erase it").click()
    expect(chat.panel.get_by_role("status")).to_have_text("Your chat is erased.")
    with sqlite3.connect(chat.server.database) as database:
        left = [json.loads(data)["text"] for (data,) in database.execute("select data from events where type_name = 'user'")]
    database.close()
    assert not [text for text in left if "chrysanthemum" in text]
