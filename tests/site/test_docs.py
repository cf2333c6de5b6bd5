"""The documentation against the code: what exists is named there, and what it says works."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import django_filters
import pytest
from django.apps import apps
from django.core.management import get_commands
from django.test import Client

from api.files import TABLE_ACTIONS
from api.problems.problems import PROBLEM_TYPES
from config.urls import api as api_routes
from parks import filters as park_filters
from parks.claims import filters as claim_filters
from projects import filters as project_filters
from projects.columns import PROJECT_COLUMNS
from projects.serializers import ProjectSerializer
from tests.conftest import read_fixture
from tests.contract.declared import document
from tests.paths import ROOT
from tests.samples import sample
from tests.seeded import loaded_fixtures
from tools.docs import pages, tables

DOCS = ROOT / "docs"
# What a filter takes, by how the docs describe it
VALUES = {
    "[the funnel]": "signed@2026-06-30",
    "[amount]": "1亿",
    "[date": "2024-03",
    "[number]": "2",
    "[words]": "中关村",
    "1 to": "3",
    "codes of ISO 4217": "USD",
    "codes of indicators": "invested",
    "codes of projects": "boyu-semi",
    "codes": "baodi-zgc",
    "names of": "unknown",
    "years": "2023",
}
ROOMS = ["config", "sheets", "api", "parks", "projects", "pages"]
WRITTEN = [*sorted(ROOT.glob("*.md")), *sorted(DOCS.rglob("*.md")), ROOT / "fixtures/README.md"]
VARIABLE = re.compile(r"""(?:env\.\w+|environ\.get)\(\s*["']([A-Z_]+)["']""")
# The first text after what makes an error, or the one that is called `code`
ERROR_CODE = re.compile(
    r"""(?:Mistake\(|ErrorDetail\((?:[^()]|\([^()]*\))*?,|\bcode=)"""
    r"""\s*"([a-z][a-z_]+)\""""
)
LINK = re.compile(r"\]\(([^)\s]+)\)")
ADDRESS = re.compile(r"(?:127\.0\.0\.1:8000|`(?=/api/v1/[^`{}\s]+\?))(/[^\s'\"<>)`|]*)")
# Shown as mistakes, or made by the reader on the way through the tutorial.
REFUSED = ("orgin=", "origin=suzhou")
FOR_ROLES = ("/api/v1/progress", "/api/v1/plans", "/api/v1/plan-moves", "/api/v1/attention")
FOR_ROLES += ("/api/v1/obstacles", "/api/v1/light")
FOR_ROLES += ("/api/v1/reconciliations",)
# Rows of the reader, and what the reader or a shell fills in.
OF_THE_READER = ("/my-first", "/my-park", "park=demo", "$(", "{DAY}")


def text_of(*path: str) -> str:
    return ROOT.joinpath(*path).read_text(encoding="utf-8")


def missing(names: Any, page: str) -> list[str]:
    """The names that do not stand as code in a page of the reference."""
    text = text_of("docs", "reference", page)
    return sorted(name for name in set(names) if not re.search(rf"`{re.escape(name)}[`=]", text))


def code_in(text: str) -> str:
    """What stands in a page as code: its blocks, and what is between backticks."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def make_targets() -> list[str]:
    return re.findall(r"^([a-z-]+):.*## ", text_of("Makefile"), re.MULTILINE)


# --- What exists is named --------------------------------------------------------------------


def test_the_generated_tables_are_up_to_date() -> None:
    for path, built in pages.build_pages().items():
        assert path.read_text(encoding="utf-8") == built, "Run `python -m tools.docs.generate`."


def test_every_filter_is_in_the_reference() -> None:
    filtersets = [
        made
        for module in (park_filters, claim_filters, project_filters)
        for made in vars(module).values()
        if isinstance(made, type) and issubclass(made, django_filters.FilterSet)
    ]
    filters = {name: each for kind in filtersets for name, each in kind.base_filters.items()}
    names = {
        name
        for name, each in filters.items()  # the page says once that steps have twins
        if not (each.exclude and tables.OF_STEPS.fullmatch(name.removesuffix("_not")))
    }
    assert len(names) > 60
    assert missing(names, "parameters.md") == []


def test_every_list_that_may_be_repeated_is_in_the_reference() -> None:
    lists = {
        parameter["name"]
        for item in document()["paths"].values()
        for operation in item.values()
        for parameter in operation.get("parameters", ())
        if parameter["schema"].get("type") == "array"
    }
    (said,) = re.findall(
        r"^Some parameters are \*lists\*.*?\n\n",
        text_of("docs/reference/parameters.md"),
        re.DOTALL | re.MULTILINE,
    )
    assert {*re.findall(r"`(\w+)`", said)} == lists


def test_every_group_that_comes_with_the_ledger_is_in_the_reference() -> None:
    rows = [*read_fixture("region_groups"), *read_fixture("sector_groups")]
    assert missing((row["code"] for row in rows), "parameters.md") == []


def test_every_list_that_can_be_narrowed_has_its_table() -> None:
    text = text_of("docs", "reference", "parameters.md")
    wanted = {
        f"<!-- table: {tables.name_filters(prefix)} -->" for prefix, _view in tables.find_lists()
    }
    assert {mark for mark in wanted if mark not in text} == set()


def test_every_column_is_in_the_reference() -> None:
    assert missing((column.name for column in PROJECT_COLUMNS), "columns.md") == []


def test_files_and_json_call_the_fields_of_a_project_by_the_same_names() -> None:
    columns = {column.name for column in PROJECT_COLUMNS}
    assert columns == set(ProjectSerializer.Meta.fields)


def test_every_variable_of_the_environment_is_in_the_reference() -> None:
    names = {
        *VARIABLE.findall(text_of("config", "settings.py")),
        *VARIABLE.findall(text_of("config", "gunicorn.py")),
        *re.findall(r"^# ([A-Z_]+)=", text_of(".env.example"), re.MULTILINE),
        *re.findall(r"\$\{([A-Z_]+)", text_of("docker-compose.yml")),
        *re.findall(r"^([A-Z_]+) \?=", text_of("Makefile"), re.MULTILINE),
    }
    assert {"DATABASE_URL", "WEB_THREADS", "LISTEN", "PROJECTS"} <= names
    assert missing(names, "settings.md") == []


def test_every_command_of_make_is_in_the_reference() -> None:
    assert missing((f"make {target}" for target in make_targets()), "commands.md") == []


def test_every_command_of_manage_py_is_in_the_reference() -> None:
    ours = [name for name, app in get_commands().items() if app in ROOMS]
    assert len(ours) >= 3
    assert missing(ours, "commands.md") == []


def test_every_address_of_the_api_is_in_the_reference() -> None:
    routes = [str(route.pattern) for route in api_routes if getattr(route, "name", None)]
    plain = [
        re.sub(r"\(\?P<(\w+)>[^)]*\)", r"{\1}", route.strip("^$")).replace("\\.", ".")
        for route in routes
    ]
    assert "projects/{project}/milestones/{id}" in plain
    # Said once: every list has these files, and which rows have a history
    of_lists = {f"{route}.{ending}" for route in plain for ending in TABLE_ACTIONS}
    histories = ("/history", "/history/{version}/restore")
    named = {route for route in plain if not route.endswith(histories)} - of_lists
    assert missing([*histories, *(f"/{route}" for route in named)], "api.md") == []


def test_every_type_of_problem_is_in_the_reference() -> None:
    assert missing((f"/problems/{slug}" for slug in PROBLEM_TYPES), "errors.md") == []


def test_every_code_of_an_error_is_in_the_reference() -> None:
    of_cells = {"admin", "importing", "reading", "cell_lookup.py"}  # a report says what they mean
    codes = {
        code
        for room in ROOMS
        for path in (ROOT / room).rglob("*.py")
        if of_cells.isdisjoint(path.relative_to(ROOT).parts)
        for code in ERROR_CODE.findall(path.read_text(encoding="utf-8"))
    }
    assert {"unknown_parameter", "code_retired", "empty_value", "read_only_field"} <= codes
    assert missing(codes, "errors.md") == []


def test_every_word_of_a_vocabulary_is_in_the_reference() -> None:
    words = {
        word
        for app in ("parks", "projects")
        for model in apps.get_app_config(app).get_models()
        for field in model._meta.concrete_fields
        for word, _label in field.choices or ()
        if isinstance(word, str) and word.isidentifier()
    }
    assert {"full_capacity", "at_capacity", "quarter"} <= words
    assert missing(words, "vocabularies.md") == []


def test_the_files_that_the_map_of_the_code_names_exist() -> None:
    text = text_of("docs", "explanation", "architecture.md")
    named = re.findall(rf"(?<![/\w])((?:{'|'.join(ROOMS)})/[\w/]*(?:\.py|/))", text)
    assert len(named) > 60
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_every_column_and_filter_has_a_meaning() -> None:
    written = pages.read_tables()
    named = {"columns", *(tables.name_filters(prefix) for prefix, _view in tables.find_lists())}
    empty = {
        (name, row)
        for name in named
        for row, cells in tables.read_rows(written[name]).items()
        if not cells[tables.MEANING]
    }
    assert empty == set()


# --- What is said is so ----------------------------------------------------------------------


@pytest.mark.parametrize("readme", ["README.md", "README.zh-Hans.md"])
def test_the_two_commands_stand_in_the_readme(readme: str) -> None:
    (first, *_others) = re.findall(r"```sh\n(.*?)```", text_of(readme), re.DOTALL)
    assert [line.split("#")[0].strip() for line in first.splitlines()] == ["make run", "make test"]


def test_the_commands_that_a_page_names_exist() -> None:
    targets, commands = {*make_targets()}, {*get_commands()}
    for path in WRITTEN:
        code = code_in(path.read_text(encoding="utf-8"))
        of_make = set(re.findall(r"\bmake ([a-z][a-z-]*)", code)) - targets
        of_manage = set(re.findall(r"manage\.py ([a-z_]+)", code)) - commands
        assert (of_make, of_manage) == (set(), set()), path


@cache
def anchors(path: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_links_of_a_page_lead_somewhere() -> None:
    dead = []
    for path in WRITTEN:
        for link in LINK.findall(path.read_text(encoding="utf-8")):
            name, _hash, anchor = link.partition("#")
            target = (path.parent / name).resolve() if name else path
            if not name.startswith(("http://", "https://")):
                is_there = target.exists() and (not anchor or anchor in anchors(target))
                dead += [] if is_there else [(path, link)]
    assert dead == []


def printed_addresses() -> list[str]:
    """Every address of the ledger that a page prints, and every example of a filter."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in WRITTEN)
    found = {
        address.rstrip(".,;")
        for address in ADDRESS.findall(text)
        if not any(part in address for part in OF_THE_READER)
    }
    written = pages.read_tables()
    for prefix, view in tables.find_lists():
        for name, made in view.filterset_class.base_filters.items():
            if not made.exclude:
                example = find_example(written, prefix, name, made)
                found.add(f"/api/v1/{prefix}?{example}")
    return sorted(found)


def find_example(written: dict[str, str], prefix: str, name: str, made: Any) -> str:
    """Return the example in the table of the list, or one of what the filter takes."""
    rows = tables.read_rows(written[tables.name_filters(prefix)])
    meaning = rows.get(f"`{name}`", {}).get(tables.MEANING, "")
    if shown := re.search(rf"`([^`]*\b{name}=[^`]+)`", meaning):
        return shown[1]
    if made.words:
        return f"{name}={next(iter(made.words))}"
    if tables.takes_unknown(made):
        return f"{name}=unknown"
    takes = tables.describe_values(made)
    value = next((value for start, value in VALUES.items() if takes.startswith(start)), None)
    return f"{name}={value or takes.split('`')[1]}"


@pytest.fixture(scope="module")
def named_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """What the examples name: the rows of `fixtures/`."""
    with loaded_fixtures(django_db_blocker):
        yield


@pytest.mark.slow
@pytest.mark.django_db
def test_every_address_that_is_printed_answers(named_rows: None, client: Client) -> None:
    client.raise_request_exception = False  # all that is wrong is said at once
    addresses = printed_addresses()
    assert len(addresses) > 60
    wrong = []
    for address in sample(addresses, 6):
        response = client.get(address)
        list(response)  # files are open until they are read
        expected = [400] if any(part in address for part in REFUSED) else [200, 302]
        expected = [401] if address.startswith(FOR_ROLES) else expected
        expected = [404] if "/editions/demo-meeting-month" in address else expected  # of the demo
        wrong += [] if response.status_code in expected else [f"{address}: {response.status_code}"]
    assert wrong == []
