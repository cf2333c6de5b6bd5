"""What a summary must answer, in plain Python over the oracle's projects; and random questions."""

import random
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from projects.models import Funding, ProjectFigure
from tests.projects.oracle import land, tags
from tests.projects.oracle.cases import Case, Cases
from tests.projects.oracle.dimensions import DIMENSIONS, EDGES, band_of, month, quarter
from tests.projects.oracle.oracle import Oracle
from tests.projects.oracle.reading import period
from tests.projects.oracle.terms import NARROWING, Row

Values = tuple[Any, ...]
OVERLAPPING = ("event", *tags.DIMENSIONS, "origin_named_group", "sector_group")
AGREEMENTS = ["contract", "framework", "intent"]
BASES = ["agreed", "planned", "intended", "reported"]
CLAIMS = {"tax_at_capacity_cny": "tax_per_year", "jobs_at_capacity": "jobs"}
AREAS = ["land_mu", "floor_area_m2"]
MEASURES = ["count", "investment_cny", "paid_in_cny", "share", *CLAIMS, *AREAS, *land.PER_MU]
UNITS = {"yuan": 1, "wan": 10**4, "yi": 10**8}
PERIODS = ("_year", "_quarter", "_month")
FUNDING_DIMENSIONS = {
    "funding_kind": lambda row: row["kind"],
    "currency": lambda row: row["currency"] or "CNY",
    "funding_year": lambda row: row["month"].year,
    "funding_quarter": lambda row: quarter(row["month"]),
    "funding_month": lambda row: month(row["month"]),
}


@dataclass
class Question:
    """A case with what is asked about its projects; `edges` are the bounds of bands in yuan."""

    case: Case
    group_by: list[str]
    measures: list[str]
    more: dict[str, str] = field(default_factory=dict)
    edges: list[int] = field(default_factory=lambda: EDGES)

    @property
    def query(self) -> dict[str, str]:
        return {
            **self.case.query,
            "group_by": ",".join(self.group_by),
            "measures": ",".join(self.measures),
            **self.more,
        }

    def __str__(self) -> str:
        who = "superuser" if self.case.sees_all else "anybody"
        return f"{self.query} ({who})"


class Questions:
    """Throws the dice for questions, two thirds of which are about some project."""

    def __init__(self, oracle: Oracle, seed: int) -> None:
        self.oracle = oracle
        self.dice = random.Random(seed)
        self.cases = Cases(oracle, self.dice)

    def accepted(self) -> Iterator[tuple[Case, list[Row]]]:
        """Queries that are not refused, with their projects."""
        while True:
            case = self.cases.any()
            found = self.oracle.select(case.query, case.sees_all)
            if isinstance(found, list) and (len(found) > 3 or self.dice.random() < 0.1):
                yield case, found

    def all(self, count: int) -> Iterator[tuple[Question, list[Row]]]:
        """Every dimension once by itself, then two or three of any of them."""
        names = [*DIMENSIONS]
        for place, (case, found) in zip(range(count), self.accepted(), strict=False):
            first = [names[place]] if place < len(names) else []
            others = self.dice.sample(names, self.dice.choice([0, 1] if first else [1, 2, 3]))
            group_by = [*dict.fromkeys([*first, *others])]
            measures = self.dice.sample(MEASURES, self.dice.choice([1, 2, 3]))
            if "size_band" in group_by:
                measures.append("count_at_least")
            question = Question(case, group_by, measures)
            self.add_bands(question)
            self.add_more(question)
            yield question, found

    def add_bands(self, question: Question) -> None:
        if "size_band" in question.group_by and self.dice.random() < 0.7:
            unit = self.dice.choice([*UNITS])
            bounds = sorted(self.dice.sample(range(1, 200), self.dice.choice([1, 3, 6])))
            question.edges = [bound * UNITS[unit] for bound in bounds]
            question.more = {"bands": ",".join(map(str, bounds)), "band_unit": unit}

    def add_more(self, question: Question) -> None:
        of_time = [name for name in question.group_by if name.endswith(PERIODS)]
        if len(of_time) == 1 and self.dice.random() < 0.5:
            follows = [("cumulative", "true"), ("compare", "previous_year")]
            question.more |= [self.dice.choice(follows)]
        if len(of_time) < len(question.group_by) and self.dice.random() < 0.6:
            question.more["top"] = str(self.dice.choice([1, 2, 3]))


class Ledger:
    """What is added up of each project, besides what the oracle of filters knows."""

    def __init__(self, oracle: Oracle) -> None:
        self.oracle = oracle
        self.fundings = [*Funding.objects.order_by("id").values()]
        self.claims: dict[tuple[int, str], Row] = {}
        for claim in ProjectFigure.objects.order_by("id").values():
            self.keep_newest(claim)

    def keep_newest(self, claim: Row) -> None:
        stands = claim["superseded_by_id"] is None and not claim["is_withdrawn"]
        number = claim["amount_cny"] if claim["indicator_id"] != "jobs" else claim["value"]
        if not stands or number is None or claim["nature"] != "at_capacity":
            return
        if any(claim[name] for name in NARROWING):
            return
        key = claim["project_id"], claim["indicator_id"]
        if key not in self.claims or age(claim) >= age(self.claims[key]):
            self.claims[key] = claim | {"number": int(number)}

    def values(self, row: Row, name: str, question: Question) -> list[Any]:
        """The values of a dimension that a row of the answer may have for this project."""
        if name == "size_band":
            return [band_of(row["investment_cny"], question.edges)]
        values = DIMENSIONS[name](self.oracle, row, question.case.sees_all)
        asked = question.case.query.get(name)
        if asked is None or name not in OVERLAPPING:
            return values
        named = {word.strip().lower() for word in asked.split(",")}
        return [v for v in values if str("unknown" if v is None else v).lower() in named]

    def groups(self, question: Question, rows: Iterable[Row]) -> dict[Values, list[Row]]:
        """The projects of each combination of values."""
        groups: dict[Values, list[Row]] = {}
        for row in rows:
            for values in product(*(self.values(row, n, question) for n in question.group_by)):
                groups.setdefault(values, []).append(row)
        return groups

    def facts(self, rows: list[Row], measures: list[str]) -> dict[str, Any]:
        """What the answer says of these projects."""
        facts: dict[str, Any] = {"count": len(rows), "amounts": {}}
        agreements = [row["agreement_type"] for row in rows]
        facts["count_by_agreement"] = {word: agreements.count(word) for word in AGREEMENTS} | {
            "unknown": agreements.count(None)
        }
        facts |= {name: land.per_mu(rows, name) for name in {*land.PER_MU} & {*measures}}
        for measure in {"investment_cny", "paid_in_cny", *AREAS, *CLAIMS} & {*measures}:
            numbers = [self.number(row, measure) for row in rows]
            known = [number for number in numbers if number is not None]
            exact = [number for number, qualifier in known if qualifier == "exact"]
            total = sum(number for number, _qualifier in known)
            facts[measure] = (float(total) if measure in AREAS else total) if known else None
            facts["amounts"][measure] = {
                "exact": len(exact),
                "qualified": len(known) - len(exact),
                "missing": len(rows) - len(known),
            }
        if "investment_cny" in measures:
            facts["investment_by_basis"] = {
                basis: sum(r["investment_cny"] for r in rows if r["investment_basis"] == basis)
                for basis in BASES
            }
        return facts

    def number(self, row: Row, measure: str) -> tuple[Any, str] | None:
        """What is known of a project, and how it is hedged."""
        if measure in CLAIMS:
            claim = self.claims.get((row["id"], CLAIMS[measure]))
            return (claim["number"], claim["qualifier"]) if claim else None
        if measure in AREAS:
            hedge = (row["land_qualifier"] if measure == "land_mu" else "") or "exact"
            return None if row[measure] is None else (row[measure], hedge)
        if measure == "investment_cny":
            amount = row["investment_cny"]
            return None if amount is None else (amount, row["investment_qualifier"])
        flows = [
            flow["amount_cny"]
            for flow in self.fundings
            if flow["project_id"] == row["id"]
            and flow["kind"] == "paid_in"
            and not flow["currency"]
        ]
        return (sum(flows), "exact") if flows else None


def age(claim: Row) -> Any:
    """What decides which claim is the newest: the end of its date, then its number."""
    as_of = claim["as_of"]
    end = period(as_of, claim["as_of_precision"])[1].toordinal() if as_of else 0
    return end, claim["id"]
