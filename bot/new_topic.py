"""Lays out what a new topic needs, and tells what it still lacks: facts, examples, intent, rule and a test conversation."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from bot import yaml_file
from bot.facts import NO_TOPICS, TODO, TOPICS, added
from bot.heard import ASK
from bot.launch import LaunchError, write_file
from bot.quiet import ROOT

FEWEST_EXAMPLES, FEWEST_ASKS = 40, 5
"""Ways of asking that a topic needs in data/nlu.yml, and each of its answers under `asks`."""

EXAMPLES, RULES, DOMAIN, TRANSCRIPTS = "data/nlu.yml", "data/stories.yml", "domain.yml", "tests/conversations/transcripts.yml"

_NAME = re.compile(r"[a-z][a-z_]{1,29}")
_TAKEN = (*TOPICS, *NO_TOPICS, "contact", "bot", "personal", "urgent", "clarify", "chitchat", "feedback", "out_of_scope")

_FACTS = """\
# What is answered on {name}. As long as something is still to be written in this file, the assistant leaves the topic out.
topic: {name}
label: {todo} a question in at most 30 characters, which stands on a button
about: {todo} what the topic is called within a sentence, such as the pain
unknown: {todo} what is said where the sources do not say, such as Our sources do not say how much {{treatment}} hurts.
answers:
  - id: general
    asks: [{todo} ways of asking, {todo} separated by commas]
    opening: {todo} one sentence that answers the question
    facts: [{name}.first]
facts:
  - id: {name}.first
    claim: {todo} one or two plain sentences, hedged as the source hedges
    sources: [{todo} a name from references.yml]
"""
_EXAMPLES = """\
  - intent: {ask}{name}
    metadata: {{writer: clinic}}
    examples: |
      - {todo} a question as a visitor would type it
"""
_RULE = """\
  - rule: Answer a question about {words}
    steps:
      - intent: {ask}{name}
      - action: action_answer

"""
_INTENT = "  - {ask}{name}: {{use_entities: []}}\n"
_TRANSCRIPT = """\
- name: {words}
  turns:
    - {{say: {todo} a question as a visitor would type it, kind: answer, topics: [{name}], facts: [{name}.first]}}
"""


_PARTS = (
    # the file, what the new lines stand behind, the lines
    (DOMAIN, re.compile(rf"^  - {ASK}.*\n(?!  - {ASK})", re.MULTILINE), _INTENT),
    (RULES, re.compile(r"^rules:\n", re.MULTILINE), _RULE),
    (EXAMPLES, re.compile(r"\Z"), _EXAMPLES),
    (TRANSCRIPTS, re.compile(r"\Z"), _TRANSCRIPT),
)


def create(name: str, root: Path = ROOT) -> list[str]:
    """Write the file of a new topic, and what other files need for it; return the names of all.

    Raises: LaunchError if the name will not do, or if a file cannot be written or has not the form that it came with.
    """
    if not _NAME.fullmatch(name):
        raise LaunchError(f"'{name}' cannot be the name of a topic: take one short word in small letters, such as aftercare or first_visit.")
    try:
        intents = _intents(root)
    except yaml_file.YamlError as error:
        raise LaunchError(str(error)) from None
    if name in _TAKEN or name in intents or (root / "data" / "facts" / f"{name}.yml").exists():
        raise LaunchError(f"The name '{name}' is taken already: take another one.")
    fields = {"name": name, "words": name.replace("_", " "), "todo": TODO, "ask": ASK}
    written = {f"data/facts/{name}.yml": _FACTS.format(**fields)}
    for path, place, lines in _PARTS:
        text = (root / path).read_text(encoding="utf8")
        found = place.search(text)
        if not found:
            raise LaunchError(f"{path} has not the form that it came with, so that nothing was added: bring it back with `git checkout {path}`.")
        written[path] = f"{text[: found.end()]}{lines.format(**fields)}{text[found.end() :]}"
    for path, text in written.items():
        write_file(root / path, text)
    return list(written)


def missing(root: Path = ROOT) -> list[str]:
    """What the topics still lack that a clinic has added, one line each, and what is left of a topic that is gone."""
    try:
        return _missing(root)
    except yaml_file.YamlError as error:
        return [str(error)]


def _missing(root: Path) -> list[str]:
    names, intents = added(root / "data" / "facts"), _intents(root)
    lines = [
        f"{DOMAIN}: {ASK}{name} has no data/facts/{name}.yml with `topic: {name}`: bring it back, or take {ASK}{name} out of {DOMAIN}, {RULES} and {EXAMPLES}"
        for name in sorted(intents - {*TOPICS, *names})
    ]
    if not names:
        return lines
    ruled = {step.get("intent") for rule in yaml_file.read(root / RULES)["rules"] for step in rule["steps"]}
    turns = [turn for conversation in yaml_file.read(root / TRANSCRIPTS) for turn in conversation["turns"]]
    tested = {topic for turn in turns if TODO not in turn.get("say", "") for topic in turn.get("topics", ())}
    blocks = yaml_file.read(root / EXAMPLES)["nlu"]
    for name in names:
        lines += _unwritten(root / "data" / "facts" / f"{name}.yml")
        examples = {line.lower() for block in blocks if block["intent"] == f"{ASK}{name}" for line in block["examples"].splitlines() if TODO not in line}
        if len(examples) < FEWEST_EXAMPLES:
            lines.append(f"{EXAMPLES}, intent {ASK}{name}: {len(examples)} ways of asking, and {FEWEST_EXAMPLES} are needed")
        lines += [f"{DOMAIN}: the intent {ASK}{name} is missing"] if name not in intents else []
        lines += [f"{RULES}: the rule for {ASK}{name} is missing"] if f"{ASK}{name}" not in ruled else []
        lines += [f"{TRANSCRIPTS}: no conversation asks about {name} yet"] if name not in tested else []
    return lines


def _unwritten(path: Path) -> Iterator[str]:
    """What is still to be written in the file of a topic."""
    answers = (yaml_file.read(path) or {}).get("answers")
    for number, line in enumerate(path.read_text(encoding="utf8").splitlines(), start=1):
        if TODO in line:
            yield f"{path.name}, line {number}, is still to be written: {line.strip().removeprefix('- ')}"
    for answer in answers if isinstance(answers, list) else ():
        if not isinstance(answer, dict) or "treatment" in answer:  # which is asked for as the answer on mesotherapy is
            continue
        asks = [ask for ask in answer.get("asks") or () if TODO not in str(ask)]
        if len(asks) < FEWEST_ASKS:
            yield yaml_file.with_line(
                f"{path.name}, answer {answer.get('id')}, field asks: {len(asks)} ways of asking, and {FEWEST_ASKS} are needed", path.parent
            )


def _intents(root: Path) -> set[str]:
    """The topics that domain.yml has an intent for."""
    names = (name for entry in yaml_file.read(root / DOMAIN)["intents"] for name in ([entry] if isinstance(entry, str) else entry))
    return {name.removeprefix(ASK) for name in names if name.startswith(ASK)}
