"""bin/browsers says what is missing and how to get it, and never lets a test be passed over."""

import shutil
import subprocess

import pytest

from bot.quiet import ROOT


@pytest.fixture
def machine(tmp_path):
    """A machine with no browser, no Node, and a user who is not root."""
    for name in ("sh", "dirname", "sha256sum", "cut", "cat"):
        (tmp_path / name).symlink_to(shutil.which(name))

    def run(*more):
        for name, script in more:
            (tmp_path / name).write_text(f"#!/bin/sh\n{script}\n")
            (tmp_path / name).chmod(0o755)
        return subprocess.run([ROOT / "bin" / "browsers"], env={"PATH": str(tmp_path)}, capture_output=True, text=True)

    return run


def test_line_to_run_is_told_to_who_is_not_root(machine):
    ended = machine(("id", "echo 1000"), ("apt-get", "exit 9"))
    assert ended.returncode == 1
    assert "run  sudo apt-get install -y --no-install-recommends chromium firefox-esr nodejs npm openssl" in ended.stderr


def test_only_what_is_missing_is_installed(machine):
    there = [(name, "") for name in ("chromium", "node", "npm", "openssl")]
    ended = machine(("id", "echo 0"), ("apt-get", 'echo "$@" >&2; exit 9'), *there)
    assert ended.returncode == 1
    assert "installing firefox-esr (Debian packages)" in ended.stderr
    assert "that failed; run  apt-get install -y --no-install-recommends firefox-esr" in ended.stderr


def test_missing_packages_are_named_where_there_is_no_apt(machine):
    ended = machine(("id", "echo 0"))
    assert "install these first: chromium firefox-esr" in ended.stderr
