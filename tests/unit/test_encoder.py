"""The sentence encoder, with its real weights: vectors whose direction is the meaning."""

import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from bot import encoder
from bot.encoder import DIMENSIONS, EncoderError, SentenceEncoder

PAIRS = [
    ("how much does it cost", "what is the price of a session"),
    ("does it hurt", "is the treatment painful"),
    ("is it approved by the FDA", "do US regulators allow it"),
    ("how long do the results last", "when does the effect wear off"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("encoder")
    encoder.build(folder)
    return folder


@pytest.fixture(scope="module")
def encode(built):
    return SentenceEncoder(built).encode


def test_encoder_returns_unit_vectors(encode):
    vectors = encode(["how much is it", "?", "🙂", "x" * 5000, "كم يكلف العلاج", "a\nb\tc", "\u200b"])
    assert vectors.shape == (7, DIMENSIONS)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("text", ["", "   ", "\n"])
def test_encoder_gives_zeros_for_empty_text(encode, text):
    vectors = encode([text, "how much is it"])
    assert not vectors[0].any()
    assert vectors[1].any()


def test_encoder_takes_no_texts(encode):
    assert encode([]).shape == (0, DIMENSIONS)


def test_encoder_keeps_the_order_of_any_number_of_texts(encode):
    texts = [f"question {number} " * (1 + number % 7) for number in range(70)]
    together = encode(texts)
    for row in (0, 1, 33, 69):
        assert np.array_equal(encode([texts[row]])[0], together[row])


def test_encoder_puts_like_meanings_close(encode):
    first, second = encode([one for one, _ in PAIRS]), encode([other for _, other in PAIRS])
    likeness = first @ second.T
    for row in range(len(PAIRS)):
        assert likeness[row].argmax() == row
        assert likeness[row, row] > np.delete(likeness[row], row).max() + 0.1


def test_encoder_loses_little_by_eight_bits(encode, tmp_path):
    import onnxruntime
    from safetensors.numpy import load_file

    graph = tmp_path / "float32.onnx"
    graph.write_bytes(encoder._graph(load_file(str(encoder.weights_folder() / "model.safetensors"))).SerializeToString())
    exact = SentenceEncoder.__new__(SentenceEncoder)
    session = onnxruntime.InferenceSession(str(graph), providers=["CPUExecutionProvider"])
    exact.__dict__.update(_pool=ThreadPoolExecutor(1), _tokenizer=_tokenizer(), _session=session)
    texts = [text for pair in PAIRS for text in pair]
    assert (exact.encode(texts) * encode(texts)).sum(axis=1).min() > 0.95


def test_encoder_reads_the_first_word_pieces_only(encode):
    long = "how much does it cost " * 40
    assert np.allclose(encode([long])[0], encode([long + "and does it hurt"])[0], atol=1e-6)


def test_build_refuses_other_weights(tmp_path, monkeypatch):
    (tmp_path / "model.safetensors").write_bytes(b"other weights")
    monkeypatch.setattr(encoder, "weights_folder", lambda: tmp_path)
    with pytest.raises(EncoderError, match=hashlib.sha256(b"other weights").hexdigest()):
        encoder.build(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_build_tells_that_the_package_is_missing(monkeypatch):
    monkeypatch.setattr(encoder, "WEIGHTS_PACKAGE", "no_such_package")
    with pytest.raises(EncoderError, match=r"no_such_package.*make install"):
        encoder.weights_folder()


@pytest.mark.parametrize("file", ["encoder.onnx", "tokenizer.json"])
@pytest.mark.parametrize("damage", ["missing", "cut", "emptied"])
def test_encoder_refuses_a_damaged_file(built, tmp_path, file, damage):
    folder = tmp_path / "damaged"
    shutil.copytree(built, folder)
    content = (folder / file).read_bytes()
    (folder / file).unlink()
    if damage != "missing":
        (folder / file).write_bytes(content[: len(content) // 2] if damage == "cut" else b"")
    with pytest.raises(EncoderError, match="make train"):
        SentenceEncoder(folder)


def _tokenizer():
    import tokenizers

    tokenizer = tokenizers.Tokenizer.from_file(str(encoder.weights_folder() / "tokenizer.json"))
    tokenizer.enable_truncation(encoder.MAX_WORD_PIECES)
    tokenizer.no_padding()
    return tokenizer
