"""The committed file: built from widget/ and nothing else, small, and without what a strict page forbids."""

import base64
import gzip
import hashlib
import json
import re
import subprocess
import urllib.request

import pytest

from bot.appearance import strings
from bot.quiet import ROOT
from bot.website import WIDGET, Website
from tests.browser.conftest import command

WIDGET_FOLDER = ROOT / "widget"
SOURCES = sorted((WIDGET_FOLDER / "src").glob("*.js"))
LOCK = json.loads((WIDGET_FOLDER / "package-lock.json").read_text(encoding="utf8"))


def test_committed_file_is_what_the_source_builds(tmp_path):
    assert (WIDGET_FOLDER / "node_modules").is_dir(), "What builds the widget is not here: run bin/browsers"
    built = tmp_path / "clinic-chat.js"
    build = [command("npm"), "run", "--silent", "build", "--", f"--outfile={built}", "--allow-overwrite", "--log-level=warning"]
    subprocess.run(build, cwd=WIDGET_FOLDER, check=True, capture_output=True)
    assert built.read_bytes() == WIDGET.read_bytes(), "run `make widget` and commit bot/web/clinic-chat.js"


def test_file_is_at_most_30_kb_compressed():
    assert len(gzip.compress(WIDGET.read_bytes(), 9)) <= 30_000


def test_file_makes_no_html_and_runs_no_text():
    found = re.findall(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\(|new Function|createPolicy|\.style\b|<style", WIDGET.read_text()
    )
    assert found == []


def test_file_names_no_address_but_that_of_svg():
    in_words = {"https://github.com"}  # marked tells there where to report a fault of its own
    assert set(re.findall(r"https?://[\w.-]+", WIDGET.read_text())) - in_words == {"http://www.w3.org"}


def test_every_text_is_used_and_every_used_text_is_there():
    used = set()
    for source in SOURCES:
        text = source.read_text()
        used |= {name for name in strings() if re.search(rf'"{name}"', text)}
    # the shades of feedback and the states of the connection are looked up by their own names
    assert used | {"online", "offline"} == set(strings())
    said = {name for source in SOURCES for name in re.findall(r'\bsay\("(\w+)"', source.read_text())}
    assert said <= set(strings())


def test_packages_are_pinned_and_no_host_is_named():
    wanted = json.loads((WIDGET_FOLDER / "package.json").read_text(encoding="utf8"))
    assert all(re.fullmatch(r"[\d.]+", version) for part in ("dependencies", "devDependencies") for version in wanted[part].values())
    assert [name for name, package in LOCK["packages"].items() if "resolved" in package] == []
    assert all("integrity" in package for name, package in LOCK["packages"].items() if name)


@pytest.mark.service
def test_served_file_is_the_committed_one_and_has_its_integrity(server):
    with urllib.request.urlopen(f"{server.address}/widget/v1/clinic-chat.js") as answer:
        served, headers = answer.read(), answer.headers
    assert served == WIDGET.read_bytes()
    assert headers["Access-Control-Allow-Origin"] == "*"
    packed = urllib.request.Request(f"{server.address}/widget/v1/clinic-chat.js", headers={"Accept-Encoding": "gzip, br"})
    with urllib.request.urlopen(packed) as answer:
        assert answer.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(answer.read()) == served
    page = server.get("/add-to-your-site")[2]
    digest = base64.b64encode(hashlib.sha384(served).digest()).decode()
    assert f"integrity=&#34;sha384-{digest}&#34;" in page
    version = re.search(r"v=(\w+)", page)[1]
    assert "immutable" in server.get(f"/widget/v1/clinic-chat.js?v={version}")[1]["Cache-Control"]
    assert "immutable" not in headers["Cache-Control"]
    assert server.get("/widget/v1/clinic-chat.js", **{"If-None-Match": headers["ETag"]})[0] == 304


def test_tag_tells_what_the_button_needs():
    from bot.clinic import Clinic

    clinic = Clinic(name='The "Skin" <House>', phone="+1 5", chat={"colour": "#112233", "position": "left", "strings": {"newTab": "neu"}})
    tag = Website(clinic, "").tag("https://chat.example")
    assert tag == (
        '<script src="https://chat.example/widget/v1/clinic-chat.js" data-name="The &#34;Skin&#34; &lt;House&gt;" data-phone="+1 5"'
        ' data-colour="#112233" data-position="left" data-text-new-tab="neu" async></script>'
    )
    assert Website(Clinic(), "").tag("") == '<script src="/widget/v1/clinic-chat.js" async></script>'
