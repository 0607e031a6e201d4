"""What the terminal chat shows."""

from bot.shell import _chosen, shown

BUTTONS = [{"title": "What it costs", "choice": "choice-ab-0"}, {"title": "Is it safe?", "choice": "choice-ab-1"}]


def test_shown_numbers_the_buttons():
    text = shown({"text": "Which one?\nAsk a dermatologist.", "buttons": BUTTONS})
    assert text.splitlines() == [
        "Which one?",
        "Ask a dermatologist.",
        "  1) What it costs",
        "  2) Is it safe?",
        "(type a number from 1 to 2, or your own words)",
    ]


def test_shown_wraps_long_lines(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    assert max(map(len, shown({"text": "word " * 50, "buttons": []}).splitlines())) <= 40


def test_chosen_takes_a_number_for_its_button():
    assert _chosen(" 2) ", BUTTONS) == "choice-ab-1"
    for typed in ("3", "0", "two", "²", "1 please", ""):
        assert _chosen(typed, BUTTONS) is None
    assert _chosen("1", []) is None
