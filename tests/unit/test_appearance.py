"""The part `chat` of clinic.yml, and the websites that may carry it."""

import pytest

from bot.appearance import Chat, origin, strings
from bot.clinic import Clinic, ClinicError


@pytest.fixture
def load(tmp_path):
    def load(content):
        (tmp_path / "clinic.yml").write_text(content)
        return Clinic.load(tmp_path / "clinic.yml")

    return load


def test_chat_has_defaults(load):
    assert load("chat:\n") == load("") == Clinic()
    assert len(Chat().suggestions) == 5
    assert load("chat: {strings: {send: Go}, suggestions: [Is it for me]}").chat.suggestions == ("Is it for me",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("chat: {color: '#ffffff'}", "field chat.color"),
        ("chat: {colour: red}", "field chat.colour: 'red' is not a colour such as"),
        ("chat: {colour: '#fff; x'}", "field chat.colour"),
        ("chat: {avatar: http://a.example/x.png}", "field chat.avatar"),
        ("chat: {position: top}", "field chat.position"),
        ("chat: {remember_minutes: 0}", "field chat.remember_minutes: 0 is not a number of minutes"),
        ("chat: {suggestions: [a, b, c, d, e, f, g]}", "field chat.suggestions: there are 7"),
        ("chat: {strings: {sned: Go}}", "field chat.strings: the widget has no text 'sned'"),
        ("chat: {address: chat.clinic.example}", "field chat.address"),
        ("websites: [https://www.clinic.example/page]", "field websites.0: 'https://www.clinic.example/page' is not the address of a site"),
        ("websites: ['*']", "field websites.0"),
    ],
)
def test_what_does_not_fit_is_named(load, content, told):
    with pytest.raises(ClinicError) as caught:
        load(content)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("address", "named"),
    [
        ("https://www.clinic.example/", "https://www.clinic.example"),
        ("HTTPS://WWW.Clinic.Example:443", "https://www.clinic.example"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:80", "http://localhost"),
    ],
)
def test_origin_is_named_as_browsers_name_it(address, named):
    assert origin(address) == named


def test_strings_are_all_texts():
    assert all(text and isinstance(text, str) for text in strings().values())
