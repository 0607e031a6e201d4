"""How well single messages are understood, measured on writers whose examples were left out of training.

    .venv/bin/python benchmarks/understanding.py

Prints three tables in Markdown: kinds of classifier against each other, the fall with typing errors, and the learning curve. Takes minutes and
needs no trained model.
The dialogue, follow-ups and several questions at once are measured by `python -m bot evaluate tests/eval/questions.jsonl --predictions OUT`.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import yaml
from numpy.typing import NDArray
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot import encoder  # noqa: E402
from bot.classifier import TextClassifier  # noqa: E402
from bot.facts import FactStore  # noqa: E402
from bot.nlu.labels import INTENT_OF_KIND  # noqa: E402
from bot.spelling import Spelling  # noqa: E402

PAIRS = "followups"
"""The writer whose examples are pairs of messages, and so are no test of single ones."""
KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
NEIGHBOURS = {letter: row[max(place - 1, 0) : place] + row[place + 1 : place + 2] for row in KEYBOARD for place, letter in enumerate(row)}

Labels = NDArray[np.str_]
Predict = Callable[[Sequence[str], NDArray[np.float32]], Labels]


class Examples:
    """All training examples with their writers and sentence vectors."""

    def __init__(self) -> None:
        """Read data/nlu.yml and data/facts/, and encode everything once."""
        blocks = yaml.safe_load((ROOT / "data/nlu.yml").read_text(encoding="utf8"))["nlu"]
        rows = [(block["metadata"]["writer"], block["intent"], line[2:]) for block in blocks for line in block["examples"].splitlines()]
        rows += [("facts", INTENT_OF_KIND[kind], wording) for kind, _, wording in FactStore.load().asks]
        self.writers, self.labels, self.texts = (np.array(column) for column in zip(*rows, strict=True))
        with tempfile.TemporaryDirectory() as folder:
            encoder.build(Path(folder))
            self.encode = encoder.SentenceEncoder(Path(folder)).encode
            self.vectors = self.encode(list(self.texts))

    def of(self, writers: Sequence[str]) -> NDArray[np.int_]:
        """The places of some writers' examples."""
        return np.flatnonzero(np.isin(self.writers, list(writers)))


def ours(texts: list[str], vectors: NDArray[np.float32], labels: Labels) -> Predict:
    """The classifier of the assistant."""
    model = TextClassifier.fit(texts, vectors, list(labels))
    names = np.array(model.labels)
    return lambda texts, vectors: names[model.probabilities(list(texts), vectors).argmax(axis=1)]


def vectors_only(texts: list[str], vectors: NDArray[np.float32], labels: Labels) -> Predict:
    """Logistic regression on sentence vectors alone."""
    model = LogisticRegression(C=10, max_iter=300).fit(vectors, labels)
    return lambda texts, vectors: model.predict(vectors)


def letters_only(texts: list[str], vectors: NDArray[np.float32], labels: Labels) -> Predict:
    """The same machine on letter sequences alone."""
    letters = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4), min_df=2, sublinear_tf=True).fit(texts)
    model = LinearSVC(C=0.3, random_state=0).fit(letters.transform(texts), labels)
    return lambda texts, vectors: model.predict(letters.transform(texts))


def bag_of_words(texts: list[str], vectors: NDArray[np.float32], labels: Labels) -> Predict:
    """Logistic regression on words, the customary baseline."""
    words = CountVectorizer().fit(texts)
    model = LogisticRegression(C=3, max_iter=300).fit(words.transform(texts), labels)
    return lambda texts, vectors: model.predict(words.transform(texts))


def noisy(text: str, rate: float, rng: random.Random) -> str:
    """A text with a typing error in a share of its words: a letter lost, doubled, swapped, hit beside the key, or all vowels gone."""
    return " ".join(_mistyped(word, rng) if rng.random() < rate else word for word in text.split())


def _mistyped(word: str, rng: random.Random) -> str:
    if len(word) < 4 or not word.isalpha():
        return word
    place, kind = rng.randrange(1, len(word) - 1), rng.random()
    letter = word[place]
    if kind < 0.3:
        return word[:place] + word[place + 1 :]
    if kind < 0.55:
        return word[:place] + word[place + 1] + letter + word[place + 2 :]
    if kind < 0.75:
        return word[:place] + letter + word[place:]
    if kind < 0.9:
        return word[:place] + rng.choice(NEIGHBOURS.get(letter.lower(), letter)) + word[place + 1 :]
    return word[0] + "".join(letter for letter in word[1:-1] if letter not in "aeiou") + word[-1]


PERTURBATIONS: dict[str, Callable[[str, random.Random], str]] = {
    "as written": lambda text, rng: text,
    "a typing error in every 10th word": lambda text, rng: noisy(text, 0.1, rng),
    "a typing error in every 4th word": lambda text, rng: noisy(text, 0.25, rng),
    "a typing error in every 2nd word": lambda text, rng: noisy(text, 0.5, rng),
    "a space missing": lambda text, rng: text.replace(" ", "", 1),
    "all capitals": lambda text, rng: text.upper(),
    "emoji around": lambda text, rng: f"{text} 😭🙏",
    "no apostrophes, no punctuation": lambda text, rng: "".join(letter for letter in text if letter not in "'?.,!"),
}


def right(predict: Predict, examples: Examples, places: NDArray[np.int_], texts: Sequence[str] | None = None) -> float:
    """The share of examples whose intent is predicted; of changed texts where they are given."""
    if texts is None:
        return float(np.mean(predict(examples.texts[places], examples.vectors[places]) == examples.labels[places]))
    return float(np.mean(predict(texts, examples.encode(list(texts))) == examples.labels[places]))


def main() -> None:
    """Print the tables."""
    examples = Examples()
    writers = sorted({*examples.writers} - {PAIRS, "facts"})
    print(f"{len(examples.texts)} examples, {len(writers)} writers of single messages\n")

    print(f"| trained without the writer | {' | '.join(writers)} | median |\n|---|{'---|' * (len(writers) + 1)}")
    for name, fit in (("ours", ours), ("sentence vectors only", vectors_only), ("letters only", letters_only), ("bag of words", bag_of_words)):
        scores = []
        for writer in writers:
            rest, held = np.flatnonzero(examples.writers != writer), examples.of([writer])
            scores.append(right(fit(list(examples.texts[rest]), examples.vectors[rest], examples.labels[rest]), examples, held))
        print(f"| {name} | {' | '.join(f'{score:.1%}' for score in scores)} | {statistics.median(scores):.1%} |", flush=True)

    print("\n| messages of writers left out | spelling mended | as typed |\n|---|---|---|")
    tested = [writer for writer in writers if writer in ("midchat", "sceptics", "texters")]
    for name, change in PERTURBATIONS.items():
        mended, typed = [], []
        for writer in tested:
            rest, held, rng = np.flatnonzero(examples.writers != writer), examples.of([writer]), random.Random(7)
            predict = ours(list(examples.texts[rest]), examples.vectors[rest], examples.labels[rest])
            spelling = Spelling.fit(examples.texts[rest])
            texts = [change(text, rng) for text in examples.texts[held]]
            typed.append(right(predict, examples, held, texts))
            mended.append(right(predict, examples, held, [spelling.mend(text) for text in texts]))
        print(f"| {name} | {np.mean(mended):.1%} | {np.mean(typed):.1%} |", flush=True)

    print("\n| writers in training | examples | right on the writers left out |\n|---|---|---|")
    rng = random.Random(1)
    for count in range(1, len(writers)):
        sizes, scores = [], []
        for _ in range(3):
            chosen = rng.sample(writers, count)
            trained, held = examples.of([*chosen, PAIRS, "facts"] if count == len(writers) - 1 else chosen), examples.of(set(writers) - set(chosen))
            sizes.append(len(trained))
            scores.append(right(ours(list(examples.texts[trained]), examples.vectors[trained], examples.labels[trained]), examples, held))
        print(f"| {count} | {statistics.mean(sizes):.0f} | {statistics.mean(scores):.1%} |", flush=True)


if __name__ == "__main__":
    main()
