"""The classifier of messages: a linear machine and the nearest examples, half and half.

Imports no Rasa. The machine sees meaning and spelling (bot/linear_machine.py). The nearest examples see the sentence vectors alone, and know what one
unusual example teaches. They err in different places, so that together they are right more often than either (see docs/measurements.md, measured with
whole writers left out). Trains in seconds.
"""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bot.linear_machine import ClassifierError, LinearMachine
from bot.nearest import NearestVectors

SPELT_WEIGHT, COST = 0.65, 0.3
"""How the machine is trained (bot.linear_machine.LinearMachine.fit)."""
SHARPNESS = 4.0
"""Turns margins into probabilities (softmax of 4 x margin)."""
NEIGHBOURS = 20
"""How many of the nearest examples have a vote."""
NEARNESS = 20.0
"""How much more a nearer example's vote weighs: exp(20 x cosine)."""
SHARE_OF_NEIGHBOURS = 0.5
"""Weight of the nearest examples beside the machine."""

_EXAMPLES = "examples.npz"


class TextClassifier:
    """Tells for a text how likely each label is."""

    def __init__(self, machine: LinearMachine, examples: NDArray[np.float16], labels_of_examples: NDArray[np.int32]) -> None:
        """Take the parts that `fit` makes and `save` keeps."""
        self.labels = machine.labels
        self._machine = machine
        self._examples = NearestVectors(examples)
        self._labels_of_examples = labels_of_examples

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: NDArray[np.float32], labels: Sequence[str]) -> TextClassifier:
        """Train on labelled texts and their sentence vectors.

        Shapes: n texts, vectors (n, 384), n labels of at least two kinds.
        Raises: ClassifierError if there are fewer than two kinds of label.
        """
        machine = LinearMachine.fit(texts, vectors, labels, SPELT_WEIGHT, COST)
        numbers = np.array([machine.labels.index(label) for label in labels], dtype=np.int32)
        return cls(machine, vectors.astype(np.float16), numbers)

    def probabilities(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """How likely each label is for each text.

        Shapes: n texts, vectors (n, 384) -> (n, labels).
        Units: probabilities, each row sums to 1.
        """
        if not texts:
            return np.zeros((0, len(self.labels)), dtype=np.float32)
        margins = self._machine.margins(texts, vectors)
        sharp = np.exp(SHARPNESS * (margins - margins.max(axis=1, keepdims=True)))
        by_machine = sharp / sharp.sum(axis=1, keepdims=True)
        shares: NDArray[np.float32] = (1 - SHARE_OF_NEIGHBOURS) * by_machine + SHARE_OF_NEIGHBOURS * self._votes(vectors)
        return shares.astype(np.float32)

    def _votes(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The nearest examples' votes for each label; a text without a vector gets the same from all.

        Shapes: vectors (n, 384) -> (n, labels).
        """
        nearest, cosines = self._examples.nearest(vectors, NEIGHBOURS)
        weights = np.exp(NEARNESS * (cosines - 1))
        votes = np.array(
            [np.bincount(self._labels_of_examples[places], row, len(self.labels)) for places, row in zip(nearest, weights, strict=True)], dtype=np.float32
        )
        shares: NDArray[np.float32] = votes / votes.sum(axis=1, keepdims=True)
        return shares

    def save(self, folder: Path) -> None:
        """Write the classifier as plain arrays and JSON: loading runs no code from the file."""
        self._machine.save(folder)
        np.savez(folder / _EXAMPLES, examples=self._examples.vectors.astype(np.float16), labels=self._labels_of_examples)

    @classmethod
    def load(cls, folder: Path) -> TextClassifier:
        """Read what `save` wrote.

        Raises: ClassifierError if it is missing or damaged.
        """
        machine = LinearMachine.load(folder)
        try:
            with (folder / _EXAMPLES).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                return cls(machine, arrays["examples"], arrays["labels"])
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise ClassifierError(f"The trained classifier cannot be loaded ({error}); train again with `make train`.") from error
