"""Everybody can use it: by keyboard, with a screen reader, enlarged, on a phone, in one's own colours. WCAG 2.2 AA as far as a program can tell."""

import re

import pytest
from playwright.sync_api import expect

from bot.quiet import ROOT
from tests.browser.conftest import command

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
SMALL = {"viewport": {"width": 320, "height": 568}}
ENLARGED = {"viewport": {"width": 320, "height": 256}}  # 1280 by 1024 at 400 %

SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }"

FOCUSED = """() => { let found = document.activeElement; while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
    return found.getAttribute('aria-label') ?? found.textContent.trim().slice(0, 40); }"""


def focused(chat):
    return chat.page.evaluate(FOCUSED)


def press(chat, *keys):
    for key in keys:
        chat.page.keyboard.press(key)


def converse(chat):
    """A conversation with every kind of message, the last one urgent."""
    chat.ask("How much is MesoGlow?")
    chat.ask("what about the stuff")
    return chat.ask("my lips are swelling since the injections")


def within(chat, script, argument=None):
    """What a script finds, given the widget's shadow root and a test of whether an element is seen."""
    return chat.page.evaluate(
        f"argument => ((root, find) => {{ {script} }})(document.querySelector('clinic-chat').shadowRoot, "
        "(some) => [...document.querySelector('clinic-chat').shadowRoot.querySelectorAll(some)].filter((node) => node.checkVisibility()))",
        argument,
    )


# Keyboard


def test_everything_can_be_done_by_keyboard(visit):
    chat = visit().goto()
    chat.launcher.wait_for()
    press(chat, "Shift+Tab")  # the last thing on the page
    assert focused(chat) == "Ask a question"
    press(chat, "Enter")
    expect(chat.input).to_be_focused()
    chat.page.keyboard.type("How much is MesoGlow?")
    press(chat, "Enter")
    expect(chat.replies).to_have_count(1)
    expect(chat.input).to_be_focused()
    seen = []
    for _ in range(30):
        press(chat, "Shift+Tab")
        seen.append(focused(chat))
        if seen[-1] == "More":
            break
    for name in (
        "Conversation",
        "Source 1",
        "Source 3",
        "Sources (3)",
        "+1 555 010 0199",
        "Yes",
        "No",
        "Call +1 555 010 0199",
        "Close the chat",
        "What are the risks?",
    ):
        assert name in seen, seen
    press(chat, "Enter", "Tab")
    press(chat, "Tab")
    assert focused(chat) == "Start over"
    press(chat, "Escape")
    assert focused(chat) == "More"
    expect(chat.panel).to_be_visible()
    press(chat, "Escape")
    expect(chat.panel).to_be_hidden()
    assert focused(chat) == "Ask a question"


def test_large_screen_leaves_the_page_usable(chat):
    chat.page.get_by_role("link", name="Your visit").focus()
    assert focused(chat) == "Your visit"
    expect(chat.panel).to_be_visible()


def test_phone_keeps_the_focus_within(visit):
    chat = visit(**PHONE).open()
    assert focused(chat) == "Example Dermatology Clinic"  # and no keyboard that hides the welcome
    seen = set()
    for _ in range(24):
        press(chat, "Tab")
        seen.add(chat.page.evaluate("document.activeElement.localName"))
    assert seen <= {"clinic-chat", "body"}  # body: the browser's own bar, between the last and the first
    press(chat, "Escape")
    expect(chat.panel).to_be_hidden()
    assert focused(chat) == "Ask a question"


def test_focus_is_always_seen(chat):
    chat.ask("How much is MesoGlow?")
    for _ in range(12):
        press(chat, "Shift+Tab")
        outline = within(chat, "const style = getComputedStyle(root.activeElement); return [style.outlineStyle, parseFloat(style.outlineWidth)]")
        assert outline[0] != "none"
        assert outline[1] >= 2


# Screen readers


WATCH = """() => { window.heard = []; window.lost = 0;
    const log = document.querySelector('clinic-chat').shadowRoot.querySelector('[role=log]');
    new MutationObserver((changes) => { for (const change of changes) {
        for (const node of change.addedNodes) heard.push(node.textContent);
        lost += [...change.removedNodes].filter((node) => node.localName === 'article').length; } }).observe(log, {childList: true, subtree: true}); }"""


def test_log_only_grows_and_says_each_message_once(chat):
    chat.page.evaluate(WATCH)
    chat.ask("How much is MesoGlow?")
    chat.ask("and how long does that last?")
    heard, lost = chat.page.evaluate("[heard, lost]")
    assert lost == 0
    assert len(heard) == 4
    assert heard[0] == "How much is MesoGlow?"
    assert len(set(heard)) == 4


def test_live_regions_are_the_log_and_one_status_and_none_within_another(chat):
    converse(chat)
    live = "[role=log], [role=status], [role=alert], [aria-live]"
    script = "return [...root.querySelectorAll(argument)].map((node) => [node.getAttribute('role'), node.parentElement.closest(argument) !== null])"
    assert within(chat, script, live) == [["log", False], ["status", False]]
    hidden = chat.page.locator("clinic-chat [role=log] .unseen").count()  # only "opens in a new tab", never who speaks
    assert hidden == chat.page.locator("clinic-chat [role=log] a[target=_blank]").count()


def test_kept_conversation_is_not_read_out_again(chat):
    chat.ask("How much is MesoGlow?")
    chat.page.get_by_role("button", name="Close the chat").click()
    chat.page.evaluate(WATCH)
    chat.launcher.click()
    chat.page.wait_for_timeout(200)
    assert chat.page.evaluate("heard") == []


def test_speakers_and_parts_have_names(chat):
    converse(chat)
    tree = chat.panel.aria_snapshot()
    for part in ('dialog "Example Dermatology Clinic"', 'log "Conversation"', 'article "You"', 'article "Assistant"', 'article "Assistant, Urgent"',
                 'textbox "Your question"', 'button "Send"', 'group "Was this helpful?"', 'navigation "Reach the clinic"'):  # fmt: skip
        assert part in tree, tree


# axe in every state; those of offline, failed, erase, feedback, sources and quick replies stand beside their tests


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("large", {}),
        ("dark", {"color_scheme": "dark"}),
        ("phone", PHONE),
        ("phone-dark", {**PHONE, "color_scheme": "dark"}),
        ("small", SMALL),
        ("enlarged", ENLARGED),
        ("forced-colours", {"forced_colors": "active"}),
    ],
)
def test_axe_finds_nothing_in_any_state(visit, name, options):
    chat, found = visit(**options).goto(), {}
    chat.launcher.wait_for()
    states = {
        "closed": lambda: None,
        "open": chat.launcher.click,
        "menu": chat.page.get_by_role("button", name="More").click,
        "talked": lambda: (press(chat, "Escape"), converse(chat)),
    }
    for state, reach in states.items():
        reach()
        chat.screenshot(f"{name}-{state}")
        found[state] = chat.axe()
    assert found == {state: [] for state in states}


@pytest.mark.parametrize("colour", ["#ffd54f", "#777777", "#e91e63", "#000000", "#ffffff", "#0000ff"])
def test_any_colour_of_a_clinic_can_be_read(visit, site, server, colour):
    address = site.put(f"/{colour[1:]}", f'<script src="{server.address}/widget/v1/clinic-chat.js" data-colour="{colour}" async></script>')
    chat = visit(color_scheme="light").open(address)
    converse(chat)
    light = chat.axe()
    chat.page.emulate_media(color_scheme="dark")
    assert (light, chat.axe()) == ([], [])


def test_the_other_pages_can_be_used_by_everybody(visit):
    chat = visit()
    for page in ("/", "/visit", "/privacy", "/privacy/officer", "/add-to-your-site"):
        chat.goto(f"{chat.server.address}{page}")
        chat.launcher.wait_for()
        assert chat.axe() == []
    chat.screenshot("add-to-your-site")


# Size


@pytest.mark.parametrize("options", [PHONE, SMALL, ENLARGED])
def test_small_screens_have_it_whole_and_never_scroll_sideways(visit, options):
    chat = visit(**options).open()
    converse(chat)
    box, size = chat.panel.bounding_box(), options["viewport"]
    assert (box["x"], box["y"], box["width"], box["height"]) == (0, 0, size["width"], size["height"])
    wide = "return find('*').filter((node) => node.getBoundingClientRect().right > innerWidth + 1).map((node) => node.outerHTML.slice(0, 80))"
    assert within(chat, wide) == []
    chat.input.scroll_into_view_if_needed()
    expect(chat.input).to_be_in_viewport()


def test_keyboard_of_a_phone_does_not_cover_the_input(visit):
    chat = visit(**PHONE).open()
    chat.page.evaluate("""() => { Object.defineProperty(visualViewport, 'height', {value: 420}); visualViewport.dispatchEvent(new Event('resize')); }""")
    chat.panel.evaluate("panel => Promise.all(panel.getAnimations().map((opening) => opening.finished)).then(() => null)")
    box = chat.input.bounding_box()
    assert box["y"] + box["height"] <= 420
    expect(chat.page.get_by_role("link", name="Call +1 555 010 0199")).to_be_in_viewport()


def test_what_one_has_to_hit_is_large_enough(visit):
    chat = visit(**PHONE).open()
    converse(chat)
    chat.page.get_by_role("button", name="More").tap()
    small = """return find('.panel :is(button, textarea, .contact a, .dial a, .menu a)').filter((node) => !node.matches('.cite'))
        .map((node) => [node.className || node.textContent, node.getBoundingClientRect()])
        .filter(([, box]) => Math.min(box.width, box.height) < 44).map(([name, box]) => [name, box.width, box.height])"""
    assert within(chat, small) == []


def test_text_grows_with_the_visitor_s_own_size(site, server, visit):
    large = visit().page.context.browser.browser_type.launch(executable_path=command("chromium"), args=["--blink-settings=defaultFontSize=32"])
    try:
        page = large.new_page(viewport={"width": 1180, "height": 900})
        page.goto(server.address)
        page.locator("clinic-chat .launcher").click()
        page.get_by_role("textbox", name="Your question").fill("How much is it?")
        page.keyboard.press("Enter")
        text = page.locator("clinic-chat .reply .text")
        text.wait_for()
        assert text.evaluate("(node) => getComputedStyle(node).fontSize") == "32px"
        expect(page.get_by_role("link", name="Call +1 555 010 0199")).to_be_in_viewport()
        expect(page.get_by_role("textbox", name="Your question")).to_be_in_viewport()
    finally:
        large.close()


def test_wider_spacing_of_text_cuts_nothing(chat):
    """WCAG 2.2, 1.4.12."""
    chat.ask("How much is MesoGlow?")
    within(chat, "const wide = new CSSStyleSheet(); wide.replaceSync(argument); root.adoptedStyleSheets.push(wide)", SPACED)
    cut = """return find('.panel :is(p, a, button, li, summary, h2):not(.unseen, .status)')
        .filter((node) => node.clientWidth && node.scrollWidth > node.clientWidth + 2).map((node) => node.outerHTML.slice(0, 80))"""
    assert within(chat, cut) == []


def test_nothing_moves_for_those_who_want_it_still(visit):
    chat = visit(reduced_motion="reduce").goto()
    chat.page.route("**/chat/messages", lambda route: (chat.page.wait_for_timeout(300), route.continue_()))
    chat.launcher.click()
    chat.input.fill("Does it hurt?")
    chat.input.press("Enter")
    chat.panel.locator(".typing").wait_for()
    assert chat.page.evaluate("document.getAnimations({subtree: true}).length + document.querySelector('clinic-chat').shadowRoot.getAnimations().length") == 0


def test_style_knows_no_left_and_right():
    style = (ROOT / "widget" / "src" / "style.css").read_text(encoding="utf8")
    physical = r"(?<![\w-])(?:(?:margin|padding|border|inset)-(?:left|right|top|bottom)|left|right|top|bottom)\s*:|(?:text-align|float): (?:left|right)"
    assert re.findall(physical, style) == []


def test_other_direction(visit, site, server):
    address = site.put("/rtl", f'<script src="{server.address}/widget/v1/clinic-chat.js" data-direction="rtl" data-language="ar" async></script>')
    chat = visit().open(address)
    chat.ask("How much is MesoGlow?")
    box = chat.panel.bounding_box()
    assert box["x"] < 100
    assert chat.axe() == []
    chat.screenshot("right-to-left")
