"""The rules of the house that no linter knows; each check says what to do when it fails."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from parks.models import (
    Indicator,
    Region,
    RegionGroup,
    RegionName,
    RetiredCode,
    Sector,
    SectorGroup,
    SeededRow,
)

ROOT = Path(__file__).resolve().parent.parent
ARROW = ["projects", "parks", "config"]  # each may import those to its right
FORBIDDEN_FOLDERS = {"common", "core", "helpers", "lib", "misc", "selectors", "services", "utils"}
LONGEST_FUNCTION = 40
LONGEST_FILE = 400
LONGEST_TEST_FILE = 600
SIGNALS = re.compile(r"django\.dispatch|django\.db\.models\.signals|django\.core\.signals")
OF_THIS_MACHINE = re.compile(
    r"(?<![\w.:/}-])/(?:home|root|tmp|Users|work|opt)/\w"  # a path of somebody's machine
    r"|https?://(?:10|127|172\.16|192\.168)\.[\d.]+"  # a host of somebody's network
)
VOCABULARIES = {Indicator, Region, RegionGroup, Sector, SectorGroup}
WRITTEN_BY_CODE_ALONE = {RegionName, RetiredCode, SeededRow}  # nobody reads their messages


def source_files(*folders: str) -> list[Path]:
    """The Python files of these folders, without the migrations, which are generated."""
    return [
        path
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
        if "migrations" not in path.parts and "__pycache__" not in path.parts
    ]


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported(path: Path) -> Iterator[str]:
    """The dotted names of the modules that a file imports."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." * node.level + (node.module or "")


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def our_models() -> list[type[models.Model]]:
    return [model for app in ARROW for model in apps.get_app_config(app).get_models()]


def test_there_is_something_to_check() -> None:
    assert len(source_files(*ARROW)) > 20
    assert len(our_models()) > 15


@pytest.mark.parametrize("app", ARROW)
def test_imports_follow_the_arrow(app: str) -> None:
    above = set(ARROW[: ARROW.index(app)])
    wrong = [
        f"{name(path)} imports {module}"
        for path in source_files(app)
        if name(path) != "config/urls.py"  # the one place that sees the whole site
        for module in imported(path)
        if module.split(".")[0] in above
    ]
    assert wrong == []


def test_the_product_imports_neither_its_tests_nor_its_tools() -> None:
    outside = {"tests", "benchmarks", "tools"}
    wrong = [
        f"{name(path)} imports {module}"
        for path in source_files(*ARROW)
        for module in imported(path)
        if module.split(".")[0] in outside
    ]
    assert wrong == []


def test_imports_stand_at_the_top_of_the_file() -> None:
    wrong = [
        f"{name(path)}:{node.lineno} in {function.name}"
        for path in source_files(*ARROW, "tests", "benchmarks", "tools", "fixtures")
        for function in functions(path)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert wrong == []


def test_no_folder_or_module_is_a_drawer_for_everything() -> None:
    wrong = {
        name(path)
        for path in source_files(*ARROW, "tests", "benchmarks", "tools", "fixtures")
        if FORBIDDEN_FOLDERS & {*path.relative_to(ROOT).parts, path.stem}
    }
    assert wrong == set()


def test_functions_are_short() -> None:
    long = [
        f"{name(path)}: {function.name} has {length} lines"
        for path in source_files(*ARROW)
        for function in functions(path)
        if (length := (function.end_lineno or 0) - function.lineno + 1) > LONGEST_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize(
    ("folders", "longest"), [(ARROW, LONGEST_FILE), (["tests", "benchmarks"], LONGEST_TEST_FILE)]
)
def test_files_are_short(folders: list[str], longest: int) -> None:
    long = [
        f"{name(path)} has {length} lines"
        for path in source_files(*folders)
        if (length := len(path.read_text(encoding="utf-8").splitlines())) > longest
    ]
    assert long == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name(path)
        for path in source_files(*ARROW, "tests", "benchmarks", "tools")
        if parsed(path).body and not ast.get_docstring(parsed(path))
    ]
    assert silent == []


def test_tables_are_read_and_written_in_one_module() -> None:
    wrong = [
        f"{name(path)} imports {module}"
        for path in source_files(*ARROW)
        if name(path) != "config/spreadsheets.py"
        for module in imported(path)
        if module.split(".")[0] in {"csv", "openpyxl", "xlsxwriter", "python_calamine"}
    ]
    assert wrong == []


def test_nothing_happens_by_signals() -> None:
    wrong = [
        name(path)
        for path in source_files("parks", "projects")
        if SIGNALS.search(path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_no_file_knows_the_machine_it_was_written_on() -> None:
    wrong = [
        f"{name(path)}:{number}"
        for path in source_files(*ARROW, "fixtures", "benchmarks")
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if OF_THIS_MACHINE.search(line)
    ]
    assert wrong == []


def test_every_constraint_has_a_name_and_a_message() -> None:
    dumb = [
        constraint.name
        for model in our_models()
        if model not in WRITTEN_BY_CODE_ALONE
        for constraint in model._meta.constraints
        if constraint.violation_error_message == constraint.default_violation_error_message
    ]
    assert dumb == []


def test_config_holds_no_model() -> None:
    assert list(apps.get_app_config("config").get_models()) == []


def test_nothing_is_unique_or_checked_without_a_named_constraint() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.local_fields
        if field.unique and not field.primary_key and not field.is_relation
    ]
    assert wrong == []
    assert [model._meta.label for model in our_models() if model._meta.unique_together] == []


def test_vocabularies_are_protected() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.local_fields
        if isinstance(field, models.ForeignKey)
        and field.related_model in VOCABULARIES
        and field.remote_field.on_delete is not models.PROTECT
        # A name or a membership is a part of its region or group, and goes with it.
        and not (field.name == "group" or model is RegionName)
    ]
    assert wrong == []


def test_vocabularies_have_their_codes_as_keys() -> None:
    assert {model._meta.pk.name for model in VOCABULARIES} == {"code"}


def test_amounts_in_yuan_are_whole_numbers() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        for field in model._meta.local_fields
        if field.name.endswith("_cny") and not isinstance(field, models.BigIntegerField)
    ]
    assert wrong == []


# Derived from the ends of periods, or a month by definition: always known to the day.
WHOLE_DAYS = {
    "projects.Project.news_on",
    "projects.Project.next_planned_on",
    "projects.Funding.month",
}


def test_every_partial_date_has_its_precision() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in our_models()
        if not hasattr(model, "valid_from")
        for field in model._meta.local_fields
        if isinstance(field, models.DateField)
        and not isinstance(field, models.DateTimeField)
        and not hasattr(model, f"{field.name}_precision")
        and f"{model._meta.label}.{field.name}" not in WHOLE_DAYS
    ]
    assert wrong == []
