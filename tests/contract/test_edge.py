"""What the edge promises whatever stands behind it: one reply a turn, checked, and never silence."""

import logging

import pytest
from rasa.core.lock_store import LockError
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from bot import composer as composing
from bot.clinic import Clinic
from bot.edge import Edge
from bot.outage import OvertakenError
from bot.reading import Question
from bot.reply import KINDS, Reply

CONTRACT = {"text", *Reply.__dataclass_fields__}


@pytest.fixture(scope="module")
def composer():
    return composing.load()


@pytest.fixture(scope="module")
def answer(composer):
    return composer.answer([Question("cost")])


def edge(composer, *messages, error=None):
    """An edge before a handler that says `messages`, or fails."""
    heard = []

    async def handle(message):
        heard.append(message)
        for said in messages:
            await message.output_channel.send_response(message.sender_id, dict(said))
        if error:
            raise error

    made = Edge(handle, composer)
    made.heard = heard
    return made


def said(reply, **changes):
    return {"text": reply.text, "metadata": reply.metadata(), **changes}


async def test_reply_carries_every_part_of_the_contract(composer, answer):
    reply = await edge(composer, said(answer)).reply("s", "how much")
    assert reply.keys() == CONTRACT
    assert reply["text"] == answer.text
    assert reply["topics"] == ["cost"]


async def test_reply_ignores_what_rasa_adds(composer, answer):
    message = said(answer)
    message["metadata"] = {**message["metadata"], "utter_action": "utter_x", "model_id": "1"}
    assert (await edge(composer, message).reply("s", "how much")).keys() == CONTRACT


@pytest.mark.parametrize("typed", ["", "   ", "/", "\u200b", None, 7, ["x"]])
async def test_reply_helps_where_nothing_was_typed(composer, typed):
    made = edge(composer)
    reply = await made.reply("s", typed)
    assert reply["kind"] == "clarify"
    assert composer.store.wording.empty in reply["text"]
    assert reply["text"].endswith(reply["referral"])
    assert not made.heard


@pytest.mark.parametrize(
    "messages",
    [
        [],
        [{"text": "no parts"}],
        [{"text": "x", "metadata": {"kind": "sermon"}}],
        [{"text": None, "custom": {"kind": "answer"}}],
        [{"image": "https://example.org/x.png"}],
    ],
)
async def test_reply_is_never_silence(composer, messages, caplog):
    reply = await edge(composer, *messages).reply("s", "my secret question")
    assert reply["kind"] == "out_of_scope"
    assert composer.store.wording.trouble in reply["text"]
    assert reply["referral"]
    assert "secret" not in caplog.text


async def test_reply_of_a_failed_turn_is_logged_without_its_words(composer, caplog):
    with caplog.at_level(logging.ERROR):
        reply = await edge(composer, error=ValueError("my secret question")).reply("s", "my secret question")
    assert composer.store.wording.trouble in reply["text"]
    assert "ValueError at tests/contract/test_edge.py" in caplog.text
    assert "secret" not in caplog.text
    assert "Traceback" not in caplog.text


async def test_reply_is_one_message(composer, answer):
    reply = await edge(composer, said(answer), said(composer.empty())).reply("s", "how much")
    assert reply["text"] == answer.text


@pytest.mark.parametrize(
    "change",
    [
        {"text": "Mesotherapy is perfectly safe."},
        {"metadata": {"body": "Mesotherapy is perfectly safe."}},
        {"metadata": {"facts": ["cost.invented"]}},
        {"metadata": {"referral": ""}},
        {"metadata": {"sources": [{"id": "x", "title": "y", "publisher": "z", "date": "2020"}]}},
    ],
)
async def test_reply_that_the_store_does_not_hold_is_held_back(composer, answer, change):
    message = said(answer)
    message["text"] = change.get("text", message["text"])
    message["metadata"] = {**message["metadata"], **change.get("metadata", {})}
    reply = await edge(composer, message).reply("s", "how much")
    assert "perfectly safe" not in reply["text"]
    assert composer.store.wording.trouble in reply["text"]


async def test_reply_to_a_long_message_says_so(composer, answer):
    reply = await edge(composer, said(answer)).reply("s", "how much " * 2000)
    assert reply["text"].startswith(composer.store.wording.too_long)
    assert reply["body"].startswith(composer.store.wording.too_long)
    assert reply["text"].endswith(reply["referral"])


async def test_reply_to_a_long_alarm_loses_no_time(composer):
    alarm = composer.urgent("ambulance")
    assert (await edge(composer, said(alarm)).reply("s", "help " * 2000))["text"] == alarm.text


@pytest.mark.parametrize(("choice", "heard"), [("choice-0a-1", "choice-0a-1"), ("nonsense", "choice-0-0"), (None, "choice-0-0")])
async def test_choose_passes_tokens_of_ours_only(composer, answer, choice, heard):
    made = edge(composer, said(answer))
    await made.choose("s", choice)
    assert [message.text for message in made.heard] == [heard]


async def test_reply_never_hands_on_a_command(composer, answer):
    made = edge(composer, said(answer))
    await made.reply("s", " //restart")
    assert [message.text for message in made.heard] == ["restart"]


def test_welcome_says_that_no_doctor_speaks(composer):
    welcome = edge(composer).welcome()
    assert welcome["disclosure"] == f"{composer.store.wording.disclosure} {composer.clinic.disclaimer}".strip()
    assert welcome["text"] == composer.clinic.opening_message


async def test_without_facts_there_are_still_sentences():
    made = edge(None, error=ValueError())
    for reply in (await made.reply("s", "hi"), await made.reply("s", ""), made.welcome()):
        assert reply["text"]
        assert reply["kind"] in KINDS
    assert made.welcome()["disclosure"]


async def test_turn_keeps_its_facts_to_the_end_when_others_come_into_force(composer, answer, monkeypatch):
    monkeypatch.setattr(composing, "_in_force", composer)
    seen = []

    async def handle(message):
        composing.put_in_force(composing.Composer(composer.store, Clinic(name="Another Clinic", phone="1")))
        seen.append(composing.load())
        await message.output_channel.send_response(message.sender_id, said(answer))

    assert (await Edge(handle, composer).reply("s", "how much"))["text"] == answer.text
    assert seen == [composer]
    assert composing.load().clinic.name == "Another Clinic"


@pytest.mark.parametrize("error", [OvertakenError(), LockError(), RedisError(), OperationalError("", {}, None)])
async def test_reply_of_a_turn_that_is_not_kept_is_not_told(composer, answer, error):
    with pytest.raises(type(error)):
        await edge(composer, said(answer), error=error).reply("s", "how much")
