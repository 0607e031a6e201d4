"""What the benchmark of speed makes of its figures, and that its page is of the figures that are kept."""

import json

import pytest
import yaml

from benchmarks.speed import EPOCHS, PAGE, RESULTS, multiply_facts, page, stock_model, write_stock_project
from bot.facts import FACTS, FactStore
from bot.quiet import ROOT


def test_page_is_of_the_figures_that_are_kept():
    assert PAGE.read_text(encoding="utf8") == page(json.loads(RESULTS.read_text(encoding="utf8")))


def test_stock_project_is_that_of_rasa_init(tmp_path):
    (tmp_path / "data").mkdir()
    count = write_stock_project(tmp_path)
    config = yaml.safe_load((tmp_path / "config.yml").read_text(encoding="utf8"))
    assert [part["name"] for part in config["policies"]] == ["MemoizationPolicy", "RulePolicy", "UnexpecTEDIntentPolicy", "TEDPolicy"]
    assert {part["epochs"] for part in config["pipeline"] + config["policies"] if "epochs" in part} == {EPOCHS}
    blocks = yaml.safe_load((tmp_path / "data" / "nlu.yml").read_text(encoding="utf8"))["nlu"]
    assert sum(len(block["examples"].splitlines()) for block in blocks) == count
    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf8"))
    assert {block["intent"] for block in blocks} <= {name for intent in domain["intents"] for name in intent}


@pytest.mark.parametrize("times", [1, 2])
def test_multiplied_facts_fit(tmp_path, times):
    multiply_facts(FACTS, tmp_path, times)
    assert len(FactStore.load(tmp_path).facts) >= len(FactStore.load().facts) * (1 if times == 1 else 1.8)


def test_stock_model_is_trained_once(tmp_path, monkeypatch):
    monkeypatch.setattr("benchmarks.speed.KEPT", tmp_path)
    (tmp_path / "models").mkdir()
    for name in ("models/stock.tar.gz", "training.json"):
        (tmp_path / name).write_text("{}")
    assert stock_model() == tmp_path / "models" / "stock.tar.gz"
