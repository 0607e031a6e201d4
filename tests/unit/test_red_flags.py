"""Whether a message is an alarm, and how grave, from what was heard in it. The whole of it is tested in tests/conversations/test_emergencies.py."""

import pytest

from bot.facts import LEVELS
from bot.red_flags import GRAVITY, graver, level, likelihood, named


def margins(none, ambulance=-1.5, today=-1.5, clinic=-1.5, crisis=-1.5):
    return {"none": none, "ambulance": ambulance, "today": today, "clinic": clinic, "crisis": crisis}


def test_levels_are_those_of_the_facts():
    assert set(GRAVITY) == set(LEVELS)


def test_likelihood_grows_with_what_either_classifier_heard():
    assert likelihood(margins(-1.5), 0.99) > 0.95
    assert likelihood(margins(1.5), 0.001) < 0.05
    for none in (-2.0, -0.5, 0.0, 0.5, 2.0):
        shares = [likelihood(margins(none), share) for share in (0.0, 0.1, 0.5, 0.9, 1.0)]
        assert shares == sorted(shares)
        assert all(0 <= share <= 1 for share in shares)
    for share in (0.0, 0.3, 1.0):
        heard = [likelihood(margins(none), share) for none in (2.0, 0.5, 0.0, -0.5, -2.0)]
        assert heard == sorted(heard)


def test_level_is_the_likeliest():
    assert level(margins(-1, ambulance=1)) == "ambulance"
    assert level(margins(-1, today=1)) == "today"
    assert level(margins(-1, clinic=1)) == "clinic"
    assert level(margins(-1, crisis=1)) == "crisis"


def test_level_is_the_graver_of_two_that_are_close():
    assert level(margins(-1, ambulance=0.1, today=0.3)) == "ambulance"
    assert level(margins(-1, ambulance=-0.9, today=0.3)) == "today"
    assert level(margins(-1, ambulance=0.5, crisis=0.4)) == "ambulance"
    assert level(margins(-1, ambulance=0.4, crisis=0.5)) == "crisis"


@pytest.mark.parametrize(
    ("text", "likely", "expected"),
    [
        ("no puedo respirar, la cara hinchada despues del botox", 0.0, "ambulance"),
        ("je ne peux pas respirer apres les injections", 0.0, "ambulance"),
        ("mein gesicht ist ganz geschwollen", 0.0, "ambulance"),
        ("quiero morir", 0.0, "crisis"),
        ("no veo el precio", 0.9, None),
        ("I can't breathe", 0.9, None),
        ("she says she'll kill herself", 0.25, "crisis"),
        ("i nearly killed myself laughing", 0.9, None),
        ("is that career suicide", 0.1, None),
        ("", 0.9, None),
    ],
)
def test_alarms_are_given_away_by_phrases(text, likely, expected):
    assert named(text, likely) == expected


def test_graver_level_wins():
    assert graver("today", "ambulance") == "ambulance"
    assert graver("crisis", "today") == "crisis"
    assert graver("clinic", None) == "clinic"
