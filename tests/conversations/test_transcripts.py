"""Whole conversations: the trained model, the real actions, the channel's own edge."""

import asyncio
import uuid

import pytest
import yaml

from bot import composer
from bot.quiet import ROOT

TRANSCRIPTS = yaml.safe_load((ROOT / "tests/conversations/transcripts.yml").read_text(encoding="utf8"))


async def play(assistant, turns):
    """The replies to a conversation's turns, in order."""
    session, replies = uuid.uuid4().hex, []
    for turn in turns:
        if "press" in turn:
            choice = next(button["choice"] for button in replies[-1]["buttons"] if button["title"] == turn["press"])
            replies.append(await assistant.choose(session, choice))
        else:
            replies.append(await assistant.reply(session, turn["say"]))
    return replies


@pytest.mark.parametrize("transcript", TRANSCRIPTS, ids=lambda transcript: transcript["name"])
def test_conversation_goes_as_written(assistant, transcript):
    told = set()
    for turn, reply in zip(transcript["turns"], asyncio.run(play(assistant, transcript["turns"])), strict=True):
        said = f"{turn['say'] if 'say' in turn else turn['press']!r} got {reply['text']!r}"
        assert reply["text"].strip(), said
        if turn["kind"] != "any":
            assert reply["kind"] == turn["kind"], said
        assert set(turn.get("topics", reply["topics"])) == set(reply["topics"]), said
        assert reply["level"] == turn.get("level", reply["level"]), said
        assert set(turn.get("facts", ())) <= set(reply["facts"]), said
        assert not set(turn.get("without", ())) & set(reply["facts"]), said
        assert not turn.get("tells") or set(turn["tells"]) & set(reply["facts"]), said
        assert turn.get("has", "") in reply["text"], said
        assert "hasnt" not in turn or turn["hasnt"] not in reply["text"], said
        assert composer.load().store.wording.trouble not in reply["text"], said
        assert reply["text"].endswith(turn.get("ends", "")), said
        assert not turn.get("fresh") or not told & set(reply["facts"]), said
        assert not turn.get("disclosure") or reply["disclosure"], said
        told.update(reply["facts"])


def test_disclosure_comes_once(assistant):
    first, second = asyncio.run(play(assistant, [{"say": "is it safe"}, {"say": "how much is it"}]))
    assert first["disclosure"]
    assert not second["disclosure"]


def unclear(assistant):
    """A message that the assistant asks back on, with its reply."""
    for text in ("the stuff with the things", "numbers", "what about the glow then", "which", "information on procedure cost safety thing", "how is it"):
        reply = asyncio.run(assistant.reply(uuid.uuid4().hex, text))
        if reply["kind"] == "clarify" and reply["options"]:
            return text, reply
    raise AssertionError("no message was unclear: choose others")


def test_button_of_a_clarify_answers_its_topic(assistant):
    text, asked = unclear(assistant)
    title = asked["buttons"][0]["title"]
    replies = asyncio.run(play(assistant, [{"say": text}, {"press": title}]))
    assert replies[-1]["kind"] == "answer"
    assert replies[-1]["topics"] == [asked["options"][0]]


def test_second_clarify_in_a_row_offers_a_person(assistant):
    text, _ = unclear(assistant)
    first, second = asyncio.run(play(assistant, [{"say": text}, {"say": text}]))
    contact = composer.load().store.wording.contact_title
    assert contact not in [button["title"] for button in first["buttons"]]
    assert contact in [button["title"] for button in second["buttons"]]


def test_something_else_asks_for_other_words(assistant):
    text, _ = unclear(assistant)
    something_else = composer.load().store.wording.something_else_title
    replies = asyncio.run(play(assistant, [{"say": text}, {"press": something_else}]))
    assert replies[-1]["kind"] == "clarify"
    assert not replies[-1]["options"]


ODD = {
    "nothing": "",
    "blanks": "   ",
    "control characters": "\x00\x01",
    "10,000 letters": "a" * 10_000,
    "18,000 letters of words": "how much " * 2_000,
    "500 emoji": "🧴" * 500,
    "signs": "%%%",
    "markup": "<script>alert(1)</script>",
    "another script": "مرحبا",
    "only marks of direction": "\u202e\u200b",
}


@pytest.mark.parametrize("what", ODD)
def test_never_silent(assistant, what):
    reply = asyncio.run(assistant.reply(uuid.uuid4().hex, ODD[what]))
    assert reply["text"].strip()
    assert "\n\n" not in reply["text"]
    assert composer.load().store.wording.trouble not in reply["text"]


def test_long_conversation_stays_right(assistant):
    turns = [{"say": "how much is it"}, {"say": "does it hurt"}] * 10
    replies = asyncio.run(play(assistant, turns))
    assert [reply["topics"] for reply in replies] == [["cost"], ["pain"]] * 10
