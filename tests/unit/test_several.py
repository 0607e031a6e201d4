"""One question or several: what counts as a question of its own."""

import pytest

from bot.heard import Heard
from bot.several import WEIGHTS, features, likelihoods

OTHERS = {"ask_cost": 0.01, "ask_pain": 0.01, "ask_recovery": 0.01, "greet": 0.01}


def heard(text, intents, **form):
    return Heard(text, {**OTHERS, **intents}, **form)


def asked(whole, parts, threshold=0.6):
    return [intent for intent, (share, _) in likelihoods(whole, parts).items() if share >= threshold]


def test_a_message_of_one_clause_is_one_question():
    assert asked(heard("what does it cost", {"ask_cost": 0.9, "ask_pain": 0.3}), []) == ["ask_cost"]


def test_two_sure_clauses_are_two_questions():
    whole = heard("how much is it and does it hurt", {"ask_cost": 0.5, "ask_pain": 0.4})
    parts = [heard("how much is it", {"ask_cost": 0.95}, asks=True), heard("does it hurt", {"ask_pain": 0.95}, asks=True)]
    found = likelihoods(whole, parts)
    assert set(asked(whole, parts)) == {"ask_cost", "ask_pain"}
    assert found["ask_pain"][1].text == "does it hurt"
    assert all(0 <= share <= 1 for share, _ in found.values())


def test_a_clause_that_only_sounds_like_a_topic_is_none():
    whole = heard("i hate needles and all that but what would one session cost me", {"ask_cost": 0.95})
    parts = [heard("i hate needles", {"ask_pain": 0.4}), heard("what would one session cost me", {"ask_cost": 0.97}, asks=True)]
    assert asked(whole, parts) == ["ask_cost"]


def test_the_likeliest_comes_first():
    whole = heard("does it hurt, price?", {"ask_cost": 0.7, "ask_pain": 0.3})
    shares = [share for share, _ in likelihoods(whole, [heard("does it hurt", {"ask_pain": 0.8}), heard("price", {"ask_cost": 0.9})]).values()]
    assert shares == sorted(shares, reverse=True)


def test_a_bare_list_counts_only_where_each_word_is_sure():
    whole = heard("price pain downtime", {"ask_cost": 0.4, "ask_pain": 0.3, "ask_recovery": 0.25})
    words = [heard(word, {intent: 0.9}, is_listed=True) for word, intent in (("price", "ask_cost"), ("pain", "ask_pain"), ("downtime", "ask_recovery"))]
    assert set(features(whole, words)) == {"ask_cost", "ask_pain", "ask_recovery"}
    unsure = [*words[:2], heard("downtime", {"ask_recovery": 0.3}, is_listed=True)]
    assert set(features(whole, unsure)) == {"ask_cost"}


def test_a_single_word_needs_the_support_of_the_whole_unless_it_is_sure():
    whole = heard("chemical, i mean peel, better?", {"ask_recovery": 0.8, "ask_pain": 0.05})
    assert "ask_pain" not in features(whole, [heard("chemical", {"ask_pain": 0.85})])
    assert "ask_pain" in features(whole, [heard("painful", {"ask_pain": 0.95})])


@pytest.mark.parametrize("share", [0.0, 1.0, 0.5])
def test_features_have_the_names_of_the_weights(share):
    for values, _ in features(heard("price", {"ask_cost": share}), [heard("price", {"ask_cost": 0.9})]).values():
        assert values.keys() == WEIGHTS.keys()


def test_small_talk_is_no_question():
    assert likelihoods(heard("hello", {"greet": 0.99}), []) == {}
