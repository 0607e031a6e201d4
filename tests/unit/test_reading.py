"""A reading survives the way through Rasa's tracker, which is JSON."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.facts import MESOTHERAPY, REGIONS, TOPICS
from bot.reading import Question, Reading

names = st.none() | st.text(max_size=10)
questions = st.builds(
    Question,
    st.sampled_from(TOPICS),
    names,
    st.lists(st.text(max_size=8), min_size=1, max_size=3).map(tuple),
    st.sampled_from([None, *REGIONS]),
)
readings = st.builds(Reading, st.lists(questions, max_size=3).map(tuple), st.lists(questions, max_size=3).map(tuple), names, names, names)


@given(readings)
@settings(max_examples=50)
def test_reading_round_trip(reading):
    assert Reading.from_dict(json.loads(json.dumps(reading.to_dict()))) == reading


def test_reading_of_nothing_is_empty():
    assert Reading.from_dict({}) == Reading()


def test_question_is_about_mesotherapy_unless_it_says_otherwise():
    assert Question("cost").treatments == (MESOTHERAPY,)
