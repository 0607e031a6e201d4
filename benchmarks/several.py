"""Fits the weights by which the assistant tells one question from several (`WEIGHTS` of bot/several.py), and says how well they do.

    .venv/bin/python -W ignore benchmarks/several.py

Plays three sets of tests/eval/ through the trained model (`make train`), which learnt from none of them, and prints the weights to be
copied into bot/several.py, and for some thresholds how many messages they get right when they were fitted without them (ten parts).
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot import reader  # noqa: E402
from bot.evaluate import read  # noqa: E402
from bot.heard import ASK, Heard  # noqa: E402
from bot.quiet import quieten  # noqa: E402
from bot.scoring import Row, verdict  # noqa: E402
from bot.several import WEIGHTS, features, likelihoods  # noqa: E402

SETS = ("validation", "questions", "conversations")
KINDS = ("single", "multi", "followup")
COST = 0.3
"""Inverse of how much the weights are held small."""
THRESHOLDS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8)
PARTS = 10

Case = tuple[Row, dict[str, dict[str, float]]]


async def heard(rows: Sequence[Row]) -> list[Case]:
    """The features of each question that is put as one or several questions; those met with an alarm, a refusal and the like are left out."""
    from bot.conversation import Assistant

    assistant = Assistant.load()
    found: list[Case] = []
    for number, row in enumerate(rows):
        calls: list[tuple[Heard, Sequence[Heard]]] = []

        def note(heard: Heard, parts: Sequence[Heard], calls: list[tuple[Heard, Sequence[Heard]]] = calls) -> Any:
            calls.append((heard, parts))
            return likelihoods(heard, parts)

        with patch.object(reader, "likelihoods", note):
            for text in (*row["context"], row["text"]):
                calls.clear()
                await assistant.reply(f"several-{number}", text)
        if calls:
            found.append((row, {intent: values for intent, (values, _) in features(*calls[-1]).items()}))
    return found


def fit(cases: Sequence[Case]) -> dict[str, float]:
    """The weights that best tell the topics asked for from those that are not; topics that an annotator could accept count as neither."""
    rows, wanted = [], []
    for row, found in cases:
        for intent, values in found.items():
            topic = intent.removeprefix(ASK)
            if topic not in (row.get("also") or []):
                rows.append([values[name] for name in WEIGHTS])
                wanted.append(topic in row["topics"])
    table: NDArray[np.float64] = np.array(rows)
    mean, spread = table.mean(axis=0), table.std(axis=0)
    constant = list(WEIGHTS).index("constant")
    mean[constant], spread[constant] = 0, 1
    weights = LogisticRegression(C=COST, fit_intercept=False, max_iter=1000).fit((table - mean) / spread, wanted).coef_[0] / spread
    weights[constant] -= weights @ mean
    return dict(zip(WEIGHTS, weights.tolist(), strict=True))


def judged(case: Case, weights: Mapping[str, float], threshold: float) -> str:
    """The verdict on a question when every topic above the threshold is answered, or the likeliest alone."""
    row, found = case
    likely = {intent.removeprefix(ASK): 1 / (1 + np.exp(-sum(weights[name] * value for name, value in values.items()))) for intent, values in found.items()}
    topics = [topic for topic, share in likely.items() if share >= threshold] or [max(likely, key=likely.__getitem__, default="")]
    return f"{row['kind']} {verdict(row, {'kind': 'answer', 'topics': topics})}"


def main() -> None:
    """Print weights and figures."""
    quieten()
    rows = [row for name in SETS for row in read(ROOT / "tests" / "eval" / f"{name}.jsonl")[0]]
    cases = asyncio.run(heard([row for row in rows if row["kind"] in KINDS]))
    order = np.random.default_rng(0).permutation(len(cases))
    for threshold in THRESHOLDS:
        counts: Counter[str] = Counter()
        for part in range(PARTS):
            held = set(order[part::PARTS].tolist())
            weights = fit([case for place, case in enumerate(cases) if place not in held])
            counts.update(judged(cases[place], weights, threshold) for place in held)
        print(f"threshold {threshold}: {dict(sorted(counts.items()))}")
    for name, weight in fit(cases).items():
        print(f'    "{name}": {weight:.2f},')


if __name__ == "__main__":
    main()
