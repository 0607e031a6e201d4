"""Which intent stands for which kind of question; free of Rasa, so that benchmarks can use it."""

from bot.heard import ASK

_GUARDED = {"contact": "contact_clinic", "bot": "bot_challenge"}


def intent_of(kind: str) -> str:
    """The intent of a topic, or of `contact` or `bot`."""
    return _GUARDED.get(kind, f"{ASK}{kind}")


def has_facets(intent: str) -> bool:
    """Whether an intent is told apart further by facets of data/facts/; the levels of alarms are none of them."""
    return intent.startswith(ASK) or intent in _GUARDED.values()
