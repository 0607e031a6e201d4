"""What is kept of sentence vectors between trainings."""

import numpy as np
import pytest

from bot.vector_store import kept_vectors


@pytest.fixture
def encoder():
    """An encoder that notes what it was asked, and encodes a text by its length."""

    def encode(texts):
        encode.asked.append(list(texts))
        return np.array([[len(text) + 0.1, 1.0] for text in texts], dtype=np.float32).reshape(-1, 2)

    encode.asked = []
    return encode


def test_only_new_texts_are_encoded(tmp_path, encoder):
    path = tmp_path / "models" / "vectors.npz"
    first = kept_vectors(path, "1", ["a", "bb"], encoder)
    second = kept_vectors(path, "1", ["bb", "ccc", "a"], encoder)
    assert encoder.asked == [["a", "bb"], ["ccc"]]
    assert np.array_equal(second[[2, 0]], first)


def test_vectors_are_the_same_with_and_without_the_file(tmp_path, encoder):
    path = tmp_path / "vectors.npz"
    assert np.array_equal(kept_vectors(path, "1", ["a", "a", "bb"], encoder), kept_vectors(path, "1", ["a", "a", "bb"], encoder))


def test_what_is_no_longer_asked_for_goes(tmp_path, encoder):
    path = tmp_path / "vectors.npz"
    for texts in (["a"], ["bb"], ["a"]):
        kept_vectors(path, "1", texts, encoder)
    assert encoder.asked == [["a"], ["bb"], ["a"]]


@pytest.mark.parametrize("content", [b"", b"no zip", None])
def test_a_damaged_file_or_one_of_another_encoder_counts_as_empty(tmp_path, encoder, content):
    path = tmp_path / "vectors.npz"
    kept_vectors(path, "1", ["a"], encoder)
    if content is not None:
        path.write_bytes(content)
    kept_vectors(path, "1" if content is not None else "2", ["a"], encoder)
    assert encoder.asked == [["a"], ["a"]]
