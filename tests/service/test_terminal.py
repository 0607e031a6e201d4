"""The terminal chat and evaluation as a person starts them."""

import json
import subprocess
import sys

import pytest

from bot.quiet import ROOT

pytestmark = [pytest.mark.service, pytest.mark.model]


def bot(*arguments, typed=""):
    return subprocess.run([sys.executable, "-m", "bot", *arguments], cwd=ROOT, input=typed, capture_output=True, text=True, timeout=180)


def test_chat_answers_every_line_and_shows_nothing_else(model):
    ended = bot("chat", typed="How much does it cost?\n\n/restart\n/quit\nDoes it hurt?\n")
    assert ended.returncode == 0
    assert "not a doctor" in ended.stdout
    assert ended.stdout.count("You: ") == 4
    assert "[1]" in ended.stdout
    assert not {"{", "}"} & set(ended.stdout)
    assert "Does it hurt" not in ended.stdout
    assert not [line for line in ended.stderr.splitlines() if "ERROR" in line or "WARNING" in line or "Traceback" in line]


def test_evaluate_writes_predictions_and_the_table(model, tmp_path):
    questions = [
        {"id": "a", "text": "How much does mesotherapy cost?", "kind": "single", "topics": ["cost"]},
        {"id": "b", "text": "and how long does it last?", "context": ["How much is MesoGlow?"], "kind": "followup", "topics": ["duration"]},
        {"id": "c", "text": "", "kind": "oos", "topics": ["oos"]},
    ]
    file, out = tmp_path / "questions.jsonl", tmp_path / "out.jsonl"
    file.write_text("\n".join(json.dumps(question) for question in questions) + "\nnonsense\n")
    ended = bot("evaluate", str(file), "--predictions", str(out))
    found = [json.loads(line) for line in out.read_text(encoding="utf8").splitlines()]
    assert ended.returncode == 1
    assert "line 4: not JSON" in ended.stderr
    assert [prediction["id"] for prediction in found] == ["a", "b", "c"]
    assert all(prediction.keys() == {"id", "kind", "topics", "options", "reply"} for prediction in found)
    assert found[0]["topics"] == ["cost"]
    assert found[1]["topics"] == ["duration"]
    assert "single_right              1/1" in ended.stdout
    assert list(tmp_path.glob(".*")) == []
