"""Decides whether the model must be trained anew, and trains it so that an interrupt leaves the old one whole.

Imports no Rasa: training runs `rasa train` (bot/lean_rasa.py) in a process of its own, whose memory is gone when it ends.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bot.facts import FactStore
from bot.progress import Clock, stages
from bot.quiet import ENVIRONMENT, ROOT

MODELS = ROOT / "models"
MODEL = MODELS / "assistant.tar.gz"
FINGERPRINT = MODELS / "fingerprint.json"
LOG = MODELS / "training.log"

INPUTS = (
    "config.yml",
    "domain.yml",
    "data/nlu.yml",
    "data/stories.yml",
    "bot/classifier.py",
    "bot/encoder.py",
    "bot/linear_machine.py",
    "bot/nearest.py",
    "bot/sequences.py",
    "bot/spelling.py",
    "bot/vocabulary.py",
    "bot/nlu/*.py",
    "requirements.lock",
)
FACTS = "data/facts (wordings and names)"

SWIFTLY = ("--force", "--skip-validation", "--augmentation", "0")
"""Half the time: nothing is in the cache, what Rasa validates is tested in tests/data, and stories of two turns need no glueing together."""

_UNFINISHED = ".training-"
_STAGE = re.compile(r"Starting to train component '(\w+)'")
_PROBLEM = re.compile(r"^(?:[a-z_]\w*\.)*[A-Z]\w+: (.+)")  # how Rasa prints an expected error, and Python the end of a traceback
_COMPLAINT = re.compile(r"UserWarning: (.*\bdomain\b.*)")  # Rasa's validation warns of it, and then ends without saying why
_NOISE = re.compile(r"\x1b\[[0-9;]*m")


class TrainingError(RuntimeError):
    """Training failed; the text is one line that says what to do."""


def fingerprint(store: FactStore) -> dict[str, str]:
    """A hash for everything that the model learns from, by name: of the facts only the wordings and names, not the claims."""
    found = {}
    for pattern in INPUTS:
        for path in sorted(ROOT.glob(pattern)):
            found[path.relative_to(ROOT).as_posix()] = hashlib.sha256(path.read_bytes()).hexdigest()
    found[FACTS] = hashlib.sha256(json.dumps(_learnt_facts(store), sort_keys=True).encode()).hexdigest()
    return found


def changes(store: FactStore) -> list[str]:
    """What has changed since the model was trained; empty where the model is up to date."""
    recorded = _recorded()
    if not MODEL.exists() or not recorded:
        return ["there is no model yet"]
    present, before = fingerprint(store), recorded["inputs"]
    changed = sorted(name for name in present.keys() | before.keys() if present.get(name) != before.get(name))
    return changed or ([] if is_intact() else ["models/assistant.tar.gz is not the file that training wrote"])


def is_intact() -> bool:
    """Whether the model on the disk is, byte for byte, the one that training wrote."""
    recorded = _recorded()
    return bool(recorded) and MODEL.exists() and checksum(MODEL) == recorded["model"]


def train(store: FactStore, force: bool = False) -> bool:
    """Train the model if something that it learns from has changed; return whether it was trained.

    Raises: TrainingError if training fails; the model in force stays as it is.
    """
    with _only_one():
        reasons = changes(store)
        if not reasons and not force:
            return False
        print(f"Training the model: {_summary(reasons) or 'asked for'}. This takes one to two minutes.", file=sys.stderr)
        before = fingerprint(store)
        with _scratch() as folder:
            with stages() as clock:
                _run_rasa(folder, clock)
            trained = folder / MODEL.name
            if not trained.exists():
                raise TrainingError(f"Training ended without a model: the reason is in {_relative(LOG)}.")
            record = {"inputs": before, "model": checksum(trained)}
            FINGERPRINT.unlink(missing_ok=True)  # from here until the new record stands, the model counts as untrained
            os.replace(trained, MODEL)
            (folder / FINGERPRINT.name).write_text(json.dumps(record, indent=1), encoding="utf8")
            os.replace(folder / FINGERPRINT.name, FINGERPRINT)
        return True


def _learnt_facts(store: FactStore) -> object:
    vocabulary = store.vocabulary
    attributes = {"approval", "lasts", "price", "downtime", "evidence"}  # what a comparison says; nothing is learnt from it
    names = {key: json.loads(treatment.json(exclude=attributes)) for key, treatment in vocabulary.treatments.items()}
    places = [{key: json.loads(term.json()) for key, term in terms.items()} for terms in (vocabulary.regions, vocabulary.body_areas)]
    return {"asks": [list(ask) for ask in store.asks], "treatments": names, "places": places}


def _recorded() -> dict[str, Any]:
    """What training wrote beside the model: {inputs: name -> hash, model: hash}; empty where there is nothing to rely on."""
    try:
        recorded = json.loads(FINGERPRINT.read_text(encoding="utf8"))
    except (OSError, ValueError):
        return {}
    return recorded if isinstance(recorded, dict) and {"inputs", "model"} <= recorded.keys() else {}


def checksum(path: Path) -> str:
    """The SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()


def _summary(reasons: list[str]) -> str:
    if len(reasons) == 1 and reasons[0].startswith(("there is", "models/")):
        return reasons[0]
    return f"{', '.join(reasons[:3])}{f' and {len(reasons) - 3} more' if len(reasons) > 3 else ''} changed" if reasons else ""


@contextmanager
def _only_one() -> Iterator[None]:
    """Let one training run at a time; another waits, and then finds the model up to date."""
    MODELS.mkdir(exist_ok=True)
    with (MODELS / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Waiting for another training to end ...", file=sys.stderr)
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def _scratch() -> Iterator[Path]:
    """A folder beside the model for what is unfinished; remains of a killed training go first."""
    for remains in MODELS.glob(f"{_UNFINISHED}*"):
        shutil.rmtree(remains, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=MODELS) as folder:
        yield Path(folder)


def _run_rasa(folder: Path, clock: Clock) -> None:
    command = [sys.executable, "-m", "bot.lean_rasa", "train", "--out", str(folder), "--fixed-model-name", "assistant", *SWIFTLY]
    # without Rasa's cache, which does not notice when a module beside a component changes (rasa/engine/training/fingerprinting.py:45)
    environment = {**os.environ, **ENVIRONMENT, "RASA_MAX_CACHE_SIZE": "0", "PYTHONUNBUFFERED": "1"}
    clock.stage("Loading Rasa")
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        start_new_session=True,  # Ctrl-C reaches this process only, which then ends that one
    )
    assert process.stdout is not None
    try:
        with process.stdout, LOG.open("w", encoding="utf8") as log:
            problem = _follow(process.stdout, log.write, clock)
        status = process.wait()
    except BaseException:
        _end(process)
        raise
    if status:
        raise TrainingError(f"Training failed: {problem or f'rasa train ended with status {status}'} (everything is in {_relative(LOG)})")


def _follow(lines: Iterable[str], write: Callable[[str], object], clock: Clock) -> str:
    """Copy the log, show its stages, and return the line that names the problem, if there is one."""
    problem = ""
    for raw in lines:
        line = _NOISE.sub("", raw)
        write(line)
        if stage := _STAGE.search(line):
            clock.stage(f"Training {stage[1]}")
        elif "YOUR MODEL" in line.upper():
            clock.stage("Writing the model")
        elif (found := _PROBLEM.match(line.strip())) or (not problem and (found := _COMPLAINT.search(line))):
            problem = found[1]
    return problem


def _end(process: subprocess.Popen[str]) -> None:
    """End the training process and what it started; its group is its own, so that nothing else is met."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if process.poll() is not None:
            return
        os.killpg(process.pid, number)
        deadline = time.monotonic() + 3
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)


def _relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()
