"""Makes the static page of questions and answers, for visitors without JavaScript and for search engines, out of the replies that the chat gives.

Imports no Rasa. What the page looks like is in bot/web/questions.html.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup

from bot.composer import Composer
from bot.facts import MESOTHERAPY, Answer, Topic, Vocabulary
from bot.launch import write_file
from bot.page import WEB, templates
from bot.reading import Question
from bot.reply import Reply, sentence

_WORD = re.compile(r"\bits not\b|[\w'’]+")
_SPELT = {"im": "I’m", "its not": "it’s not", "botox": "Botox", "nctf": "NCTF"}
"""What first wordings hold that visitors type in a hurry, as it is written."""


@dataclass(frozen=True)
class Entry:
    """A question as people ask it, and the reply that they get."""

    id: str
    question: str
    reply: Reply


@dataclass(frozen=True)
class Section:
    """A topic with its questions."""

    topic: str
    title: str
    entries: tuple[Entry, ...]


def sections(composer: Composer) -> list[Section]:
    """Every topic in its order, with each facet's question or else its first wording, and the reply to it at this clinic."""
    capitals = _capitals(composer.store.vocabulary)
    found = []
    for topic in composer.store.topics.values():
        asked = [answer for answer in topic.answers if answer.asks and answer.region in ("any", composer.clinic.country)]
        found.append(Section(topic.topic, topic.label, tuple(_entry(composer, topic, answer, capitals) for answer in asked)))
    return found


def render(composer: Composer, layout: str = "alone.html", **shown: Any) -> str:
    """The whole page as HTML.

    Args:
        composer: Whose facts and clinic the page is about.
        layout: The frame around it: `alone.html` for a file that needs nothing else, `layout.html` for the website.
        shown: What the frame needs besides the clinic.
    """
    gathered = sections(composer)
    replies = [entry.reply for section in gathered for entry in section.entries]
    return (
        templates()
        .get_template("questions.html")
        .render(
            layout=layout,
            style=Markup((WEB / "site.css").read_text(encoding="utf8")),
            clinic=composer.clinic,
            sections=gathered,
            count=len({source["id"] for reply in replies for source in reply.sources}),
            referral=next((reply.referral for reply in replies), ""),
            **shown,
        )
    )


def write(composer: Composer, path: Path) -> str:
    """Write the page as a file for the clinic's own website, and return one line that says what it holds.

    Raises: LaunchError if it cannot be written.
    """
    write_file(path, render(composer))
    return f"{path}: {sum(len(section.entries) for section in sections(composer))} questions with their answers. Put it on your website as it is."


def asked(words: str, capitals: Mapping[str, str]) -> str:
    """A wording as a sentence: its first letter and its names in capitals, a question mark behind it.

    Args:
        words: As a visitor would type it.
        capitals: Names by how they look in small letters.
    """
    spelt = _WORD.sub(lambda word: _SPELT.get(word[0], capitals.get(word[0], word[0])), words)
    return f"{sentence(spelt).rstrip('?.! ')}?"


def _entry(composer: Composer, topic: Topic, answer: Answer, capitals: Mapping[str, str]) -> Entry:
    words = answer.question or asked(answer.asks[0], capitals)
    parts = [topic.topic, answer.id]
    if answer.treatment:
        parts.append(answer.treatment)
        words = f"{sentence(composer.store.vocabulary.treatments[answer.treatment].name)}: {words[0].lower()}{words[1:]}"
    return Entry("-".join(parts), words, composer.answer([Question(topic.topic, answer.id, (answer.treatment or MESOTHERAPY,))]))


def _capitals(vocabulary: Vocabulary) -> dict[str, str]:
    """The names of one word that are not written in small letters; `us` is left out, which is more often a word."""
    regions = [name for region in vocabulary.regions.values() for name in (*region.aliases, *region.marks)]
    treatments = [name for treatment in vocabulary.treatments.values() for name in (treatment.name, *treatment.aliases)]
    return {name.lower(): name for name in (*regions, *treatments) if name != name.lower() and _WORD.fullmatch(name) and name != "US"}
