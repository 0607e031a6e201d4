"""A linear support vector machine that sees what a text means and how it is spelt.

Imports no Rasa. Meaning comes from sentence vectors; rare words and set phrases from sequences of letters and of words.
"""

from __future__ import annotations

import json
import os
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.svm import LinearSVC

from bot.sequences import Letters, Sequences, Words

TOLERANCE = 0.01
"""Where training stops; a hundredth of that takes a tenth longer and is right no more often."""

_ARRAYS, _WORDS = "machine.npz", "machine.json"
_REST = ""


class ClassifierError(RuntimeError):
    """A classifier cannot be trained or loaded; the text says what to do."""


class LinearMachine:
    """Tells each label from all others."""

    def __init__(self, labels: Sequence[str], spelt: Sequence[Sequences], spelt_weight: float, weights: NDArray[np.float32], bias: NDArray[np.float32]) -> None:
        """Take the parts that `fit` makes and `save` keeps."""
        self.labels = list(labels)
        self._spelt = spelt
        self._spelt_weight = spelt_weight
        sizes = (weights.shape[1] - sum(len(each.names) for each in spelt), *(len(each.names) for each in spelt))
        self._weights = np.split(np.ascontiguousarray(weights.T), np.cumsum(sizes)[:-1])
        self._bias = bias

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: NDArray[np.float32], labels: Sequence[str], spelt_weight: float, cost: float) -> LinearMachine:
        """Train on labelled texts and their sentence vectors.

        Args:
            texts: The texts.
            vectors: Their sentence vectors.
            labels: What each means, of at least two kinds.
            spelt_weight: Weight of the letters, and of the words, beside the sentence vector (length 1).
            cost: The machine's C: how hard it tries to get every example right.

        Shapes: n texts, vectors (n, 384), n labels.
        Raises: ClassifierError if there are fewer than two kinds of label.
        """
        names = sorted(set(labels))
        if len(names) < 2:
            raise ClassifierError("data/nlu.yml needs examples of at least two intents.")
        spelt, weights = _spelt(tuple(texts))
        features = scipy.sparse.hstack([scipy.sparse.csr_matrix(vectors), *(each * spelt_weight for each in weights)]).tocsr()
        return cls(names, spelt, spelt_weight, *_trained(features, labels, names, cost))

    def margins(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """How far each text lies on the side of each label.

        Shapes: n texts, vectors (n, 384) -> (n, labels).
        Units: margins of the machine; 1 and more is certain, below 0 is rather not.
        """
        # one by one, since the digits of products of several rows depend on what else is asked
        return np.array([self._margin(text, vector) for text, vector in zip(texts, vectors, strict=True)], dtype=np.float32).reshape(-1, len(self.labels))

    def _margin(self, text: str, vector: NDArray[np.float32]) -> NDArray[np.float32]:
        seen, *parts = self._weights
        margin: NDArray[np.float32] = vector @ seen + self._bias
        for each, part in zip(self._spelt, parts, strict=True):
            places, weights = each.row(text)
            margin += self._spelt_weight * (weights.astype(np.float32) @ part[places])
        return margin

    def save(self, folder: Path) -> None:
        """Write the machine as plain arrays and JSON: loading runs no code from the file."""
        rarity = {f"rarity{number}": each.rarity for number, each in enumerate(self._spelt)}
        np.savez(folder / _ARRAYS, weights=np.concatenate(self._weights).T.astype(np.float16), bias=self._bias, **rarity)
        words = {
            "labels": self.labels,
            "spelt_weight": self._spelt_weight,
            "spelt": [each.names for each in self._spelt],
        }
        (folder / _WORDS).write_text(json.dumps(words), encoding="utf8")

    @classmethod
    def load(cls, folder: Path) -> LinearMachine:
        """Read what `save` wrote.

        Raises: ClassifierError if it is missing or damaged.
        """
        try:
            words = json.loads((folder / _WORDS).read_text(encoding="utf8"))
            with (folder / _ARRAYS).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                spelt = [kind(names, arrays[f"rarity{number}"]) for number, (kind, names) in enumerate(zip((Letters, Words), words["spelt"], strict=True))]
                return cls(words["labels"], spelt, words["spelt_weight"], arrays["weights"].astype(np.float32), arrays["bias"])
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise ClassifierError(f"The trained classifier cannot be loaded ({error}); train again with `make train`.") from error


@lru_cache(maxsize=2)
def _spelt(texts: tuple[str, ...]) -> tuple[list[Sequences], list[scipy.sparse.csr_matrix]]:
    """The sequences of letters and of words in texts, and their weights; those of the same examples are counted once for all machines."""
    spelt = [Letters.fit(texts), Words.fit(texts)]
    return spelt, [each.rows(texts) for each in spelt]


def _trained(features: scipy.sparse.csr_matrix, labels: Sequence[str], names: Sequence[str], cost: float) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """The weights that tell each label from all others, and the bias; every core takes some of the labels (liblinear lets go of Python's lock).

    Shapes: features (n, f), n labels, k names -> (k, f), (k,).
    """

    def trained(some: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        classes = [_REST, *some]
        numbers = [classes.index(label) if label in some else 0 for label in labels]
        machine = LinearSVC(C=cost, tol=TOLERANCE, random_state=0).fit(features, numbers)
        rows = machine.coef_.shape[0] - len(some)  # two classes have one row, of the second; more have one each, the first of the rest
        return machine.coef_[rows:], machine.intercept_[rows:]

    cores = min(max(os.cpu_count() or 1, 2), len(names))  # two at least, so that each has others to tell its labels from
    with ThreadPoolExecutor(cores) as pool:
        parts = list(pool.map(trained, [names[start::cores] for start in range(cores)]))
    order = np.argsort(np.concatenate([np.arange(len(names))[start::cores] for start in range(cores)]))
    weights, bias = (np.concatenate(side)[order] for side in zip(*parts, strict=True))
    return weights.astype(np.float16).astype(np.float32), bias.astype(np.float32)  # as they are saved
