"""One run through the widget in Firefox: what is plain in Chromium works here too."""

import pytest

from tests.browser.conftest import SCREENSHOTS, command
from tests.browser.marionette import Firefox


@pytest.fixture
def firefox(tmp_path):
    running = Firefox(command("firefox-esr"), tmp_path / "profile")
    yield running
    running.close()


def test_conversation_in_firefox(firefox, server):
    firefox.call("WebDriver:Navigate", url=server.address)
    firefox.wait("return Boolean(root?.querySelector('.launcher'))")
    firefox.run("root.querySelector('.launcher').focus()")
    firefox.type("\n")
    firefox.wait("return root.querySelector('dialog.panel')?.open && root.activeElement?.localName === 'textarea'")
    firefox.type("How much is MesoGlow?\n")
    assert "$" in firefox.wait("return root.querySelector('.reply .text')?.textContent")
    firefox.type("my lips are swelling since the injections\n")
    assert firefox.wait("return root.querySelector('.urgent .dial a')?.href") == "tel:911"
    firefox.wait(
        "const [top, log] = ['.urgent', '.log'].map((some) => root.querySelector(some).getBoundingClientRect().top); return top > log && top < log + 60"
    )
    firefox.screenshot(SCREENSHOTS / "firefox.png")
    assert firefox.run("return root.querySelectorAll('[style]').length") == 0
    assert firefox.run("return getComputedStyle(root.querySelector('.head')).backgroundColor") == "rgb(11, 110, 110)"
    firefox.call("WebDriver:Navigate", url=f"{server.address}/visit")
    assert firefox.wait("return root?.querySelectorAll('.reply').length") == 2
    firefox.run("root.querySelector('textarea').focus()")
    firefox.type("\x1b")
    firefox.wait("return !root.querySelector('dialog.panel').open && root.activeElement === root.querySelector('.launcher')")
