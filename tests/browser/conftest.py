"""The widget in Debian's Chromium, on pages of the real server and on those of a clinic's website with a certificate of its own."""

import http.server
import shutil
import ssl
import subprocess
import threading
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from bot.quiet import ROOT
from tests.service.conftest import Server

CLINIC = "https://www.clinic.example"  # allowed by `websites` in clinic.yml
SCREENSHOTS = ROOT / "tests" / "browser" / "screenshots"
AXE = ROOT / "widget" / "node_modules" / "axe-core" / "axe.min.js"
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

expect.set_options(timeout=10_000)


def command(name):
    """The path of a program that the tests need."""
    found = shutil.which(name)
    assert found, f"The tests of the widget need {name}, and it is not here: run bin/browsers"
    return found


@pytest.fixture(scope="session")
def server(tmp_path_factory, model):
    """The real server, for all tests that only talk to it."""
    running = Server(tmp_path_factory.mktemp("server"))
    try:
        running.wait_until_ready()
        yield running
    finally:
        running.end(9)


class Site:
    """The website of a clinic: pages by path, each with its headers, over TLS."""

    def __init__(self, folder):
        self.pages = {}
        key, certificate = folder / "key.pem", folder / "certificate.pem"
        made = [command("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=www.clinic.example"]
        subprocess.run([*made, "-keyout", key, "-out", certificate], check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body, headers = site.pages.get(self.path, ("", {}))
                self.send_response(200 if body else 204)
                for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def put(self, path, tag, head="", body="<main><h1>A clinic</h1></main>", **headers):
        """Put a page with a tag at its end; return its address."""
        page = f"<!doctype html><html lang='en'><head><title>A clinic</title>{head}</head><body>{body}{tag}</body></html>"
        self.pages[path] = (page, {name.replace("_", "-"): value for name, value in headers.items()})
        return f"{CLINIC}{path}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    made = Site(tmp_path_factory.mktemp("site"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def chromium(site):
    with sync_playwright() as playwright:
        mapped = f"--host-resolver-rules=MAP *.example 127.0.0.1:{site.port}"
        browser = playwright.chromium.launch(executable_path=command("chromium"), args=[mapped])
        yield browser
        browser.close()


class Chat:
    """A page with the widget on it, as a visitor uses it."""

    def __init__(self, page, server):
        self.page = page
        self.server = server
        self.errors = []
        self.requests = []
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self.requests.append(request))
        self.launcher = page.locator("clinic-chat .launcher")
        self.panel = page.locator("clinic-chat dialog.panel")
        self.log = page.get_by_role("log")
        self.input = page.get_by_role("textbox", name="Your question")
        self.replies = page.locator("clinic-chat .reply")
        self.said = page.locator("clinic-chat .visitor")

    def goto(self, address=None):
        self.page.goto(address or f"{self.server.address}/")
        return self

    def open(self, address=None):
        """Go to a page, by default the server's own, and open the chat."""
        self.goto(address)
        self.launcher.click()
        expect(self.panel).to_be_visible()
        return self

    def ask(self, text):
        """Ask, and return the reply."""
        before = self.replies.count()
        self.input.fill(text)
        self.input.press("Enter")
        expect(self.replies).to_have_count(before + 1)
        return self.replies.nth(before)

    def menu(self, entry):
        self.page.get_by_role("button", name="More").click()
        self.page.locator("clinic-chat .menu").get_by_text(entry).click()

    def axe(self):
        """What axe finds wrong on the whole page, by rule."""
        # evaluated rather than added as a script, which the page's own policy would refuse
        self.page.evaluate(AXE.read_text(encoding="utf8") + "; void 0")
        found = self.page.evaluate("tags => axe.run({runOnly: tags})", STANDARD)
        return [(rule["id"], [node["html"][:120] for node in rule["nodes"]]) for rule in found["violations"]]

    def screenshot(self, name):
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.wait_for_timeout(250)  # the panel has risen
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")


@pytest.fixture
def visit(chromium, server):
    """Makes visitors, each with a browser profile of its own; at the end no page may have met an error that the test did not expect."""
    contexts, chats = [], []

    def make(expected=(), **options):
        context = chromium.new_context(ignore_https_errors=True, **{"viewport": {"width": 1180, "height": 820}, **options})
        context.set_default_timeout(10_000)
        contexts.append(context)
        chats.append((Chat(context.new_page(), server), expected))
        return chats[-1][0]

    yield make
    unexpected = [error for chat, expected in chats for error in chat.errors if not any(part in error for part in expected)]
    for context in contexts:
        context.pages[0].unroute_all(behavior="ignoreErrors")
        context.close()
    assert unexpected == []


@pytest.fixture
def chat(visit):
    """A visitor on a large screen who has opened the chat on the server's own page."""
    return visit().open()


def pytest_collection_modifyitems(items):
    """Every test here needs a browser and the trained model."""
    for item in items:
        if Path(__file__).parent in Path(item.fspath).parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.model)
