"""Alarms, heard beside the classifier."""

import pytest

from bot.facts import LEVELS
from bot.red_flags import alarm, graver, level

CRISIS = ["i want to kill myself", "i want to end it all", "theres no point living", "i have been cutting myself"]
AMBULANCE = [
    "i cant breathe after the injections",
    "my throat is closing up",
    "my lips are swelling since this morning",
    "my vision went blurry after filler",
    "my wife fainted just now",
    "the skin around it is turning white and grey",
]
TODAY = ["there is pus coming out of it", "i have a fever and it is red", "the pain is getting worse, its unbearable"]
GENERAL = [
    "can mesotherapy cause blindness",
    "is there a risk of infection",
    "how common is swelling",
    "what happens if it gets infected",
    "how much is it",
]


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("text", CRISIS)
def test_crisis_is_heard_whatever_the_classifier_says(text, share):
    assert alarm(text, share) == "crisis"


@pytest.mark.parametrize("share", [0.6, 0.99])
@pytest.mark.parametrize("text", AMBULANCE)
def test_emergencies_are_heard(text, share):
    assert alarm(text, share) == "ambulance"


@pytest.mark.parametrize("text", TODAY)
def test_what_needs_a_doctor_today_is_heard(text):
    assert alarm(text, 0.9) == "today"


def test_late_lumps_go_to_the_clinic():
    assert alarm("i have hard lumps that came up six weeks after my session", 0.9) == "clinic"


@pytest.mark.parametrize("text", GENERAL)
def test_general_questions_raise_no_alarm(text):
    assert alarm(text, 0.01) is None


@pytest.mark.parametrize("text", ["", "🙂", "x" * 2000, *CRISIS, *AMBULANCE, *TODAY, *GENERAL])
def test_level_is_always_known(text):
    assert level(text) in LEVELS
    assert alarm(text, 0.0) in (None, *LEVELS)


@pytest.mark.parametrize("text", [*AMBULANCE, *TODAY])
def test_level_is_that_of_the_alarm(text):
    assert level(text) == alarm(text, 1.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("i see double since the treatment", "ambulance"),
        ("no puedo respirar, la cara hinchada despues del botox", "ambulance"),
        ("je ne peux pas respirer apres les injections", "ambulance"),
        ("quiero morir", "crisis"),
        ("my cheek is going white after the injection", "ambulance"),
        ("lip is pale and numb since filler", "ambulance"),
        ("my tongue feels big after meso", "ambulance"),
        ("lips feel a bit thick lol", "ambulance"),
        ("im 10 weeks pregnant and bleeding since my meso session", "today"),
        ("my mum had it two weeks ago and theres a hard red lump that is hot now", "today"),
        ("on xarelto and the bruise is getting bigger and bigger", "today"),
    ],
)
def test_alarm_that_a_tester_found_missing_is_heard(text, expected):
    assert alarm(text, 0.6) == expected


@pytest.mark.parametrize("text", ["diagnose my mole, black and growing", "no veo el precio", "will my lips look white on the photo"])
def test_no_alarm_where_nothing_alarms(text):
    assert alarm(text, 0.05) is None


def test_graver_level_wins():
    assert graver("today", "ambulance") == "ambulance"
    assert graver("crisis", "today") == "crisis"
    assert graver("clinic", None) == "clinic"
