"""Writes what is drawn: each editable field of a project, new projects and the rows below them."""

import random
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson

from benchmarks.drawn.asking import Asker
from benchmarks.drawn.grammar import Values
from benchmarks.questions import API
from tests.openapi import follow, read_snapshot

UNWRITTEN = {"code", "national_code"}  # what never changes, and what has a check character
CONFIRMED = "?confirm=amounts,duplicates"  # what is drawn looks like what is there
SHOWN = 30  # projects whose values others are given
# Fields that only stand together: they are written together, with the values of one project
TOGETHER = (
    ("latitude", "longitude", "point_accuracy", "point_datum"),
    ("land_mu", "land_qualifier"),
    ("investment_cny", "investment_qualifier", "investment_basis"),
    ("standing", "standing_on", "standing_reason", "duplicate_of"),
)
PLACES = {"park", "region", "origin", "sector", "source", "event", "tag", "indicator"}
# Rows below a project, as one of them is made
BELOW: dict[str, dict[str, Any]] = {
    "milestones": {"type": "works_permit", "status": "met", "actual_on": "2025-03"},
    "participations": {"role": "presented"},  # at an event of the ledger
    "fundings": {"kind": "paid_in", "month": "2025-03", "reported_cny": 5_000_000},
    "plans": {"year": 2026, "planned_cny": 9_000_000},
    "people": {"role": "responsible", "name": "演示负责人"},
    "obstacles": {"problem": "演示问题", "raised_on": "2026-03-02"},
    "tags": {},  # one of the ledger, of a year if it has years
    "progress": {"noted_on": "2026-03-02", "text": "演示进展"},
    "figures": {"indicator": "investment", "value": 5_000_000, "investment_basis": "planned"},
}
TO_COME = ("energy_review", "works_permit", "environmental", "land_granted")


@dataclass(frozen=True)
class Written:
    """One write: what was written, its status, seconds, and what was answered if not taken."""

    what: str
    status: int
    seconds: float
    told: str = ""

    @property
    def is_taken(self) -> bool:
        return self.status in (200, 201)


class Writer:
    """Writes by one server as somebody who may write everything, without asking for versions."""

    def __init__(self, asker: Asker, values: Values, seed: int) -> None:
        self.asker, self.values = asker, values
        self.dice = random.Random(seed)  # noqa: S311 nothing secret
        self.schema = read_fields()
        self.fields = [*self.schema]
        tag = next(each for each in values.seen["/projects tag"] if each != "unknown")
        is_yearly = orjson.loads(asker.get(f"{API}/tags/{tag}", True))["is_yearly"]
        self.own = {"tags": {"tag": tag} | ({"year": 2025} if is_yearly else {})}
        self.own["participations"] = {"event": values.seen["/events/"][0]}
        codes = self.dice.sample(values.seen["/projects/"], SHOWN)
        self.projects = [orjson.loads(asker.get(address(code), True)) for code in codes]

    def patch_any(self, field: str, code: str | None = None) -> Written:
        """Give a project another project's value of a field; with what only stands beside it."""
        code = code or self.dice.choice(self.values.seen["/projects/"])
        body = self.draw_steps(code) if field == "milestones" else self.draw_body(field)
        return self.send("PATCH", address(code) + CONFIRMED, body, f"PATCH {field}")

    def draw_steps(self, code: str) -> dict[str, Any]:
        """Draw a step to come, beside those of the project: a list holds all that were met."""
        rows = orjson.loads(self.asker.get(address(code), True))["milestones"]
        planned = {"status": "scheduled", "planned_on": f"2027-0{self.dice.randint(1, 9)}"}
        new = {"type": self.dice.choice(TO_COME), **planned}
        new = [] if any(each["type"] == new["type"] for each in rows) else [new]
        return {"milestones": [*strip(rows, self.schema["milestones"], keep={"id"}), *new]}

    def draw_body(self, field: str) -> dict[str, Any]:
        """Draw the value of a field, and of those that stand with it, from one project."""
        names: Sequence[str] = next((each for each in TOGETHER if field in each), (field,))
        own = [each for each in self.projects if each.get(field)] or self.projects
        row = self.dice.choice(own)
        found = {name: strip(row.get(name), self.schema[name]) for name in names}
        if found[field] in (None, "", []):
            found[field] = self.make_value(field, self.schema[field])
            if field in ("standing_on", "standing_reason"):
                found |= {"standing": "suspended", "standing_reason": "演示原因"}
        if "standing" in found and found["standing"] != "merged":
            found["duplicate_of"] = None
        return found

    def make_value(self, name: str, schema: Mapping[str, Any]) -> Any:
        """Make a value of a field that no project has, by its schema."""
        if words := [word for word in schema.get("enum", ()) if word]:
            return self.dice.choice(words)
        if name in ("duplicate_of", "part_of"):
            return None  # else the ledger looks for circles; what is linked is given up
        if name in PLACES:
            return self.dice.choice(self.values.seen[name])
        if schema.get("type") == "boolean":
            return self.dice.random() < 0.5
        if "integer" in str(schema.get("type")):
            return self.dice.randint(1, 9)
        if "(19|20)" in schema.get("pattern", ""):
            return f"202{self.dice.randint(0, 5)}-0{self.dice.randint(1, 9)}"
        return f"drawn {self.dice.randint(1, 10**6)}" if "maxLength" in schema else None

    def post_project(self) -> tuple[Written, str]:
        """Make a project as another one is, with its investors and milestones; and its code."""
        row = self.dice.choice([each for each in self.projects if each["milestones"]])
        body = {name: strip(row.get(name), self.schema[name]) for name in self.fields}
        number = self.dice.randint(1, 10**9)
        body |= {
            "name_zh": f"新建项目{number}",
            "name_en": "",
            "duplicate_of": None,
            "part_of": None,
        }
        body |= {"standing": "active", "standing_on": None, "standing_reason": ""}
        written = self.send("POST", f"{API}/projects{CONFIRMED}", body, "POST with children")
        return written, orjson.loads(written.told)["code"] if written.is_taken else ""

    def post_below(self, code: str) -> Iterator[Written]:
        """Make one of each kind of row below a project."""
        for rows, body in BELOW.items():
            body = body | self.own.get(rows, {})
            yield self.send("POST", f"{address(code)}/{rows}", body, f"POST {rows}")

    def send(self, method: str, path: str, body: Mapping[str, Any], what: str) -> Written:
        more = {"If_Match": "*"} if method == "PATCH" else {}
        status, seconds, told = self.asker.write(method, path, body, **more)
        return Written(what, status, seconds, told.decode())


def address(code: str) -> str:
    return f"{API}/projects/{quote(code)}"


def read_fields() -> dict[str, Any]:
    """Read the schemas of the fields of a project that may be written, from the document."""
    document = read_snapshot()
    body = follow(document, document["paths"][f"{API}/projects"]["post"]["requestBody"])
    fields = list_fields(body["content"]["application/json"]["schema"])
    return {name: each for name, each in fields.items() if name not in UNWRITTEN}


def list_fields(schema: Mapping[str, Any]) -> dict[str, Any]:
    document = read_snapshot()
    fields = follow(document, dict(schema))["properties"].items()
    found = {name: follow(document, each) for name, each in fields}
    return {name: each for name, each in found.items() if not each.get("readOnly")}


def strip(value: Any, schema: Mapping[str, Any], keep: Set[str] = frozenset()) -> Any:
    """Strip rows of a list of what nobody writes: keys, names, what is derived."""
    if not isinstance(value, list):
        return value
    written = list_fields(schema["items"]).keys() - ({"code", "id"} - keep)
    return [{name: row[name] for name in written if row.get(name) is not None} for row in value]
