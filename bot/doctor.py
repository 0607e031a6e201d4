"""Says in ten lines whether this installation is healthy, and what to do about what is not."""

from __future__ import annotations

import asyncio
import datetime
import hashlib
import importlib
import importlib.metadata
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from bot import launch, training
from bot.composer import Composer
from bot.facts import SIGNED_OFF, added
from bot.quiet import ROOT

State = Literal["well", "to do", "broken"]
Finding = tuple[State, str, str]
"""How it is, what it is about, and what was found or is to be done."""

MARKS: dict[State, str] = {"well": "✓", "to do": "!", "broken": "✗"}
GIGABYTE = 1e9
LEAST_SPACE = 1.0
"""Gigabytes that a training and a month of conversations need."""


def main(endpoints: Path = launch.ENDPOINTS) -> int:
    """Print what was found, a line each, and return the exit status: 1 if something is broken."""
    found = []
    for state, name, text in findings(endpoints):
        found.append(state)
        print(f"{MARKS[state]} {name:<14} {text}", flush=True)
    return int("broken" in found)


def findings(endpoints: Path) -> Iterator[Finding]:
    """All findings, those that are quick to have first."""
    yield _versions()
    try:
        composer = launch.composer()
    except launch.LaunchError as error:
        yield "broken", "facts", str(error)
    else:
        yield _model(composer)
        yield _facts(composer)
        yield _dates(composer)
        yield _signatures(composer)
        yield _clinic(composer)
    yield _channels()
    yield from asyncio.run(_stores(endpoints))
    yield _disk()


def _versions() -> Finding:
    text = f"Python {platform.python_version()}, Rasa {importlib.metadata.version('rasa')}"
    stamp, made_of = ROOT / ".venv" / "installed", (ROOT / "requirements.lock", ROOT / "bin" / "setup")
    present = hashlib.sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()
    if not stamp.exists() or stamp.read_text(encoding="utf8").strip() != present:
        return "broken", "versions", f"{text}, but not all packages are as requirements.lock has them: run `make install`"
    return "well", "versions", f"{text}, all packages as in requirements.lock"


def _model(composer: Composer) -> Finding:
    try:
        path = launch.model()
    except launch.LaunchError as error:
        return "broken", "model", str(error)
    if changed := training.changes(composer.store):
        return "to do", "model", f"trained before {', '.join(changed[:3])} changed: `make run` trains it anew"
    return "well", "model", f"{path.relative_to(ROOT)} is as training wrote it, sha256 {training.checksum(path)[:12]}, and up to date"


def _facts(composer: Composer) -> Finding:
    store = composer.store
    text = f"{len(store.facts)} facts from {len(store.sources)} sources in {len(store.topics)} topics"
    if unfinished := [name for name in added() if name not in store.topics]:
        return "to do", "facts", f"{text}; not finished, and left out: {', '.join(unfinished)}: `make check` says what is missing"
    return "well", "facts", text


def _dates(composer: Composer) -> Finding:
    today = datetime.date.today()
    late = [fact.id for fact in composer.store.facts.values() if fact.lapsed(today)]
    if late:
        return "to do", "dates", f"{len(late)} facts are due to be checked again ({late[0]}, ...): `make check` names them"
    return "well", "dates", f"no fact is due before {min(fact.review_by for fact in composer.store.facts.values())}"


def _signatures(composer: Composer) -> Finding:
    store = composer.store
    signed, of, void = sum(bool(fact.signed_off_by) for fact in store.facts.values()), len(store.facts.keys() - {SIGNED_OFF}), len(store.void_signatures)
    text = f"{signed} of {of} facts are signed by a dermatologist"
    if void:
        return "to do", "signatures", f"{text}, and {void} signatures hold no longer: `make check` names them"
    return ("well" if signed == of else "to do"), "signatures", text if signed == of else f"{text}: `python -m bot review` makes the page to read"


def _clinic(composer: Composer) -> Finding:
    if gaps := composer.clinic.gaps:
        return "to do", "clinic.yml", f"to be filled in: {', '.join(gaps)}"
    return "well", "clinic.yml", f"{composer.clinic.name}, {composer.clinic.country}"


def _channels() -> Finding:
    from rasa.core.channels import BUILTIN_CHANNELS

    try:
        names = launch.channels()
    except launch.LaunchError as error:
        return "broken", "channels", str(error)
    for name in names:
        module, _, kind = name.rpartition(".")
        try:
            if name not in BUILTIN_CHANNELS:
                getattr(importlib.import_module(module), kind)
        except (ImportError, ValueError, AttributeError) as error:
            return "broken", "channels", f"credentials.yml: '{name}' cannot be loaded ({error})"
    return "well", "channels", ", ".join(names)


async def _stores(endpoints: Path) -> list[Finding]:
    """Whether the stores are of the types that endpoints.yml asks for, and answer; Rasa itself falls back to memory without an error."""
    from bot.health import reachable
    from bot.server import open_stores

    try:
        launch.settings(endpoints)
        tracker_store, lock_store, _ = await open_stores(endpoints)
    except launch.LaunchError as error:
        return [("broken", "stores", str(error))]
    found: list[Finding] = []
    for name, store in (("conversations", tracker_store), ("locks", lock_store)):
        answers = await reachable(store)
        text = f"{type(store).__module__}.{type(store).__name__}, as {endpoints.name} has it"
        found.append(("well", name, f"{text}, answers") if answers else ("broken", name, f"{text}, does not answer: start its database"))
    return found


def _disk() -> Finding:
    free = shutil.disk_usage(ROOT / "var").free / GIGABYTE
    if free < LEAST_SPACE:
        return "broken", "disk", f"{free:.1f} GB free, and {LEAST_SPACE:.0f} GB are needed: make room"
    return "well", "disk", f"{free:.0f} GB free"
