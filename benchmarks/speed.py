"""How fast the assistant is beside the same assistant with its actions in a second process, and beside the project that `rasa init` makes.

    .venv/bin/python benchmarks/speed.py [--part PART ...] [--quick]

All three answer the same questions with the same actions, over HTTP, with SQLite below them; the stock project has the pipeline and the policies of `rasa
init` as they are, trained on our data. They take turns in short rounds, so that what else the machine does meets all of them. Each part replaces its
figures in benchmarks/speed.json, and docs/speed.md and its plot are written anew from that: a run that was interrupted goes on with `--part`.

The stock model is trained for 3 of its 100 epochs on 45 examples of each intent, since all of it takes days. That does not change how fast it answers, but for
the words it knows, of which it would have more. Its training time is extrapolated from the time that one epoch takes; its answers are not looked at.

On two quiet cores: serving 10 minutes, start 2, training 6 (of them 3 for the stock model, which serving and start use too), growth 10, profile 1.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import datetime
import http.client
import json
import os
import platform
import pstats
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.metadata import version
from importlib.util import find_spec
from itertools import cycle, islice
from pathlib import Path
from random import Random
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from benchmarks.pipelines import STOCK, apart  # noqa: E402
from bot.launch import TRACKER_STORE, LaunchError  # noqa: E402
from bot.quiet import ENVIRONMENT  # noqa: E402
from bot.rate_limits import ADDRESS_VARIABLE, SESSION_VARIABLE  # noqa: E402
from bot.signals import ENDED_BY_INTERRUPT, end_politely  # noqa: E402
from bot.training import LOG, MODEL  # noqa: E402

RESULTS, PAGE, PLOT = ROOT / "benchmarks" / "speed.json", ROOT / "docs" / "speed.md", ROOT / "docs" / "speed.svg"
QUESTIONS = [ROOT / "tests" / "eval" / name for name in ("questions.jsonl", "held_out.jsonl")]
"""What is asked: single questions and several, and all else that visitors type, as often as they do; ten words a message."""
VECTORS = ROOT / "models" / "vectors.npz"
KEPT = ROOT / "models" / "stock"
"""Where the stock project is kept between parts."""

OURS, APART, STOCK_PROJECT = "this assistant", "actions in a second process", "Rasa's stock project"
EXAMPLES_AN_INTENT, EPOCHS, ALL_EPOCHS = 45, 3, 100
VISITORS = 8
"""Who ask at once where the most is asked for."""
UNLIMITED = {ADDRESS_VARIABLE: "1000000", SESSION_VARIABLE: "1000000"}
"""All visitors come from one address, and ask without a pause."""
TURNS_A_VISITOR = 3
"""Questions in one conversation, as visitors put them."""
READY_SECONDS = 600

Figures = dict[str, Any]


class Contestant(ABC):
    """A server, the processes that it is made of, and how one talks to it."""

    name: str

    def __init__(self, folder: Path) -> None:
        """Keep its database and its logs in a folder."""
        self.folder = folder
        self.port = 0
        self._processes: list[subprocess.Popen[bytes]] = []

    @abstractmethod
    def commands(self) -> list[tuple[list[str], Path]]:
        """The command of each process, and where it runs."""

    @abstractmethod
    def begin(self, wire: Wire) -> str:
        """A new conversation."""

    @abstractmethod
    def ask(self, wire: Wire, conversation: str, text: str) -> str:
        """The reply to a message; empty where there was none."""

    def start(self) -> float:
        """Start it; return the seconds until it has answered for the first time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port, self.action_port = free_port(), free_port()
        environment = {**os.environ, **ENVIRONMENT, **UNLIMITED, "SANIC_HOST": "127.0.0.1", "PYTHONPATH": str(ROOT)}
        started = time.perf_counter()
        for number, (command, place) in enumerate(self.commands()):
            with (self.folder / f"log-{number}").open("wb") as log:
                process = subprocess.Popen(command, cwd=place, env=environment, stdout=log, stderr=log, start_new_session=True)
            self._processes.append(process)
        while not self._answers():
            if time.perf_counter() - started > READY_SECONDS or any(process.poll() is not None for process in self._processes):
                raise LaunchError(f"{self.name} did not start: the reason is in {self.folder}/log-*.")
            time.sleep(0.05)
        return time.perf_counter() - started

    def end(self) -> None:
        """End its processes."""
        for process in self._processes:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._processes = []

    def memory(self) -> list[float]:
        """The resident memory of each process.

        Units: MB.
        """
        return [round(resident(process.pid), 1) for process in self._processes]

    def _answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException, ValueError, KeyError), Wire(self.port) as wire:
            return bool(self.ask(wire, self.begin(wire), "how much does it cost"))
        return False

    def _endpoints(self, store: Mapping[str, Any]) -> Path:
        path = self.folder / "endpoints.yml"
        endpoints = {"tracker_store": {**store, "dialect": "sqlite", "db": str(self.folder / "conversations.db")}}
        path.write_text(json.dumps({**endpoints, "action_endpoint": {"url": f"http://127.0.0.1:{self.action_port}/webhook"}}), encoding="utf8")
        return path

    def _plain(self, *more: str) -> list[str]:
        return [sys.executable, "-m", "rasa", "run", "--interface", "127.0.0.1", "--port", str(self.port), *more]

    def _actions(self) -> tuple[list[str], Path]:
        return [sys.executable, "-m", "rasa", "run", "actions", "--port", str(self.action_port)], ROOT


class Ours(Contestant):
    """`make run`."""

    name = OURS

    def commands(self) -> list[tuple[list[str], Path]]:
        """The server, with the actions in it."""
        endpoints = self._endpoints({"type": TRACKER_STORE})
        return [([sys.executable, "-m", "bot", "run", "--port", str(self.port), "--endpoints", str(endpoints)], ROOT)]

    def begin(self, wire: Wire) -> str:
        """A session's token."""
        return str(wire.post("/chat/sessions", {})["session"])

    def ask(self, wire: Wire, conversation: str, text: str) -> str:
        """As the widget asks."""
        return str(wire.post("/chat/messages", {"session": conversation, "text": text})["text"])


class Apart(Ours):
    """`rasa run` and `rasa run actions` with our model."""

    name = APART

    def commands(self) -> list[tuple[list[str], Path]]:
        """The server and that of the actions."""
        endpoints = self._endpoints({"type": TRACKER_STORE})
        return [(self._plain("--model", str(MODEL), "--endpoints", str(endpoints)), ROOT), self._actions()]


class Stock(Contestant):
    """The project of `rasa init`, with our data and our actions, and Rasa's own channel and store."""

    name = STOCK_PROJECT

    def commands(self) -> list[tuple[list[str], Path]]:
        """The server and that of the actions."""
        endpoints = self._endpoints({"type": "SQL"})
        credentials = self.folder / "credentials.yml"
        credentials.write_text("rest:\n", encoding="utf8")
        model = stock_model()
        return [(self._plain("--model", str(model), "--endpoints", str(endpoints), "--credentials", str(credentials)), KEPT), self._actions()]

    def begin(self, wire: Wire) -> str:
        """Any name will do."""
        return os.urandom(8).hex()

    def ask(self, wire: Wire, conversation: str, text: str) -> str:
        """As Rasa's REST channel is asked."""
        return "".join(str(said.get("text", "")) for said in wire.post("/webhooks/rest/webhook", {"sender": conversation, "message": text}))


class Wire:
    """One connection to a server, kept open."""

    def __init__(self, port: int) -> None:
        """Connect at the first request."""
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def __enter__(self) -> Wire:
        """Itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self._connection.close()

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """What a POST of JSON answers."""
        self._connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        said = answer.read()
        if answer.status != 200:
            raise ValueError(f"{path} answered {answer.status}: {said[:200]!r}")
        return json.loads(said)

    def get(self, path: str) -> bytes:
        """What a GET answers."""
        self._connection.request("GET", path)
        return self._connection.getresponse().read()


# serving


def serving(folder: Path, quick: bool) -> Figures:
    """One visitor, many visitors, long conversations, memory: the contestants take turns."""
    rounds, asked, seconds, turns = (2, 15, 3, 20) if quick else (6, 60, 8, 100)
    texts = questions()
    contestants = [kind(folder / kind.__name__) for kind in (Ours, Apart, Stock)]
    one, many, long = (defaultdict[str, list[Any]](list) for _ in range(3))
    with running(contestants):
        for contestant in contestants:
            visitor(contestant, islice(cycle(texts), 20))
        for number in range(rounds):
            tell(f"serving, round {number + 1} of {rounds}")
            for contestant in rotated(contestants, number):
                one[contestant.name] += visitor(contestant, islice(cycle(texts), number * asked, (number + 1) * asked))
            for contestant in rotated(contestants, number):
                many[contestant.name].append(saturated(contestant, texts, seconds))
        for number in range(1 if quick else 3):
            tell(f"serving, long conversations {number + 1}")
            for contestant in rotated(contestants, number):
                long[contestant.name].append(visitor(contestant, islice(cycle(texts[:5]), turns), TURNS_A_VISITOR**9))
        with Wire(contestants[0].port) as wire:
            trip = statistics.median(timed(lambda: wire.get("/chat/settings")) for _ in range(200))
        memory = {contestant.name: contestant.memory() for contestant in contestants}
    parts = apart(alone, texts[:100])
    return {
        "questions_a_contestant": rounds * asked,
        "alone_ms": {**parts, "one HTTP round trip": trip},
        "turns": turns,
        "contestants": {
            name: {
                "median_ms": statistics.median(one[name]),
                "p99_ms": statistics.quantiles(one[name], n=100)[-1],
                "questions_a_second": statistics.median(many[name]),
                "by_turn_ms": [statistics.median(times) for times in zip(*long[name], strict=True)],
                "memory_mb": memory[name],
            }
            for name in one
        },
    }


def visitor(contestant: Contestant, texts: Iterator[str], turns: int = TURNS_A_VISITOR) -> list[float]:
    """One visitor's questions, so many a conversation; return what each took.

    Units: milliseconds.
    """
    times = []
    with Wire(contestant.port) as wire:
        for number, text in enumerate(texts):
            if number % turns == 0:
                conversation = contestant.begin(wire)
            times.append(timed(lambda: answered(contestant, wire, conversation, text)))  # noqa: B023
    return times


def saturated(contestant: Contestant, texts: Sequence[str], seconds: float) -> float:
    """Questions a second while several visitors ask without a pause."""
    counts, end = [0] * VISITORS, time.perf_counter() + seconds

    def ask(number: int) -> None:
        with Wire(contestant.port) as wire:
            for turn, text in enumerate(islice(cycle(texts), number * 7, None)):
                if turn % TURNS_A_VISITOR == 0:
                    conversation = contestant.begin(wire)
                answered(contestant, wire, conversation, text)
                if time.perf_counter() > end:
                    return
                counts[number] += 1

    visitors = [threading.Thread(target=ask, args=(number,)) for number in range(VISITORS)]
    for one in visitors:
        one.start()
    for one in visitors:
        one.join()
    return sum(counts) / seconds


def answered(contestant: Contestant, wire: Wire, conversation: str, text: str) -> None:
    """Ask, and make sure that there is a reply; a stock model that knows 45 examples an intent may have none."""
    if not contestant.ask(wire, conversation, text) and not isinstance(contestant, Stock):
        raise LaunchError(f"{contestant.name} gave no reply.")


def alone(texts: Sequence[str]) -> Figures:
    """Encoder and classifier by themselves, each message whole.

    Units: milliseconds, medians.
    """
    from bot.classifier import TextClassifier
    from bot.encoder import SentenceEncoder

    with tempfile.TemporaryDirectory() as folder:
        subprocess.run(["tar", "xzf", str(MODEL), "-C", folder], check=True, stderr=subprocess.DEVNULL)
        components = {path.name.rstrip("0123456789").split(".")[-1]: path for path in Path(folder, "components").iterdir()}
        encoder = SentenceEncoder(components["SentenceFeaturizer"])
        classifier = TextClassifier.load(components["LinearIntentClassifier"])
    vectors = [encoder.encode([text]) for text in texts]
    return {
        "encoder": statistics.median(timed(lambda: encoder.encode([text])) for text in texts),  # noqa: B023
        "classifier": statistics.median(timed(lambda: classifier.probabilities([text], row)) for text, row in zip(texts, vectors, strict=True)),  # noqa: B023
    }


# start


def start(folder: Path, quick: bool) -> Figures:
    """Seconds from the command to the first answer, with nothing else running."""
    seconds = defaultdict[str, list[float]](list)
    for number in range(1 if quick else 3):
        for kind in (Ours, Apart, Stock):
            contestant = kind(folder / f"{kind.__name__}-{number}")
            tell(f"start of {contestant.name}")
            try:
                seconds[contestant.name].append(round(contestant.start(), 2))
            finally:
                contestant.end()
    return {"seconds": dict(seconds)}


# training


def training(folder: Path, quick: bool) -> Figures:
    """`python -m bot train`, with and without the vectors of the examples, and the stock project's training, extrapolated."""
    tell("training, with the vectors of the training before")
    warm = train_ours()
    stages = trained_components()
    away = VECTORS.with_suffix(".away")
    VECTORS.rename(away)
    try:
        tell("training, without them")
        cold = train_ours()
    finally:
        away.replace(VECTORS)
    if not quick:
        shutil.rmtree(KEPT, ignore_errors=True)
    stock_model()
    stock = json.loads((KEPT / "training.json").read_text(encoding="utf8"))
    examples = len(every_example())
    full = stock["without_epochs_s"] + ALL_EPOCHS * sum(
        seconds * (examples / stock["examples"] if name == "DIETClassifier" else 1) for name, seconds in stock["epoch_s"].items()
    )
    return {"examples": examples, "warm_s": warm, "cold_s": cold, "components_s": stages, "stock": {**stock, "extrapolated_s": full}}


def train_ours() -> float:
    """Seconds of a whole training, imports and all."""
    return timed(lambda: subprocess.run([sys.executable, "-m", "bot", "train", "--force"], cwd=ROOT, check=True, stderr=subprocess.DEVNULL)) / 1000


def trained_components() -> Figures:
    """Seconds of each component in the last training, from its log."""
    lines = re.findall(
        r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) .*?(Starting to train|Finished training) component '(\w+)'", LOG.read_text(encoding="utf8"), re.MULTILINE
    )
    moments = {(name, what): datetime.datetime.fromisoformat(moment) for moment, what, name in lines}
    return {name: (end - moments[name, "Starting to train"]).seconds for (name, what), end in moments.items() if what == "Finished training"}


def stock_model() -> Path:
    """The stock project's model; trained where there is none yet, with the seconds of each epoch beside it."""
    model = KEPT / "models" / "stock.tar.gz"
    if (KEPT / "training.json").exists() and model.exists():
        return model
    tell(f"training the stock project: {EXAMPLES_AN_INTENT} examples an intent, {EPOCHS} epochs")
    shutil.rmtree(KEPT, ignore_errors=True)
    (KEPT / "data").mkdir(parents=True)
    count = write_stock_project(KEPT)
    environment = {**os.environ, **ENVIRONMENT, "PYTHONUNBUFFERED": "1", "RASA_MAX_CACHE_SIZE": "0"}
    started = time.perf_counter()
    command = [sys.executable, "-m", "rasa", "train", "--fixed-model-name", "stock"]
    process = subprocess.Popen(command, cwd=KEPT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    moments, log = follow(process.stdout.fileno())
    seconds = time.perf_counter() - started
    if process.wait() or not model.exists():
        raise LaunchError(f"The stock project could not be trained: {log[-500:]}")
    # the first epoch also builds the graph; the whole of it counts among what is done once
    epochs = {name: (max(seen.values()) - min(seen.values())) / (max(seen) - min(seen)) for name, seen in moments.items() if len(seen) > 1}
    once = seconds - sum(each * (EPOCHS - 1) for each in epochs.values())
    (KEPT / "training.json").write_text(json.dumps({"examples": count, "seconds": seconds, "epoch_s": epochs, "without_epochs_s": once}), encoding="utf8")
    return model


def follow(stream: int) -> tuple[dict[str, dict[int, float]], str]:
    """When each epoch of each component ended, by its progress bar, and all that was printed."""
    moments: dict[str, dict[int, float]] = defaultdict(dict)
    component, log = "", ""
    while block := os.read(stream, 65536):
        text = block.decode(errors="replace")
        log += text
        for name, epoch in re.findall(rf"Starting to train component '(\w+)'|\b(\d+)/{EPOCHS} \[", text):
            component = name or component
            if epoch and int(epoch):
                moments[component].setdefault(int(epoch), time.perf_counter())
    return moments, log


def write_stock_project(folder: Path) -> int:
    """The project of `rasa init` with some of our examples, our stories and our domain; return how many examples."""
    rasa = find_spec("rasa")  # found, not imported: that takes seconds
    assert rasa is not None and rasa.origin is not None
    config = yaml.safe_load((Path(rasa.origin).parent / STOCK).read_text(encoding="utf8"))
    for part in (*config["pipeline"], *config["policies"]):
        part.update({"epochs": EPOCHS} if "epochs" in part else {})
    (folder / "config.yml").write_text(yaml.safe_dump(config), encoding="utf8")
    by_intent = defaultdict(list)
    for intent, text in every_example():
        by_intent[intent].append(text)
    draw = Random(0)
    some = {intent: draw.sample(texts, min(len(texts), EXAMPLES_AN_INTENT)) for intent, texts in by_intent.items()}
    blocks = [{"intent": intent, "examples": "".join(f"- {text}\n" for text in texts)} for intent, texts in some.items()]
    (folder / "data" / "nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True, width=10**6), encoding="utf8")
    shutil.copy(ROOT / "data" / "stories.yml", folder / "data")
    shutil.copy(ROOT / "domain.yml", folder)
    return sum(map(len, some.values()))


def every_example() -> list[tuple[str, str]]:
    """The examples of data/nlu.yml, as (intent, text)."""
    blocks = yaml.load((ROOT / "data" / "nlu.yml").read_bytes(), Loader=yaml.CSafeLoader)["nlu"]
    return [(block["intent"], line[2:].strip()) for block in blocks for line in block["examples"].splitlines() if line.strip()]


# growth


def growth(folder: Path, quick: bool) -> Figures:
    """How time and memory grow with facts, examples, turns and open conversations."""
    facts = {}
    for times in (1, 10) if quick else (1, 10, 100):
        tell(f"growth: {times} times the facts")
        facts[times] = apart(with_facts, times)
    examples = {}
    for times in (1,) if quick else (1, 3, 10):
        tell(f"growth: {times} times the examples")
        examples[times] = apart(with_examples, times)
    return {"facts": facts, "examples": examples, **with_conversations(folder, *((40, 100) if quick else (300, 10_000)))}


def with_facts(times: int) -> Figures:
    """Load the facts, each so many times under ids of its own, and answer every topic."""
    from bot.clinic import Clinic
    from bot.composer import Composer
    from bot.facts import FACTS, FactStore
    from bot.reading import Question
    from bot.reply import ReplyCheck

    before = resident()
    with tempfile.TemporaryDirectory() as folder:
        multiply_facts(FACTS, Path(folder), times)
        started = time.perf_counter()
        store = FactStore.load(Path(folder))
        load = time.perf_counter() - started
    composer = Composer(store, Clinic())
    check = ReplyCheck(store, Clinic())
    times_ms = []
    for topic in store.topics:
        times_ms += [timed(lambda: check.check(composer.answer([Question(topic)]).metadata())) for _ in range(20)]  # noqa: B023
    return {"facts": len(store.facts), "load_s": load, "answer_ms": statistics.median(times_ms), "memory_mb": resident() - before}


def multiply_facts(source: Path, target: Path, times: int) -> None:
    """Copy the facts; beside each fact and answer stand copies of it under further ids."""
    for path in source.iterdir():
        content = yaml.safe_load(path.read_text(encoding="utf8"))
        if isinstance(content, dict) and "topic" in content:
            asked_for = [{key: value for key, value in answer.items() if key != "asks"} for answer in content.get("answers") or () if "asks" in answer]
            for name, entries in (("facts", content.get("facts") or []), ("answers", asked_for)):
                copies = [{**entry, "id": f"{entry['id']}_{number}"} for number in range(1, times) for entry in entries]
                content.update({name: [*(content.get(name) or []), *copies]} if copies else {})
        (target / path.name).write_text(yaml.dump(content, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False), encoding="utf8")


def with_examples(times: int) -> Figures:
    """Train the classifier on the examples, so many times over, each copy changed a little, and ask it."""
    import numpy as np

    from bot.classifier import TextClassifier
    from bot.vector_store import name_of

    intents, texts = zip(*every_example(), strict=True)
    draw = np.random.default_rng(0)
    with np.load(VECTORS) as arrays:
        kept = dict(zip(arrays["names"].tolist(), arrays["vectors"].astype(np.float32), strict=True))
    vectors = np.array([kept.get(name_of(text), draw.normal(size=384)) for text in texts], dtype=np.float32)  # misspelt ones are kept as they are read
    vectors = np.concatenate([vectors + draw.normal(size=vectors.shape, scale=0.01).astype(np.float32) for _ in range(times)])
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    many = [f"{text} {number}" if number else text for number in range(times) for text in texts]
    started = time.perf_counter()
    classifier = TextClassifier.fit(many, vectors, list(intents) * times)
    fit = time.perf_counter() - started
    with tempfile.TemporaryDirectory() as folder:
        classifier.save(Path(folder))
        size = sum(path.stat().st_size for path in Path(folder).iterdir()) / 2**20
    asked = [timed(lambda: classifier.probabilities([text], row[None])) for text, row in zip(texts[:200], vectors[:200], strict=True)]  # noqa: B023
    return {"examples": len(many), "training_s": fit, "message_ms": statistics.median(asked), "size_mb": size}


def with_conversations(folder: Path, turns: int, most: int) -> Figures:
    """Our server with one conversation that grows long, and with more and more open ones."""
    texts, ours = questions(), Ours(folder / "growth")
    by_count = {}
    with running([ours]):
        visitor(ours, islice(cycle(texts), 20))
        tell(f"growth: a conversation of {turns} turns")
        long = visitor(ours, islice(cycle(texts[:5]), turns), turns)
        opened = 0
        for count in (10, 100, 1000, 10_000):
            if count > most:
                break
            tell(f"growth: {count} open conversations")
            open_conversations(ours, texts, count - opened)
            opened = count
            times = visitor(ours, islice(cycle(texts), 60))
            by_count[count] = {"median_ms": statistics.median(times), "memory_mb": ours.memory()[0]}
    return {"by_turn_ms": long, "open": by_count}


def open_conversations(contestant: Contestant, texts: Sequence[str], count: int) -> None:
    """Begin conversations with one question each, over several connections."""

    def ask(number: int) -> None:
        with Wire(contestant.port) as wire:
            for text in islice(cycle(texts), number, number + len(range(number, count, VISITORS))):
                answered(contestant, wire, contestant.begin(wire), text)

    visitors = [threading.Thread(target=ask, args=(number,)) for number in range(VISITORS)]
    for one in visitors:
        one.start()
    for one in visitors:
        one.join()


# profile

PLACES = (
    ("spelling", "bot/nlu/spelling_corrector.py", "process"),
    ("clauses", "bot/nlu/question_splitter.py", "process"),
    ("vocabulary", "bot/nlu/vocabulary_extractor.py", "process"),
    ("encoder", "bot/encoder.py", "encode"),
    ("classifiers: nearest examples", "bot/classifier.py", "_votes"),
    ("classifiers: linear machines", "bot/linear_machine.py", "margins"),
    ("decision", "bot/nlu/message_reader.py", "process"),
    ("conversation read", "rasa/core/processor.py", "get_tracker"),
    ("conversation written", "rasa/core/processor.py", "save_tracker"),
    ("policies", "rasa/core/processor.py", "_predict_next_with_tracker"),
    ("actions: the skill itself", "actions/skill.py", "run"),
    ("actions: check of the result", "rasa/core/actions/action.py", "_validate_action_result"),
    ("actions: check of the result", "bot/inprocess.py", "validate"),
)
"""What a turn is made of: label, file and function; of the last two whichever there is."""


def profile(folder: Path, quick: bool) -> Figures:
    """What a turn in one process is spent on, by cProfile."""
    return apart(profiled, str(folder), questions()[: 30 if quick else 150])


def profiled(folder: str, texts: Sequence[str]) -> Figures:
    """Play conversations of three turns within this process, on SQLite."""
    from bot import launch
    from bot.edge import Edge
    from bot.server import _agent

    Path(folder).mkdir(parents=True, exist_ok=True)
    endpoints = Path(folder, "endpoints.yml")
    endpoints.write_text(json.dumps({"tracker_store": {"type": TRACKER_STORE, "dialect": "sqlite", "db": f"{folder}/profile.db"}}), encoding="utf8")
    found = cProfile.Profile()

    async def play() -> None:
        agent = await _agent(launch.model(), endpoints)
        edge = Edge(agent.handle_message, launch.composer())
        for number, text in enumerate(texts[:20]):
            await edge.reply(f"warm-{number}", text)
        found.enable()
        for number, text in enumerate(texts):
            await edge.reply(f"profiled-{number // TURNS_A_VISITOR}", text)
        found.disable()

    asyncio.run(play())
    stats = pstats.Stats(found)
    spent: dict[str, float] = defaultdict(float)
    for (file, _, function), (_, _, _, cumulated, _) in stats.stats.items():  # type: ignore[attr-defined]
        for label, end, name in PLACES:
            if file.endswith(end) and function == name:
                spent[label] += cumulated * 1000 / len(texts)
    whole = stats.total_tt * 1000 / len(texts)  # type: ignore[attr-defined]
    return {"turns": len(texts), "turn_ms": whole, "ms": {label: spent[label] for label, _, _ in PLACES if spent[label]}}


# page and plot

REACH = "at most 1/5", "under 4", "at least 5 times", "under 1.5", "at most 1/2", "at most 60%", "at most 1/4, and under 60 s"


def page(results: Figures) -> str:
    """docs/speed.md: a table a part."""
    return (
        "\n".join(HEAD.format(**results["machine"]).splitlines() + [line for part, table in TABLES.items() if part in results for line in table(results)])
        + "\n"
    )


def compared(results: Figures) -> Iterator[str]:
    """The table of measures, as ratios to the stock project."""
    yield from ("", "## Against Rasa's stock project", "", f"| measure | {OURS} | {APART} | {STOCK_PROJECT} | ratio | to reach |", "|---|---|---|---|---|---|")
    serving = results["serving"]["contestants"]
    ours, second, stock = (serving[name] for name in (OURS, APART, STOCK_PROJECT))

    def row(measure: str, form: str, value: Callable[[Figures], float], ratio: str, reach: str) -> str:
        return f"| {measure} | {' | '.join(form.format(value(one)) for one in (ours, second, stock))} | {ratio} | {reach} |"

    def late(one: Figures) -> float:
        return statistics.median(one["by_turn_ms"][-5:]) / statistics.median(one["by_turn_ms"][:5])

    yield row("median time a question, one visitor", "{:.1f} ms", lambda one: one["median_ms"], f"{ours['median_ms'] / stock['median_ms']:.2f}", "at most 0.20")
    yield row("p99 / median, one visitor", "{:.1f}", lambda one: one["p99_ms"] / one["median_ms"], "", "under 4")
    rate = ours["questions_a_second"] / stock["questions_a_second"]
    yield row(f"questions a second, {VISITORS} visitors at once", "{:.1f}", lambda one: one["questions_a_second"], f"{rate:.1f}", "at least 5")
    yield row(f"turns {results['serving']['turns'] - 4} to {results['serving']['turns']} / turns 1 to 5", "{:.2f}", late, "", "under 1.5")
    share = sum(ours["memory_mb"]) / sum(stock["memory_mb"])
    yield row("resident memory, all processes", "{:.0f} MB", lambda one: sum(one["memory_mb"]), f"{share:.2f}", "at most 0.60")
    if "start" in results:
        seconds = {name: statistics.median(found) for name, found in results["start"]["seconds"].items()}
        cells = " | ".join(f"{seconds[name]:.1f} s" for name in (OURS, APART, STOCK_PROJECT))
        yield f"| start to first answer | {cells} | {seconds[OURS] / seconds[STOCK_PROJECT]:.2f} | at most 0.50 |"
    if "training" in results:
        found = results["training"]
        hours = found["stock"]["extrapolated_s"] / 3600
        yield f"| training, first | {found['cold_s']:.0f} s | the same | {hours:.1f} h (extrapolated) | {found['cold_s'] / hours / 3600:.4f} | at most 0.25 |"
        yield f"| training, again | {found['warm_s']:.0f} s | the same | the same | {found['warm_s'] / hours / 3600:.4f} | under 60 s |"
    alone_ms = results["serving"]["alone_ms"]
    yield from ("", f"A question's {ours['median_ms']:.1f} ms beside what it needs at least, each measured alone: "
                + ", ".join(f"{name} {value:.1f} ms" for name, value in alone_ms.items()) + f"; together {sum(alone_ms.values()):.1f} ms.")  # fmt: skip
    memory = "; ".join(f"{name} {' + '.join(f'{one:.0f}' for one in serving[name]['memory_mb'])} MB" for name in serving)
    yield from ("", f"Memory of each process: {memory}. {results['serving']['questions_a_contestant']} questions a contestant with one visitor.")


def trained(results: Figures) -> Iterator[str]:
    """How training was measured."""
    found, stock = results["training"], results["training"]["stock"]
    yield from ("", "## Training", "")
    yield f"`python -m bot train --force` on {found['examples']} examples: {found['warm_s']:.0f} s with the vectors of the training before,"
    yield f"{found['cold_s']:.0f} s without."
    yield "Of that the components (whole seconds, from the log): " + ", ".join(f"{name} {seconds}" for name, seconds in found["components_s"].items()) + "."
    epochs = ", ".join(f"{name} {seconds:.2f} s" for name, seconds in stock["epoch_s"].items())
    yield from (
        "",
        f"The stock project: {stock['seconds']:.0f} s for {EPOCHS} epochs on {stock['examples']} examples. One epoch: {epochs}.",
    )
    yield f"All {ALL_EPOCHS} on all examples would take {stock['extrapolated_s'] / 3600:.1f} hours: the epochs of DIETClassifier grow"
    yield "with the examples, those of the policies do not."


def grown(results: Figures) -> Iterator[str]:
    """How cost grows."""
    found = results["growth"]
    yield from ("", "## How cost grows", "", "![Time a turn, by turn and by open conversations](speed.svg)", "")
    yield from ("| facts | load | an answer, checked | memory |", "|---|---|---|---|")
    yield from (f"| {one['facts']} | {one['load_s']:.1f} s | {one['answer_ms']:.2f} ms | {one['memory_mb']:.0f} MB |" for one in found["facts"].values())
    yield from ("", "The copies of a fact stand beside it in its topic, with answers of their own.", "")
    yield from ("| training examples | training of the classifier | a text | size on disk |", "|---|---|---|---|")
    for one in found["examples"].values():
        yield f"| {one['examples']} | {one['training_s']:.0f} s | {one['message_ms']:.2f} ms | {one['size_mb']:.0f} MB |"
    yield from ("", "The copies of an example end in a number, and their vectors lie a little beside its own.", "", "| turn | time |", "|---|---|")
    long = found["by_turn_ms"]
    yield from (
        f"| {first + 1} to {first + 10} | {statistics.median(long[first : first + 10]):.1f} ms |" for first in range(0, len(long), max(len(long) // 6, 10))
    )
    yield from ("", "| open conversations | a question | memory |", "|---|---|---|")
    yield from (f"| {count} | {one['median_ms']:.1f} ms | {one['memory_mb']:.0f} MB |" for count, one in found["open"].items())


def spent(results: Figures) -> Iterator[str]:
    """What a turn is spent on."""
    found, before = results["profile"], results.get("profile_before")
    yield from ("", "## What a turn is spent on", "", "By cProfile, which makes Python code slower than it is; in one process, without HTTP.", "")
    if before:
        yield from ("| part | before this work | now |", "|---|---|---|")
        yield from (f"| {label} | {before['ms'].get(label, 0):.1f} ms | {found['ms'].get(label, 0):.1f} ms |" for label in {**before["ms"], **found["ms"]})
        yield f"| whole turn | {before['turn_ms']:.1f} ms | {found['turn_ms']:.1f} ms |"
    else:
        yield from ("| part | time |", "|---|---|")
        yield from (f"| {label} | {value:.1f} ms |" for label, value in found["ms"].items())
        yield f"| whole turn | {found['turn_ms']:.1f} ms |"


TABLES: dict[str, Callable[[Figures], Iterator[str]]] = {"serving": compared, "training": trained, "growth": grown, "profile": spent}
HEAD = """# Speed

Written by `benchmarks/speed.py`, a line of `make bench`, from benchmarks/speed.json.
Measured on {date}, {cores} cores, {processor}, Python {python}, Rasa {rasa}.
{note}
The stock project has the pipeline and policies of `rasa init`, our data, our actions in their own process, and SQLite, as all have.
They took turns in one run."""


def plot(results: Figures) -> None:
    """docs/speed.svg: time a turn by turn, and by open conversations."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "speed"
    from matplotlib import pyplot

    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.4), constrained_layout=True)
    for name, one in results["serving"]["contestants"].items():
        left.plot(range(1, len(one["by_turn_ms"]) + 1), one["by_turn_ms"], label=name)
    left.set(xlabel="turn of a conversation", ylabel="ms", ylim=(0, None))
    left.legend(frameon=False)
    found = results["growth"]["open"]
    right.plot([int(count) for count in found], [one["median_ms"] for one in found.values()], marker="o")
    right.set(xlabel="open conversations", ylabel="ms a question", xscale="log", ylim=(0, None))
    for axes in (left, right):
        axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(PLOT, metadata={"Date": None})


# what all parts share


def questions() -> list[str]:
    """Real questions that need none before them."""
    rows = [json.loads(line) for path in QUESTIONS for line in path.read_text(encoding="utf8").splitlines()]
    return [row["text"] for row in rows if not row.get("context")]


def timed(task: Callable[[], object]) -> float:
    """What something took.

    Units: milliseconds.
    """
    started = time.perf_counter()
    task()
    return (time.perf_counter() - started) * 1000


def resident(process: int | str = "self") -> float:
    """Resident memory of a process, by default this one.

    Units: MB.
    """
    status = Path(f"/proc/{process}/status").read_text(encoding="utf8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def rotated(contestants: Sequence[Contestant], number: int) -> list[Contestant]:
    """Another one begins each round."""
    first = number % len(contestants)
    return [*contestants[first:], *contestants[:first]]


@contextmanager
def running(contestants: Sequence[Contestant]) -> Iterator[None]:
    """Start them one after the other, and end them in any case."""
    try:
        for contestant in contestants:
            tell(f"starting {contestant.name}")
            contestant.start()
        yield
    finally:
        for contestant in contestants:
            contestant.end()


def free_port() -> int:
    """A port of this machine that nobody uses."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


def machine(quick: bool) -> Figures:
    """What was measured on."""
    processor = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf8"), re.MULTILINE)
    return {
        "date": datetime.date.today().isoformat(),
        "cores": os.cpu_count(),
        "processor": processor[1] if processor else platform.machine(),
        "python": platform.python_version(),
        "rasa": version("rasa"),
        "note": "A short trial on a busy machine: the figures say little.\n" if quick else "",
    }


def rounded(value: Any) -> Any:
    """Figures with three digits behind the point."""
    if isinstance(value, dict):
        return {str(key): rounded(one) for key, one in value.items()}
    if isinstance(value, list):
        return [rounded(one) for one in value]
    return round(value, 3) if isinstance(value, float) else value


def tell(what: str) -> None:
    """Say what is being done."""
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


PARTS: dict[str, Callable[[Path, bool], Figures]] = {"training": training, "serving": serving, "start": start, "growth": growth, "profile": profile}


def main(parts: Sequence[str], quick: bool) -> None:
    """Measure the parts, and write figures, page and plot after each."""
    results: Figures = json.loads(RESULTS.read_text(encoding="utf8")) if RESULTS.exists() else {}
    for part in parts:
        with tempfile.TemporaryDirectory(prefix="speed-") as folder:
            results.update(rounded({"machine": machine(quick), part: PARTS[part](Path(folder), quick)}))
        RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf8")
        PAGE.write_text(page(results), encoding="utf8")
        if {"serving", "growth"} <= results.keys():
            plot(results)
    print(PAGE.read_text(encoding="utf8"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="How fast the assistant is, beside Rasa's stock project.")
    parser.add_argument("--part", action="append", choices=PARTS, help="measure this part only; may be given several times")
    parser.add_argument("--quick", action="store_true", help="a short trial of each part")
    options = parser.parse_args()
    end_politely()
    try:
        main(options.part or list(PARTS), options.quick)
    except LaunchError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(ENDED_BY_INTERRUPT)
