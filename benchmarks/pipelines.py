"""Three pipelines compared on the same examples and the same questions: the one that Rasa gives a new project, a bag of words, and ours.

    .venv/bin/python benchmarks/pipelines.py [QUESTIONS.jsonl ...]

Prints a table in Markdown and writes benchmarks/pipelines.json. Without arguments `FILES` are played. Only questions
without earlier messages are, since a pipeline alone knows no conversation. Mind that ours was looked at on tests/eval/questions.jsonl, and that the
other two have Rasa's own thresholds. Rasa's pipeline is trained for 10 of its 100 epochs, which takes about an hour on two cores: with this
many examples all 100 take six hours and more. Times are only comparable where nothing else runs.
"""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import json
import multiprocessing
import os
import platform
import signal
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.admission import admit  # noqa: E402
from bot.evaluate import is_labelled, read  # noqa: E402
from bot.facts import TOPICS, FactStore  # noqa: E402
from bot.launch import LaunchError  # noqa: E402
from bot.quiet import quieten  # noqa: E402
from bot.reading import Reading  # noqa: E402
from bot.scoring import ANSWERABLE, MAX_OPTIONS, Row, score, verdict  # noqa: E402
from bot.signals import ENDED_BY_INTERRUPT, end_politely  # noqa: E402

RESULTS = ROOT / "benchmarks" / "pipelines.json"
EXAMPLES = ROOT / "data" / "nlu.yml"
FILES = [ROOT / "tests" / "eval" / name for name in ("held_out.jsonl", "questions.jsonl")]
"""Questions on which no threshold of ours was chosen."""
STOCK = "engine/recipes/config_files/default_config.yml"
"""Where Rasa keeps the pipeline that a project of `rasa init` is trained with."""
STOCK_EPOCHS = 10
"""Of the 100 that Rasa's pipeline has by default."""
WARM_UP = 20
"""Messages read before any is timed."""

KIND_OF_INTENT = {
    **{f"ask_{topic}": "answer" for topic in TOPICS},
    "report_urgent_symptom": "urgent",
    "request_personal_advice": "personal",
    "contact_clinic": "contact",
    "bot_challenge": "bot",
    "out_of_scope": "out_of_scope",
    "nlu_fallback": "out_of_scope",  # nothing to offer: a pipeline without a reading can only refuse
    "feedback_good": "feedback",
    "feedback_bad": "feedback",
    **dict.fromkeys(("tell_more", "something_else"), "clarify"),  # at the start of a conversation: more of what?
    **dict.fromkeys(("greet", "goodbye", "thank", "affirm", "deny", "insult", "remark"), "chitchat"),
}
"""The kind of reply to an intent, as the rules of data/stories.yml and the actions have it."""

_SPAWN = multiprocessing.get_context("spawn")
_MEGABYTE = 1024  # of the kB in /proc


def pipelines() -> dict[str, list[dict[str, Any]]]:
    """The pipelines by name, the quick ones first, so that a fault in them is met soon."""
    rasa = find_spec("rasa")  # found, not imported: that takes seconds
    assert rasa is not None and rasa.origin is not None
    stock = [{**part, **({"epochs": STOCK_EPOCHS} if "epochs" in part else {})} for part in _yaml(Path(rasa.origin).parent / STOCK)["pipeline"]]
    return {
        "ours": _yaml(ROOT / "config.yml")["pipeline"],
        "bag of words": [{"name": name} for name in ("WhitespaceTokenizer", "CountVectorsFeaturizer", "LogisticRegressionClassifier", "FallbackClassifier")],
        f"Rasa's default, {STOCK_EPOCHS} epochs": stock,
    }


def questions(files: Sequence[Path]) -> dict[str, list[Row]]:
    """The labelled questions without earlier messages, by file; ids are made unique among all files.

    Raises: LaunchError if a file cannot be read.
    """
    found: dict[str, list[Row]] = {}
    for file in files:
        rows, problems = read(file)
        if problems:
            print(f"{file}: {'; '.join(problems)} (left out)", file=sys.stderr)
        name = os.path.relpath(file, ROOT)
        single: list[Row] = [{**row, "id": f"{name}:{row['id']}"} for row in rows if is_labelled(row) and not row.get("context")]
        if single:
            found[name] = single
    return found


def prediction(row: Row, parsed: Mapping[str, Any]) -> dict[str, Any]:
    """The reply that a parsed message would get: by its reading where the pipeline gives one, as ours does, else by the intent alone."""
    intent = parsed["intent"]["name"] or "nlu_fallback"
    kind, topics, options = KIND_OF_INTENT[intent], [intent.removeprefix("ask_")], []
    if "reading" in parsed:
        reading = Reading.from_dict(parsed["reading"])
        topics = [question.topic for question in reading.questions]
        options = [question.topic for question in reading.options]
        if intent == "nlu_fallback" or (kind == "answer" and not topics):
            kind = "clarify"
    return {
        "id": row["id"],
        "kind": kind,
        "topics": list(dict.fromkeys(topics)) if kind == "answer" else [],
        "options": list(dict.fromkeys(options))[:MAX_OPTIONS] if kind == "clarify" else [],
    }


def train(folder: str, pipeline: list[dict[str, Any]], examples: str = str(EXAMPLES)) -> float:
    """Train a pipeline into `folder`/model.tar.gz; return the seconds that it took without the import of Rasa."""
    from rasa.model_training import train_nlu

    config = {**_yaml(ROOT / "config.yml"), "pipeline": pipeline}
    del config["policies"]
    path = Path(folder, "config.yml")
    path.write_text(yaml.safe_dump(config), encoding="utf8")
    started = time.perf_counter()
    train_nlu(str(path), examples, folder, fixed_model_name="model", domain=str(ROOT / "domain.yml"))
    return time.perf_counter() - started


def ask(folder: str, texts: Sequence[str]) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Load the model of a folder and parse texts one by one; return what was parsed, and what it cost.

    Units: seconds (load, in which the components import what they need), MB of resident memory after the last text and at most, milliseconds a message.
    """
    from rasa.core.agent import Agent

    started = time.perf_counter()
    agent = Agent.load(str(Path(folder, "model.tar.gz")))
    load = time.perf_counter() - started
    parsed, times = asyncio.run(_parse(agent, texts))
    memory = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return parsed, {
        "load_s": load,
        "memory_mb": int(memory["VmRSS"].split()[0]) / _MEGABYTE,
        "memory_peak_mb": int(memory["VmHWM"].split()[0]) / _MEGABYTE,
        "median_ms": statistics.median(times) * 1000,
        "p95_ms": statistics.quantiles(times, n=20)[-1] * 1000,
    }


def measure(pipeline: list[dict[str, Any]], rows: Sequence[Row], examples: Path = EXAMPLES) -> tuple[list[dict[str, Any]], dict[str, float]]:
    """Train a pipeline, load it and play the questions, each in a process of its own; return the predictions and what it cost."""
    with tempfile.TemporaryDirectory(prefix="pipelines-") as folder:
        # all that Rasa unpacks and caches goes into the folder too; nothing is taken from another training
        os.environ.update(TMPDIR=folder, RASA_CACHE_DIRECTORY=folder, RASA_MAX_CACHE_SIZE="0")
        started = time.perf_counter()
        without_imports = apart(train, folder, pipeline, str(examples))
        training = time.perf_counter() - started
        parsed, costs = apart(ask, folder, [admit(row["text"]) for row in rows])
    predictions = [prediction(row, one) for row, one in zip(rows, parsed, strict=True)]
    return predictions, {"training_s": training, "training_without_imports_s": without_imports, **costs}


def shares(rows: Sequence[Row], predictions: Sequence[Row]) -> dict[str, tuple[int, int]]:
    """What became of the questions, as (how many, of how many)."""
    verdicts = Counter(verdict(row, one) for row, one in zip(rows, predictions, strict=True))
    result = score(rows, predictions)
    answerable = [found for kind, found in result.by_kind.items() if kind in ANSWERABLE]
    return {
        **{name: (verdicts[name], len(rows)) for name in ("right", "part", "asked", "wrong", "refused")},
        "answerable_right": (sum(found["right"] for found in answerable), sum(sum(found.values()) for found in answerable)),
        "out_of_scope_caught": result.counts["oos_right"],
        "urgent_recall": result.counts["urgent_recall"],
    }


def table(found: Mapping[str, Mapping[str, Any]]) -> str:
    """The figures of all pipelines in Markdown; right, part, asked, wrong and refused are shares of all questions."""
    names = ("right", "part", "asked", "wrong", "refused", "answerable_right", "out_of_scope_caught", "urgent_recall")
    columns = ("pipeline", *(name.replace("_", " ") for name in names), "training", "load", "memory", "a message: median (95th percentile)")
    lines = [f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    for pipeline, figures in found.items():
        cells = [f"{hits / of:.1%}" if of else "none" for hits, of in (figures[name] for name in names)]
        cells += [f"{figures['training_s']:.0f} s", f"{figures['load_s']:.1f} s", f"{figures['memory_mb']:.0f} MB"]
        lines.append(f"| {pipeline} | {' | '.join(cells)} | {figures['median_ms']:.1f} ms ({figures['p95_ms']:.1f} ms) |")
    return "\n".join(lines)


def main(files: Sequence[Path]) -> None:
    """Measure the pipelines, write the figures and print the table."""
    by_file = questions(files)
    rows = [row for found in by_file.values() for row in found]
    if not rows:
        raise LaunchError("There are no labelled questions without earlier messages to play.")
    figures: dict[str, dict[str, Any]] = {}
    for name, pipeline in pipelines().items():
        print(f"{name}: training, then {len(rows)} questions ...", file=sys.stderr)
        predictions, costs = measure(pipeline, rows)
        figures[name] = {**shares(rows, predictions), **{key: round(cost, 2) for key, cost in costs.items()}, "pipeline": pipeline}
    blocks = _yaml(EXAMPLES)["nlu"]
    record = {
        "date": datetime.date.today().isoformat(),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in ("rasa", "tensorflow", "scikit-learn")}},
        "cores": os.cpu_count(),
        "examples": sum(len(block["examples"].splitlines()) for block in blocks) + len(FactStore.load().asks),
        "intents": len({block["intent"] for block in blocks}),
        "questions": {file: len(found) for file, found in by_file.items()},
        "pipelines": figures,
    }
    RESULTS.write_text(json.dumps(record, indent=1) + "\n", encoding="utf8")
    print(table(figures))


def _yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf8"))


async def _parse(agent: Any, texts: Sequence[str]) -> tuple[list[dict[str, Any]], list[float]]:
    parsed, times = [], []
    for text in texts[:WARM_UP]:
        await agent.parse_message(text)
    for text in texts:
        started = time.perf_counter()
        parsed.append(await agent.parse_message(text))
        times.append(time.perf_counter() - started)
    return parsed, times


def apart(task: Callable[..., Any], *arguments: Any) -> Any:
    """Do something in a fresh process, which is gone when it is done or this one is interrupted."""
    here, there = _SPAWN.Pipe(duplex=False)
    process = _SPAWN.Process(target=_do, args=(there, task, arguments))
    process.start()
    try:
        there.close()
        return here.recv()
    except EOFError:
        raise LaunchError(f"The process of {task.__name__}() ended without a result; the reason is above.") from None
    finally:
        process.kill()
        process.join()


def _do(end: Connection, task: Callable[..., Any], arguments: Sequence[Any]) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the first process, which then ends this one
    quieten()
    with contextlib.redirect_stdout(sys.stderr):  # the table alone goes to the standard output
        end.send(task(*arguments))


if __name__ == "__main__":
    end_politely()
    try:
        main([Path(name) for name in sys.argv[1:]] or FILES)
    except LaunchError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(ENDED_BY_INTERRUPT)
