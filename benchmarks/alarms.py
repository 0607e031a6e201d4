"""Fits the weights by which the assistant tells an alarm (`CONSTANT`, `MARGIN`, `SHARE` of bot/red_flags.py), and says how well it does.

    .venv/bin/python -W ignore benchmarks/alarms.py

Trains the two classifiers five times, each time without a fifth of the writers of data/nlu.yml, and fits the weights to what they say of the messages of
those. Prints the weights to be copied into bot/red_flags.py, and for some thresholds how many alarms are heard and how many other messages are taken for
one: among the writers left out, who wrote near misses on purpose, and in the two sets of tests/eval/ that no example is taken from. Takes about six minutes
and needs no trained model.
"""

from __future__ import annotations

import json
import math
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot import encoder, red_flags  # noqa: E402
from bot.classifier import TextClassifier  # noqa: E402
from bot.linear_machine import LinearMachine  # noqa: E402
from bot.nlu.alarm_detector import COST, SPELT_WEIGHT  # noqa: E402
from bot.red_flags import GRAVITY, NO_ALARM  # noqa: E402
from bot.spelling import Spelling  # noqa: E402

ALARM = "report_urgent_symptom"
SETS = ("alarms", "alarms_held_out")
ORDINARY = ("questions", "validation", "held_out")
FOLDS = 5
THRESHOLDS = (0.1, 0.3, 0.38, 0.4, 0.5, 0.6, 0.8)

Vectors = NDArray[np.float32]


class Examples:
    """All training examples with their writers, intents and levels."""

    def __init__(self) -> None:
        """Read data/nlu.yml."""
        blocks = yaml.load((ROOT / "data/nlu.yml").read_bytes(), Loader=yaml.CSafeLoader)["nlu"]
        rows = [
            (block["metadata"]["writer"], block["intent"], _level(block["metadata"].get("facet", "")), line[2:])
            for block in blocks
            for line in block["examples"].splitlines()
        ]
        self.writers, self.intents, self.levels, self.texts = (np.array(column) for column in zip(*rows, strict=True))


class Hearing:
    """Both classifiers, trained on some examples."""

    def __init__(self, texts: Sequence[str], vectors: Vectors, intents: Sequence[str], levels: Sequence[str]) -> None:
        """Train them."""
        self._machine = LinearMachine.fit(texts, vectors, levels, SPELT_WEIGHT, COST)
        self._intents = TextClassifier.fit(texts, vectors, intents)

    def __call__(self, texts: Sequence[str], vectors: Vectors) -> tuple[list[dict[str, float]], list[float]]:
        """The margins of the levels, and the intent classifier's share of an alarm, of each text."""
        margins = [dict(zip(self._machine.labels, row, strict=True)) for row in self._machine.margins(texts, vectors).tolist()]
        shares = self._intents.probabilities(texts, vectors)[:, self._intents.labels.index(ALARM)]
        return margins, shares.tolist()


def left_out(examples: Examples, vectors: Vectors) -> tuple[list[dict[str, float]], list[float]]:
    """What is heard in every example when its writer's were left out of training."""
    sizes = {writer: int(np.sum(examples.writers == writer)) for writer in sorted(set(examples.writers))}
    fold = {writer: place % FOLDS for place, writer in enumerate(sorted(sizes, key=lambda writer: -sizes[writer]))}
    folds = np.array([fold[writer] for writer in examples.writers])
    margins: list[dict[str, float]] = [{}] * len(folds)
    shares = [0.0] * len(folds)
    for number in range(FOLDS):
        learnt, tested = np.flatnonzero(folds != number), np.flatnonzero(folds == number)
        hearing = Hearing(list(examples.texts[learnt]), vectors[learnt], list(examples.intents[learnt]), list(examples.levels[learnt]))
        for place, margin, share in zip(tested, *hearing(list(examples.texts[tested]), vectors[tested]), strict=True):
            margins[place], shares[place] = margin, share
        print(f"{number + 1} of {FOLDS} parts", file=sys.stderr)
    return margins, shares


def table(name: str, levels: Sequence[str], likely: NDArray[np.float64]) -> None:
    """Print what is heard and what is mistaken at each threshold."""
    alarms, count = np.array([level != NO_ALARM for level in levels]), len(levels)
    print(f"\n{name}: {alarms.sum()} alarms, {count - alarms.sum()} other messages\n")
    print("| threshold | alarms heard | ambulance | crisis | other messages taken for alarms |\n|---|---|---|---|---|")
    for threshold in THRESHOLDS:
        raised = likely >= threshold
        by_level = [raised[[level == wanted for level in levels]] for wanted in ("ambulance", "crisis")]
        print(f"| {threshold} | {_share(raised[alarms])} | {' | '.join(_share(rows) for rows in by_level)} | {_share(raised[~alarms])} |")


def _share(rows: NDArray[np.bool_]) -> str:
    return f"{rows.sum()} of {len(rows)}: {100 * rows.mean():.1f}%" if len(rows) else "none"


def _level(facet: str) -> str:
    return facet.removeprefix("urgent.") if facet.startswith("urgent.") else NO_ALARM


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (ROOT / "tests/eval" / f"{name}.jsonl").read_text(encoding="utf8").splitlines()]


def main() -> None:
    """Fit, measure and print."""
    examples = Examples()
    with tempfile.TemporaryDirectory() as folder:
        encoder.build(Path(folder))
        encode = encoder.SentenceEncoder(Path(folder)).encode
        vectors = encode(list(examples.texts))
        margins, shares = left_out(examples, vectors)
        alarms = examples.levels != NO_ALARM
        odds = [[-margin[NO_ALARM], math.log((share + 0.01) / (1.01 - share))] for margin, share in zip(margins, shares, strict=True)]
        fitted = LogisticRegression().fit(odds, alarms)
        print(f"CONSTANT, MARGIN, SHARE = {fitted.intercept_[0]:.2f}, {fitted.coef_[0][0]:.2f}, {fitted.coef_[0][1]:.2f}")
        likely = np.array([red_flags.likelihood(margin, share) for margin, share in zip(margins, shares, strict=True)])
        purposeful = np.isin(examples.writers, [writer for writer in set(examples.writers) if np.mean(alarms[examples.writers == writer]) > 0.2])
        table("Writers of alarms and near misses, left out", examples.levels[purposeful], likely[purposeful])
        table("All other writers, left out", examples.levels[~purposeful], likely[~purposeful])
        right = np.mean([red_flags.level(margin) == level for margin, level in zip(margins, examples.levels, strict=True) if level in GRAVITY])
        print(f"\nLevel of the alarms right: {100 * right:.1f}%")
        hearing = Hearing(list(examples.texts), vectors, list(examples.intents), list(examples.levels))
        spelling = Spelling.fit(examples.texts)
        for name in (*SETS, *ORDINARY):
            rows = [row for row in _rows(name) if name in SETS or row["kind"] != "urgent"]
            texts = [spelling.mend(row["text"]) for row in rows]
            heard = [red_flags.likelihood(margin, share) for margin, share in zip(*hearing(texts, encode(texts)), strict=True)]
            table(f"tests/eval/{name}.jsonl", [row.get("level", NO_ALARM) for row in rows], np.array(heard))


if __name__ == "__main__":
    main()
