"""A new topic is laid out in every file that it needs, and `check` says what is missing until nothing is."""

import re
import shutil

import pytest
import yaml

from bot import new_topic
from bot.composer import Composer
from bot.facts import TODO, TOPICS, FactStore, added, topics
from bot.launch import LaunchError
from bot.quiet import ROOT
from bot.reading import Question

NAME = "parking"
EXAMPLES = [f"where can I leave my car number {number}" for number in range(new_topic.FEWEST_EXAMPLES)]
WRITTEN = {
    "label": "Where can I park?",
    "about": "parking",
    "unknown": "Our sources say nothing on parking for {treatment}.",
    "opening": "Behind the house.",
    "claim": "The clinic's page names a car park behind the house.",
    "asks": "[where can I park, is there a car park, can I come by car, do I pay for parking, parking]",
    "sources": "[dermanetwork]",
}


@pytest.fixture
def project(tmp_path):
    """A copy of the files that a topic stands in, without most of the examples, which take long to read."""
    shutil.copytree(ROOT / "data" / "facts", tmp_path / "data" / "facts")
    for name in (new_topic.DOMAIN, new_topic.RULES, new_topic.TRANSCRIPTS):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / name)
    beginning = (ROOT / new_topic.EXAMPLES).read_text(encoding="utf8").splitlines(keepends=True)[:30]
    (tmp_path / new_topic.EXAMPLES).write_text("".join(beginning), encoding="utf8")
    return tmp_path


def read(project, name):
    return yaml.safe_load((project / name).read_text(encoding="utf8"))


def write(project):
    """Write what the skeleton asks for."""
    path = project / "data" / "facts" / f"{NAME}.yml"
    text = path.read_text(encoding="utf8")
    for field, words in WRITTEN.items():
        text, count = re.subn(rf"^( +|  - )?{field}: .*{TODO}.*$", rf"\g<1>{field}: {words}", text, flags=re.MULTILINE)
        assert count == 1, field
    path.write_text(text, encoding="utf8")
    for name, lines in ((new_topic.EXAMPLES, "\n      - ".join(EXAMPLES)), (new_topic.TRANSCRIPTS, "where can I park")):
        path = project / name
        text, count = re.subn(rf"{TODO} a question as a visitor would type it", lines, path.read_text(encoding="utf8"))
        assert count == 1
        path.write_text(text, encoding="utf8")


def test_nothing_is_missing_of_the_topics_that_the_assistant_comes_with():
    assert added() == []
    assert new_topic.missing() == []


def test_new_topic_stands_in_every_file_and_nothing_else_changes(project):
    before = {name: (project / name).read_text(encoding="utf8") for name, *_ in new_topic._PARTS}
    assert new_topic.create(NAME, project) == [f"data/facts/{NAME}.yml", *before]
    assert {f"ask_{NAME}": {"use_entities": []}} in read(project, new_topic.DOMAIN)["intents"]
    assert [{"intent": f"ask_{NAME}"}, {"action": "action_answer"}] in [rule["steps"] for rule in read(project, new_topic.RULES)["rules"]]
    assert read(project, new_topic.EXAMPLES)["nlu"][-1]["intent"] == f"ask_{NAME}"
    assert read(project, new_topic.TRANSCRIPTS)[-1]["turns"][0]["topics"] == [NAME]
    for name, text in before.items():
        lines = (project / name).read_text(encoding="utf8").splitlines()
        assert [line for line in text.splitlines() if line not in lines] == []


def test_check_names_all_that_is_missing_with_its_line(project):
    new_topic.create(NAME, project)
    told = new_topic.missing(project)
    lines = (project / "data" / "facts" / f"{NAME}.yml").read_text(encoding="utf8").splitlines()
    for field in WRITTEN:
        number = next(number for number, line in enumerate(lines, start=1) if f"{field}: " in line and TODO in line)
        assert any(line.startswith(f"{NAME}.yml, line {number}, is still to be written: ") and f"{field}: " in line for line in told), field
    assert f"{NAME}.yml, answer general, field asks: 0 ways of asking, and 5 are needed (line 8)" in told
    assert f"data/nlu.yml, intent ask_{NAME}: 0 ways of asking, and 40 are needed" in told
    assert f"tests/conversations/transcripts.yml: no conversation asks about {NAME} yet" in told
    assert len(told) == len(WRITTEN) + 3


def test_unfinished_topic_is_left_out_and_disturbs_nothing(project):
    new_topic.create(NAME, project)
    assert topics(project / "data" / "facts") == TOPICS
    assert NAME not in FactStore.load(project / "data" / "facts").topics


def test_finished_topic_lacks_nothing_and_answers(project, composer):
    new_topic.create(NAME, project)
    write(project)
    assert new_topic.missing(project) == []
    store = FactStore.load(project / "data" / "facts")
    reply = Composer(store, composer.clinic).answer([Question(NAME)])
    assert reply.topics == (NAME,)
    assert reply.body.startswith("Behind the house.")
    assert (NAME, "general", "can I come by car") in store.asks


def test_check_names_what_was_deleted_of_a_topic(project):
    new_topic.create(NAME, project)
    write(project)
    for name in (new_topic.DOMAIN, new_topic.RULES):
        path = project / name
        path.write_text(re.sub(rf"^  - (rule: Answer a question about {NAME}\n(    .*\n)+|ask_{NAME}.*\n)", "", path.read_text(), flags=re.MULTILINE))
    assert new_topic.missing(project) == [f"domain.yml: the intent ask_{NAME} is missing", f"data/stories.yml: the rule for ask_{NAME} is missing"]
    shutil.copy(ROOT / new_topic.DOMAIN, project)
    (project / "data" / "facts" / f"{NAME}.yml").unlink()
    assert new_topic.missing(project) == []


def test_check_names_what_is_left_of_a_topic_that_is_gone(project):
    new_topic.create(NAME, project)
    (project / "data" / "facts" / f"{NAME}.yml").unlink()
    (told,) = new_topic.missing(project)
    assert told.startswith(f"domain.yml: ask_{NAME} has no data/facts/{NAME}.yml with `topic: {NAME}`: ")


@pytest.mark.parametrize("name", ["After", "after care", "after-care", "x", "", "../cost", "1st", "zu_lang_" * 5])
def test_name_must_be_a_word(project, name):
    with pytest.raises(LaunchError, match="cannot be the name of a topic"):
        new_topic.create(name, project)


@pytest.mark.parametrize("name", ["cost", "wording", "contact", "signatures", NAME])
def test_name_must_be_free(project, name):
    if name == NAME:
        new_topic.create(NAME, project)
    with pytest.raises(LaunchError, match="is taken already"):
        new_topic.create(name, project)


def test_nothing_is_written_where_a_file_has_another_form(project):
    (project / new_topic.RULES).write_text("stories: []\n")
    domain = (project / new_topic.DOMAIN).read_text(encoding="utf8")
    with pytest.raises(LaunchError, match=r"data/stories\.yml has not the form that it came with"):
        new_topic.create(NAME, project)
    assert (project / new_topic.DOMAIN).read_text(encoding="utf8") == domain
    assert added(project / "data" / "facts") == []
