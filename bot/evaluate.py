"""Plays questions from a file through the assistant, writes its predictions, and scores them where the file has labels."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.launch import LaunchError
from bot.progress import stages
from bot.scoring import MAX_OPTIONS, score, table
from bot.signals import ending_at_once, temporary_files_in

if TYPE_CHECKING:
    from bot.conversation import Assistant

Row = Mapping[str, Any]


def evaluate(questions: Path, predictions: Path) -> int:
    """Play every question in a conversation of its own; return 1 where a line could not be read, else 0.

    Raises: LaunchError if a file cannot be read or written, or the assistant cannot start.
    """
    rows, problems = read(questions)
    if problems:
        print(f"{questions}: {'; '.join(problems)} (left out)", file=sys.stderr)
    _check_writable(predictions)
    with stages() as clock, ending_at_once() as scratch:
        clock.stage("Starting: loading Rasa (15 to 30 s)")
        from bot.conversation import Assistant

        clock.stage("Loading the model")
        with temporary_files_in(scratch):
            assistant = Assistant.load()
    found = asyncio.run(_play(assistant, rows))
    _write(predictions, found)
    labelled = [row for row in rows if is_labelled(row)]
    if labelled:
        print(table(score(labelled, found)))
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


async def _play(assistant: Assistant, rows: list[Row]) -> list[dict[str, Any]]:
    found = []
    for number, row in enumerate(_with_bar(rows)):
        session = f"evaluate-{number}"
        for earlier in row.get("context") or []:
            await assistant.reply(session, earlier)
        found.append(prediction(row, await assistant.reply(session, row["text"])))
    return found


def _with_bar(rows: list[Row]) -> Iterator[Row]:
    from tqdm import tqdm

    yield from tqdm(rows, unit="question", file=sys.stderr, mininterval=0.5)


def _check_writable(path: Path) -> None:
    if not path.parent.is_dir():
        raise LaunchError(f"{path} cannot be written: there is no folder {path.parent}")
    if path.is_dir() or not os.access(path if path.exists() else path.parent, os.W_OK):
        raise LaunchError(f"{path} cannot be written")


def _write(path: Path, found: list[dict[str, Any]]) -> None:
    """Write the predictions at once, so that an interrupt leaves no half file."""
    part = path.with_name(f".{path.name}.part")
    part.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in found), encoding="utf8")
    os.replace(part, path)
