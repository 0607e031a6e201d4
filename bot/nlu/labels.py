"""Which intent stands for which kind of question; free of Rasa, so that benchmarks can use it."""

from bot.facts import TOPICS

INTENT_OF_KIND = {**{topic: f"ask_{topic}" for topic in TOPICS}, "contact": "contact_clinic", "bot": "bot_challenge"}
