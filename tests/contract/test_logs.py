"""The log that is kept: JSON a line, rotated, and nothing of what a visitor wrote, whatever fails."""

import asyncio
import json
import logging

import pytest

from bot import composer as composing
from bot import logs
from bot.edge import Edge
from bot.launch import LaunchError

WORDS = "unmistakable words of a visitor"


@pytest.fixture(scope="module")
def composer():
    return composing.load()


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Keeps the log in a file for one test; gives its entries."""
    path, root = tmp_path / "log" / "assistant.jsonl", logging.getLogger()
    monkeypatch.setenv("LOG_FILE", str(path))
    before = list(root.handlers)
    levels = {name: logging.getLogger(name).level for name in ("bot", "actions")}
    shown = [handler.level for handler in before]
    logs.keep()
    yield lambda: [json.loads(line) for line in path.read_text(encoding="utf8").splitlines()]
    for handler in [handler for handler in root.handlers if handler not in before]:
        root.removeHandler(handler)
        handler.close()
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    for handler, level in zip(before, shown, strict=True):
        handler.setLevel(level)


def test_failed_turn_is_told_without_what_was_typed(kept, composer):
    async def fail(message):
        logging.getLogger("rasa.core.processor").error("cannot parse %s", message.text)
        logging.getLogger("asyncio").error(f"task failed: {message.text}", exc_info=ValueError(message.text))
        raise KeyError(message.text)

    reply = asyncio.run(Edge(fail, composer).reply("a-session", WORDS))
    assert reply["body"] == composer.store.wording.trouble
    told = kept()
    assert [entry["from"] for entry in told] == ["rasa.core.processor", "asyncio", "bot.edge"]
    assert "failed: KeyError at " in told[-1]["event"]
    assert told[1]["error"].startswith("ValueError at ")
    for word in (*WORDS.split()[:2], "a-session"):
        assert word not in json.dumps(told)


def test_turn_is_one_event_with_its_kind_and_time(kept, composer):
    async def answer(message):
        reply = composer.decline()
        await message.output_channel.send_response("a-session", {"text": reply.text, "metadata": reply.metadata()})

    asyncio.run(Edge(answer, composer).reply("a-session", WORDS))
    (turn,) = kept()
    assert (turn["event"], turn["kind"]) == ("turn", "out_of_scope")
    assert turn["ms"] >= 0


def test_log_is_rotated(kept, monkeypatch, tmp_path):
    handler = next(handler for handler in logging.getLogger().handlers if isinstance(handler, logs.RotatingFileHandler))
    monkeypatch.setattr(handler, "maxBytes", 1000)
    for _ in range(100):
        logging.getLogger("bot.test").info("an event of some length")
    files = sorted(path.name for path in (tmp_path / "log").iterdir())
    assert files == ["assistant.jsonl", *(f"assistant.jsonl.{number}" for number in range(1, logs.FILES + 1))]


def test_log_that_cannot_be_written_is_told(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("LOG_FILE", str(tmp_path / "file" / "log.jsonl"))
    with pytest.raises(LaunchError, match="set LOG_FILE to another file"):
        logs.keep()
