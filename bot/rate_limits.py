"""How many requests a minute one conversation, and one address on the internet, may send; who they are is neither stored nor logged."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import ipaddress
import os
import time
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError

from bot.problem import TooMany

WINDOW = 60
"""Seconds that are counted together."""

PER_SESSION = 30
"""Requests a minute of one conversation; somebody who types fast sends six."""

PER_ADDRESS = 300
"""Requests a minute of one address, behind which a whole waiting room may sit: at 50 ms a message a quarter of one processor."""

SESSION_VARIABLE, ADDRESS_VARIABLE, PROXIES_VARIABLE = "REQUESTS_PER_SESSION", "REQUESTS_PER_ADDRESS", "TRUSTED_PROXIES"

_NEIGHBOURS = 64
"""Leading bits of an IPv6 address that count as one: a household or office has all that follow them to itself."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class LimitError(ValueError):
    """A limit or a trusted proxy in the environment does not fit; the text names the variable."""


class Counters:
    """Counts what was seen in the present minute: in the Redis that servers share, else, or while that does not answer, in memory."""

    def __init__(self, redis: Callable[[], Any] = lambda: None) -> None:
        """Take what finds the client of a shared Redis, or None."""
        self._redis = redis
        self._minute = 0
        self._counts: Counter[str] = Counter()

    async def add(self, key: str, minute: int) -> int:
        """Count one more of `key` in a minute, and return how many that makes; of earlier minutes nothing is kept."""
        if redis := self._redis():
            with suppress(RedisError):
                return await asyncio.to_thread(_added, redis, f"seen:{minute}:{key}")
        if minute != self._minute:
            self._minute, self._counts = minute, Counter()
        self._counts[key] += 1
        return self._counts[key]


def _added(redis: Any, key: str) -> int:
    count, _ = redis.pipeline().incr(key).expire(key, 2 * WINDOW).execute()
    return int(count)


class RateLimits:
    """Refuses what comes too fast."""

    def __init__(self, key: bytes, counters: Counters, environment: Mapping[str, str] = os.environ) -> None:
        """Take the limits from the environment where it names them; what is counted are hashes made with `key`, which nobody can turn back.

        Raises: LimitError.
        """
        self._key = key
        self._counters = counters
        self._session = _number(environment, SESSION_VARIABLE, PER_SESSION)
        self._address = _number(environment, ADDRESS_VARIABLE, PER_ADDRESS)
        self._proxies = _networks(environment)

    async def count_address(self, peer: str, forwarded: str) -> None:
        """Count a request from an address.

        Args:
            peer: Who holds the other end of the connection.
            forwarded: The header X-Forwarded-For, which is believed only where a trusted proxy wrote it.

        Raises: TooMany if that address sent too many.
        """
        await self._count("address", self.address(peer, forwarded), self._address)

    async def count_session(self, token: object) -> None:
        """Count a request with a session's token; what is no token is left to who reads it.

        Raises: TooMany if that conversation sent too many.
        """
        if isinstance(token, str):
            await self._count("session", token, self._session)

    def address(self, peer: str, forwarded: str) -> str:
        """Whose request it is: of the addresses that it came through the last one that is no trusted proxy, an IPv6 one without its last half."""
        came_through = [*forwarded.split(","), peer] if forwarded else [peer]
        client = ""
        for hop in reversed(came_through):
            address = _parsed(hop.strip())
            if address is None:
                break  # a proxy that writes something else says nothing about who is behind it
            own_bits = 32 if address.version == 4 else _NEIGHBOURS
            client = str(ipaddress.ip_network((address, own_bits), strict=False))
            if not any(address in network for network in self._proxies):
                break
        return client or peer

    async def _count(self, kind: str, who: str, limit: int) -> None:
        now = time.time()
        minute = int(now // WINDOW)
        digest = hmac.new(self._key, f"{kind} {who}".encode(errors="replace"), hashlib.sha256).hexdigest()
        if await self._counters.add(digest, minute) > limit:
            raise TooMany(int((minute + 1) * WINDOW - now) + 1)


def _parsed(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _number(environment: Mapping[str, str], name: str, usual: int) -> int:
    given = environment.get(name) or str(usual)
    if not given.isdecimal() or int(given) < 1:
        raise LimitError(f"{name}={given} is not a number of requests a minute, such as {usual}.")
    return int(given)


def _networks(environment: Mapping[str, str]) -> tuple[Network, ...]:
    given = environment.get(PROXIES_VARIABLE, "").replace(",", " ").split()
    try:
        return tuple(ipaddress.ip_network(entry) for entry in given)
    except ValueError as error:
        raise LimitError(f"{PROXIES_VARIABLE}: {error}; write addresses or networks such as 127.0.0.1 10.0.0.0/8.") from None
