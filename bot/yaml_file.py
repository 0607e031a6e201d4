"""Reads the YAML files that a clinic edits, so that whatever is wrong with them is told in plain words and with its line. Imports no Rasa."""

from __future__ import annotations

import datetime
import difflib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's reader is ten times as fast where PyYAML was built with it."""

_PLAIN = (
    # what PyYAML says, whether the line is where the trouble begins rather than where it is noticed, and what to do
    ("violates indentation", False, "a tab stands at its beginning: use blanks"),
    ("unexpected end of stream", True, "a quotation mark is opened here, and never closed"),
    ("expected ',' or ']'", True, "a bracket [ is opened here, and not closed with ]"),
    ("expected ',' or '}'", True, "a brace { is opened here, and not closed with }"),
    ("expected node content", False, "something ends too early here: a bracket or brace before it is not closed"),
    ("mapping values are not allowed", False, "a colon too many, or too many blanks before it: put a text that holds a colon in quotation marks"),
    ("could not find expected ':'", True, "this is no `name: value`: the colon is missing, or the line should begin further right"),
    ("expected key", False, "this does not begin below the lines before it, or something stands behind a closing quotation mark or bracket"),
    ("expected '-'", False, "this does not begin below the other entries of its list, or its dash is missing"),
    ("alphabetic or numeric", False, "a text that begins with & or * needs quotation marks around it"),
    ("undefined alias", False, "a text that begins with * needs quotation marks around it"),
    ("constructor for the tag", False, "a text that begins with ! needs quotation marks around it"),
    ("comment or line break", False, "a text that begins with | or > needs quotation marks around it"),
    ("another document", False, "a line of three dashes ends the file too early: delete it"),
)
_WRONG = {
    "value_error.missing": "is missing",
    "type_error.none.not_allowed": "is empty",
    "type_error.str": "must be a text",
    "type_error.integer": "must be a whole number",
    "type_error.bool": "must be true or false",
    "value_error.bool": "must be true or false",
    "value_error.strictbool": "must be true or false",
    "value_error.date": "is not a day such as 2026-11-22",
    "type_error.date": "is not a day such as 2026-11-22",
    "type_error.list": "must be a list, such as [one, two]",
    "type_error.tuple": "must be a list, such as [one, two]",
    "type_error.dict": "must have lines such as `name: value` below it",
}

_TWICE = "twice:"
_DATE = re.compile(r"\b\d{4}-\d{1,2}-\d{1,2}\b")
_PLACE = re.compile(r"(?P<file>[\w.-]+\.yml), (?P<place>.+?): (?P<problem>.*)")
_QUOTED = re.compile(r"'([^']+)'")
_LISTED = ("fact", "answer", "signature")
_GROUPS = {"source": "sources", "treatment": "treatments", "level": "levels", "numbers": "numbers"}
"""What stands before the name of an entry in a message, and the part of the file in which it is."""


class YamlError(ValueError):
    """A file is not YAML; the text names the file and the line, and says what to do."""


def read(path: Path) -> Any:
    """The content of a file, None where it is empty.

    Raises: YamlError, besides FileNotFoundError and UnicodeDecodeError.
    """
    text = path.read_text(encoding="utf8")
    try:
        node = _compose(text)
        _refuse_twins(node)
        return _LOADER("").construct_document(node) if node else None
    except yaml.YAMLError as error:
        line, problem = _plain(error, text.splitlines())
        raise YamlError(f"{path.name}, line {line}: not valid YAML: {problem}") from None
    except ValueError as error:
        line = next((number for number, words in enumerate(text.splitlines(), start=1) if any(map(_is_no_date, _DATE.findall(words)))), 1)
        raise YamlError(f"{path.name}, line {line}: not valid YAML: this looks like a date and is none ({error})") from None


def with_line(message: str, *folders: Path) -> str:
    """A message such as 'cost.yml, fact cost.one, field sources: unknown source ...' with the line behind it that it means.

    Args:
        message: What is wrong, behind the name of the file and the place in it; one that names no place, or a line already, stays as it is.
        folders: Where the file may be.
    """
    named = _PLACE.match(message)
    if not named or named["place"].startswith("line "):
        return message
    try:
        text = next(folder / named["file"] for folder in folders if (folder / named["file"]).exists()).read_text(encoding="utf8")
        node = _compose(text)
    except (StopIteration, OSError, UnicodeDecodeError, yaml.YAMLError):
        return message
    line = node.start_mark.line if node else 0
    for key in _keys(named["place"]):
        inner = _entry(node, key)
        if inner is None:
            break
        line, node = inner
    quoted = _QUOTED.search(named["problem"])
    line = next((found for found in _lines_with(node, quoted[1], text.splitlines())), line) if quoted else line
    return f"{message} (line {line + 1})"


def first_error(error: ValidationError) -> tuple[str, str]:
    """The first thing that does not fit a model, as (field, what is wrong with it in plain words)."""
    first = error.errors()[0]
    field = [str(part) for part in first["loc"] if part != "__key__"]
    known, context = _names(error.model, first["loc"]), first.get("ctx") or {}
    problem = _WRONG.get(first["type"], first["msg"])
    if first["type"] == "value_error.extra":
        near = difflib.get_close_matches(field[-1], known, 1)
        problem = f"is not known here{f' (did you mean {near[0]}?)' if near else ''}; what can be is {', '.join(known)}"
    elif first["type"] == "value_error.const":
        problem = f"'{context['given']}' is not known here; what can be is {', '.join(map(str, context['permitted']))}"
    return ".".join(field), problem


def _compose(text: str) -> Any:
    """The nodes of a text, which know their lines; None where it is empty."""
    loader = _LOADER(text)
    try:
        return loader.get_single_node()
    finally:
        loader.dispose()


def _refuse_twins(node: Any) -> None:
    """Refuse a name that stands twice among its like, where YAML takes the last without a word.

    Raises: yaml.YAMLError.
    """
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                raise yaml.MarkedYAMLError(problem=f"{_TWICE} {key.value}", problem_mark=key.start_mark)
            seen.add(str(key.value))
            _refuse_twins(value)
    elif isinstance(node, yaml.SequenceNode):
        for entry in node.value:
            _refuse_twins(entry)


def _plain(error: yaml.YAMLError, lines: list[str]) -> tuple[int, str]:
    """The line of an error, and what to do about it."""
    mark, context, problem = (getattr(error, name, None) for name in ("problem_mark", "context_mark", "problem"))
    if mark is None or problem is None:
        return 1, " ".join(str(error).split())
    if problem.startswith(_TWICE):
        return mark.line + 1, f"{problem.removeprefix(_TWICE).strip()} stands here for the second time; keep one"
    at_mark = lines[mark.line][mark.column : mark.column + 1] if mark.line < len(lines) else ""
    if "cannot start any token" in problem:
        what = "a tab stands at its beginning: use blanks" if at_mark == "\t" else f"a text that begins with {at_mark} needs quotation marks around it"
        return mark.line + 1, what
    for said, where_it_begins, what in _PLAIN:
        if said in problem:
            return min((context if where_it_begins and context else mark).line + 1, len(lines)), what
    return mark.line + 1, str(problem)


def _is_no_date(text: str) -> bool:
    year, month, day = map(int, text.split("-"))
    try:
        datetime.date(year, month, day)
    except ValueError:
        return True
    return False


def _keys(place: str) -> Iterator[str]:
    """The steps from the top of a file to a place such as 'fact cost.one, field sources' or 'languages, es'."""
    for part in place.split(", "):
        kind, _, name = part.partition(" ")
        if kind in _LISTED and name:
            yield from (f"{kind}s", f"#{name.removeprefix('number ')}")
        elif kind in _GROUPS and name:
            yield from (_GROUPS[kind], name)
        elif kind == "field":
            yield from name.split(".")
        else:
            yield part


def _entry(node: Any, key: str) -> tuple[int, Any] | None:
    """The line and the node of an entry: by its name, or, behind a #, by its id (an answer may be 'main for botox') or its number from 1."""
    if isinstance(node, yaml.MappingNode):
        return next(((name.start_mark.line, value) for name, value in node.value if str(name.value) == key), None)
    if not isinstance(node, yaml.SequenceNode):
        return None
    if key.startswith("#"):
        wanted = set(key[1:].replace(" for ", " ").split())
        for number, entry in enumerate(node.value, start=1):
            fields = {name.value: value for name, value in entry.value} if isinstance(entry, yaml.MappingNode) else {}
            called = [str(fields[name].value) for name in ("id", "treatment", "region") if name in fields]
            if wanted in ({str(number)}, set(called)):
                return entry.start_mark.line, entry
        return None
    entries = node.value[int(key) : int(key) + 1] if key.isdigit() else []
    return (entries[0].start_mark.line, entries[0]) if entries else None


def _lines_with(node: Any, words: str, lines: list[str]) -> Iterator[int]:
    """The lines within a node on which words stand."""
    if node is not None:
        yield from (number for number in range(node.start_mark.line, min(node.end_mark.line + 1, len(lines))) if words.lower() in lines[number].lower())


def _names(model: Any, place: tuple[Any, ...]) -> list[str]:
    """The names that can stand at a place of a model."""
    for part in place[:-1]:
        field = getattr(model, "__fields__", {}).get(part)
        model = field.type_ if field else model
    return list(getattr(model, "__fields__", ()))
