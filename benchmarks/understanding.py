"""How well single messages are understood, measured on writers whose examples were left out of training.

    .venv/bin/python benchmarks/understanding.py

Prints three tables in Markdown: kinds of classifier against each other, the fall with typing errors, and the learning curve, which it also writes to
benchmarks/learning_curve.json for the page of `python -m bot evaluate`. Needs no trained model, and takes about half an hour: writers are left out a fifth at
a time.
The dialogue, follow-ups and several questions at once are measured by `python -m bot evaluate tests/eval/questions.jsonl --predictions OUT`.
"""

from __future__ import annotations

import datetime
import json
import random
import statistics
import sys
import tempfile
from collections.abc import Callable, Collection, Sequence
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
from bot.nlu.labels import intent_of  # noqa: E402
from bot.spelling import Spelling  # noqa: E402

CURVE = ROOT / "benchmarks" / "learning_curve.json"
PAIRS = ("followups", "replies")
"""The writers whose examples are pairs of messages, and so are no test of single ones."""
NOISE_TESTED = ("midchat", "planners", "sceptics")
"""The writers whose messages are changed in the table of noise."""
FOLDS = 5
"""Parts into which the writers are divided, each of which is left out of training once."""
SHARES = (0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Shares of the writers in training for which the learning curve is drawn."""
DRAWS = 3
"""How often writers are drawn for each point of the curve."""
AUTOCORRECTED = {
    "meso": "mess", "mesotherapy": "aromatherapy", "mesolift": "mesh lift", "mesoglow": "mess glow", "botox": "boots", "filler": "killer", "fillers": "killers",
    "its": "it's", "were": "we're", "ill": "I'll", "hurt": "hurry", "cost": "coat", "price": "prize", "needle": "noodle", "needles": "noodles", "skin": "akin",
    "face": "fave", "results": "resorts", "last": "lasy", "safe": "sage", "pain": "paint", "sore": "store", "bruise": "cruise", "bruising": "cruising",
    "clinic": "clinical", "works": "words", "work": "word", "dr": "Dr.", "doc": "dog", "wanna": "Anna", "gonna": "Donna", "how": "hoe",
    "does": "goes", "much": "mush",
}  # fmt: skip
"""What telephones make of words that are typed a little wrong."""
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
        rows += [("facts", intent_of(kind), wording) for kind, _, wording in FactStore.load().asks]
        self.writers, self.labels, self.texts = (np.array(column) for column in zip(*rows, strict=True))
        with tempfile.TemporaryDirectory() as folder:
            encoder.build(Path(folder))
            self.encode = encoder.SentenceEncoder(Path(folder)).encode
            self.vectors = self.encode(list(self.texts))

    def of(self, writers: Collection[str]) -> NDArray[np.int_]:
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


def autocorrected(text: str, rng: random.Random) -> str:
    """A text with one of its words taken for another, where it has one of `AUTOCORRECTED`."""
    words = text.split()
    places = [place for place, word in enumerate(words) if word.lower() in AUTOCORRECTED]
    if places:
        place = rng.choice(places)
        words[place] = AUTOCORRECTED[words[place].lower()]
    return " ".join(words)


PERTURBATIONS: dict[str, Callable[[str, random.Random], str]] = {
    "as written": lambda text, rng: text,
    "a typing error in every 10th word": lambda text, rng: noisy(text, 0.1, rng),
    "a typing error in every 4th word": lambda text, rng: noisy(text, 0.25, rng),
    "a typing error in every 2nd word": lambda text, rng: noisy(text, 0.5, rng),
    "a space missing": lambda text, rng: text.replace(" ", "", 1),
    "every second space missing": lambda text, rng: "".join(word + " " * (place % 2) for place, word in enumerate(text.split())).strip(),
    "a word lost to autocorrect": lambda text, rng: autocorrected(text, rng),
    "all capitals": lambda text, rng: text.upper(),
    "emoji around": lambda text, rng: f"{text} 😭🙏",
    "no apostrophes, no punctuation": lambda text, rng: "".join(letter for letter in text if letter not in "'?.,!"),
}


def right(predict: Predict, examples: Examples, places: NDArray[np.int_], texts: Sequence[str] | None = None) -> float:
    """The share of examples whose intent is predicted; of changed texts where they are given."""
    if texts is None:
        return float(np.mean(predict(examples.texts[places], examples.vectors[places]) == examples.labels[places]))
    return float(np.mean(predict(texts, examples.encode(list(texts))) == examples.labels[places]))


def classifiers(examples: Examples, writers: Sequence[str]) -> None:
    """Print how right each kind of classifier is on each writer when trained without that writer and others."""
    kinds: dict[str, Callable[[list[str], NDArray[np.float32], Labels], Predict]] = {
        "ours": ours,
        "sentence vectors only": vectors_only,
        "letters only": letters_only,
        "bag of words": bag_of_words,
    }
    order = random.Random(5).sample(writers, len(writers))
    found: dict[str, dict[str, float]] = {name: {} for name in kinds}
    for part in range(FOLDS):
        held = order[part::FOLDS]
        rest = np.flatnonzero(~np.isin(examples.writers, held))
        for name, fit in kinds.items():
            predict = fit(list(examples.texts[rest]), examples.vectors[rest], examples.labels[rest])
            found[name].update({writer: right(predict, examples, examples.of([writer])) for writer in held})
        print(f"{part + 1} of {FOLDS} parts", file=sys.stderr)
    print(f"| writer left out | examples | {' | '.join(kinds)} |\n|---|---|{'---|' * len(kinds)}")
    for writer in sorted(writers, key=found["ours"].__getitem__):
        print(f"| {writer} | {len(examples.of([writer]))} | {' | '.join(f'{scores[writer]:.1%}' for scores in found.values())} |")
    print(f"| median | | {' | '.join(f'{statistics.median(scores.values()):.1%}' for scores in found.values())} |", flush=True)


def noise(examples: Examples) -> None:
    """Print how right the assistant's classifier is on changed messages of writers left out."""
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in PERTURBATIONS}
    for writer in NOISE_TESTED:
        rest, held = np.flatnonzero(examples.writers != writer), examples.of([writer])
        predict = ours(list(examples.texts[rest]), examples.vectors[rest], examples.labels[rest])
        spelling = Spelling.fit(examples.texts[rest])
        for name, change in PERTURBATIONS.items():
            rng = random.Random(7)
            texts = [change(text, rng) for text in examples.texts[held]]
            mended = right(predict, examples, held, [spelling.mend(text) for text in texts])
            found[name].append((mended, right(predict, examples, held, texts)))
    print("\n| messages of writers left out | spelling mended | as typed |\n|---|---|---|")
    for name, scores in found.items():
        mended, typed = np.mean(scores, axis=0)
        print(f"| {name} | {mended:.1%} | {typed:.1%} |", flush=True)


def learning_curve(examples: Examples, writers: Sequence[str]) -> None:
    """Print how right the assistant's classifier is on writers left out, by the number of writers it learnt from, and write that down."""
    print("\n| writers in training | examples | right on the writers left out | lowest and highest draw |\n|---|---|---|---|")
    rng = random.Random(1)
    points = []
    for count in dict.fromkeys(max(1, round(share * len(writers))) for share in SHARES):
        sizes, scores = [], []
        for _ in range(DRAWS):
            chosen = rng.sample(writers, count)
            trained, held = examples.of(chosen), examples.of(set(writers) - set(chosen))
            sizes.append(len(trained))
            scores.append(right(ours(list(examples.texts[trained]), examples.vectors[trained], examples.labels[trained]), examples, held))
        points.append({"writers": count, "examples": round(statistics.mean(sizes)), "right": statistics.mean(scores), "low": min(scores), "high": max(scores)})
        print(f"| {count} | {points[-1]['examples']} | {points[-1]['right']:.1%} | {min(scores):.1%} to {max(scores):.1%} |", flush=True)
    CURVE.write_text(json.dumps({"date": datetime.date.today().isoformat(), "points": points}, indent=1) + "\n", encoding="utf8")


def main() -> None:
    """Print the tables and write the learning curve."""
    examples = Examples()
    writers = sorted({*examples.writers} - {*PAIRS, "facts"})
    print(f"{len(examples.texts)} examples, {len(writers)} writers of single messages\n")
    classifiers(examples, writers)
    noise(examples)
    learning_curve(examples, writers)


if __name__ == "__main__":
    main()
