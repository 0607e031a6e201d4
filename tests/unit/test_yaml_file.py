"""What is wrong with a YAML file is told in plain words, with the line to look at."""

import datetime

import pytest

from bot.yaml_file import YamlError, read, with_line


@pytest.fixture
def file(tmp_path):
    return tmp_path / "cost.yml"


def test_read_gives_what_stands_there(file):
    file.write_text("a: [1, two]\nb: 2026-11-22\n")
    assert read(file) == {"a": [1, "two"], "b": datetime.date(2026, 11, 22)}
    file.write_text("# nothing\n")
    assert read(file) is None


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("a:\n\tb: 1\n", 2, "a tab stands at its beginning: use blanks"),
        ("a:\n  b: 1\n\tc: 2\n", 3, "a tab stands at its beginning: use blanks"),
        ('a: "open\nb: 1\n', 1, "a quotation mark is opened here, and never closed"),
        ("a: 'it's fine'\n", 1, "something stands behind a closing quotation mark"),
        ("a: note: this\n", 1, "a colon too many"),
        ("a:\n  b: 1\n   c: 2\n", 3, "too many blanks before it"),
        ("a:\n    b: 1\n  c: 2\n", 3, "does not begin below the lines before it"),
        ("a:\n  - b: 1\n    c: 2\n   d: 3\n", 4, "does not begin below the other entries of its list"),
        ("a: 1\nb 2\nc: 3\n", 2, "the colon is missing"),
        ("a: [1, 2\nb: 3\n", 1, "a bracket [ is opened here"),
        ("a: {x: 1\nb: 2\n", 1, "a brace { is opened here"),
        ("a: [", 1, "something ends too early"),
        ("a: @x\n", 1, "a text that begins with @ needs quotation marks"),
        ("a: *x\n", 1, "a text that begins with * needs quotation marks"),
        ("a: !x\n", 1, "a text that begins with ! needs quotation marks"),
        ("a: | x\n", 1, "a text that begins with | or > needs quotation marks"),
        ("a: 1\n---\nb: 2\n", 2, "a line of three dashes ends the file too early"),
        ("a: 1\nb: 2026-11-22\nc: 2026-02-30\n", 3, "this looks like a date and is none"),
        ("a: 1\nb:\n  c: 1\n  c: 2\n", 4, "c stands here for the second time; keep one"),
        ("a: \x07\n", 1, "control characters are not allowed"),
        ("[a]: 1\n", 1, "unhashable"),
    ],
)
def test_what_is_no_yaml_is_told_by_its_line(file, text, line, told):
    file.write_text(text)
    with pytest.raises(YamlError) as caught:
        read(file)
    assert str(caught.value).startswith(f"cost.yml, line {line}: not valid YAML: ")
    assert told in str(caught.value)
    assert "\n" not in str(caught.value)


CONTENT = """\
topic: cost
label: What does it cost?
answers:
  - id: main
    opening: It is so,
      and always was.
    facts: [cost.one]
  - id: main
    treatment: peel
    region: UK
    opening: It is not.
facts:
  - claim: A paper.
    id: cost.one
    sources:
      - paper
      - papre
languages:
  es: Hola
"""


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("field label: is too long", 2),
        ("field title: is missing", 1),
        ("fact cost.one, field sources: unknown source 'papre'", 17),
        ("fact cost.one, field sources: needs at least one entry", 15),
        ("fact number 1, field id: is missing", 14),
        ("fact cost.two: is unknown", 12),
        ("answer main: 'always' reads like a promise", 6),
        ("answer main for peel for UK: 'not' reads like a promise", 11),
        ("answer main, field facts: there is no fact", 7),
        ("field answers.1.region: is not known", 10),
        ("languages, es: 'hola' reads like a promise", 19),
        ("label: 'nowhere' stands nowhere", 2),
    ],
)
def test_a_message_gets_the_line_that_it_means(file, place, line):
    file.write_text(CONTENT)
    assert with_line(f"cost.yml, {place}", file.parent) == f"cost.yml, {place} (line {line})"


@pytest.mark.parametrize("message", ["cost.yml: the file is missing", "cost.yml, line 3: not valid YAML", "other.yml, field a: is missing", "all is well"])
def test_a_message_without_a_place_stays_as_it_is(file, message):
    file.write_text(CONTENT)
    assert with_line(message, file.parent) == message
