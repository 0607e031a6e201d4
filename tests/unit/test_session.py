"""Session tokens: ours are read, all others are refused."""

import re

import pytest

from bot.session import AGREED, KEY_VARIABLE, SessionError, Sessions, erased_by, signing_key


def test_token_opens_its_conversation():
    sessions = Sessions(b"key")
    token, _ = sessions.start()
    assert sessions.read(token) == (token.split(".")[0], False)
    assert sessions.start()[0] != token


def test_token_tells_whether_the_visitor_has_agreed():
    sessions = Sessions(b"key")
    token, _ = sessions.start(agreed=True)
    assert sessions.read(token) == (token.split(".")[0], True)
    with pytest.raises(SessionError):
        sessions.read(sessions.start()[0].replace(".", ".agreed.", 1))
    unsigned, _, signature = sessions.start()[0].rpartition(".")
    with pytest.raises(SessionError):
        sessions.read(f"{unsigned}{AGREED}.{signature}")


def test_erasure_code_leads_to_its_conversation_however_it_is_copied():
    token, code = Sessions(b"key").start()
    session = token.split(".")[0]
    assert re.fullmatch(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){4}", code)
    for copied in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')}\n", code.replace("0", "O").replace("1", "l")):
        assert erased_by(copied) == session
    assert len({Sessions(b"key").start()[1] for _ in range(100)}) == 100


def test_erasure_code_opens_nothing():
    sessions = Sessions(b"key")
    _, code = sessions.start()
    for token in (code, erased_by(code), f"{erased_by(code)}.{2**40}.{'A' * 43}"):
        with pytest.raises(SessionError):
            sessions.read(token)


@pytest.mark.parametrize("code", ["", "7K2M", "7K2M-9QXA-04TZ-H6WC-E1RU", "7K2M-9QXA-04TZ-H6WC-E1RV-0000", "None", "é" * 20])
def test_what_can_be_no_code_is_told(code):
    with pytest.raises(SessionError, match="20 letters and digits"):
        erased_by(code)


@pytest.mark.parametrize(
    "change",
    [
        lambda token: "",
        lambda token: token.rpartition(".")[0],
        lambda token: "A" * 22 + token[22:],
        lambda token: token.replace(".", ".9", 1),
        lambda token: token + "\n",
        lambda token: token[:-2] + "--",
        lambda token: Sessions(b"another key").start()[0],
    ],
)
def test_changed_token_is_refused(change):
    sessions = Sessions(b"key")
    with pytest.raises(SessionError):
        sessions.read(change(sessions.start()[0]))


def test_token_ends():
    with pytest.raises(SessionError, match="past its time"):
        Sessions(b"key").read(Sessions(b"key", lifetime=-1).start()[0])


def test_key_is_made_once_and_for_its_owner_only(tmp_path):
    path = tmp_path / "var" / "session.key"
    key = signing_key(path)
    assert len(key) == 32
    assert signing_key(path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert [entry.name for entry in path.parent.iterdir()] == ["session.key"]


def test_key_of_the_environment_wins(tmp_path, monkeypatch):
    monkeypatch.setenv(KEY_VARIABLE, "shared")
    assert signing_key(tmp_path / "key") == b"shared"
    assert not (tmp_path / "key").exists()


def test_key_that_cannot_be_kept_or_is_broken_serves_this_process(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    assert len(signing_key(tmp_path / "file" / "key")) == 32
    assert "will not outlive a restart" in caplog.text
    (tmp_path / "short").write_bytes(b"")
    assert len(signing_key(tmp_path / "short")) == 32
