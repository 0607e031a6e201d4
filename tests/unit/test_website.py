"""What a clinic's settings make of the pages: links only to what is there."""

import asyncio
import datetime
from types import SimpleNamespace

import pytest

from bot import website
from bot.clinic import Clinic
from bot.website import Website


@pytest.fixture
def privacy(tmp_path, monkeypatch):
    monkeypatch.setattr(website, "PRIVACY", tmp_path / "PRIVACY.md")
    return website.PRIVACY


def test_privacy_note_is_linked_where_there_is_one(privacy):
    assert Website(Clinic(), "").settings()["privacy"] == ""
    privacy.write_text("What is kept.")
    assert Website(Clinic(), "").settings()["privacy"] == "/privacy"


def test_name_of_the_chat_is_the_clinic_s_unless_it_has_its_own(privacy):
    assert Website(Clinic(name="Skin House"), "").settings()["name"] == "Skin House"
    assert Website(Clinic(name="Skin House", chat={"name": "Ask us"}), "").settings()["name"] == "Ask us"


@pytest.mark.parametrize(
    ("clinic", "line"),
    [
        (Clinic(), ""),
        (Clinic(booking_link="https://a.example/?a=1&b"), '<noscript><a href="https://a.example/?a=1&amp;b">Book a visit</a></noscript>'),
    ],
)
def test_fallback_leads_to_the_clinic_until_there_is_a_page_of_answers(privacy, clinic, line):
    assert Website(clinic, "").fallback("https://chat.example") == line


def test_settings_and_fallback_lead_to_the_page_of_answers(privacy, composer):
    site = Website(composer.clinic, "", composer)
    assert site.settings()["questions"] == "/questions/"
    assert site.fallback("https://chat.example") == '<noscript><a href="https://chat.example/questions/">Questions and answers</a></noscript>'


def test_page_of_answers_is_made_once_a_day(composer, monkeypatch):
    made = []
    monkeypatch.setattr(website.questions, "render", lambda *_, **__: made.append(1) or "page")
    show = Website(composer.clinic, "", composer)._answers()
    replies = [asyncio.run(show(SimpleNamespace(headers={}))) for _ in range(2)]
    known = asyncio.run(show(SimpleNamespace(headers={"if-none-match": replies[0].headers["ETag"]})))
    assert [reply.body for reply in replies] == [b"page", b"page"]
    assert (known.status, known.body) == (304, b"")
    assert made == [1]
    monkeypatch.setattr(website, "datetime", SimpleNamespace(date=SimpleNamespace(today=lambda: datetime.date(2100, 1, 1))))
    asyncio.run(show(SimpleNamespace(headers={})))
    assert made == [1, 1]


def test_version_and_integrity_change_with_the_file(tmp_path, monkeypatch):
    before = Website(Clinic(), "")
    (tmp_path / "other.js").write_text("1")
    monkeypatch.setattr(website, "WIDGET", tmp_path / "other.js")
    after = Website(Clinic(), "")
    assert before.integrity != after.integrity
    assert before.version != after.version


def test_privacy_note_tells_what_the_clinic_has_set():
    said = Website(Clinic(phone="+1 555 010 0199", retention_days=14), "").paragraphs(website.PRIVACY)
    assert [lead for lead, _ in said][:2] == ["What this is", "What is kept"]
    together = " ".join(text for _, text in said)
    assert "nothing was said in it for 14 days" in together
    assert "+1 555 010 0199" in together
    assert "Your consent" not in together
    assert not set("{}*`") & set(together)
    asking = dict(Website(Clinic(country="UK"), "").paragraphs(website.PRIVACY))
    assert asking["On what basis"].startswith("Your consent")


def test_page_for_the_data_officer_names_what_is_to_be_decided():
    said = Website(Clinic(retention_days=14), "").paragraphs(website.OFFICER)
    assert all(lead for lead, _ in said)
    together = " ".join(f"{lead}. {text}" for lead, text in said)
    for point in ("Intended purpose", "not legal advice", "GDPR, Article 9", "HIPAA", "for 14 days", "python -m bot erase CODE"):
        assert point in together
    assert not set("{}*`[]") & set(together)
