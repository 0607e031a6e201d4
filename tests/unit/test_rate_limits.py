"""What comes too fast is refused, by conversation and by address, and nothing says whose it was."""

import asyncio
import time

import pytest

from bot import rate_limits
from bot.problem import TooMany, answer
from bot.rate_limits import PER_ADDRESS, PER_SESSION, Counters, LimitError, RateLimits


def limits(counters=None, **environment):
    return RateLimits(b"key", counters or Counters(), environment)


def times_until_refused(count, most=2000):
    """How often something may be counted before it is refused."""

    async def go_on():
        for passed in range(most):
            try:
                await count()
            except TooMany:
                return passed
        return None

    return asyncio.run(go_on())


@pytest.fixture
def minute(monkeypatch):
    """A clock that stands in the middle of a minute, and can be moved on."""
    now = [1_000_000 * 60 + 15.0]
    monkeypatch.setattr(rate_limits.time, "time", lambda: now[0])
    return now


def test_limits_that_nobody_set_hold(minute):
    held = limits()
    assert times_until_refused(lambda: held.count_session("token")) == PER_SESSION
    assert times_until_refused(lambda: held.count_address("192.0.2.1", "")) == PER_ADDRESS


def test_limits_are_set_in_the_environment(minute):
    held = limits(REQUESTS_PER_SESSION="2", REQUESTS_PER_ADDRESS="3")
    assert times_until_refused(lambda: held.count_session("token")) == 2
    assert times_until_refused(lambda: held.count_address("192.0.2.1", "")) == 3


def test_one_visitor_s_limit_is_not_another_s(minute):
    held = limits(REQUESTS_PER_SESSION="1", REQUESTS_PER_ADDRESS="1")
    for who in ("a", "b"):
        assert times_until_refused(lambda who=who: held.count_session(who)) == 1
    for who in ("192.0.2.1", "192.0.2.2"):
        assert times_until_refused(lambda who=who: held.count_address(who, "")) == 1


def test_next_minute_begins_anew_and_forgets_the_last(minute):
    counters = Counters()
    held = limits(counters, REQUESTS_PER_SESSION="1")
    assert times_until_refused(lambda: held.count_session("token")) == 1
    minute[0] += 60
    assert times_until_refused(lambda: held.count_session("token")) == 1
    assert len(counters._counts) == 1


def test_refusal_says_when_to_come_back(minute):
    held = limits(REQUESTS_PER_SESSION="1")
    asyncio.run(held.count_session("token"))
    with pytest.raises(TooMany) as refused:
        asyncio.run(held.count_session("token"))
    response = answer(refused.value, "+1 555 010 0199")
    assert response.status == 429
    assert response.headers["Retry-After"] == "46"
    assert b"wait 46 seconds" in response.body
    assert b"555" in response.body


def test_addresses_and_tokens_are_not_kept(minute):
    counters = Counters()
    held = limits(counters)
    asyncio.run(held.count_address("192.0.2.77", ""))
    asyncio.run(held.count_session("the token"))
    assert not any("192.0.2.77" in key or "token" in key for key in counters._counts)
    other = RateLimits(b"another key", Counters(), {})
    asyncio.run(other.count_address("192.0.2.77", ""))
    assert not other._counters._counts.keys() & counters._counts.keys(), "without the key nobody can try out addresses"


@pytest.mark.parametrize("token", [None, 5, [], {}])
def test_what_is_no_token_is_left_to_who_reads_it(token):
    asyncio.run(limits(REQUESTS_PER_SESSION="1").count_session(token))


@pytest.mark.parametrize("token", ["\ud800", "\x00", "x" * 100_000])
def test_odd_token_is_counted_too(minute, token):
    held = limits(REQUESTS_PER_SESSION="1")
    assert times_until_refused(lambda: held.count_session(token)) == 1


@pytest.mark.parametrize(
    ("trusted", "peer", "forwarded", "whose"),
    [
        ("", "192.0.2.1", "", "192.0.2.1/32"),
        ("", "192.0.2.1", "198.51.100.9", "192.0.2.1/32"),
        ("127.0.0.1", "192.0.2.1", "198.51.100.9", "192.0.2.1/32"),
        ("127.0.0.1", "127.0.0.1", "198.51.100.9", "198.51.100.9/32"),
        ("127.0.0.1", "127.0.0.1", "203.0.113.5, 198.51.100.9", "198.51.100.9/32"),
        ("127.0.0.1 10.0.0.0/8", "127.0.0.1", "203.0.113.5, 198.51.100.9, 10.1.2.3", "198.51.100.9/32"),
        ("127.0.0.1,10.0.0.0/8", "127.0.0.1", "10.9.9.9, 10.1.2.3", "10.9.9.9/32"),
        ("127.0.0.1", "127.0.0.1", "", "127.0.0.1/32"),
        ("127.0.0.1", "127.0.0.1", "\udcff,unknown", "127.0.0.1/32"),
        ("127.0.0.1", "127.0.0.1", "198.51.100.9,", "127.0.0.1/32"),
        ("::1", "::1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("", "::ffff:192.0.2.1", "", "192.0.2.1/32"),
        ("", "", "", ""),
    ],
)
def test_forwarded_header_is_believed_only_of_a_trusted_proxy(trusted, peer, forwarded, whose):
    assert limits(TRUSTED_PROXIES=trusted).address(peer, forwarded) == whose


@pytest.mark.parametrize("name", ["REQUESTS_PER_SESSION", "REQUESTS_PER_ADDRESS"])
@pytest.mark.parametrize("given", ["0", "-1", "many", "1.5"])
def test_limit_that_is_none_is_told(name, given):
    with pytest.raises(LimitError, match=f"{name}={given} is not a number of requests a minute"):
        limits(**{name: given})


@pytest.mark.parametrize("given", ["localhost", "10.0.0.1/8", "nginx:80"])
def test_proxy_that_is_no_address_is_told(given):
    with pytest.raises(LimitError, match="TRUSTED_PROXIES"):
        limits(TRUSTED_PROXIES=given)


def test_minutes_are_those_of_the_clock():
    before = int(time.time() // 60)
    counters = Counters()
    asyncio.run(limits(counters).count_session("token"))
    assert counters._minute in (before, before + 1)
