"""Linters of OpenAPI documents that other people use have nothing to say about ours."""

import json
import subprocess
from pathlib import Path

import pytest

from tests.npm import install_packages
from tests.openapi import SNAPSHOT

pytestmark = [
    pytest.mark.long("installs programs of npm; `.ci/run` names it"),
    pytest.mark.only_sqlite,  # the document is the same on both
]

LINTERS = Path(__file__).with_name("linters")


def test_redocly_finds_nothing() -> None:
    program = install_packages(LINTERS) / "@redocly/cli/bin/cli.js"
    command = ["node", program, "lint", SNAPSHOT, "--format", "json"]
    said = subprocess.run(command, capture_output=True, text=True).stdout
    found = json.loads(said[said.index("{") :])
    assert found["totals"] == {"errors": 0, "warnings": 0, "ignored": 0}, found["problems"]


def test_spectral_finds_nothing(tmp_path: Path) -> None:
    program = install_packages(LINTERS) / "@stoplight/spectral-cli/dist/index.js"
    rules = tmp_path / "rules.yaml"
    rules.write_text('extends: ["spectral:oas"]\n')
    command = ["node", program, "lint", SNAPSHOT, "--ruleset", rules, "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert json.loads(done.stdout.partition("No results")[0] or "[]") == []
    assert done.returncode == 0
