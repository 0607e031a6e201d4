"""The classifier of messages: a linear support vector machine and the nearest examples, half and half.

Imports no Rasa. The machine sees sentence vectors, letter sequences and words: meaning comes from the vectors, rare words and set phrases from the
others. The nearest examples see the vectors alone, and know what one unusual example teaches. They err in different places, so that together they are
right more often than either (see docs/measurements.md, measured with whole writers left out). Trains in seconds.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import scipy.sparse
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

LETTERS, WORDS = (2, 4), (1, 2)
"""Lengths of the sequences of letters and of words."""
SPELT_WEIGHT = 0.65
"""Weight of the letters, and of the words, beside the sentence vector (length 1)."""
COST = 0.3
"""The machine's C: how hard it tries to get every training example right."""
TOLERANCE = 0.01
"""Where its training stops; a hundredth of that takes a tenth longer and is right no more often."""
SHARPNESS = 4.0
"""Turns margins into probabilities (softmax of 4 x margin)."""
NEIGHBOURS = 20
"""How many of the nearest examples have a vote."""
NEARNESS = 20.0
"""How much more a nearer example's vote weighs: exp(20 x cosine)."""
SHARE_OF_NEIGHBOURS = 0.5
"""Weight of the nearest examples beside the machine."""

_ARRAYS, _WORDS = "classifier.npz", "classifier.json"


class ClassifierError(RuntimeError):
    """The classifier cannot be trained or loaded; the text says what to do."""


class TextClassifier:
    """Tells for a text how likely each label is."""

    def __init__(
        self,
        labels: Sequence[str],
        spelt: Sequence[TfidfVectorizer],
        weights: NDArray[np.float32],
        bias: NDArray[np.float32],
        examples: NDArray[np.float32],
        labels_of_examples: NDArray[np.int32],
    ) -> None:
        """Take the parts that `fit` makes and `save` keeps."""
        self.labels = list(labels)
        self._spelt = spelt
        self._weights = weights
        self._bias = bias
        self._examples = examples
        self._labels_of_examples = labels_of_examples

    @classmethod
    def fit(cls, texts: Sequence[str], vectors: NDArray[np.float32], labels: Sequence[str]) -> TextClassifier:
        """Train on labelled texts and their sentence vectors.

        Shapes: n texts, vectors (n, 384), n labels of at least two kinds.
        Raises: ClassifierError if there are fewer than two kinds of label.
        """
        if len(set(labels)) < 2:
            raise ClassifierError("data/nlu.yml needs examples of at least two intents.")
        spelt = [counter.fit(texts) for counter in _counters()]
        machine = LinearSVC(C=COST, tol=TOLERANCE, random_state=0).fit(_together(spelt, texts, vectors), labels)
        weights, bias = machine.coef_, machine.intercept_
        if len(machine.classes_) == 2:  # scikit-learn keeps one row for two classes
            weights, bias = np.vstack([-weights, weights]), np.concatenate([-bias, bias])
        names = list(machine.classes_)
        numbers = np.array([names.index(label) for label in labels], dtype=np.int32)
        return cls(names, spelt, weights.astype(np.float32), bias.astype(np.float32), vectors.astype(np.float16).astype(np.float32), numbers)

    def probabilities(self, texts: Sequence[str], vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """How likely each label is for each text.

        Shapes: n texts, vectors (n, 384) -> (n, labels).
        Units: probabilities, each row sums to 1.
        """
        if not texts:
            return np.zeros((0, len(self.labels)), dtype=np.float32)
        margins = _together(self._spelt, texts, vectors) @ self._weights.T + self._bias
        sharp = np.exp(SHARPNESS * (margins - margins.max(axis=1, keepdims=True)))
        by_machine = sharp / sharp.sum(axis=1, keepdims=True)
        shares: NDArray[np.float32] = (1 - SHARE_OF_NEIGHBOURS) * by_machine + SHARE_OF_NEIGHBOURS * self._votes(vectors)
        return shares.astype(np.float32)

    def _votes(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """The nearest examples' votes for each label; a text without a vector gets the same from all.

        Shapes: vectors (n, 384) -> (n, labels).
        """
        cosines = np.round(vectors @ self._examples.T, 5)  # beyond that, digits depend on what else is in the batch
        count = min(NEIGHBOURS, len(self._examples))
        nearest = np.argpartition(-cosines, count - 1, axis=1)[:, :count]
        rows = np.repeat(np.arange(len(vectors)), count)
        votes = np.zeros((len(vectors), len(self.labels)), dtype=np.float32)
        np.add.at(votes, (rows, self._labels_of_examples[nearest.ravel()]), np.exp(NEARNESS * (cosines[rows, nearest.ravel()] - 1)))
        shares: NDArray[np.float32] = votes / votes.sum(axis=1, keepdims=True)
        return shares

    def save(self, folder: Path) -> None:
        """Write the classifier as plain arrays and JSON: loading runs no code from the file."""
        arrays = {"weights": self._weights, "bias": self._bias, "labels": self._labels_of_examples}
        arrays |= {f"rarity{number}": counter.idf_ for number, counter in enumerate(self._spelt)}
        np.savez(folder / _ARRAYS, examples=self._examples.astype(np.float16), **arrays)
        words = {"labels": self.labels, "spelt": [{key: int(place) for key, place in counter.vocabulary_.items()} for counter in self._spelt]}
        (folder / _WORDS).write_text(json.dumps(words), encoding="utf8")

    @classmethod
    def load(cls, folder: Path) -> TextClassifier:
        """Read what `save` wrote.

        Raises: ClassifierError if it is missing or damaged.
        """
        try:
            words = json.loads((folder / _WORDS).read_text(encoding="utf8"))
            with (folder / _ARRAYS).open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                spelt = _counters(words["spelt"])
                for number, counter in enumerate(spelt):
                    counter.idf_ = arrays[f"rarity{number}"]
                examples = arrays["examples"].astype(np.float32)
                return cls(words["labels"], spelt, arrays["weights"], arrays["bias"], examples, arrays["labels"])
        except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
            raise ClassifierError(f"The trained classifier cannot be loaded ({error}); train again with `make train`.") from error


def _counters(vocabularies: Sequence[dict[str, int] | None] = (None, None)) -> list[TfidfVectorizer]:
    """Counters of letter sequences and of words, rare ones weighing more; new ones, or with what was learnt before."""
    letters, words = ({"min_df": 1 if vocabulary else 2, "sublinear_tf": True, "vocabulary": vocabulary} for vocabulary in vocabularies)
    return [
        TfidfVectorizer(analyzer="char_wb", ngram_range=LETTERS, **letters),
        TfidfVectorizer(analyzer="word", token_pattern=r"[\w']+", ngram_range=WORDS, **words),
    ]


def _together(spelt: Sequence[TfidfVectorizer], texts: Sequence[str], vectors: NDArray[np.float32]) -> scipy.sparse.csr_matrix:
    return scipy.sparse.hstack([scipy.sparse.csr_matrix(vectors), *(counter.transform(texts) * SPELT_WEIGHT for counter in spelt)]).tocsr()
