"""The files under test, read once."""

import pytest
import yaml

from bot.facts import FactStore
from bot.quiet import ROOT


def read(name):
    return yaml.load((ROOT / name).read_text(encoding="utf8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@pytest.fixture(scope="session")
def store():
    return FactStore.load()


@pytest.fixture(scope="session")
def domain():
    return read("domain.yml")


@pytest.fixture(scope="session")
def stories():
    """Every rule and story by name, as lists of steps."""
    content = read("data/stories.yml")
    named = {**{one["rule"]: one["steps"] for one in content["rules"]}, **{one["story"]: one["steps"] for one in content["stories"]}}
    assert len(named) == len(content["rules"]) + len(content["stories"]), "two of the same name"
    return named


@pytest.fixture(scope="session")
def rules():
    return {one["rule"]: one["steps"] for one in read("data/stories.yml")["rules"]}


@pytest.fixture(scope="session")
def examples():
    """The examples of data/nlu.yml by intent."""
    found = {}
    for block in read("data/nlu.yml")["nlu"]:
        lines = [line[2:].strip() for line in block["examples"].splitlines() if line.startswith("- ")]
        found.setdefault(block["intent"], []).extend(lines)
    return found
