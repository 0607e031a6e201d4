"""SECURITY.md and docs/dependencies.md speak of what is there."""

import re

from bot.quiet import ROOT

SECURITY = (ROOT / "SECURITY.md").read_text(encoding="utf8")
DEPENDENCIES = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf8")


def test_every_threat_has_a_test_that_exists():
    rows = [line for line in SECURITY.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 15
    for row in rows:
        path, _, name = re.fullmatch(r"`(\S+)`", row.strip("| ").split(" | ")[-1])[1].partition("::")
        assert re.search(rf"^(async )?def {name}\(", (ROOT / path).read_text(encoding="utf8"), re.MULTILINE), row


def test_every_file_that_stops_a_threat_exists():
    named = re.findall(r"`((?:bot|deploy|docs)/[\w./]+)`", SECURITY)
    assert named
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_table_of_dependencies_is_of_what_is_locked():
    locked = set(re.findall(r"^([a-z0-9][a-z0-9._-]*==\S+)", (ROOT / "requirements.lock").read_text(encoding="utf8"), re.MULTILINE))
    rows = re.findall(r"^\| ([a-z0-9-]+) (\S+) \| (`.+`) \| (?:yes|no) \| \S", DEPENDENCIES, re.MULTILINE)
    assert len(rows) == 20
    assert {f"{name}=={version}" for name, version, _ in rows} <= locked
    assert f"0 of {len(locked)} packages" in DEPENDENCIES
    assert f"20 of {len(locked)} packages" in DEPENDENCIES
