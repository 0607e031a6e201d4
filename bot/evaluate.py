"""Plays questions from a file through the assistant, writes its predictions, and scores them where the file has labels.

How the page of scores looks is in bot/evaluation_page.py.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.evaluation_page import LearningCurve, render
from bot.heard import ASK
from bot.launch import LaunchError
from bot.progress import LOADING, stages
from bot.quiet import ROOT
from bot.reader import ALARM
from bot.scoring import MAX_OPTIONS, cases, score, table
from bot.signals import ending_at_once, temporary_files_in

if TYPE_CHECKING:
    from bot.conversation import Assistant

Row = Mapping[str, Any]
Ranking = Sequence[tuple[str, float]]

LEARNING_CURVE = ROOT / "benchmarks" / "learning_curve.json"


def evaluate(questions: Path, predictions: Path, page: Path | None = None) -> int:
    """Play every question in a conversation of its own; return 1 where a line could not be read, else 0.

    Raises: LaunchError if a file cannot be read or written, or the assistant cannot start.
    """
    rows, problems = read(questions)
    if problems:
        print(f"{questions}: {'; '.join(problems)} (left out)", file=sys.stderr)
    _check_writable(predictions)
    labelled = [row for row in rows if is_labelled(row)]
    curve = None
    if page is not None:
        _check_page(page, questions, predictions)
        curve = learning_curve(LEARNING_CURVE)
        if not labelled:
            print(f"{questions}: no line has labels (kind and topics), so there is nothing to score and no page.", file=sys.stderr)
    with stages() as clock, ending_at_once() as scratch:
        clock.stage(LOADING)
        from bot.conversation import Assistant

        clock.stage("Loading the model")
        with temporary_files_in(scratch):
            assistant = Assistant.load()
    found, confidences = asyncio.run(_play(assistant, rows))
    _write(predictions, "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found))
    if labelled:
        print(table(score(labelled, found)))
        if page is not None:
            _write(page, render(questions.name, cases(labelled, found, confidences), assistant.threshold, curve))
    return 1 if problems else 0


def read(path: Path) -> tuple[list[Row], list[str]]:
    """The questions of a file, and what is wrong with the lines that are none, each named by its number.

    Raises: LaunchError if the file cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise LaunchError(f"{path} cannot be read: {error}") from None
    rows: list[Row] = []
    problems: list[str] = []
    seen: set[Any] = set()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        row, problem = _row(line)
        if not problem and row["id"] in seen:
            problem = f"the id {row['id']!r} was there before"
        if problem:
            problems.append(f"line {number}: {problem}")
        else:
            seen.add(row["id"])
            rows.append(row)
    return rows, problems


def is_labelled(row: Row) -> bool:
    """Whether a question carries what it should be answered with."""
    topics = row.get("topics")
    return isinstance(row.get("kind"), str) and isinstance(topics, list) and bool(topics)


def prediction(row: Row, message: Mapping[str, Any]) -> dict[str, Any]:
    """What is written of a reply."""
    return {
        "id": row["id"],
        "kind": message["kind"],
        "topics": message["topics"],
        "options": message["options"][:MAX_OPTIONS],
        "reply": message["text"],
    }


def confidence(message: Mapping[str, Any], ranking: Ranking) -> float | None:
    """How sure the decision behind a reply was; of a clarify, how sure its first option. None where nothing was decided or offered.

    The reader weighs the intents before it decides: without the alarm, and a short message together with the question before it. An option
    that leads the ranking is therefore as sure as the decision, and no option is surer.
    """
    if not ranking:
        return None
    (_, decided), *others = ranking
    if message["kind"] != "clarify":
        return decided
    if not message["options"]:
        return None
    option = f"{ASK}{message['options'][0]}"
    shares = {intent: share for intent, share in others if intent != ALARM}
    return decided if option == next(iter(shares), option) else min(shares.get(option, decided), decided)


def learning_curve(path: Path) -> LearningCurve | None:
    """The learning curve as measured by `make bench`; None where it was not measured yet.

    Raises: LaunchError if the file does not hold one.
    """
    try:
        return LearningCurve.from_dict(json.loads(path.read_text(encoding="utf8")))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LaunchError(f"{path} holds no learning curve ({type(error).__name__}: {error}): run `make bench`, or delete it.") from None


def _row(line: str) -> tuple[dict[str, Any], str]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return {}, "not JSON"
    if not isinstance(row, dict):
        return {}, "not an object {id, text, context}"
    if not isinstance(row.get("id"), (str, int)):
        return {}, "no id"
    if not isinstance(row.get("text"), str):
        return {}, "no text"
    context = row.get("context")
    if context is not None and not (isinstance(context, list) and all(isinstance(text, str) for text in context)):
        return {}, "context is not a list of texts"
    return row, ""


async def _play(assistant: Assistant, rows: list[Row]) -> tuple[list[dict[str, Any]], dict[Any, float | None]]:
    """The prediction of every question, and by its id how sure the assistant was."""
    found, confidences = [], {}
    for number, row in enumerate(_with_bar(rows)):
        session = f"evaluate-{number}"
        for earlier in row.get("context") or []:
            await assistant.reply(session, earlier)
        message = await assistant.reply(session, row["text"])
        found.append(prediction(row, message))
        confidences[row["id"]] = confidence(message, await assistant.ranking(session, row["text"]))
    return found, confidences


def _with_bar(rows: list[Row]) -> Iterator[Row]:
    from tqdm import tqdm

    yield from tqdm(rows, unit="question", file=sys.stderr, mininterval=0.5)


def _check_writable(path: Path) -> None:
    if not path.parent.is_dir():
        raise LaunchError(f"{path} cannot be written: there is no folder {path.parent}")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise LaunchError(f"{path} cannot be written")


def _check_page(page: Path, questions: Path, predictions: Path) -> None:
    _check_writable(page)
    for other in (questions, predictions):
        if page.resolve() == other.resolve():
            raise LaunchError(f"{page} cannot be the page: it is a file of this evaluation already")


def _write(path: Path, text: str) -> None:
    """Write a file at once, so that an interrupt leaves no half one; half characters, which nothing can store, become question marks."""
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(text.encode("utf8", errors="replace"))
    os.replace(part, path)
