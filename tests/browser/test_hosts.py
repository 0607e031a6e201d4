"""The widget on other people's pages: strict ones, hostile ones, and with replies that would like to be code."""

import json
import re
import statistics

import pytest
from playwright.sync_api import expect

from bot import composer
from tests.browser.conftest import CLINIC


@pytest.fixture
def tag(server):
    def make(**attributes):
        given = "".join(f' data-{name.replace("_", "-")}="{value}"' for name, value in attributes.items())
        return f'<script src="{server.address}/widget/v1/clinic-chat.js"{given} async></script>'

    return make


def told_lines(visit, name):
    """What the page "add it to your site" shows in one of its boxes."""
    chat = visit()
    chat.goto(f"{chat.server.address}/add-to-your-site")
    return chat.page.locator(f"#{name}").text_content()


# Strict pages


def test_tag_and_policy_work_as_told_cross_origin(visit, site, server):
    lines = told_lines(visit, "policy").replace("\n", " ")
    strict = f"default-src 'none'; {lines} require-trusted-types-for 'script'; trusted-types 'none'"
    address = site.put("/strict", told_lines(visit, "pinned"), Content_Security_Policy=strict)
    chat = visit()
    broken = []
    chat.page.on("console", lambda message: broken.append(message.text) if "Policy" in message.text or "Trusted" in message.text else None)
    chat.page.add_init_script("addEventListener('securitypolicyviolation', (event) => (window.broken ??= []).push(event.violatedDirective))")
    chat.open(address)
    expect(chat.ask("How much is MesoGlow?")).to_contain_text("$")
    expect(chat.ask("my lips are swelling since the injections")).to_have_class(re.compile("urgent"))
    with chat.page.expect_download():
        chat.menu("Download this chat")
    chat.menu("Erase my chat")
    chat.page.get_by_role("button", name="Erase it").click()
    expect(chat.panel.get_by_role("status")).to_have_text("Your chat is erased.")
    assert broken == []
    assert chat.page.evaluate("window.broken ?? []") == []
    hosts = {request.url.split("/")[2] for request in chat.requests if not request.url.startswith("blob:")}
    assert hosts == {server.address.removeprefix("http://"), CLINIC.removeprefix("https://")}


def test_changed_file_is_not_run(visit, site, server):
    other = re.sub("sha384-.{8}", "sha384-AAAAAAAA", told_lines(visit, "pinned"))
    chat = visit(expected=("integrity",))
    chat.goto(site.put("/changed", other))
    chat.page.wait_for_timeout(500)
    assert chat.page.locator("clinic-chat").count() == 0


def test_site_that_the_clinic_did_not_name_gets_no_answer(visit, site, tag):
    site.put("/foreign", tag())
    chat = visit(expected=("CORS", "net::ERR", "Failed to load"))
    chat.open("https://foreign.example/foreign")
    chat.input.fill("Does it hurt?")
    chat.input.press("Enter")
    expect(chat.said).to_contain_text("Not sent. The assistant cannot be reached.")


def test_nothing_is_done_before_the_chat_is_opened(visit, site, server, tag):
    chat = visit().goto(site.put("/quiet", tag()))
    chat.launcher.wait_for()
    chat.page.wait_for_timeout(300)
    asked = [request.url for request in chat.requests if request.url.startswith(server.address)]
    assert asked == [f"{server.address}/widget/v1/clinic-chat.js"]
    assert chat.page.evaluate("document.querySelector('clinic-chat').shadowRoot.children.length") == 1
    assert chat.page.evaluate("sessionStorage.length") == 0
    assert chat.page.evaluate("document.cookie") == ""


def test_no_inline_style_and_nothing_left_on_the_page(chat):
    chat.ask("How much is MesoGlow?")
    assert chat.page.locator("clinic-chat :is([style], style, link, script)").count() == 0
    assert chat.page.locator("clinic-chat[style], style").count() == 0
    assert chat.page.locator("clinic-chat").count() == 1


def test_script_named_twice_makes_one_chat(visit, site, tag):
    chat = visit().open(site.put("/twice", tag() + tag()))
    assert chat.page.locator("clinic-chat").count() == 1


def test_page_may_place_the_element_and_open_it_itself(visit, site, tag):
    address = site.put("/placed", tag(), body='<main><h1>A clinic</h1></main><clinic-chat data-text-launcher="Fragen?"></clinic-chat>')
    chat = visit().goto(address)
    expect(chat.launcher).to_have_text("Fragen?")
    chat.page.evaluate("document.querySelector('clinic-chat').open()")
    expect(chat.panel).to_be_visible()


# Hostile pages


HOSTILE = """<style>
  html { font-size: 5px }
  *, *::before, *::after { all: unset; color: red !important; letter-spacing: 9px !important; font: 40px/1 cursive !important;
    visibility: hidden !important; box-sizing: content-box !important; text-transform: uppercase !important; display: inline !important;
    position: static !important; direction: rtl !important; text-align: center !important; opacity: .2 !important;
    pointer-events: none !important; filter: blur(9px) !important; transform: rotate(5deg) !important }
  body { transform: translate(50px, 50px) !important; overflow: hidden !important }
  clinic-chat { display: none !important; z-index: -1 !important; width: 10px !important; clip-path: inset(50%) !important }
  button, dialog, .panel, .log, .message { background: yellow !important; padding: 50px !important; border-radius: 0 !important }
  #cover { position: fixed !important; inset: 0; z-index: 2147483647; display: block !important }
</style>"""

LOOKS = """() => [...document.querySelector('clinic-chat').shadowRoot.querySelectorAll('*')]
    .filter((node) => node.checkVisibility({visibilityProperty: true}))
    .map((node) => { const style = getComputedStyle(node), box = node.getBoundingClientRect();
        return [node.localName, node.className?.baseVal ?? node.className, style.fontSize, style.fontFamily, style.color, style.backgroundColor,
            style.letterSpacing, style.textTransform, style.direction, style.opacity,
            ...[box.x, box.y, box.width, box.height].map(Math.round)].join(' '); })"""


def test_hostile_style_changes_nothing(visit, site, tag):
    looks = []
    for path, head in (("/kind", ""), ("/hostile", HOSTILE)):
        chat = visit().open(site.put(path, tag(), head=head, body="<main><h1>A clinic</h1></main><div id='cover'></div>"))
        chat.ask("How much is MesoGlow?")
        chat.page.mouse.move(5, 5)
        chat.page.wait_for_timeout(600)
        looks.append(chat.page.evaluate(LOOKS))
    assert chat.page.evaluate("document.elementFromPoint(1000, 600).localName") == "clinic-chat"
    assert len(looks[0]) > 50
    assert looks[0] == looks[1]


def test_keys_of_the_page_are_not_pressed_by_typing(visit, site, tag):
    head = "<script>addEventListener('keydown', (event) => { (window.pressed ??= []).push(event.key); });</script>"
    chat = visit().open(site.put("/keys", tag(), head=head))
    chat.page.keyboard.type("abc")
    assert chat.page.evaluate("window.pressed") is None


# Replies that would like to be code


PROBES = [
    "<img src=x onerror=window.hacked=1>",
    "<script>window.hacked=1</script>",
    "<svg onload=window.hacked=1>",
    "<a href='javascript:window.hacked=1'>tap</a>",
    "[tap](javascript:window.hacked=1)",
    "[tap](JaVaScRiPt:window.hacked=1)",
    "[tap](jav&#x09;ascript:window.hacked=1)",
    "[tap](&#106;avascript:window.hacked=1)",
    "[tap](data:text/html,<script>window.hacked=1</script>)",
    "[tap](vbscript:x)",
    "[tap](//evil.example/x)",
    "![picture](https://evil.example/x.png)",
    "<style>*{display:none}</style>",
    "<iframe srcdoc='<script>parent.hacked=1</script>'></iframe>",
    "<https://evil.example/<script>>",
    "temperature > 38.5 °C or SpO2 < 92%",
    "5 * 3 _and_ a_b_c ~100~ `x` [1] [99] \\* # 1. - | a | b |",
]


def answer_with(chat, **fields):
    """Let the server answer every message with a reply of our own making."""
    body = json.dumps({"message_id": "1", "sources": [], "buttons": [], "referral": "", "kind": "answer", **fields})
    chat.page.route("**/chat/messages", lambda route: route.fulfill(status=200, content_type="application/json", body=body))


@pytest.mark.parametrize("probe", PROBES)
def test_code_in_a_reply_shows_as_text(visit, probe):
    chat = visit().open()
    source = {"id": probe, "title": probe, "publisher": probe, "url": "javascript:window.hacked=1", "date": probe}
    answer_with(chat, text=probe, body=probe, referral=probe, kind=probe, buttons=[{"title": probe, "choice": probe}], sources=[source])
    reply = chat.ask(probe)
    expect(chat.said.locator(".bubble")).to_have_text(probe)
    chat.page.wait_for_timeout(100)
    assert chat.page.evaluate("window.hacked") is None
    found = reply.evaluate(
        "(node) => [...node.querySelectorAll('*')].flatMap((part) => [...part.attributes].map(({name, value}) => [part.localName, name, value]))"
    )
    assert not [entry for entry in found if entry[1].startswith("on") or entry[0] in ("script", "img", "iframe", "style")]
    links = [value for name, attribute, value in found if attribute == "href"]
    assert all(value.startswith(("https://", "http://", "tel:", "mailto:")) for value in links)
    assert reply.locator(".choices button").text_content() == probe
    assert reply.locator(".origin").text_content() == f", {probe}, {probe}"
    if not re.search(r"[_`\\]|<https", probe):
        assert reply.locator(".text").text_content() == probe
    assert not [request.url for request in chat.requests if "evil.example" in request.url]


def test_what_the_visitor_types_shows_as_text(chat):
    chat.ask("<img src=x onerror=window.hacked=1> **bold** [x](https://evil.example)")
    expect(chat.said.locator(".bubble")).to_have_text("<img src=x onerror=window.hacked=1> **bold** [x](https://evil.example)")
    assert chat.said.locator("a, img, strong").count() == 0


def test_every_stored_sentence_is_shown_letter_by_letter(visit):
    """Markdown must not swallow a sign of an answer."""
    store = composer.load().store
    said = [text for fact in store.facts.values() for text in (fact.claim, fact.detail) if text]
    said += [answer.opening for topic in store.topics.values() for answer in topic.answers]
    said += [level.text for level in store.warning_signs.levels.values()]
    chat = visit().open()
    answer_with(chat, text="x", body="\n".join(said))
    shown = chat.ask("x").locator(".text").inner_text()
    assert [" ".join(line.split()) for line in shown.split("\n") if line.strip()] == [" ".join(line.split()) for line in said]


# Themes


def test_attributes_dress_the_chat(visit, site, tag):
    given = {
        "colour": "#7b1fa2",
        "corner": "square",
        "position": "left",
        "theme": "dark",
        "name": "Haus der Haut",
        "opening": "Guten Tag!",
        "text_send": "Los",
        "text_launcher": "Fragen?",
        "avatar": "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
        "suggestions": "Wie teuer?|Tut es weh?",
    }
    chat = visit().goto(site.put("/dressed", tag(**given)))
    expect(chat.launcher).to_have_text("Fragen?")
    expect(chat.launcher).to_have_css("background-color", "rgb(123, 31, 162)")
    assert chat.launcher.bounding_box()["x"] < 100
    chat.launcher.click()
    expect(chat.panel).to_have_css("background-color", "rgb(27, 33, 38)")
    expect(chat.panel).to_have_css("border-radius", "0px")
    expect(chat.panel.get_by_role("heading")).to_have_text("Haus der Haut")
    expect(chat.log).to_contain_text("Guten Tag!")
    expect(chat.page.get_by_role("button", name="Los", exact=True)).to_be_visible()
    expect(chat.log.get_by_role("button")).to_have_text(["Wie teuer?", "Tut es weh?"])
    assert chat.axe() == []
    chat.screenshot("dressed")


@pytest.mark.parametrize("colour", ["red", "#fff", "#123456; } * { display: none", "javascript:x"])
def test_odd_colour_is_passed_over(visit, site, tag, colour):
    chat = visit().open(site.put("/odd", tag(colour=colour)))
    expect(chat.panel.locator(".head")).to_have_css("background-color", "rgb(31, 95, 139)")
    expect(chat.input).to_be_visible()


def test_theme_follows_the_device(visit, site, tag):
    chat = visit(color_scheme="light").open(site.put("/auto", tag()))
    expect(chat.panel).to_have_css("background-color", "rgb(255, 255, 255)")
    chat.page.emulate_media(color_scheme="dark")
    expect(chat.panel).to_have_css("background-color", "rgb(27, 33, 38)")


# Without JavaScript


def test_without_javascript_there_is_a_link(visit):
    chat = visit(java_script_enabled=False).goto()
    link = chat.page.get_by_role("link", name=re.compile("Questions and answers|Book a visit")).last
    expect(link).to_be_visible()
    assert link.get_attribute("href")


# Speed; the figures are printed with -s

STOPWATCH = """() => { const root = document.querySelector('clinic-chat').shadowRoot; window.took = [];
    root.addEventListener('keydown', (event) => { if (event.key === 'Enter') window.pressed = performance.now(); }, true);
    const shown = () => took.push(performance.now() - pressed);
    new MutationObserver(() => { if (root.querySelectorAll('.reply').length > took.length) requestAnimationFrame(shown); })
        .observe(root.querySelector('[role=log]'), {childList: true}); }"""
QUESTIONS = (
    "How much is it?",
    "Does it hurt?",
    "How long does it last?",
    "What is injected?",
    "Who gives it?",
    "Is it approved in the US?",
    "How many sessions?",
)


def test_launcher_and_reply_come_at_once(visit):
    chat, shown = visit(), []
    for _ in QUESTIONS:
        chat.goto()
        chat.launcher.wait_for()
        shown.append(chat.page.evaluate("performance.getEntriesByName('clinic-chat').at(0).startTime"))
    chat.launcher.click()
    chat.input.wait_for()
    chat.page.evaluate(STOPWATCH)
    for question in QUESTIONS:
        chat.ask(question)
        chat.page.wait_for_timeout(100)
    launcher, reply = statistics.median(shown), statistics.median(chat.page.evaluate("took"))
    print(f"\nfrom page load to launcher {launcher:.0f} ms, from key press to reply {reply:.0f} ms (medians of {len(QUESTIONS)})")
    assert launcher < 1000
    assert reply < 1000
