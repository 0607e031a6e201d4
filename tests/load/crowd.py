"""Many visitors at once, each of whom knows what its own conversation has to answer."""

import asyncio
import collections
import random
import time
from dataclasses import dataclass, field

import aiohttp

PHONE = "+1 555 010 0199"
PATIENCE = 150
"""Seconds for which a visitor sends a message again before it counts as lost."""

SCRIPTS = [
    [
        ("how much is mesoglow", "cost.session_us_article"),
        ("and botox?", "alternatives.botulinum_price_us"),
        ("how long does that last", "alternatives.botulinum_lasts_us"),
    ],
    [
        ("how long do fillers last", "alternatives.filler_lasts_fda"),
        ("and how much do they cost?", "alternatives.filler_price_uk"),
        ("are they safe", "recovery.filler_week"),
    ],
    [
        ("how long does mesoglow last", "duration.article_days"),
        ("and botox?", "alternatives.botulinum_lasts_us"),
        ("and fillers?", "alternatives.filler_lasts_fda"),
    ],
    [
        ("how much is mesoglow in the UK", "cost.session_uk"),
        ("and botox?", "alternatives.botulinum_price_uk"),
        ("how long is the recovery", "recovery.little_2009"),
    ],
    [
        ("what are the alternatives", "alternatives.laser_use"),
        ("how much is botox", "alternatives.botulinum_price_us"),
        ("what about fillers", "alternatives.filler_price_uk"),
    ],
    [("my lips are swelling since the injections", "warning_signs.call_911"), ("its probably nothing", "warning_signs.call_911")],
    [("is mesotherapy safe", "safety.review_2019"), ("does it hurt", "pain.shallow"), ("how many sessions do I need", "sessions.range")],
    [("what is mesotherapy", "definition.many_injections"), ("is it FDA approved", "regulation.not_approved"), ("who can do it", "providers.varied_2009")],
]
"""What visitors say, and a fact that each reply must tell. The later messages mean nothing without the earlier ones."""

STEP = ("kind", "level", "topics", "facts", "body", "referral")


def essence(reply):
    """What must be the same whoever else is talking."""
    return {part: reply[part] for part in STEP}


@dataclass
class Seen:
    """What the visitors of a crowd met with."""

    seconds: list = field(default_factory=list)
    tries: collections.Counter = field(default_factory=collections.Counter)
    failures: collections.Counter = field(default_factory=collections.Counter)
    wrong: list = field(default_factory=list)

    def __str__(self):
        times = sorted(self.seconds)
        middle, high = times[len(times) // 2], times[int(len(times) * 0.95)]
        again = sum(count for tries, count in self.tries.items() if tries > 1)
        what = ", ".join(f"{count} x {failure}" for failure, count in sorted(self.failures.items())) or "none"
        return (
            f"{len(times)} messages, {again} sent again (at most {max(self.tries) - 1} times); "
            f"median {middle:.2f} s, 95th percentile {high:.2f} s, longest {times[-1]:.1f} s; failures: {what}"
        )


class Visitor:
    """One visitor with a script, who sends each message again under its id until it is answered."""

    def __init__(self, number, web, address, alone, seen, erases=False):
        self.number, self.web, self.address, self.alone, self.seen, self.erases = number, web, address, alone, seen, erases
        self.script = number % len(SCRIPTS)
        self.session, self.conversations, self.erased = "", {}, []

    async def talk(self, pause):
        """One conversation as in the script; those who erase it do so after their first message, and begin again."""
        await self.begin()
        for step, (text, _) in enumerate(SCRIPTS[self.script]):
            await asyncio.sleep(random.uniform(0, pause))
            await self.say(step, text)
            if self.erases and step == 0:
                await self.post("erase", {"session": self.session}, also=(401,))  # 401 where nginx asked twice, and the first time was only slow
                self.erased.append(self.session)
                del self.conversations[self.session]
                await self.begin()
                await self.say(step, text)
        await self.check()

    async def begin(self):
        self.session = (await self.post("sessions", {}))["session"]
        self.conversations[self.session] = []

    async def say(self, step, text):
        told = self.conversations[self.session]
        message_id = f"visitor-{self.number}-{len(told)}"
        reply = await self.post("messages", {"session": self.session, "message_id": message_id, "text": text}, counts=True)
        told.append((message_id, text, reply["text"]))
        if reply["message_id"] != message_id or essence(reply) != self.alone[self.script][step]:
            self.seen.wrong.append((self.number, text, reply["topics"], reply["facts"]))

    async def post(self, path, body, counts=False, also=()):
        """The answer, however often it has to be asked for."""
        begun = time.monotonic()
        tries = 1
        while True:
            status, answer = await self._once(path, body)
            if status == 200 or status in also:
                break
            tries += 1
            self.seen.failures[status if isinstance(status, str) else f"{status} {answer['code']}"] += 1
            if isinstance(status, int):  # a sentence for people, with the phone unless it is nginx that speaks
                assert status == 503, (status, answer)
                assert answer["error"]
            assert time.monotonic() < begun + PATIENCE, f"{path} of visitor {self.number} was never answered: {status} {answer}"
            await asyncio.sleep(random.uniform(0.5, 1.5))
        if counts:
            self.seen.seconds.append(time.monotonic() - begun)
            self.seen.tries[tries] += 1
        return answer

    async def _once(self, path, body):
        try:
            async with self.web.post(f"{self.address}/chat/{path}", json=body) as answer:
                return answer.status, await answer.json(content_type=None)
        except (aiohttp.ClientError, asyncio.TimeoutError) as error:
            return type(error).__name__, None

    async def check(self):
        """The history is what this visitor said and heard, in order; what was erased is gone."""
        messages = (await self.post("history", {"session": self.session}))["messages"]
        heard = [(id_, who, text) for id_, said, told in self.conversations[self.session] for who, text in (("visitor", said), ("assistant", told))]
        if [(message["message_id"], message["from"], message["text"]) for message in messages] != heard:
            self.seen.wrong.append((self.number, "history", len(messages), len(heard)))
        for session in self.erased[-1:]:
            status, _ = await self._once("history", {"session": session})
            if status != 401:
                self.seen.wrong.append((self.number, "erased conversation", status))


async def talked_alone(address):
    """What each script is answered while nobody else talks."""
    async with aiohttp.ClientSession() as web:
        told = []
        for number, script in enumerate(SCRIPTS):
            alone = Visitor(number, web, address, [], Seen())
            await alone.begin()
            replies = [await alone.post("messages", {"session": alone.session, "text": text}) for text, _ in script]
            for (text, fact), reply in zip(script, replies, strict=True):
                assert fact in reply["facts"], (text, reply["facts"])
            told.append([essence(reply) for reply in replies])
    return told


async def messages_a_second(address, alone, processes):
    """How many messages are answered a second where many come at once, and the milliseconds of processor that each kind of process takes for one."""
    used, begun = {name: process.used()[0] for name, process in processes.items()}, time.monotonic()
    _, seen = await crowd(address, alone, 5 * len(SCRIPTS), 0)
    assert seen.wrong == []
    count = len(seen.seconds)
    spent = {name: 1000 * (process.used()[0] - used[name]) / count for name, process in processes.items()}
    return count / (time.monotonic() - begun), ", ".join(f"{name} {milliseconds:.1f} ms" for name, milliseconds in spent.items())


async def crowd(address, alone, visitors, pause, *faults):
    """Let visitors talk, again and again until the faults are over; return the visitors and what they saw."""
    seen = Seen()
    happening = [asyncio.ensure_future(fault) for fault in faults]

    async def stay(visitor):
        await visitor.talk(pause)
        while not all(fault.done() for fault in happening):
            await visitor.talk(pause)

    timeout = aiohttp.ClientTimeout(total=45)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as web:
        people = [Visitor(number, web, address, alone, seen, erases=number % 10 == 3) for number in range(visitors)]
        await asyncio.gather(*(stay(visitor) for visitor in people), *happening)
    return people, seen


async def later(seconds, act):
    """Let something that blocks happen after some seconds, beside the visitors."""
    await asyncio.sleep(seconds)
    await asyncio.get_running_loop().run_in_executor(None, act)
