import pytest

from bot.alarm_state import Alarm, is_relieved, standing, starts_over

URGENT = ("bot", {"kind": "urgent", "level": "ambulance"})
ANSWER = ("bot", {"kind": "answer"})


def user(text, likelihood=0.0):
    """A message and how much it sounded like an alarm."""
    return "user", (text, likelihood)


RAISED = [URGENT, user("my lips swell", 0.9)]


def said(*texts):
    """A conversation's end, newest first, each message of the visitor answered in an ordinary way."""
    return [entry for text in texts for entry in (ANSWER, user(text))]


@pytest.mark.parametrize("turns", range(4))
def test_alarm_stands_for_three_turns(turns):
    assert standing([*said(*["ok"] * turns), *RAISED]) == Alarm("ambulance", turns, 0.9)


def test_alarm_is_over_after_three_turns():
    assert standing([*said("a", "b", "c", "d"), *RAISED]) is None


def test_no_alarm_stands_where_there_was_none():
    assert standing(said("how much is it")) is None


@pytest.mark.parametrize("text", ["start over", "Restart!", "it's all fine now, the doctor saw me", "false alarm", "the swelling has gone down"])
def test_alarm_ends_when_the_visitor_says_so(text):
    assert standing([user(text), *RAISED]) is None


def test_alarm_is_over_after_the_reply_to_a_relief():
    assert standing([*said("how much is it"), URGENT, user("all fine now"), *RAISED]) is None


def test_doubts_that_are_met_with_the_alarm_do_not_renew_it():
    doubts = [entry for _ in range(3) for entry in (URGENT, user("it is nothing", 0.1))]
    assert standing([*doubts, *RAISED]) == Alarm("ambulance", 3, 0.9)
    assert standing([URGENT, user("it is nothing", 0.1), *doubts, *RAISED]) is None
    assert standing([URGENT, user("they swell more", 0.8), *doubts, *RAISED]) == Alarm("ambulance", 0, 0.8)


@pytest.mark.parametrize(("text", "likelihood"), [("no puedo respirar", 0.0), ("she says she will kill herself", 0.25)])
def test_alarm_that_a_phrase_gives_away_stands_firmly(text, likelihood):
    assert standing([URGENT, user(text, likelihood)]) == Alarm("ambulance", 0, 1.0)


def test_clear_alarm_stands_whatever_else_is_better():
    assert standing([URGENT, user("the swelling went down but now i cant breathe", 0.95)]) == Alarm("ambulance", 0, 0.95)
    assert standing([URGENT, user("yellow stuff discharged from the lump", 0.6)]) == Alarm("ambulance", 0, 0.6)
    assert standing([user("discharged this morning"), *RAISED]) is None


@pytest.mark.parametrize("text", ["it might be the air con", "i dont have a number", "do i start over with sessions", "my face is swollen"])
def test_alarm_goes_on_through_doubts(text):
    assert not is_relieved(text, 0.0)
    assert not starts_over(text)
