"""Every path and command that the documentation names exists."""

import re
import shlex
import subprocess

import pytest

from bot.__main__ import _parser
from bot.quiet import ROOT

PAGES = sorted([ROOT / "README.md", ROOT / "SECURITY.md", *ROOT.glob("docs/*.md")])
WORDS = {page.name: page.read_text(encoding="utf8") for page in PAGES}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_exist(page):
    text = WORDS[page.name]
    named = re.findall(r"`((?:[\w.-]+/)*[\w.-]+\.(?:yml|py|md|json|jsonl|js|css|lock)|(?:[\w.-]+/)+)`", text) + re.findall(r"\]\(((?!http)[^)#]+)\)", text)
    assert named or page.name != "README.md"
    for path in [path for path in named if not path.startswith("var/")]:  # which is made on the machine
        assert (ROOT / path).exists() or (page.parent / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_make_targets_exist(page):
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf8"), re.MULTILINE))
    assert set(re.findall(r"\bmake ([a-z-]+)\b(?=[`\n ]*(?:#|`|\n|$))", WORDS[page.name])) <= targets


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_are_known(page):
    commands = _parser()._subparsers._group_actions[0].choices
    assert set(re.findall(r"python -m bot ([a-z][a-z-]*)", WORDS[page.name])) <= set(commands)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_command_lines_are_complete(page):
    for line in re.findall(r"^ +\.venv/bin/python -m bot ([a-z].*)$", WORDS[page.name], re.MULTILINE):
        assert _parser().parse_args(shlex.split(line, comments=True))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_settings_of_the_environment_are_read_somewhere(page):
    code = "".join(path.read_text(encoding="utf8") for path in [*ROOT.glob("bot/*.py"), ROOT / "Makefile", ROOT / "bin" / "setup"])
    for name in re.findall(r"`([A-Z]+(?:_[A-Z]+)+)(?:=[^`]*)?`", WORDS[page.name]):
        assert name in code, name


def test_pages_are_linked_from_the_readme():
    assert set(re.findall(r"\]\((docs/[\w-]+\.md)\)", WORDS["README.md"])) == {
        page.relative_to(ROOT).as_posix() for page in PAGES[1:] if page.parent.name == "docs"
    }


def test_ci_runs_the_test_command_of_the_readme():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf8")
    lines = [line for line in script.splitlines() if line.strip() and not line.startswith("#")]
    assert lines[-1].removeprefix("exec ") == "make test"
    assert "    make test" in WORDS["README.md"]


def test_both_halves_together_are_all_tests():
    folders = {f"tests/{path.parent.name}" for path in (ROOT / "tests").glob("*/test_*.py")} - {"tests/load"}
    halves = re.findall(r"tests/[a-z]+", "".join(re.findall(r"-m pytest (tests.*)$", (ROOT / "bin" / "tests").read_text(encoding="utf8"), re.MULTILINE)))
    assert sorted(halves) == sorted(folders)


def test_notices_list_every_locked_package():
    locked = set(re.findall(r"^([a-z0-9][a-z0-9._-]*==\S+)", (ROOT / "requirements.lock").read_text(encoding="utf8"), re.MULTILINE))
    listed = re.findall(r"^([a-z0-9][a-z0-9._-]*) (\S+): \S", (ROOT / "THIRD_PARTY_NOTICES").read_text(encoding="utf8"), re.MULTILINE)
    assert {f"{name}=={version}" for name, version in listed} == locked


def test_no_committed_file_names_a_registry_host():
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split()
    hosts = re.compile("|".join(("pypi[.]org", "python[h]osted", "registry[.]npmjs", "deb[.]debian", "huggingface[.]co")))
    for path in tracked:
        if (ROOT / path).is_file():
            assert not hosts.search((ROOT / path).read_text(encoding="utf8", errors="ignore")), path
