"""When the model is trained anew, and that a failure leaves the old one whole."""

import ast
import json
import shutil

import pytest
import yaml

from bot import training
from bot.facts import FactStore
from bot.quiet import ROOT

NOT_LEARNT = {
    "facts": "what the model learns from it is hashed by content",
    "alarm_state": "read when a question is answered",
    "clinic": "read when a question is answered",
    "cues": "read when a question is answered",
    "language": "read when a question is answered",
    "appearance": "read when a page is shown",
    "settings": "holds what is read of clinic.yml",
    "vector_store": "keeps what the encoder gave",
    "quiet": "says where the project is",
    "splitter": "splits only what visitors write",
    "reader": "decides when a question is answered",
    "several": "weighs what was heard when a question is answered",
    "heard": "holds what was heard when a question is answered",
    "reading": "the shape in which understanding is handed on",
    "red_flags": "read when a question is answered",
    "yaml_file": "reads what is hashed by content",
    "reply": "used when a question is answered",
}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of what the model learns from, with nothing trained yet."""
    for pattern in (*training.INPUTS, "data/facts/*.yml"):
        for path in ROOT.glob(pattern):
            target = tmp_path / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    models = tmp_path / "models"
    for name, path in {"ROOT": tmp_path, "MODELS": models, "MODEL": models / "assistant.tar.gz", "LOG": models / "training.log"}.items():
        monkeypatch.setattr(training, name, path)
    monkeypatch.setattr(training, "FINGERPRINT", models / "fingerprint.json")
    monkeypatch.setattr(training, "_run_rasa", lambda folder, clock: (folder / "assistant.tar.gz").write_bytes(b"a model"))
    return tmp_path


@pytest.fixture(scope="module")
def store():
    return FactStore.load()


def reasons(project, store=None):
    present = store or FactStore.load(project / "data" / "facts")
    recorded = json.loads((project / "models" / "fingerprint.json").read_text())["inputs"]
    now = training.fingerprint(present)
    return sorted(name for name in now.keys() | recorded.keys() if now.get(name) != recorded.get(name))


def edit(project, name, change):
    path = project / "data" / "facts" / name
    content = yaml.safe_load(path.read_text(encoding="utf8"))
    change(content)
    path.write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf8")


def test_train_trains_once(project, store):
    assert training.train(store)
    assert training.changes(store) == []
    assert not training.train(store)
    assert training.train(store, force=True)


@pytest.mark.parametrize("name", ["data/nlu.yml", "config.yml", "bot/encoder.py", "requirements.lock"])
def test_fingerprint_notices_a_changed_file(project, store, name):
    training.train(store)
    with (project / name).open("a", encoding="utf8") as file:
        file.write("\n# changed\n")
    assert reasons(project, store) == [name]


def test_fingerprint_notices_a_new_way_of_asking(project, store):
    training.train(store)
    edit(project, "cost.yml", lambda topic: topic["answers"][0]["asks"].append("what would I be paying"))
    assert reasons(project) == [training.FACTS]


def test_fingerprint_notices_a_new_name_of_a_treatment(project, store):
    training.train(store)
    edit(project, "vocabulary.yml", lambda vocabulary: vocabulary["treatments"]["filler"]["aliases"].append("plumper"))
    assert reasons(project) == [training.FACTS]


def test_fingerprint_overlooks_an_edited_claim(project, store):
    training.train(store)
    edit(project, "pain.yml", lambda topic: topic["facts"][0].update(claim="One clinic says that it may sting."))
    assert reasons(project) == []


def test_train_trains_anew_where_the_model_was_exchanged(project, store):
    training.train(store)
    training.MODEL.write_bytes(b"another model")
    assert not training.is_intact()
    assert training.train(store)
    assert training.is_intact()


@pytest.mark.parametrize("error", [training.TrainingError("no"), KeyboardInterrupt()])
def test_train_leaves_the_old_model_when_it_fails(project, store, monkeypatch, error):
    training.train(store)

    def fail(folder, clock):
        (folder / "assistant.tar.gz").write_bytes(b"half a mod")
        raise error

    monkeypatch.setattr(training, "_run_rasa", fail)
    with pytest.raises(type(error)):
        training.train(store, force=True)
    assert training.is_intact()
    assert training.MODEL.read_bytes() == b"a model"
    assert not list(training.MODELS.glob(".training-*"))


def test_train_clears_what_a_killed_training_left(project, store):
    remains = training.MODELS / ".training-killed"
    remains.mkdir(parents=True)
    training.train(store)
    assert not remains.exists()


def test_follow_finds_the_line_that_names_the_problem():
    class Stages:
        names: list[str] = []

        def stage(self, name):
            self.names.append(name)

    copied = []
    lines = ["INFO  - Starting to train component 'Linear'.\n", "\x1b[31mInvalidDomain: intent ask_x is used twice\x1b[0m\n"]
    problem = training._follow(lines, copied.append, Stages())
    assert problem == "intent ask_x is used twice"
    assert Stages.names == ["Training Linear"]
    assert len(copied) == 2


def test_follow_finds_what_validation_complains_of():
    line = "/x/io.py:100: UserWarning: The action 'action_x' is not listed in the domain file.\n"
    assert training._follow([line], [].append, None) == "The action 'action_x' is not listed in the domain file."


def test_inputs_name_every_module_that_understanding_is_made_of():
    named = {path.stem for pattern in training.INPUTS if pattern.startswith("bot/") for path in ROOT.glob(pattern)}
    waiting, seen = sorted((ROOT / "bot" / "nlu").glob("*.py")), set()
    while waiting:
        path = waiting.pop()
        for module in imported(path):
            if module not in seen and (ROOT / "bot" / f"{module}.py").exists():
                seen.add(module)
                waiting.append(ROOT / "bot" / f"{module}.py")
    assert seen - NOT_LEARNT.keys() <= named


def imported(path):
    """The modules of bot/ that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf8"))):
        if isinstance(node, ast.ImportFrom) and node.module == "bot":
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("bot."):
            yield node.module.split(".")[1]
