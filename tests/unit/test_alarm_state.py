import pytest

from bot.alarm_state import Alarm, is_relieved, standing, starts_over

URGENT = ("bot", {"kind": "urgent", "level": "ambulance"})
ANSWER = ("bot", {"kind": "answer"})


def said(*texts):
    """A conversation's end, newest first, each message of the visitor answered in an ordinary way."""
    return [entry for text in texts for entry in (ANSWER, ("user", text))]


@pytest.mark.parametrize("turns", range(4))
def test_alarm_stands_for_three_turns(turns):
    assert standing([*said(*["ok"] * turns), URGENT]) == Alarm("ambulance", turns)


def test_alarm_is_over_after_three_turns():
    assert standing([*said("a", "b", "c", "d"), URGENT]) is None


def test_no_alarm_stands_where_there_was_none():
    assert standing(said("how much is it")) is None


@pytest.mark.parametrize("text", ["start over", "Restart!", "it's all fine now, the doctor saw me", "false alarm", "the swelling has gone down"])
def test_alarm_ends_when_the_visitor_says_so(text):
    assert standing([("user", text), URGENT]) is None


def test_alarm_is_over_after_the_reply_to_a_relief():
    assert standing([*said("how much is it"), URGENT, ("user", "all fine now"), URGENT, ("user", "my lips swell")]) is None


@pytest.mark.parametrize("text", ["it might be the air con", "i dont have a number", "do i start over with sessions", "my face is swollen"])
def test_alarm_goes_on_through_doubts(text):
    assert not is_relieved(text)
    assert not starts_over(text)
