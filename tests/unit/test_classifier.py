"""The classifier of messages, with vectors from a hash in place of the encoder."""

import hashlib
import json

import numpy as np
import pytest

from bot.classifier import TextClassifier
from bot.linear_machine import ClassifierError

TEXTS = [
    "how much is it",
    "what does it cost",
    "price please",
    "cost of one session",
    "does it hurt",
    "is it painful",
    "will it be sore",
    "pain level",
]
LABELS = ["cost"] * 4 + ["pain"] * 4
FILES = ("machine.npz", "machine.json", "examples.npz")


def vectors(texts):
    """Unit vectors from a hash of the text."""
    rows = [np.frombuffer(hashlib.sha256(text.encode()).digest() * 48, dtype=np.uint8)[: 4 * 384 : 4].astype(np.float32) - 128 for text in texts]
    together = np.array(rows, dtype=np.float32).reshape(-1, 384)
    return together / np.linalg.norm(together, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def classifier():
    return TextClassifier.fit(TEXTS, vectors(TEXTS), LABELS)


def test_classifier_learns_its_examples(classifier):
    shares = classifier.probabilities(TEXTS, vectors(TEXTS))
    assert [classifier.labels[place] for place in shares.argmax(axis=1)] == LABELS


def test_classifier_generalises_by_letters(classifier):
    shares = classifier.probabilities(["costs??", "painfull"], np.zeros((2, 384), dtype=np.float32))
    assert [classifier.labels[place] for place in shares.argmax(axis=1)] == ["cost", "pain"]


@pytest.mark.parametrize("text", ["", "🙂", "x" * 2000, "كم يكلف العلاج", "how much"])
def test_probabilities_sum_to_one(classifier, text):
    for given in (vectors([text]), np.zeros((1, 384), dtype=np.float32)):
        shares = classifier.probabilities([text], given)
        assert shares.shape == (1, 2)
        assert shares.dtype == np.float32
        assert np.isfinite(shares).all()
        assert (shares >= 0).all()
        assert shares.sum() == pytest.approx(1, abs=1e-5)


def test_probabilities_of_nothing_are_empty(classifier):
    assert classifier.probabilities([], np.zeros((0, 384), dtype=np.float32)).shape == (0, 2)


@pytest.mark.parametrize("kinds", [2, 3])
def test_classifier_is_the_same_after_saving(tmp_path, kinds):
    labels = LABELS if kinds == 2 else [*LABELS[:-2], "other", "other"]
    trained = TextClassifier.fit(TEXTS, vectors(TEXTS), labels)
    trained.save(tmp_path)
    loaded = TextClassifier.load(tmp_path)
    asked = ["how much is the cost of it", "will it be painful or sore", "zzz"]
    assert loaded.labels == trained.labels == sorted(set(labels))
    assert np.array_equal(loaded.probabilities(asked, vectors(asked)), trained.probabilities(asked, vectors(asked)))


def test_classifier_needs_two_kinds():
    with pytest.raises(ClassifierError, match="at least two"):
        TextClassifier.fit(TEXTS, vectors(TEXTS), ["cost"] * len(TEXTS))


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("damage", ["missing", "cut", "emptied"])
def test_classifier_refuses_a_damaged_file(classifier, tmp_path, file, damage):
    classifier.save(tmp_path)
    content = (tmp_path / file).read_bytes()
    (tmp_path / file).unlink()
    if damage != "missing":
        (tmp_path / file).write_bytes(content[: len(content) // 2] if damage == "cut" else b"")
    with pytest.raises(ClassifierError, match="make train"):
        TextClassifier.load(tmp_path)


@pytest.mark.parametrize("words", [{}, {"labels": ["a"]}, []])
def test_classifier_refuses_a_file_of_another_kind(classifier, tmp_path, words):
    classifier.save(tmp_path)
    (tmp_path / "machine.json").write_text(json.dumps(words))
    with pytest.raises(ClassifierError, match="make train"):
        TextClassifier.load(tmp_path)


def test_classifier_refuses_code_in_the_file(classifier, tmp_path):
    classifier.save(tmp_path)
    np.savez(tmp_path / "machine.npz", weights=np.array([{"a": 1}], dtype=object), bias=np.zeros(2), rarity=np.zeros(2))
    with pytest.raises(ClassifierError):
        TextClassifier.load(tmp_path)
