"""Session tokens: ours are read, all others are refused."""

import pytest

from bot.session import KEY_VARIABLE, SessionError, Sessions, signing_key


def test_token_opens_its_conversation():
    sessions = Sessions(b"key")
    token = sessions.start()
    assert sessions.read(token) == token.split(".")[0]
    assert sessions.start() != token


@pytest.mark.parametrize(
    "change",
    [
        lambda token: "",
        lambda token: token.rpartition(".")[0],
        lambda token: "A" * 22 + token[22:],
        lambda token: token.replace(".", ".9", 1),
        lambda token: token + "\n",
        lambda token: token[:-2] + "--",
        lambda token: Sessions(b"another key").start(),
    ],
)
def test_changed_token_is_refused(change):
    sessions = Sessions(b"key")
    with pytest.raises(SessionError):
        sessions.read(change(sessions.start()))


def test_token_ends():
    with pytest.raises(SessionError, match="past its time"):
        Sessions(b"key").read(Sessions(b"key", lifetime=-1).start())


def test_token_of_an_erased_conversation_opens_nothing():
    sessions = Sessions(b"key")
    token, other = sessions.start(), sessions.start()
    sessions.end(sessions.read(token))
    with pytest.raises(SessionError, match="erased"):
        sessions.read(token)
    assert sessions.read(other)


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
