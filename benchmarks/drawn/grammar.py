"""What can be asked: the operations of the OpenAPI document, and the ledger's own values."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import orjson

from benchmarks.clients import RefusedError
from benchmarks.questions import API
from tests.openapi import follow, read_snapshot

UNKNOWN = "not-known"  # the code of no row
MOST_OWNERS = 12
# The body of an address, signed in or not; raises `RefusedError` unless it is 200
Get = Callable[[str, bool], bytes]

KINDS = {  # the first pattern that a path matches
    "lists": r"/projects",
    "summaries": r"/projects/summary(\.\w+)?",
    "facets": r"/projects/facets(\.\w+)?",
    "cohorts": r"/projects/(cohorts|funnel).*|/events/{code}/follow.*|/.*/overview|/parks/comp.*",
    "flows": r"/(fundings|plans|plan-moves|progress|obstacles|results)(/summary)?(\.\w+)?",
    "files": r".*\.\w+",
    "details": r".*{.*",
    "other lists": r".*",
}
# Pages, and options of their own. Who signs in there has a session, which is not drawn
PAGES = (
    "/ /projects /projects/{code} /parks /parks/{code} /events /events/{code} /compare /sources"
    " /sources/{code} /organisations /organisations/{code} /regions /regions/{code} /sectors"
    " /people /timeline /fundings /figures"
).split()
PAGE_OPTIONS = {"/projects": {"view": ["charts", "tiles"]}}
PAGE_OPTIONS["/compare"] = {"signed_year": ["2022,2023", "2023,2024"]}
NO_PAGE = frozenset("as_of cursor count expand fields limit ordering".split())  # what pages lack


@dataclass(frozen=True)
class Operation:
    """One GET of the document: its path below the API, and the schemas of its query parameters."""

    path: str
    parameters: Mapping[str, Mapping[str, Any]]
    required: frozenset[str]
    has_404: bool = False
    needs_role: bool = False
    is_page: bool = False

    @property
    def kind(self) -> str:
        if self.is_page:
            return "pages"
        return next(kind for kind, path in KINDS.items() if re.fullmatch(path, self.path))

    @property
    def is_file_of_rows(self) -> bool:
        is_sum = self.kind in ("summaries", "facets", "cohorts") or "/summary" in self.path
        return self.path.endswith((".csv", ".xlsx", ".jsonl", ".geojson")) and not is_sum


def read_operations() -> list[Operation]:
    """Read the GETs of docs/openapi.yaml, in its order."""
    document = read_snapshot()
    found = []
    for path, item in document["paths"].items():
        if "get" not in item:
            continue
        described = [follow(document, each) for each in item["get"].get("parameters", ())]
        query = {each["name"]: each for each in described if each["in"] == "query"}
        schemas = {name: follow(document, each["schema"]) for name, each in query.items()}
        required = frozenset(name for name, each in query.items() if each.get("required"))
        answers = item["get"]["responses"]
        found.append(
            Operation(
                path.removeprefix(API),
                schemas,
                required,
                has_404="404" in answers,
                needs_role="403" in answers,
            )
        )
    return found


def list_pages(operations: Sequence[Operation]) -> list[Operation]:
    """The pages, each with the filters of the list of the API that has its path."""
    lists = {each.path: each.parameters for each in operations}
    found = []
    for path in PAGES:
        filters = {} if "{" in path else lists.get(path, {})
        kept = {name: each for name, each in filters.items() if name not in NO_PAGE}
        own = {name: {"enum": words} for name, words in PAGE_OPTIONS.get(path, {}).items()}
        found.append(Operation(path, kept | own, frozenset(), is_page=True))
    return found


@dataclass
class Values:
    """Values of the ledger by the name of their field, and words of texts to search for.

    `candidates` are the words that a parameter takes where the document does not list them.
    """

    seen: dict[str, list[str]] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)  # values of each dimension
    texts: list[str] = field(default_factory=list)
    candidates: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    moments: tuple[str, str] = ("", "")  # between which the past is asked

    def add(self, name: str, value: object) -> None:
        if isinstance(value, str | int) and not isinstance(value, bool) and value != "":
            values = self.seen.setdefault(name, [])
            if str(value) not in values:
                values.append(str(value))


def read_values(get: Get, operations: Sequence[Operation]) -> Values:
    """Ask the ledger for its own values: of each list its pages in several orders, and facets."""
    values = Values()
    for operation in operations:
        if operation.kind in ("lists", "flows", "other lists") and "limit" in operation.parameters:
            for order in [None, *read_orders(operation)]:
                asked = {"limit": 100} | ({"ordering": order} if order else {})
                for row in read_rows(get, operation.path, asked, operation.needs_role):
                    collect(values, operation.path, row)
        for name in ("fields", "columns"):
            if name in operation.parameters:
                path = fill_path(operation.path, values, lambda found: found[0])
                values.candidates[operation.path, name] = read_candidates(get, path, name)
    read_rows_below(get, operations, values)
    (facets,) = (each for each in operations if each.path == "/projects/facets")
    for dimension in facets.parameters["facets"]["items"]["enum"]:
        asked, one_park = {"facets": dimension}, {"park": values.seen["/parks/"][0]}
        told = read_json(get, facets.path, asked)  # which may take too long for all parks
        told = told or read_json(get, facets.path, asked | one_park)
        rows = told.get("facets", {}).get(dimension, [])
        values.sizes[dimension] = len(rows)
        for row in rows[:100]:
            values.add(f"/projects {dimension}", row["value"])
            if "、" not in (row["name_zh"] or ""):  # which parts two names
                values.add(f"{dimension}_name", row["name_zh"])
    return values


def read_rows_below(get: Get, operations: Sequence[Operation], values: Values) -> None:
    """Add the paths of rows that stand below others, such as a milestone of a project."""
    for path in {each.path.rpartition("/")[0] for each in operations if each.path.count("{") > 1}:
        if path.count("{") == 1:
            for owner in values.seen[f"{path.partition('{')[0]}"][:MOST_OWNERS]:
                filled = re.sub("{.*}", owner, path)
                for row in read_rows(get, filled, {"limit": 5}, is_signed_in=True):
                    values.add(f"{path}/", f"{filled}/{row.get('code') or row['id']}")


def read_orders(operation: Operation) -> list[str]:
    """The orders of a list, up and down."""
    pattern = operation.parameters.get("ordering", {}).get("items", {}).get("pattern", "")
    names = re.findall(r"\w+", pattern)
    return [sign + name for name in names for sign in ("", "-")]


def read_rows(
    get: Get, path: str, asked: Mapping[str, object], is_signed_in: bool = False
) -> list[Any]:
    rows: list[Any] = read_json(get, path, asked, is_signed_in).get("results", [])
    return rows


def read_json(get: Get, path: str, asked: Mapping[str, object], is_signed_in: bool = False) -> Any:
    """Read an answer; nothing where it is refused, which is measured elsewhere."""
    with suppress(RefusedError):
        return orjson.loads(get(f"{API}{path}?{urlencode(asked)}", is_signed_in))
    return {}


def read_candidates(get: Get, path: str, name: str) -> list[str]:
    """Ask for a field that there is not: the refusal lists those that there are."""
    try:
        get(f"{API}{path}?{name}=0", True)
    except RefusedError as error:
        told = error.body.decode().partition('"candidates":[')[2].partition("]")[0]
        return re.findall(r'"(\w+)"', told)
    return []


def collect(values: Values, path: str, row: Mapping[str, Any]) -> None:
    """Keep what a row of a list holds, with what stands below it."""
    if "claim_url" not in row or f"{API}{path}/" in row["claim_url"]:  # else it is found elsewhere
        values.add(f"{path}/", row.get("code"))
    for name, value in walk(row):
        values.add(name, value)
        values.add(f"{path} {name}", value)
        if name in ("name_zh", "name_en", "title", "organisation_name_zh") and value:
            values.texts.append(str(value))


def walk(row: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the names and values of a row and of the rows within it."""
    for name, value in row.items():
        if isinstance(value, list):
            for each in value:
                if isinstance(each, dict):
                    yield from walk(each)
        elif not isinstance(value, dict):
            yield name, value


def fill_path(path: str, values: Values, choose: Callable[[Sequence[str]], str]) -> str:
    """Put a row into the place of a path such as `/events/{code}/overview`."""
    if "{" not in path:
        return path
    before, _brace, rest = path.rpartition("{")
    ending = rest.partition("}")[2]
    found = choose(values.seen.get(before) or [UNKNOWN])
    return (
        found if found.startswith("/") else before.replace("{", "").replace("}", "") + found
    ) + ending
