"""Draws requests from a seed: each kind of request with filters, options and values by dice."""

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from benchmarks.drawn.grammar import UNKNOWN, Operation, Values, fill_path, read_orders
from benchmarks.questions import API
from projects.summaries.measures import NOT_ADDED_UP

# How many of 600 requests are of each kind
SHARES = {
    **{"lists": 254, "summaries": 90, "facets": 30, "cohorts": 32, "flows": 30, "other lists": 34},
    **{"details": 24, "files": 26, "q": 28, "past": 28, "pages": 24},
}
ALL = sum(SHARES.values())
OPTIONS = frozenset(
    "after action as_of band_unit bands bom chart code columns compare count cumulative cursor"
    " encoding expand facets fields group_by header lang limit measures order ordering"
    " paper q resource scale theme title top unit wait".split()
)
# Options that are drawn by rules of their own
SUMS = "group_by measures order top compare cumulative bands band_unit chart".split()
NOT_OPTIONAL = {*SUMS, "as_of", "wait", "cursor"}
OFTEN = {"ordering", "facets", "columns", "limit", "action", "after"}
MOSTLY, SELDOM = 0.6, 0.15
PASTS = "lists lists lists summaries facets details flows".split()
PERIOD = re.compile(r"_(year|quarter|month)$")
MOST_ROWS, MOST_MARKS, UNCOUNTED = 9_000, 400, 200  # of a summary, of a picture, of a dimension
PRINTED = 300  # characters of an address
MOST_CODES = 500  # so a file has no more rows than 1,000
AMOUNTS = "50万 500万 1000万 5000万 1亿 123456789 3.5亿 10亿 50亿".split()
BANDS = ("1,5,10", "10,50,100", "0.5,1,2,5")
NUMBERS = {"land_mu": (1, 600), "floor_area_m2": (100, 90_000), "phase_no": (0, 5)}
NUMBERS |= {"months": (1, 60), "times_moved": (1, 3), "days_late": (1, 200)}
NUMBERS |= {"obstacle_days": (1, 90), "open_days": (1, 90), "settle": (0, 5)}
NUMBERS |= {"latest": (1, 3), "scale": (1, 3), "top": (1, 30)}
YEARS = (2010, 2027)
FUNNELS = ("lead@{0}", "unplaced@{0}", "signed.entered@{0}..{1}", "unplaced@{0}..{1}")
# Where values of a parameter are found that no field has whose name is the same
SEEN_AS = {
    **dict.fromkeys(["place", "park_region", "/regions within"], "region"),
    **dict.fromkeys(["park", "parks"], "/parks/"),
    **dict.fromkeys(["indicator", "indicators"], "/indicators/"),
    **{"/sectors within": "sector", "/organisations tag": "/projects investor_tag"},
    **{"project": "/projects/", "event": "/events/", "source": "/sources/"},
    **{"organisation": "/organisations/", "region_group": "/region-groups/"},
    **{"said_by": "/people/", "responsible": "noted_by"},
}
OF_PLANS = {"planned_cny", "completion_percent"}  # which are of whole years
PARTS_OF_YEARS = ("funding_quarter", "funding_month")
NAMES = {"origin": "origin_province_name", "sector": "sector_section_name"}


@dataclass(frozen=True)
class Request:
    """One drawn GET. With `is_second` the page is measured that its answer calls the next."""

    kind: str
    address: str
    is_signed_in: bool = False
    is_second: bool = False
    status: int = 200

    def __str__(self) -> str:
        page = " (its second page)" if self.is_second else ""
        return f"{self.address[:PRINTED]}{page}"


class Drawing:
    """Throws the dice for requests.

    What has to be one of many comes from a shuffled deck: within a seed everything has its turn
    before anything comes twice.
    """

    def __init__(
        self, operations: Sequence[Operation], pages: Sequence[Operation], values: Values, seed: int
    ) -> None:
        self.operations = [*operations, *pages]
        self.of_kind: dict[str, list[Operation]] = {}
        for each in self.operations:  # those of projects and in JSON stand there more often
            is_frequent = ("." in each.path) == (each.kind == "files") and each.path.count("/") < 3
            self.of_kind.setdefault(each.kind, []).extend([each] * (4 if is_frequent else 1))
        self.searched = [e for e in self.operations if {"q", "limit"} <= e.parameters.keys()]
        self.values = values
        self.seed = seed
        self.dice = random.Random(seed)  # noqa: S311 nothing secret
        self.decks: dict[object, list[Any]] = {}

    def again(self, seed: int) -> "Drawing":
        """The same with another seed."""
        return Drawing(self.operations, [], self.values, seed)

    def draw(self, count: int = ALL) -> list[Request]:
        """Draw so many requests, in the proportions of SHARES, in any order."""
        kinds = [kind for kind, share in SHARES.items() for _each in range(share)]
        if count != ALL:
            kinds = [self.pick("kinds", kinds) for _each in range(count)]
        self.dice.shuffle(kinds)
        return [self.draw_one(kind) for kind in kinds]

    def pick(self, deck: object, choices: Sequence[Any]) -> Any:
        """Take the next of these from their deck."""
        left = self.decks.get(deck)
        if not left:
            left = self.decks[deck] = [*choices]
            self.dice.shuffle(left)
        return left.pop()

    def draw_one(self, kind: str) -> Request:
        """Draw one request of a kind."""
        if kind == "q":
            is_other = self.dice.random() < SELDOM
            choices = self.searched if is_other else self.of_kind["lists"]
            return self.build(self.pick(kind, choices), kind, {"q": self.draw_text()}, most=2)
        if kind == "past":
            choices = self.of_kind[self.pick(kind, PASTS)]
            choices = [each for each in choices if "as_of" in each.parameters]
            operation = self.pick((kind, choices[0].kind), choices)
            return self.build(operation, kind, {"as_of": self.draw_moment()}, most=3)
        operation = self.pick(kind, self.of_kind[kind])
        return self.build(operation, kind, {}, most=1 if kind == "files" else 5)

    def build(self, operation: Operation, kind: str, query: dict[str, str], most: int) -> Request:
        """Draw the filters and options of a request."""
        is_missing = operation.has_404 and self.dice.random() < SELDOM
        choose = (lambda _found: UNKNOWN) if is_missing else self.dice.choice
        path = fill_path(operation.path, self.values, choose)
        period = {"from", "to"} & operation.parameters.keys()  # each alone may miss today
        for name in sorted((operation.required | period) - {"group_by"}):
            query[name] = self.draw_value(operation, name)
        filters = sorted(operation.parameters.keys() - OPTIONS - query.keys())
        for _each in range(self.dice.randint(1, most) if filters else 0):
            name = self.pick((kind, "filters", operation.path.partition(".")[0]), filters)
            if name in operation.parameters and name not in query:
                query[name] = self.draw_value(operation, name)
        put_in_order(query)
        query |= self.draw_options(operation, query)
        is_second = "limit" in query and "cursor" in operation.parameters and kind != "past"
        is_second = is_second and self.dice.random() < SELDOM
        base = "" if kind == "pages" else API
        needs_role = operation.needs_role or operation.path.count("{") > 1  # found by who has one
        asked = urlencode({name: query[name] for name in sorted(query)}, quote_via=quote, safe=",:")
        return Request(
            kind,
            f"{base}{path}{'?' if asked else ''}{asked}",
            is_signed_in=kind != "pages" and (needs_role or self.dice.random() < 0.2),
            is_second=is_second and not is_missing,
            status=404 if UNKNOWN in path else 200,
        )

    # --- Options ---------------------------------------------------------------------------------

    def draw_options(self, operation: Operation, query: Mapping[str, str]) -> dict[str, str]:
        """Draw what is asked for beside the filters: order, fields, sums, what a file is like."""
        parameters, drawn = operation.parameters, dict[str, str]()
        if {"group_by", "measures"} <= parameters.keys() and operation.kind != "cohorts":
            drawn |= self.draw_sums(operation)
        if operation.is_file_of_rows and "code" in parameters:
            drawn["code"] = ",".join(self.draw_codes(operation, MOST_CODES))
        for name in sorted((parameters.keys() & OPTIONS) - NOT_OPTIONAL - query.keys() - {*drawn}):
            if self.dice.random() < (MOSTLY if name in OFTEN else SELDOM):
                drawn[name] = self.draw_value(operation, name)
        if drawn.get("encoding") == "gb18030":
            drawn.pop("bom", None)
        return {name: value for name, value in drawn.items() if value}

    def draw_sums(self, operation: Operation) -> dict[str, str]:
        """Draw dimensions, measures, and what becomes of the cells."""
        measures = operation.parameters["measures"]["items"]["enum"]
        added = [self.pick("measures" + operation.path[:5], measures)]
        added += [each for each in measures if self.dice.random() < SELDOM and each not in added]
        chosen = self.draw_dimensions(operation, added)
        drawn = {"group_by": ",".join(chosen), "measures": ",".join(added)}
        periods = [name for name in chosen if PERIOD.search(name)]
        if self.dice.random() < SELDOM * 2:
            drawn["order"] = self.dice.choice(("", "-")) + self.dice.choice([*chosen, *added])
        if len(chosen) > len(periods) and self.dice.random() < SELDOM * 2:
            drawn["top"] = str(self.draw_number("top"))
        is_picture = operation.path.endswith((".svg", ".png"))
        has_years = not is_picture or (len(chosen) == 1 and not NOT_ADDED_UP & {added[0]})
        if len(periods) == 1 and has_years and self.dice.random() < SELDOM * 2:
            drawn |= self.dice.choice([{"compare": "previous_year"}, {"cumulative": "true"}])
        if "size_band" in chosen:
            drawn["bands"] = self.dice.choice(BANDS)
            drawn["band_unit"] = self.dice.choice(("yi", "wan"))
        if is_picture and self.dice.random() < 0.5:
            fits = "columns" if periods else "bars"
            drawn["chart"] = "heat" if len(chosen) == 2 else fits
        return drawn

    def draw_dimensions(self, operation: Operation, measures: Sequence[str]) -> list[str]:
        """Draw what to group by, so that there are not too many cells for the measures."""
        names = operation.parameters["group_by"]["items"]["enum"]
        is_picture = operation.path.endswith((".svg", ".png"))
        most, dimensions = (MOST_MARKS, 2) if is_picture else (MOST_ROWS, 3)
        chosen, cells, deck = list[str](), 1, "dimensions" + operation.path[:5]
        for _each in range(self.dice.randint(1, dimensions)):
            name = self.pick(deck, names)
            size = self.values.sizes.get(name, UNCOUNTED) + 1
            is_part = bool(OF_PLANS & {*measures}) and name in PARTS_OF_YEARS
            if name in chosen or cells * size > most or is_part:
                self.decks[deck].insert(0, name)  # for later
            else:
                cells *= size
                chosen.append(name)
        chosen = chosen or ["stage"]
        if "count_at_least" in measures and "size_band" not in chosen:
            chosen[-1] = "size_band"
        return chosen

    # --- Values ----------------------------------------------------------------------------------

    def draw_value(self, operation: Operation, name: str) -> str:
        """Draw a value that a parameter takes: a word, a number, a day, or one of the ledger."""
        schema = operation.parameters[name]
        if name in ("fields", "columns"):
            words = self.values.candidates.get((operation.path, name), [])
            if "measures" in operation.parameters:  # columns of other measures are not known
                words = [word for word in words if word in ("count", "list_url")]
            return ",".join(self.dice.sample(words, min(len(words), self.dice.randint(1, 8))))
        if name == "ordering":
            return str(self.pick((operation.path, name), read_orders(operation)))
        if name in ("facets", "expand"):
            return self.pick_some(name, schema["items"]["enum"], self.dice.randint(1, 6))
        if name in ("code", "code_not"):
            return ",".join(self.draw_codes(operation, self.dice.choice((1, 3, 200))))
        return next(self.draw_words(name, schema), "") or self.draw_own(operation, name, schema)

    def pick_some(self, name: str, words: Sequence[str], count: int) -> str:
        """Take the next words of a parameter, separated by commas."""
        return ",".join(sorted({self.pick((name, *words), words) for _each in range(count)}))

    def draw_words(self, name: str, schema: Mapping[str, Any]) -> Iterator[str]:
        """Yield a value by what the document says of it, if that says enough."""
        listed = schema.get("enum") or schema.get("items", {}).get("enum")
        if listed:
            yield str(self.pick((name, *listed), listed))
        if schema.get("type") == "boolean":
            yield self.dice.choice(("true", "false"))
        if name == "limit":
            yield str(self.dice.choice((1, 20, 50, 100, 100, 100, schema["maximum"])))
        pattern = schema.get("pattern", "")
        if words := re.match(r"\^\(([a-z_0-9|\\-]+)\)(\(,|\$)", pattern):
            listed = words[1].replace("\\", "").split("|")
            yield self.pick_some(name, listed, self.dice.choice((1, 1, 2)))
        if pattern.startswith("^([A-Z]{3})"):
            yield self.dice.choice(("CNY", "USD", "USD,EUR"))
        if period := PERIOD.search("_" + name.removesuffix("_not")):
            yield self.draw_day(period[1])
        if "-Q[1-4]" in pattern:
            yield self.draw_day(self.dice.choice(("year", "quarter", "month", "day")))

    def draw_own(self, operation: Operation, name: str, schema: Mapping[str, Any]) -> str:
        """Draw a value that this ledger has, or a number."""
        base = re.sub(r"_(not|min|max)$", "", name)
        base = re.sub(r"^\w+_months$", "months", base)
        if base in NUMBERS:
            return str(self.draw_number(base))
        if base == "investment":
            return self.dice.choice(AMOUNTS)
        if base == "funnel":
            days = sorted(self.draw_day("day") for _each in range(2))
            return str(self.dice.choice(FUNNELS)).format(*days)
        if base == "size_band":
            return self.dice.choice(("1亿-5亿", "50亿-", "5000万-1亿,unknown"))
        if base == "after":
            return "latest" if schema["type"] == "string" else "1"
        seen, path = self.values.seen, "/" + re.split(r"[/.]", operation.path)[1]
        own = f"{'/projects' if path == '/fundings' else path} {base}"
        found = seen.get(SEEN_AS.get(own) or SEEN_AS.get(base) or own) or ["unknown"]
        if base in NAMES and self.dice.random() < SELDOM:
            found = seen[NAMES[base]]
        least = schema.get("minItems", 1)
        some = self.dice.sample(found, min(len(found), self.dice.choice((least, least, least + 1))))
        if operation.path == "/figures/summary" and name == "indicator":
            del some[1:]
        return ",".join(some)

    def draw_number(self, name: str) -> int:
        return self.dice.randint(*NUMBERS[name])

    def draw_codes(self, operation: Operation, most: int) -> list[str]:
        path = re.sub(r"\.\w+$|/summary.*|/facets.*|/cohorts.*", "", operation.path)
        path = "/projects" if path in ("/fundings", "/projects/duplicates") else path
        found = self.values.seen.get(f"{path}/", [UNKNOWN])
        return self.dice.sample(found, min(len(found), most))

    def draw_day(self, precision: str) -> str:
        year, month = self.dice.randint(*YEARS), self.dice.randint(1, 12)
        return {
            "year": f"{year}",
            "quarter": f"{year}-Q{(month + 2) // 3}",
            "month": f"{year}-{month:02}",
            "day": f"{year}-{month:02}-{self.dice.randint(1, 28):02}",
        }[precision]

    def draw_moment(self) -> str:
        """Draw a moment of the ledger's own past."""
        first, last = (datetime.fromisoformat(each) for each in self.values.moments)
        return (first + (last - first) * self.dice.random()).isoformat()

    def draw_text(self) -> str:
        """Draw one to ten characters of a text of the ledger, or a code."""
        if self.dice.random() < SELDOM:
            return self.dice.choice(self.values.seen["/projects/"])
        text = self.dice.choice(self.values.texts)
        length = self.pick("length", range(1, 11))
        start = self.dice.randint(0, max(0, len(text) - length))
        return text[start : start + length].strip() or text[:1]


def put_in_order(query: dict[str, str]) -> None:
    """Put the bounds of one thing in order, where both were drawn."""
    for least, most in (("from", "to"), ("_min", "_max")):
        for name in [each for each in query if each.endswith(least)]:
            other = name.removesuffix(least) + most
            if other in query:
                bounds = query[name], query[other]
                query[name], query[other] = sorted(bounds, key=read_bound)


def read_bound(text: str) -> list[float]:
    """A bound as numbers: a day by its parts, an amount by its place among those that are drawn."""
    if text in AMOUNTS:
        return [AMOUNTS.index(text)]
    months = re.sub(r"Q(\d)", lambda quarter: str(3 * int(quarter[1]) - 2), text)
    return [float(part) for part in months.split("-")]
