"""The bill of materials: all that runs, with versions and licences, and nothing else."""

import json
from typing import Any

from packaging.utils import canonicalize_name

from tests.paths import DOCS, ROOT
from tools.sbom import find_needed, main


def read_licence(part: dict[str, Any]) -> str:
    """The licence of a package, as the table of the docs says it."""
    (said,) = part["licenses"]
    return said.get("expression") or said["license"].get("id") or said["license"]["name"]


def test_the_bill_has_all_that_runs_with_its_licence_and_no_tool_of_tests(tmp_path) -> None:
    main([str(tmp_path / "sbom.json")])
    bill = json.loads((tmp_path / "sbom.json").read_text())
    assert bill["bomFormat"] == "CycloneDX"
    named = {canonicalize_name(each["name"]): each for each in bill["components"]}
    assert find_needed(ROOT / "requirements.txt") == set(named)
    assert {"django", "sqlparse", "asgiref", "psycopg-pool"} <= set(named)
    assert not {"pytest", "ruff", "mypy"} & set(named)
    page = (DOCS / "reference" / "licences.md").read_text(encoding="utf-8")
    for each in named.values():
        assert f"| {each['name']} | {read_licence(each)} |" in page
    assert all(each["licenses"] and each["version"] and each["purl"] for each in named.values())
