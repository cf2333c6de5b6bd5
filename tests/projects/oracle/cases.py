"""Random questions about projects: filters in all their spellings, alone and together."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from tests.projects.oracle import dimensions, land, rates, tags, tracking
from tests.projects.oracle.data import AMOUNTS, DATES, MOMENTS
from tests.projects.oracle.oracle import (
    AT_WORK,
    CANNOT_BE_UNKNOWN,
    PARAMETERS,
    PERIODS,
    Oracle,
    is_stale,
)
from tests.projects.oracle.terms import APPROVALS, DATED, STAGES, Regions, Row, Vocabulary

TAG_DAYS = ["2023", "2023-12-31", "2024-Q1", "2024-03-05", "2025-06", "2099"]

ORDERINGS = ("code name_zh name_en investment_cny stage_on signed_on created_at updated_at").split()
# Province or city or district, two cities of one spelling, paths, lists, and none at all.
MISREAD = (
    "吉林|吉林市|河北|suzhou|苏州|宿州市|朝阳区|北京市朝阳区|吉林省长春市朝阳区|Jiangsu/Suzhou"
    "|浙江、上海|HANGZHOU，Wenzhou|浙江,unknown|Beijing City|香港|中国台湾|Germany|鼓楼区|仙桃"
    "|石家庄高新技术产业开发区|长三角 |北京省|Hebei/Baoding/Anxin|国外|foreign,香港|境外"
).split("|")
MOST_PARAMETERS = 4


@dataclass
class Case:
    """A query with its order, asked by somebody who sees everything, or by anybody."""

    query: dict[str, str]
    ordering: str
    sees_all: bool

    def __str__(self) -> str:
        who = "superuser" if self.sees_all else "anybody"
        return f"{self.query} ordering={self.ordering} ({who})"


class Cases:
    """Throws the dice for questions, most of which some project is the answer to."""

    def __init__(self, oracle: Oracle, dice: random.Random) -> None:
        self.oracle = oracle
        self.dice = dice

    def all(self, count: int, single: int = 1) -> Iterator[Case]:
        """Each parameter alone, unknown, and finding nothing; then any, until there are enough."""
        made = 0
        for name in PARAMETERS:
            cases = [self.alone(name) for _case in range(single)]
            if name not in CANNOT_BE_UNKNOWN:
                cases.append(self.case({name: "unknown"}))
            cases.append(self.miss(name))
            made += len(cases)
            yield from cases
        for query in self.named():
            made += 1
            yield self.case(query)
        for _case in range(count - made):
            yield self.any()

    def named(self) -> Iterator[dict[str, str]]:
        """Every group and every investor by name, and names that are easily misread."""
        for name, terms in (("origin", self.oracle.regions), ("sector", self.oracle.sectors)):
            for code in terms.groups:
                yield {name: code}
        for row in self.oracle.organisations.values():
            yield {"q": self.dice.choice([row["name_zh"], row["name_en"]]) or row["name_en"]}
        for text in MISREAD:
            yield {"origin": text}
        yield {"sector": "Agriculture, Forestry, Animal Husbandry and Fishery"}
        yield {"sector": "农、林、牧、渔业"}

    def case(self, query: dict[str, str]) -> Case:
        return Case(query, self.ordering(), self.dice.random() < 0.3)

    def ordering(self) -> str:
        names = self.dice.sample(ORDERINGS, self.dice.choice([1, 1, 1, 2]))
        return ",".join(self.dice.choice(["", "-"]) + name for name in names)

    def alone(self, name: str) -> Case:
        """Half way between everything and nothing, if that can be had."""
        for _try in range(30):
            case = self.case({name: self.value(name, self.row())})
            found = self.oracle.select(case.query, case.sees_all)
            everything = len(self.oracle.visible(case.sees_all))
            if isinstance(found, list) and 0 < len(found) < everything:
                break
        return case

    def miss(self, name: str) -> Case:
        """A question with this parameter that nothing answers."""
        for _try in range(1000):
            case = self.any(name)
            if self.oracle.select(case.query, case.sees_all) == []:
                break
        return case

    def any(self, *names: str) -> Case:
        """One to four parameters that mostly suit one project, which makes a hit likely."""
        aim = self.row()
        count = self.dice.randint(1, MOST_PARAMETERS) if not names else MOST_PARAMETERS
        chosen = dict.fromkeys([*names, *self.dice.sample(PARAMETERS, count)])
        query = {}
        for name in [*chosen]:
            if name.endswith(("_from", "_min")) and self.dice.random() < 0.4:
                other = name.replace("_from", "_to").replace("_min", "_max")
                chosen |= {other: None} if other in PARAMETERS else {}
        for name in chosen:
            suits = self.dice.random() < (0.4 if names else 0.85)
            if name.endswith("_not"):
                suits = not suits
            query[name] = self.value(name, aim if suits else self.row())
        return self.case(query)

    def row(self) -> Row:
        return self.dice.choice(self.oracle.projects)

    # --- Values ------------------------------------------------------------------------------

    def value(self, name: str, aim: Row) -> str:
        """A value with which the parameter, were it not a `_not`, finds this project."""
        make = VALUES[name.removesuffix("_not")]
        words = [make(self, aim)]
        if name.endswith(("_min", "_max", "_from", "_to", "_on")) or name == "q":
            return words[0]
        for _more in range(self.dice.choice([0, 0, 0, 1, 2])):
            words.append(make(self, self.row()))
        apart = [word for word in words if not set(word) & set(",，、;；")]
        if len(apart) < len(words):
            return words[0]  # a name with a comma is understood only when it stands alone
        self.dice.shuffle(words)
        return self.dice.choice([",", ",", ", "]).join(words)

    def word(self, row: Row, column: str) -> str:
        return "unknown" if row[column] is None else str(row[column])

    def code(self, row: Row, column: str) -> str:
        """A code in some case: its own, upper or lower."""
        return self.in_some_case(self.word(row, column))

    def in_some_case(self, text: str) -> str:
        if text == "unknown":
            return text
        return self.dice.choice([str, str, str.lower, str.upper])(text)

    def related(self, row: Row, column: str) -> str:
        codes = sorted(row[column])
        return self.in_some_case(self.dice.choice(codes)) if codes else "unknown"

    def rate(self, row: Row) -> str:
        """A rate in which the project is not known, if there is one."""
        names = [name for name in rates.RATES if rates.is_not_known(name, row)]
        return self.dice.choice(names or [*rates.RATES])

    def tag(self, row: Row, name: str) -> str:
        there = sorted(tags.tags_of(self.oracle, row, name, None))
        return self.in_some_case(self.dice.choice(there)) if there else "unknown"

    def person(self, row: Row) -> str:
        return self.dice.choice(sorted(self.oracle.tags.people.get(row["id"], [])) or ["unknown"])

    def owner(self, row: Row) -> str:
        return self.dice.choice(sorted(tags.owners_of(self.oracle, row)) or ["unknown"])

    def event(self, row: Row) -> str:
        codes = [self.oracle.events[key]["code"] for key in sorted(row["events"])]
        return self.in_some_case(self.dice.choice(codes)) if codes else "unknown"

    def term(self, terms: Vocabulary, code: str | None) -> str:
        """What people call a term, something above it, or a group that it is in."""
        if code is None:
            return "unknown"
        at = self.dice.choice([code, code, *terms.lineage(code)])
        row = terms.rows[at]
        spellings = [at, at, at, at.lower(), row["name_zh"], row["name_en"], *self.other(terms, at)]
        line = set(terms.lineage(code))
        for group, inside, outside in terms.groups.values():
            if line & inside or line & outside:
                names = [group["name_zh"], group["name_en"], *group["aliases"]]
                spellings += [group["code"], group["code"].upper(), self.dice.choice(names)]
        return self.dice.choice([spelling for spelling in spellings if spelling])

    def other(self, terms: Vocabulary, code: str) -> list[str]:
        """A name without its type in some case, a path; the digits of a sector."""
        if not isinstance(terms, Regions):
            return [code[1:]] if len(code) > 2 else []
        row = terms.rows[code]
        full, short = terms.names(row)
        names = [self.in_some_case(name) for name in sorted(full | short)]
        above = terms.rows[[*terms.lineage(code)][-1]]
        paths = [
            above["name_zh"] + row["name_zh"],
            f"{above['name_zh']}/{row['name_zh']}",
            above["name_en"] and row["name_en"] and f"{above['name_en']}/{row['name_en']}",
        ]
        return names + (paths if above is not row else [])

    def reached(self, row: Row) -> str:
        stage = row["stage"] or STAGES[-1]
        return self.dice.choice(STAGES[: STAGES.index(stage) + 1])

    def amount(self, row: Row, sign: int) -> str:
        """The amount itself, which is within the bound, or a little or much to one side."""
        known = row["investment_cny"]
        amount = self.dice.choice(AMOUNTS) if known is None else known
        return self.as_written(max(0, amount + sign * self.dice.choice([0, 0, 1, amount // 2])))

    def area(self, row: Row) -> str:
        """The area itself, which is within both bounds, or that of any project."""
        return str(self.dice.choice([row["land_mu"], self.row()["land_mu"]]) or "9.99")

    def floor(self, row: Row) -> str:
        """The floor area itself, which is within both bounds, or one of few."""
        return str(row["floor_area_m2"] or self.dice.choice(["0", "799.99", "1200.5"]))

    def phase(self, row: Row) -> str:
        """The phase itself, which is within both bounds, or one of few."""
        return str(row["phase_no"] or self.dice.choice([1, 2, 3]))

    def band(self, row: Row) -> str:
        """A band that the amount is in, between usual bounds or right beside it."""
        amount = row["investment_cny"]
        if amount is None:
            return "unknown"
        low = self.dice.choice([amount, amount // 2, 0])
        high = self.dice.choice([str(amount + 1), self.as_written(amount * 2 + 1), ""])
        near = f"{self.as_written(low)}-{high}"
        usual = str(dimensions.band_of(amount, dimensions.EDGES))
        return self.dice.choice([usual, usual, usual if "," in near else near])

    def one_of(self, row: Row, name: str) -> str:
        value = self.dice.choice(dimensions.DIMENSIONS[name](self.oracle, row, True))
        return "unknown" if value is None else str(value)

    def as_written(self, yuan: int) -> str:
        texts = [str(yuan), str(yuan), f"{yuan:,}", f"{yuan}元"]
        for unit, size in (("亿", 10**8), ("万", 10**4)):
            whole, rest = divmod(yuan, size)
            decimals = f"{rest:0{len(str(size)) - 1}}".rstrip("0")
            if whole and len(decimals) <= 2:
                number = f"{whole}.{decimals}" if decimals else str(whole)
                texts += [f"{number}{unit}", f"{number}{unit}元"]
        digits = str(yuan).rstrip("0")
        if len(digits) == 1:
            texts += [f"{digits}e{len(str(yuan)) - 1}"] * 3
        return self.dice.choice(texts)

    def day(self, row: Row, name: str) -> str:
        """The beginning or end of a period, as a day or a coarser date around it."""
        name, end = name.rsplit("_", 1)
        on = row[f"{name}_on"]
        if on is None:
            return self.dice.choice(DATES)
        at: date = on[0 if end == "from" else 1]
        at += timedelta(days=self.dice.choice([0, 0, 0, 1, -1]))
        quarter = f"{at.year}-Q{(at.month + 2) // 3}"
        return self.dice.choice([str(at), str(at), str(at)[:7], quarter, str(at.year)])

    def moment(self, row: Row, _name: str) -> str:
        at = self.dice.choice([row["updated_at"], *MOMENTS])
        there = at + timedelta(hours=8)
        texts = [at.isoformat(), at.isoformat().replace("+00:00", "Z"), str(there.date())]
        texts += [there.replace(tzinfo=None).isoformat() + "+08:00", str(there.date())[:7]]
        return self.dice.choice([*texts, str(there.year)])

    def search(self, row: Row) -> str:
        """One or two pieces of the texts, in some case."""
        pieces = []
        texts = [row["code"], row["name_zh"], row["name_en"], *row["investor_names"]]
        for text in self.dice.sample(texts, self.dice.choice([1, 1, 2])):
            start = self.dice.randrange(max(len(text), 1))
            piece = text[start : start + self.dice.choice([1, 2, 2, 3, 5, 9])].strip()
            if self.dice.random() < 0.3:
                piece = "".join(c.swapcase() if c.isascii() else c for c in piece)
            pieces.append(piece)
        return self.dice.choice([" ", "  ", "\u3000"]).join(filter(None, pieces)) or row["code"]


def word(column: str) -> Callable[[Cases, Row], str]:
    return lambda cases, row: cases.word(row, column)


def code(column: str) -> Callable[[Cases, Row], str]:
    return lambda cases, row: cases.code(row, column)


def of_dimension(name: str) -> Callable[[Cases, Row], str]:
    return lambda cases, row: cases.one_of(row, name)


def bounds(make: Callable[[Cases, Row, str], str], *names: str) -> dict[str, Any]:
    def value(name: str) -> Callable[[Cases, Row], str]:
        return lambda cases, row: make(cases, row, name)

    return {f"{name}{end}": value(f"{name}{end}") for name in names for end in ("_from", "_to")}


VALUES: dict[str, Callable[[Cases, Row], str]] = {
    "code": code("code"),
    "origin": lambda cases, row: cases.term(cases.oracle.regions, row["origin_id"]),
    "origin_country": code("origin_country"),
    "origin_province": code("origin_province"),
    "origin_city": code("origin_city"),
    "sector": lambda cases, row: cases.term(cases.oracle.sectors, row["sector_id"]),
    "sector_section": code("sector_section"),
    "sector_division": code("sector_division"),
    "hitech": word("hitech"),
    "capital_type": word("capital_type"),
    "origin_scope": word("origin_scope"),
    "park": code("park"),
    "park_region": lambda cases, row: cases.term(cases.oracle.regions, row["park_region"]),
    "national_code": code("national_code"),
    "stage": word("stage"),
    "reached": Cases.reached,
    "standing": word("standing"),
    "kind": word("kind"),
    "function": word("function"),
    "site_mode": word("site_mode"),
    "publication": word("publication"),
    "agreement_type": word("agreement_type"),
    "investment_min": lambda cases, row: cases.amount(row, -1),
    "investment_max": lambda cases, row: cases.amount(row, +1),
    **{f"land_mu_{end}": Cases.area for end in ("min", "max")},
    **{f"floor_area_m2_{end}": Cases.floor for end in ("min", "max")},
    "phase_no_min": Cases.phase,
    "phase_no_max": Cases.phase,
    "investment_basis": word("investment_basis"),
    "event": Cases.event,
    "organisation": lambda cases, row: cases.related(row, "organisations"),
    "source": code("source"),
    "has_source": lambda cases, row: str(row["source"] is not None).lower(),
    "stale": lambda cases, row: str(is_stale(row)).lower(),
    "fulfilled": lambda cases, row: str(rates.is_fulfilled(row)).lower(),
    "has_intent": lambda cases, row: str(rates.has_intent(row)).lower(),
    "has_paid_in": lambda cases, row: str(row["paid_in_cny"] is not None).lower(),
    "rate_not_known": Cases.rate,
    "counts_in_totals": lambda cases, row: str(row["totals_exclusion"] == "").lower(),
    "met": lambda cases, row: cases.dice.choice([*sorted(row["met"]), *APPROVALS]),
    **dict.fromkeys(
        (f"{name}_months_min" for name in DATED),
        lambda cases, row: str(cases.dice.choice([1, 12, 30, 36, 60])),
    ),
    "totals_exclusion": lambda cases, row: row["totals_exclusion"] or "no_contract",
    "size_band": Cases.band,
    **{name: lambda cases, row, n=name: cases.tag(row, n) for name in tags.BEARERS},
    **{f"{name}_on": lambda cases, row: cases.dice.choice(TAG_DAYS) for name in tags.BEARERS},
    "investor_ownership": Cases.owner,
    "responsible": Cases.person,
    **{name: of_dimension(name) for name in dimensions.FILTERED},
    "overdue": lambda cases, row: str(tracking.is_overdue(row)).lower(),
    "due": lambda cases, row: str(tracking.is_due(row)).lower(),
    "claims_in_conflict": lambda cases, row: str(row["claims_in_conflict"]).lower(),
    "silent_months_min": lambda cases, row: str(cases.dice.choice([1, 3, 12, 36, 150])),
    "stalled_months_min": lambda cases, row: str(cases.dice.choice([1, 3, 12, 36, 150])),
    "past_review": lambda cases, row: str(tracking.is_past_review(row)).lower(),
    "has_open_obstacle": lambda cases, row: str(row["obstacle_days"] is not None).lower(),
    "obstacle_days_min": lambda cases, row: str(cases.dice.choice([0, 30, 31, 32, 401])),
    "returned": lambda cases, row: str(row["is_returned"]).lower(),
    "overdue_promise": lambda cases, row: str(row["days_past_promise"] > 0).lower(),
    "days_late_min": lambda cases, row: str(cases.dice.choice([1, 30, 31])),
    "days_late_max": lambda cases, row: str(cases.dice.choice([31, 180, 9999])),
    "next_step_overdue": lambda cases, row: str(tracking.is_step_overdue(row)).lower(),
    **bounds(Cases.day, *AT_WORK),
    "missing": lambda cases, row: cases.dice.choice(tracking.lacks(row) or [*tracking.FIVE]),
    "has_open_issues": lambda cases, row: str(bool(row["open_issues"])).lower(),
    **bounds(Cases.day, *PERIODS),
    **bounds(Cases.moment, "updated"),
    "q": Cases.search,
    "has_agreed_per_mu": lambda cases, row: str(land.put_agreed(row)).lower(),
    "has_investment_intensity": lambda cases, row: str(land.put_fixed(row)).lower(),
}
