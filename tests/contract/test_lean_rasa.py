"""Rasa without what nothing here needs."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import tarsafe

from bot import lean_rasa
from bot.quiet import ROOT

RASA = Path(find_spec("rasa").origin).parent


def run(script):
    return subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, capture_output=True, text=True).stdout


@pytest.fixture
def finders(monkeypatch):
    """Python's own finders, which a test may add to."""
    monkeypatch.setattr(sys, "meta_path", [finder for finder in sys.meta_path if not isinstance(finder, lean_rasa._Finder)])
    return sys.meta_path


def test_rasa_is_loaded_without_it_and_its_components_for_it_say_so():
    said = run("""
from bot import lean_rasa
from bot.quiet import quieten
quieten()
print(lean_rasa.leave_out_tensorflow())
import rasa.core.run, rasa.core.agent
from rasa.nlu.classifiers.diet_classifier import DIETClassifier
from rasa.utils.tensorflow.models import RasaModel
print(any("tensorflow" in line for line in open("/proc/self/maps")))
try:
    RasaModel()
except ImportError as error:
    print(error)
""").splitlines()
    assert said[:2] == ["True", "False"]
    assert said[2].startswith("rasa.utils.tensorflow.models.RasaModel needs TensorFlow")


def test_every_component_of_rasa_that_imports_it_is_known():
    modules = [path for folder in ("nlu", "core") for path in RASA.glob(f"{folder}/**/*.py") if "import tensorflow" in path.read_text()]
    registered = re.compile(r"^@DefaultV1Recipe\.register\((?:[^)]|\)(?!\n))*\)\n^class (\w+)", re.MULTILINE)
    assert {name for path in modules for name in registered.findall(path.read_text())} == lean_rasa.NEED_IT


def test_what_needs_it_gets_it(tmp_path, finders, monkeypatch):
    for name in lean_rasa._PACKAGES:
        monkeypatch.delitem(sys.modules, name, raising=False)
    config, before = tmp_path / "config.yml", list(finders)
    for text in ("pipeline:\n- name: DIETClassifier\n", "policies:\n- name: rasa.core.policies.ted_policy.TEDPolicy\n", "pipeline: [", "pipeline: 7\n"):
        config.write_text(text)
        assert not lean_rasa.leave_out_tensorflow(config)
    assert not lean_rasa.leave_out_tensorflow(tmp_path / "missing.yml")
    assert finders == before
    assert lean_rasa.leave_out_tensorflow()
    assert len(finders) == len(before) + 1


def test_stand_in_decorates_and_is_inherited_from():
    assert lean_rasa.StandIn.keras.layers.Layer is lean_rasa.StandIn
    assert lean_rasa.StandIn.function(run) is run
    assert lean_rasa.StandIn.TensorSpec([None], 7) is lean_rasa.StandIn
    assert not hasattr(lean_rasa.StandIn, "__wrapped__")


def test_models_are_packed_lightly_and_unpacked_as_ever(tmp_path, monkeypatch):
    monkeypatch.setattr(tarsafe.TarSafe, "gzopen", tarsafe.TarSafe.gzopen)  # put back afterwards
    lean_rasa._pack_lightly()
    (tmp_path / "weights").write_bytes(b"0123456789" * 1000)
    with tarsafe.TarSafe.open(tmp_path / "model.tar.gz", "w:gz") as archive:
        assert type(archive) is tarsafe.TarSafe, "which looks at the paths when it unpacks"
        archive.add(tmp_path / "weights", arcname="weights")
    assert (tmp_path / "model.tar.gz").read_bytes()[8] == 4, "what gzip calls fastest (RFC 1952)"
    (tmp_path / "unpacked").mkdir()
    with tarsafe.TarSafe.open(tmp_path / "model.tar.gz", "r:gz") as archive:
        archive.extractall(tmp_path / "unpacked")
    assert (tmp_path / "unpacked" / "weights").read_bytes() == (tmp_path / "weights").read_bytes()
