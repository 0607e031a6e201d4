"""A message that is sent twice is answered once."""

import asyncio
from types import SimpleNamespace

import pytest

from bot.channel import Answered
from bot.problem import Problem, body_of


async def test_once_runs_the_first_only():
    answered, runs = Answered(), []

    async def answer(text):
        runs.append(text)
        await asyncio.sleep(0.01)
        return {"text": text}

    replies = await asyncio.gather(*(answered.once(("s", "m"), answer(text)) for text in ("first", "second")))
    assert replies == [{"text": "first"}] * 2
    assert runs == ["first"]


async def test_once_tells_sessions_apart():
    answered = Answered()

    async def answer(text):
        return {"text": text}

    assert await answered.once(("a", "m"), answer("one")) != await answered.once(("b", "m"), answer("two"))


async def test_once_forgets_the_oldest():
    answered = Answered(size=2)

    async def answer(text):
        return {"text": text}

    for number in range(3):
        await answered.once(("s", str(number)), answer(str(number)))
    assert (await answered.once(("s", "0"), answer("anew")))["text"] == "anew"


async def test_once_finishes_a_turn_whose_visitor_has_left():
    answered, done = Answered(), []

    async def answer():
        await asyncio.sleep(0.02)
        done.append(True)
        return {"text": "late"}

    waiting = asyncio.ensure_future(answered.once(("s", "m"), answer()))
    await asyncio.sleep(0.005)
    waiting.cancel()
    await asyncio.sleep(0.05)
    assert done


async def test_once_does_not_keep_a_failure():
    answered = Answered()

    async def fail():
        raise ValueError

    async def answer():
        return {"text": "well"}

    with pytest.raises(ValueError):
        await answered.once(("s", "m"), fail())
    await asyncio.sleep(0)
    assert await answered.once(("s", "m"), answer()) == {"text": "well"}


async def test_forget_drops_one_conversation():
    answered = Answered()

    async def answer(text):
        return {"text": text}

    for session in ("a", "b"):
        await answered.once((session, "m"), answer("first"))
    answered.forget("a")
    assert await answered.once(("a", "m"), answer("anew")) == {"text": "anew"}
    assert await answered.once(("b", "m"), answer("anew")) == {"text": "first"}


@pytest.mark.parametrize("body", [b"{", b"\xff", b"null", b"5", b"[" * 100_000])
def test_body_refuses_what_is_no_object(body):
    with pytest.raises(Problem) as caught:
        body_of(SimpleNamespace(body=body), 1_000_000)
    assert caught.value.status == 400
