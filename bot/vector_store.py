"""Keeps the sentence vectors of training examples from one training to the next, so that only new ones are encoded.

Imports no Rasa. Encoding is more than half of a first training. What is kept can be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Encode = Callable[[Sequence[str]], NDArray[np.float32]]


def kept_vectors(path: Path, version: str, texts: Sequence[str], encode: Encode) -> NDArray[np.float32]:
    """The vectors of texts, from the file where it has them; the file then holds those of these texts and no others.

    Args:
        path: The file; a missing or damaged one counts as empty.
        version: Changes when the encoder gives other vectors; a file of another version counts as empty.
        texts: The texts.
        encode: Gives the vectors of those that the file has not.

    Shapes: n texts -> (n, 384).
    Units: as `encode` gives them, rounded to 16 bits: the same from the file as without it.
    """
    names = [name_of(text) for text in texts]
    known = _known(path, version)
    missing = {name: text for name, text in zip(names, texts, strict=True) if name not in known}
    known.update(zip(missing, encode(list(missing.values())).astype(np.float16), strict=True))
    vectors = np.array([known[name] for name in names], dtype=np.float16)
    if missing:
        _keep(path, version, dict(zip(names, vectors, strict=True)))
    return vectors.astype(np.float32)


def name_of(text: str) -> int:
    """Under what the vector of a text is kept."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "little")


def _known(path: Path, version: str) -> dict[int, NDArray[np.float16]]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return dict(zip(arrays["names"].tolist(), arrays["vectors"], strict=True)) if str(arrays["version"]) == version else {}
    except (OSError, EOFError, ValueError, KeyError, zipfile.BadZipFile):
        return {}


def _keep(path: Path, version: str, vectors: dict[int, NDArray[np.float16]]) -> None:
    part = path.with_suffix(".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with part.open("wb") as file:
        np.savez(file, version=np.array(version), names=np.array(list(vectors), dtype=np.uint64), vectors=np.array(list(vectors.values())))
    os.replace(part, path)
