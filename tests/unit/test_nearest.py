"""The nearest vectors are those that comparing with every one would find."""

import numpy as np
import pytest

from bot.nearest import DIGITS, NearestVectors

COUNT = 20


def unit(draw, count, width=384):
    rows = draw.normal(size=(count, width)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.mark.parametrize("width", [8, 384])
def test_the_nearest_are_found(width):
    draw = np.random.default_rng(width)
    vectors, texts = unit(draw, 3001, width).astype(np.float16), unit(draw, 40, width)
    places, cosines = NearestVectors(vectors).nearest(texts, COUNT)
    every = np.round(texts @ vectors.astype(np.float32).T, DIGITS)
    assert np.sort(cosines) == pytest.approx(np.sort(every)[:, -COUNT:], abs=2 * 10**-DIGITS)
    assert np.take_along_axis(every, places, 1) == pytest.approx(cosines, abs=2 * 10**-DIGITS)


def test_large_products_do_not_overflow():
    vectors = np.zeros((3, 384), dtype=np.float16)
    vectors[:, :2] = [[0.7071, 0.7071], [-0.7071, -0.7071], [0.7071, -0.7071]]
    places, cosines = NearestVectors(vectors).nearest(vectors.astype(np.float32), 1)
    assert places.ravel().tolist() == [0, 1, 2]
    assert cosines == pytest.approx(1, abs=1e-3)


def test_fewer_vectors_than_asked_for_are_all_found():
    vectors = unit(np.random.default_rng(0), 3).astype(np.float16)
    places, _ = NearestVectors(vectors).nearest(unit(np.random.default_rng(1), 2), COUNT)
    assert [sorted(row) for row in places.tolist()] == [[0, 1, 2]] * 2


def test_a_text_without_a_vector_is_as_near_to_all():
    vectors = unit(np.random.default_rng(0), 50).astype(np.float16)
    assert (NearestVectors(vectors).nearest(np.zeros((1, 384), dtype=np.float32), COUNT)[1] == 0).all()


def test_no_text_has_no_nearest():
    places, cosines = NearestVectors(unit(np.random.default_rng(0), 50).astype(np.float16)).nearest(np.zeros((0, 384), dtype=np.float32), COUNT)
    assert places.shape == cosines.shape == (0, COUNT)
