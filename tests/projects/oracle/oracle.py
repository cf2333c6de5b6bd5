"""What the filters of projects mean, in plain Python over plain rows: the API must agree with it.

It shares nothing with the product but the tables, and reads of those only what people enter:
stages, dates, amounts and dimensions are derived here a second time, subtrees by walking parents.
"""

import operator
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

from django.conf import settings

from parks.models import Organisation, Park, Region, Sector, Source
from projects.models import (
    Funding,
    Investor,
    Milestone,
    Obstacle,
    Participation,
    ProgressNote,
    Project,
    ProjectFigure,
    Return,
    SigningEvent,
)
from tests.projects.oracle import dimensions, land, rates, tags, tracking
from tests.projects.oracle.reading import period, read_moments, read_period, read_yuan
from tests.projects.oracle.terms import (
    APPROVALS,
    DATED,
    NARROWING,
    STAGES,
    RefusedError,
    Regions,
    Row,
    Sectors,
    region_groups,
    sector_groups,
)

BASES = ["agreed", "planned", "intended", "reported"]
AGREEMENTS = ["intent", "framework", "contract"]
Predicate = Callable[[Row], bool]


# --- Projects --------------------------------------------------------------------------------

ENTERED = (
    "id code name_zh name_en park_id region_id kind function site_mode land_mu origin_id "
    "sector_id standing source_id publication created_at updated_at is_umbrella part_of_id "
    "duplicate_of_id reported_on reported_on_precision national_code note responsible_unit "
    "open_issues capital_type_stated phase_no land_qualifier floor_area_m2 lost_because lost_to_id "
    "review_on review_on_precision"
).split()
SEARCHED = ("name_zh", "name_en", "note", "responsible_unit")


class Oracle:
    """The projects as they are now, and the answer to every query about them."""

    def __init__(self) -> None:
        self.regions = Regions(list(Region.objects.values()), region_groups())
        countries = Region.objects.filter(level=Region.Level.COUNTRY)
        self.countries = Regions(list(countries.values()), {})
        self.sectors = Sectors(list(Sector.objects.values()), sector_groups())
        self.parks = {row["id"]: row for row in Park.objects.values()}
        self.events = {row["id"]: row for row in SigningEvent.objects.values()}
        self.organisations = {row["id"]: row for row in Organisation.objects.values()}
        self.sources = {row["id"]: row for row in Source.objects.values()}
        self.tags = tags.Tags()
        self.children: dict[str, dict[int, list[Row]]] = {}
        for model in (
            *(Milestone, ProjectFigure, Investor, Participation, Funding, ProgressNote),
            *(Return, Obstacle),
        ):
            of_project = self.children.setdefault(model.__name__, {})
            for row in model.objects.order_by("id").values():
                of_project.setdefault(row["project_id"], []).append(row)
        self.entered = {row["id"]: row for row in Project.objects.values(*ENTERED)}
        self.projects = [self.known(row) for row in self.entered.values()]

    def known(self, row: Row) -> Row:
        """All that is known of a project: None is unknown."""
        known = {name: None if value == "" else value for name, value in row.items()}
        known |= {name: row[name] for name in SEARCHED}
        known |= self.progress(row["id"]) | self.amount(row["id"])
        known |= {
            "totals_exclusion": self.exclusion(known),
            "review_on": known["review_on"]
            and period(known["review_on"], known["review_on_precision"]),
            **tracking.describe(self.children, known, period),
            "fixed_investment": land.find_fixed(self.children, row["id"], period),
        }
        known |= rates.money_and_intent(self.children, row["id"])
        origin, sector, park = row["origin_id"], row["sector_id"], self.parks[row["park_id"]]
        investors = self.children["Investor"].get(row["id"], [])
        participations = self.children["Participation"].get(row["id"], [])
        source = self.sources.get(row["source_id"])
        return known | {
            "park": park["code"],
            "park_region": park["region_id"],
            "project_region": self.regions.county(row["region_id"] or park["region_id"]),
            "source": source and source["code"],
            "origin_country": self.regions.country(origin),
            "origin_province": self.regions.province(origin),
            "origin_city": self.regions.city(origin),
            "sector_section": self.sectors.upwards(sector, "section"),
            "sector_division": self.sectors.upwards(sector, "division"),
            "hitech": (self.sectors.rows[sector]["hitech"] or None) if sector else None,
            "origin_scope": tracking.scope_of(
                self.regions, origin, row["region_id"] or park["region_id"]
            ),
            "capital_type": row["capital_type_stated"] or tracking.capital_of(self, investors),
            "organisations": {self.organisations[i["organisation_id"]]["code"] for i in investors},
            "investor_names": [
                self.organisations[i["organisation_id"]][name]
                for i in investors
                for name in ("name_zh", "name_en", "aliases")
            ],
            "events": {p["event_id"] for p in participations},
        }

    def progress(self, project: int) -> Row:
        """Stage, dates and agreement by the milestones that are met."""
        milestones = self.children["Milestone"].get(project, [])
        met = [m for m in milestones if m["status"] == "met"]
        types = {m["type"] for m in met}
        stage = max(types - {*APPROVALS}, key=STAGES.index, default=None)
        agreements = [m["agreement_type"] for m in met if m["agreement_type"] in AGREEMENTS]
        known: Row = {
            "stage": stage,
            "stage_on": self.earliest(met, stage),
            "agreement_type": max(agreements, key=AGREEMENTS.index, default=None),
            "met": types,
        }
        for name in DATED:
            known[f"{name}_on"] = self.earliest(met, name)
        signed = known["signed_on"]
        return known | {"signed_year": signed and signed[0].year}

    def exclusion(self, known: Row) -> str:
        """Why a project does not count in signed totals."""
        if known["is_umbrella"]:
            return "umbrella"
        if known["duplicate_of_id"]:
            return "duplicate"
        if known["standing"] == "merged":
            return "merged"
        if any(map(self.would_count, self.above(known))):
            return "part"
        return "" if at_least(known["stage"], "signed") else "no_contract"

    def above(self, part: Row) -> list[Row]:
        """All that a project is a part of, by way of duplicates too; in a circle not itself."""
        above: dict[int, Row] = {}
        further = {part["part_of_id"]}
        while further := further - {None, *above}:
            above |= {key: self.entered[key] for key in further}
            further = {
                self.entered[key][name]
                for key in further
                for name in ("part_of_id", "duplicate_of_id")
            }
        return [row for key, row in above.items() if key != part["id"]]

    def would_count(self, row: Row) -> bool:
        """Whether everybody would see a project count if it were a part of nothing."""
        is_other = row["is_umbrella"] or row["duplicate_of_id"] or row["standing"] == "merged"
        park = self.parks[row["park_id"]]["publication"]
        is_public = row["publication"] == park == "published"
        return not is_other and is_public and at_least(self.progress(row["id"])["stage"], "signed")

    def earliest(self, met: list[Row], stage: str | None) -> tuple[date, date] | None:
        """Of the periods in which a stage was met, the one that ends first."""
        periods = [
            period(m["actual_on"], m["actual_on_precision"])
            for m in met
            if m["type"] == stage and m["actual_on"]
        ]
        return min(periods, key=lambda each: each[1], default=None)

    def amount(self, project: int) -> Row:
        """The headline: the claim with the best basis, then the newest, then the last written."""
        claims = [
            claim
            for claim in self.children["ProjectFigure"].get(project, [])
            if claim["indicator_id"] == "investment"
            and claim["amount_cny"] is not None
            and claim["superseded_by_id"] is None
            and not claim["is_withdrawn"]
            and not any(claim[name] for name in NARROWING)
        ]

        def worth(claim: Row) -> tuple[int, date, int]:
            as_of = claim["as_of"]
            end = period(as_of, claim["as_of_precision"])[1] if as_of else date.min
            return -BASES.index(claim["investment_basis"]), end, claim["id"]

        best: Row = max(claims, key=worth, default={})
        names = {
            "investment_cny": "amount_cny",
            "investment_basis": "investment_basis",
            "investment_qualifier": "qualifier",
        }
        return {name: best.get(column) for name, column in names.items()}

    def visible(self, sees_all: bool) -> list[Row]:
        """Drafts and withdrawn ones are for some only, and so are all projects of such parks."""
        return [
            row
            for row in self.projects
            if sees_all
            or row["publication"] == self.parks[row["park_id"]]["publication"] == "published"
        ]

    def event_visible(self, event: Row, sees_all: bool) -> bool:
        park = self.parks.get(event["park_id"])
        published = park is None or park["publication"] == "published"
        return sees_all or (published and event["publication"] == "published")

    # --- Queries -----------------------------------------------------------------------------

    def select(self, query: dict[str, str], sees_all: bool) -> list[Row] | dict[str, Any]:
        """The projects of a query in no order, or by parameter why it is refused."""
        refused: dict[str, Any] = {}
        self.asked, predicates = query, []
        for name, text in query.items():
            try:
                predicates.append(self.predicate(name, text, sees_all))
            except RefusedError as error:
                refused[name] = error
        for low in (
            "investment_min",
            "land_mu_min",
            "floor_area_m2_min",
            "phase_no_min",
            *(f"{name}_from" for name in (*PERIODS, *AT_WORK, "updated")),
        ):
            high = low.replace("_min", "_max").replace("_from", "_to")
            is_read = {low, high} <= {*query} - {*refused}
            if is_read and self.crosses(low, query[low], query[high]):
                refused[high] = RefusedError("below the lower bound")
        if refused:
            return refused
        return [row for row in self.visible(sees_all) if all(holds(row) for holds in predicates)]

    def crosses(self, name: str, low: str, high: str) -> bool:
        """Whether the lower bound begins after the upper one ends."""
        if name.endswith("_min"):
            number = read_yuan if name == "investment_min" else Decimal
            return bool(number(low) > number(high))
        read = read_moments if name == "updated_from" else read_period
        return bool(read(low)[0] > read(high)[1])

    def predicate(self, name: str, text: str, sees_all: bool) -> Predicate:
        if name in FILTERS:
            return FILTERS[name](self, text, sees_all)
        holds = FILTERS[name.removesuffix("_not")](self, text, sees_all)
        return lambda row: not holds(row)

    def among(self, column: str, known: Any, text: str, fold: Callable[[str], str]) -> Predicate:
        """One of the codes or words between the commas, which must be among the known ones."""
        folded_known = {fold(str(code)) for code in known}
        wanted = {fold(word.strip()) for word in text.split(",")}
        unknown = fold("unknown") in wanted
        strange = wanted - folded_known - {fold("unknown")}
        if strange:
            raise RefusedError(f"no such {column}: {strange}")

        def holds(row: Row) -> bool:
            return unknown if row[column] is None else fold(str(row[column])) in wanted

        return holds

    def related(self, column: str, known: dict[str, Any], text: str) -> Predicate:
        """One of several codes through another table; unknown where none of them is visible."""
        wanted = {word.strip().lower() for word in text.split(",")}
        strange = wanted - {code.lower() for code in known} - {"unknown"}
        if strange:
            raise RefusedError(f"no such {column}: {strange}")
        keys = {key for code, key in known.items() if code.lower() in wanted}

        def holds(row: Row) -> bool:
            there = row[column] & set(known.values())
            return bool(there & keys) or ("unknown" in wanted and not there)

        return holds

    def found(self, text: str, all_: bool) -> Predicate:
        """Every word in code, names, note, names of investors or, inside, who is responsible."""
        words = text.lower().split()

        def holds(row: Row) -> bool:
            texts = [row["code"], *row["investor_names"], *(row[name] for name in SEARCHED[:3])]
            texts += [row["responsible_unit"]] if all_ else []
            return all(any(word in each.lower() for each in texts) for word in words)

        return holds

    def park_codes(self, sees_all: bool) -> list[str]:
        parks = self.parks.values()
        return [p["code"] for p in parks if sees_all or p["publication"] == "published"]

    def event_keys(self, sees_all: bool) -> dict[str, int]:
        events = self.events.values()
        return {e["code"]: e["id"] for e in events if self.event_visible(e, sees_all)}


Filter = Callable[[Oracle, str, bool], Predicate]


def column_of_words(column: str, *words: str) -> Filter:
    return lambda oracle, text, sees_all: oracle.among(column, words, text, str)


def column_of_codes(column: str, vocabulary: str, *beside: str) -> Filter:
    return lambda oracle, text, sees_all: oracle.among(
        column, {*getattr(oracle, vocabulary).rows, *beside}, text, str.upper
    )


def subtree(column: str, vocabulary: str) -> Filter:
    def build(oracle: Oracle, text: str, sees_all: bool) -> Predicate:
        terms = getattr(oracle, vocabulary)
        chosen = terms.choose(text)
        return lambda row: terms.holds(chosen, row[column])

    return build


def bound(column: str, read: Callable[[str], Any], meets: Callable[[Any, Any], bool]) -> Filter:
    """A bound that only what is known can meet."""

    def build(oracle: Oracle, text: str, sees_all: bool) -> Predicate:
        limit = read(text)
        return lambda row: row[column] is not None and meets(row[column], limit)

    return build


def of_roles(build: Filter) -> Filter:
    """The same for those who see the work on a project; others find nothing."""

    def of_all(oracle: Oracle, text: str, sees_all: bool) -> Predicate:
        meets = build(oracle, text, sees_all)
        return lambda row: sees_all and meets(row)

    return of_all


def at_least(stage: str | None, lowest: str) -> bool:
    return stage is not None and STAGES.index(stage) >= STAGES.index(lowest)


def is_stale(row: Row) -> bool:
    """Under way, and silent for too long or past the day of the next step."""
    limit = tracking.count_back(settings.STALE_MONTHS)
    silent = row["news_on"] is not None and row["news_on"][1] < limit
    return (tracking.is_under_way(row) and silent) or tracking.is_overdue(row)


def flag(holds: Predicate) -> Filter:
    """`true`, `false`, or both."""

    def build(oracle: Oracle, text: str, sees_all: bool) -> Predicate:
        wanted = {word.strip() == "true" for word in text.split(",")}
        return lambda row: holds(row) in wanted

    return build


def of_roles_flag(holds: Predicate) -> Filter:
    """The same of what only those see who see the work on a project: all others are `false`."""
    return lambda oracle, text, sees_all: flag(lambda row: sees_all and holds(row))(
        oracle, text, sees_all
    )


def at_least_stage(oracle: Oracle, text: str, sees_all: bool) -> Predicate:
    words = [word.strip() for word in text.split(",")]
    return lambda row: any(at_least(row["stage"], word) for word in words)


def of_dimension(name: str) -> Filter:
    """One of the values of a dimension between the commas."""

    def build(oracle: Oracle, text: str, sees_all: bool) -> Predicate:
        wanted = {word.strip().lower() for word in [*text.split(","), text]}

        def holds(row: Row) -> bool:
            values = dimensions.DIMENSIONS[name](oracle, row, sees_all)
            return any(str("unknown" if v is None else v).lower() in wanted for v in values)

        return holds

    return build


def not_known_in(oracle: Oracle, text: str, sees_all: bool) -> Predicate:
    """Not known in one of the rates between the commas."""
    names = [word.strip() for word in text.split(",")]
    if strange := set(names) - set(rates.RATES):
        raise RefusedError(f"no such rate: {strange}")
    return lambda row: any(rates.is_not_known(name, row) for name in names)


def in_band(oracle: Oracle, text: str, sees_all: bool) -> Predicate:
    """One of the bands between the commas: from an amount, below another, or without end."""
    words = [word.strip() for word in text.split(",")]
    ends = [word.split("-") for word in words if word != "unknown"]
    bands = [(read_yuan(low), read_yuan(high) if high else None) for low, high in ends]

    def holds(row: Row) -> bool:
        amount = row["investment_cny"]
        if amount is None:
            return "unknown" in words
        return any(low <= amount and (high is None or amount < high) for low, high in bands)

    return holds


def has_met(oracle: Oracle, text: str, sees_all: bool) -> Predicate:
    """A milestone of one of the types between the commas is met, dated or not."""
    words = {word.strip() for word in text.split(",")}
    return lambda row: bool(row["met"] & words)


def taken_before(name: str) -> Filter:
    """A step was taken so many months ago, or earlier."""
    return bound(
        f"{name}_on", lambda text: tracking.count_back(int(text)), lambda on, day: on[1] <= day
    )


AT_WORK = ("latest_progress", "next_step_due")  # days that the park's roles see
PERIODS = [*DATED, "planned", *(f"{name}_planned" for name in DATED), "news", "review"]

FILTERS: dict[str, Filter] = {
    "code": lambda o, text, all_: (
        lambda row: row["code"].lower() in {word.strip().lower() for word in text.split(",")}
    ),
    "origin": subtree("origin_id", "regions"),
    "origin_country": column_of_codes("origin_country", "countries", "CN"),
    "origin_province": column_of_codes("origin_province", "regions", "foreign"),
    "origin_city": column_of_codes("origin_city", "regions", "foreign"),
    "sector": subtree("sector_id", "sectors"),
    "sector_section": column_of_codes("sector_section", "sectors"),
    "sector_division": column_of_codes("sector_division", "sectors"),
    "hitech": column_of_words("hitech", "yes", "no"),
    "origin_scope": column_of_words("origin_scope", *tracking.SCOPES),
    "capital_type": column_of_words("capital_type", "domestic", "foreign", "hmt", "joint"),
    "park": lambda o, text, all_: o.among("park", o.park_codes(all_), text, str.lower),
    "park_region": subtree("park_region", "regions"),
    "national_code": lambda o, text, all_: o.among(
        "national_code", {row["national_code"] for row in o.projects}, text, str.upper
    ),
    "stage": column_of_words("stage", *STAGES),
    "reached": at_least_stage,
    "standing": column_of_words("standing", *"active suspended terminated merged closed".split()),
    "kind": column_of_words("kind", "new", "expansion", "upgrade", "relocation", "acquisition"),
    "function": column_of_words(
        "function",
        *"manufacturing rnd headquarters services logistics incubation energy fund".split(),
    ),
    "site_mode": column_of_words("site_mode", "land", "lease", "owned"),
    "publication": column_of_words("publication", "draft", "published", "withdrawn"),
    "agreement_type": column_of_words("agreement_type", *AGREEMENTS),
    "investment_min": bound("investment_cny", read_yuan, operator.ge),
    "investment_max": bound("investment_cny", read_yuan, operator.le),
    "land_mu_min": bound("land_mu", Decimal, operator.ge),
    "land_mu_max": bound("land_mu", Decimal, operator.le),
    "floor_area_m2_min": bound("floor_area_m2", Decimal, operator.ge),
    "floor_area_m2_max": bound("floor_area_m2", Decimal, operator.le),
    "phase_no_min": bound("phase_no", Decimal, operator.ge),
    "phase_no_max": bound("phase_no", Decimal, operator.le),
    "investment_basis": column_of_words("investment_basis", *BASES),
    "event": lambda o, text, all_: o.related("events", o.event_keys(all_), text),
    "organisation": lambda o, text, all_: o.related(
        "organisations", {r["code"]: r["code"] for r in o.organisations.values()}, text
    ),
    "source": lambda o, text, all_: o.among(
        "source", [row["code"] for row in o.sources.values()], text, str.lower
    ),
    "overdue": flag(tracking.is_overdue),
    "due": flag(tracking.is_due),
    "claims_in_conflict": flag(lambda row: row["claims_in_conflict"]),
    "past_review": flag(tracking.is_past_review),
    "overdue_promise": flag(lambda row: row["days_past_promise"] > 0),
    "days_late_min": lambda o, text, all_: lambda row: row["days_late"] >= int(text),
    "days_late_max": lambda o, text, all_: lambda row: 0 < row["days_late"] <= int(text),
    "returned": of_roles_flag(lambda row: row["is_returned"]),
    "has_open_obstacle": of_roles_flag(lambda row: row["obstacle_days"] is not None),
    "obstacle_days_min": of_roles(bound("obstacle_days", int, operator.ge)),
    "silent_months_min": lambda o, text, all_: (
        lambda row: tracking.is_silent(row, int(text), sees_notes=all_)
    ),
    "stalled_months_min": lambda o, text, all_: lambda row: tracking.is_stalled(row, int(text)),
    "next_step_overdue": of_roles_flag(tracking.is_step_overdue),
    **{
        f"{name}_{end}": of_roles(bound(f"{name}_on", read_period, meets))
        for name in AT_WORK
        for end, meets in (
            ("from", lambda on, asked: on[0] >= asked[0]),
            ("to", lambda on, asked: on[1] <= asked[1]),
        )
    },
    "missing": lambda o, text, all_: (
        lambda row: bool({*tracking.lacks(row)} & {word.strip() for word in text.split(",")})
    ),
    "has_open_issues": of_roles_flag(lambda row: bool(row["open_issues"])),
    "has_source": flag(lambda row: row["source"] is not None),
    "stale": flag(is_stale),
    "fulfilled": flag(rates.is_fulfilled),
    "has_intent": flag(rates.has_intent),
    "has_paid_in": flag(lambda row: row["paid_in_cny"] is not None),
    "rate_not_known": not_known_in,
    "counts_in_totals": flag(lambda row: row["totals_exclusion"] == ""),
    "totals_exclusion": column_of_words(
        "totals_exclusion", "umbrella", "duplicate", "merged", "part", "no_contract"
    ),
    "size_band": in_band,
    "met": has_met,
    **{f"{name}_months_min": taken_before(name) for name in DATED},
    **tags.FILTERS,
    **{name: of_dimension(name) for name in dimensions.FILTERED},
    **{
        f"{name}_from": bound(f"{name}_on", read_period, lambda on, asked: on[0] >= asked[0])
        for name in PERIODS
    },
    **{
        f"{name}_to": bound(f"{name}_on", read_period, lambda on, asked: on[1] <= asked[1])
        for name in PERIODS
    },
    "updated_from": bound("updated_at", read_moments, lambda at, asked: at >= asked[0]),
    "updated_to": bound("updated_at", read_moments, lambda at, asked: at <= asked[1]),
    "q": lambda o, text, all_: o.found(text, all_),
    **{f"has_{measure}": flag(holds) for measure, holds in land.PER_MU.items()},
}
FLAGS = {
    *("has_source", "stale", "counts_in_totals", "fulfilled", "has_intent", "has_paid_in"),
    *(f"has_{measure}" for measure in land.PER_MU),
    *("overdue", "due", "claims_in_conflict", "has_open_issues", "next_step_overdue"),
    *("past_review", "returned", "has_open_obstacle", "overdue_promise"),
}
WITHOUT_TWIN = {"reached", "q", *FLAGS} | {
    name
    for name in FILTERS
    if name.endswith(("_min", "_max", "_from", "_to", "_on")) and name != "lost_to"
}
PARAMETERS = [*FILTERS, *(f"{name}_not" for name in FILTERS if name not in WITHOUT_TWIN)]
CANNOT_BE_UNKNOWN = {
    *WITHOUT_TWIN,
    *(
        f"{name}{twin}"
        for name in (
            *("park", "standing", "publication", "totals_exclusion", "rate_not_known"),
            *("missing", "completeness", "lateness", "code", "met"),
        )
        for twin in ("", "_not")
    ),
}


# --- Order -----------------------------------------------------------------------------------


def value_of(row: Row, name: str) -> Any:
    """What a project is ordered by; None is unknown."""
    if name == "code":
        return row["code"].lower()
    value = row[name]
    return value[0] if isinstance(value, tuple) else value


def in_order(rows: list[Row], ordering: str) -> list[Row]:
    """By each key in its direction, unknown last both ways; between equals by the row's number.

    The row's number goes in the direction of the last key.
    """
    terms = ordering.split(",")
    last = "-id" if terms[-1].startswith("-") else "id"
    for term in reversed([*terms, last]):
        name = term.removeprefix("-")
        known = [row for row in rows if value_of(row, name) is not None]
        unknown = [row for row in rows if value_of(row, name) is None]
        # Sorting is stable, and `reverse` keeps the order of equals as it was.
        known.sort(key=lambda row: value_of(row, name), reverse=term.startswith("-"))
        rows = known + unknown
    return rows
