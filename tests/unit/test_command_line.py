"""The command line: help, errors in one line, and nothing slow before it is needed."""

import re
import subprocess
import sys

import pytest

from bot import __main__, launch
from bot.facts import Signature
from bot.quiet import ROOT
from bot.training import TrainingError


def run(*arguments):
    return subprocess.run([sys.executable, "-m", "bot", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=60)


COMMANDS = "run train chat evaluate alarms report demo-data backup restore erase export purge check new doctor review sign questions".split()


@pytest.mark.parametrize("command", COMMANDS)
def test_help_tells_of_every_command(command):
    assert command in run("--help").stdout
    ended = run(command, "--help")
    assert ended.returncode == 0
    assert "usage: python -m bot" in ended.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["sing"],
        ["run", "--port", "many"],
        ["run", "--port", "70000"],
        ["evaluate", "questions.jsonl"],
        ["sign", "cost.total"],
        ["questions"],
        ["new", "topic"],
        ["new", "fact", "x"],
        ["alarms", "--since", "monday"],
        ["report", "--since", "monday"],
        ["demo-data", "--messages", "0"],
        ["restore"],
        ["erase"],
        ["purge", "--days", "0"],
    ],
)
def test_wrong_arguments_end_without_a_traceback(arguments):
    ended = run(*arguments)
    assert ended.returncode == 2
    assert "usage:" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_version_is_the_newest_of_the_changes():
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf8"), re.MULTILINE)[1]
    assert run("--version").stdout == f"python -m bot {newest}\n"


def test_restore_tells_of_a_missing_file(tmp_path):
    ended = run("restore", str(tmp_path / "none.tar.gz"))
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{tmp_path / 'none.tar.gz'} cannot be read as a backup")
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("error", [launch.LaunchError("Port 5005 is in use: stop it."), TrainingError("Training failed: no.")])
def test_a_problem_is_one_line_and_status_1(monkeypatch, capsys, error):
    def fail(_options):
        raise error

    monkeypatch.setattr(__main__, "_train", fail)
    keep_this_process_as_it_is(monkeypatch)
    assert __main__.main(["train"]) == 1
    assert capsys.readouterr().err == f"{error}\n"


def test_an_interrupt_is_no_error_report(monkeypatch, capsys):
    def interrupt(_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(__main__, "_chat", interrupt)
    keep_this_process_as_it_is(monkeypatch)
    assert __main__.main(["chat"]) == 130
    assert capsys.readouterr().err.strip() == "Stopped."


def test_another_python_is_told_clearly(monkeypatch, capsys):
    monkeypatch.setattr(sys, "version_info", (3, 12, 1, "final", 0))
    assert __main__.main(["train"]) == 1
    assert "needs Python 3.10" in capsys.readouterr().err


def test_missing_packages_are_told_clearly(monkeypatch, capsys):
    monkeypatch.setattr(__main__.importlib.util, "find_spec", lambda name: None)
    assert __main__.main(["train"]) == 1
    assert "make install" in capsys.readouterr().err


def test_evaluate_tells_of_a_missing_file(tmp_path):
    ended = run("evaluate", str(tmp_path / "none.jsonl"), "--predictions", str(tmp_path / "out.jsonl"))
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "none.jsonl cannot be read" in ended.stderr


def test_sign_tells_what_it_cannot_sign():
    ended = run("sign", "cost.nothing", "--by", "Dr Ada Osei, dermatologist")
    assert ended.returncode == 1
    assert ended.stderr.startswith("There is no fact 'cost.nothing'")
    assert ended.stderr.endswith(". Nothing was signed.\n")
    assert ended.stderr.count("\n") == 1


def test_sign_tells_what_it_signed(monkeypatch, capsys):
    def sign(store, named, by, today):
        assert (store, named, by) == (launch.composer().store, ["cost.one", "pain.one"], "Ada, doctor")
        return [Signature(fact=fact, by=by, date=today, digest="0") for fact in named]

    monkeypatch.setattr("bot.signatures.sign", sign)
    keep_this_process_as_it_is(monkeypatch)
    assert __main__.main(["sign", "cost.one", "pain.one", "--by", "Ada, doctor"]) == 0
    assert capsys.readouterr().err.startswith("Signed off by Ada, doctor: cost.one, pain.one.")


def test_review_writes_a_page(tmp_path):
    ended = run("review", str(tmp_path / "page.html"))
    assert ended.returncode == 0
    assert "facts, " in ended.stderr
    assert (tmp_path / "page.html").read_text(encoding="utf8").startswith("<!doctype html>")


def test_questions_writes_a_page(tmp_path):
    ended = run("questions", str(tmp_path / "page.html"))
    assert ended.returncode == 0
    assert "questions with their answers" in ended.stderr
    assert (tmp_path / "page.html").read_text(encoding="utf8").startswith("<!doctype html>")


def test_review_tells_of_a_missing_folder(tmp_path):
    ended = run("review", str(tmp_path / "none" / "page.html"))
    assert ended.returncode == 1
    assert ended.stderr == f"{tmp_path / 'none' / 'page.html'} cannot be written: No such file or directory\n"


def test_modules_for_the_start_import_no_rasa():
    names = (
        "live doctor new_topic metrics logs yaml_file admission scoring training launch evaluate shell server signatures review_page questions "
        "report_page demo_data backup __main__"
    ).split()
    modules = ", ".join(f"bot.{name}" for name in names)
    code = f"import sys, {modules}; print([name for name in sys.modules if name.split('.')[0] in ('rasa', 'tensorflow', 'sanic')])"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True).stdout == "[]\n"


def keep_this_process_as_it_is(monkeypatch):
    monkeypatch.setattr("bot.quiet.quieten", lambda **_: None)
    monkeypatch.setattr("bot.signals.end_politely", lambda: None)
    monkeypatch.setattr("bot.lean_rasa.leave_out_tensorflow", lambda: True)
