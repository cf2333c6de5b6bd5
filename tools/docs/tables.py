"""The generated tables: columns of files, filters of lists, and words of vocabularies.

Names, kinds and labels come from the code. People write the meaning of a row, with an example if
it needs one, into the page; it stays there.
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from django.utils import translation

from api.lists import filters
from api.lists.filters import UNKNOWN, CodesFilter, NumberFilter
from config.urls import router
from parks.access import Publication, Role
from parks.claims.filters import MOST_LATEST, LatestFilter
from parks.claims.views import ComparisonViewSet
from parks.filters import RegionFilter, SectorFilter
from parks.models import (
    ApiToken,
    Claim,
    HiTech,
    ImportBatch,
    Indicator,
    Nature,
    Organisation,
    Park,
    Region,
    Sector,
    SectorGroupMember,
    Source,
    Subscription,
    Tag,
    TimelineEntry,
)
from parks.models.places import PointAccuracy, PointDatum
from projects.claims import SubjectType
from projects.columns import PROJECT_COLUMNS
from projects.dimensions.dimensions import DIMENSIONS, FUNDING_DIMENSIONS, CurrencyFilter
from projects.dimensions.filters import (
    EXAMPLES,
    BandsFilter,
    FunnelFilter,
    GroupsFilter,
    MissingFilter,
    NamesFilter,
    PeopleFilter,
    PeriodsFilter,
    StepsFilter,
    UnitsFilter,
    WaysFilter,
    WholeFilter,
)
from projects.dimensions.places import ParkProvincesFilter
from projects.filters import NationalCodesFilter, RateNotKnownFilter
from projects.lifecycle.due import Completeness, Lateness, TimesMoved
from projects.models import (
    Assignment,
    Funding,
    Investor,
    Light,
    Obstacle,
    Participation,
    Project,
    RuleKind,
    SigningEvent,
    TargetMeasure,
)
from projects.models.words import (
    STEPS,
    AgreementType,
    Approval,
    CapitalType,
    InvestmentBasis,
    LostBecause,
    MilestoneStatus,
    OriginScope,
    Stage,
)
from projects.summaries.measures import FUNDING_MEASURES, MEASURES
from projects.summaries.views import FundingListViewSet
from projects.tracking.results import ResultListViewSet
from projects.tracking.views import ObstacleListViewSet, PlanListViewSet, ProgressListViewSet
from sheets.amounts import Qualifier
from sheets.dates import Precision
from sheets.writing.columns import Column
from tools.docs.packages import describe_packages

# The name is also the heading on the page; the text says which fields hold these words.
VOCABULARIES: dict[str, tuple[Any, str]] = {
    "stage": (Stage, "`stage` of a project, `type` of a milestone; in this order"),
    "approval": (Approval, "`type` of a milestone that stands beside the way of its project"),
    "standing": (Project.Standing, "`standing` of a project"),
    "reason of a loss": (LostBecause, "`lost_because` of a project"),
    "milestone status": (MilestoneStatus, "`status` of a milestone"),
    "agreement type": (
        AgreementType,
        "`agreement_type` of a project, milestone or participation; the most binding last",
    ),
    "basis of an investment": (
        InvestmentBasis,
        "`investment_basis` of a project or figure; the first that is known is the headline",
    ),
    "qualifier": (
        Qualifier,
        "`qualifier` of a figure, `investment_qualifier` and `land_qualifier` of a project",
    ),
    "how the day is known": (Claim.AsOfBasis, "`as_of_basis` of a figure"),
    "how the date is known": (TimelineEntry.DateBasis, "`happened_on_basis` of a timeline entry"),
    "nature of a figure": (Nature, "`nature` of a figure or timeline entry"),
    "attribution": (
        Claim.Attribution,
        "`attribution` of a figure or timeline entry: in whose words the source says it",
    ),
    "reason to be left out of totals": (
        Project.TotalsExclusion,
        "`totals_exclusion` of a project; the first that holds",
    ),
    "kind of funding": (Funding.Kind, "`kind` of a funding"),
    "light": (Light, "`light` of a project"),
    "rule of lights": (RuleKind, "`kind` of a rule of lights"),
    "measure of a target": (TargetMeasure, "`measure` of a target"),
    "kind of timeline entry": (TimelineEntry.Kind, "`kind` of a timeline entry"),
    "basis of origin": (Project.OriginBasis, "`origin_basis` of a project"),
    "basis of sector": (Project.SectorBasis, "`sector_basis` of a project"),
    "distance of the origin": (OriginScope, "`origin_scope` of a project"),
    "capital": (CapitalType, "`capital_type` and `capital_type_stated` of a project"),
    "bearer of a tag": (Tag.Bearer, "`bearer` of a tag: to what it is given"),
    "kind of organisation": (Organisation.Kind, "`kind` of an organisation"),
    "ownership": (
        Organisation.Ownership,
        "`ownership` of an organisation, `investor_ownership` of a project",
    ),
    "high-tech industry": (HiTech, "`hitech` of a sector or project"),
    "completeness": (
        Completeness,
        "`completeness` of a project, as filter and dimension: how many of amount in yuan, "
        "origin, sector, source and day are not known",
    ),
    "lateness": (
        Lateness,
        "`lateness` of a project, as filter and dimension: days late of the step that is most late",
    ),
    "times moved": (
        TimesMoved,
        "`times_moved` of a project, as filter and dimension: of the step that moved most often",
    ),
    "kind of project": (Project.Kind, "`kind` of a project"),
    "function": (Project.Function, "`function` of a project"),
    "accuracy of a point": (PointAccuracy, "`point_accuracy` of a park or project"),
    "datum of a point": (PointDatum, "`point_datum` of a park or project"),
    "site": (Project.SiteMode, "`site_mode` of a project"),
    "role of an investor": (Investor.Role, "`role` of an investor"),
    "role of a person in charge": (Assignment.Role, "`role` of a person in charge"),
    "kind of obstacle": (Obstacle.Kind, "`kind` of an obstacle"),
    "kind of subscription": (Subscription.Kind, "`kind` of a subscription"),
    "channel": (Subscription.Channel, "`channel` of a subscription"),
    "pace": (Subscription.Pace, "`pace` of a subscription"),
    "role at an event": (Participation.Role, "`role` of a participation"),
    "kind of event": (SigningEvent.Kind, "`kind` of an event"),
    "kind of subject": (SubjectType, "`subject_type` of a figure"),
    "kind of park": (Park.Kind, "`kind` of a park"),
    "publication": (Publication, "`publication` of a park, project, event or target"),
    "role in a park": (Role, "what a person is in a park; given in the admin"),
    "scope of a token": (ApiToken.Scope, "what a program may do with a token"),
    "state of an import": (ImportBatch.State, "`state` of an import"),
    "kind of source": (Source.Kind, "`kind` of a source"),
    "level of region": (Region.Level, "`level` of a region"),
    "level of sector": (Sector.Level, "`level` of a sector"),
    "position in a chain": (
        SectorGroupMember.Position,
        "`position` of a member of a sector group; our groups have none, as sources differ",
    ),
    "kind of indicator": (Indicator.Kind, "`kind` of an indicator"),
    "precision of a date": (
        Precision,
        "how much of a date is known: `2013`, `2013-Q2`, `2013-06`, `2013-06-30`",
    ),
}
FEW_WORDS = 5
MEANING = "Meaning"  # the column that people write
Rows = dict[str, dict[str, str]]  # by the first name in a row; its cells by the head of the column
# Said once in the text above the tables
IN_MOST_LISTS = {"code", "q"}
ENDS = {"_from": "_to", "_min": "_max"}  # the two bounds of one row
OF_STEPS = re.compile(rf"({'|'.join(STEPS)})_(year|quarter|month|months_min|(planned_)?(from|to))")
KINDS = {
    "text": "",
    "word": "word",
    "list": "texts with “；” between them",
    "money": "yuan, or the unit asked for",
    "foreign": "whole units of the currency, or 10,000 of it as `unit` asks",
    "number": "number",
    "date": "day",
    "partial_date": "date",
    "moment": "time",
    "flag": "`true`, `false`",
}
# Subclasses stand before the classes they derive from.
TAKES: list[tuple[type, str]] = [
    (RegionFilter, "[regions](#regions)"),
    (SectorFilter, "[sectors](#sectors)"),
    (ParkProvincesFilter, "codes of provinces"),
    (filters.RowsFilter, "codes of %s"),
    (NumberFilter, "[number](#numbers)"),
    (filters.AmountFilter, "[amount](#amounts)"),
    (filters.FromFilter, "[date](#dates)"),
    (filters.MomentFilter, "[date or time](#dates)"),
    (filters.YearsFilter, "years"),
    (filters.SearchFilter, "[words](#search)"),
    (LatestFilter, f"1 to {MOST_LATEST}"),
    (ParkProvincesFilter, "codes of provinces"),
    (GroupsFilter, "codes of groups, `rest`"),
    (PeriodsFilter, "periods such as %s"),
    (BandsFilter, "[bands](#bands)"),
    (NationalCodesFilter, "national project codes"),
    (FunnelFilter, "[the funnel](../explanation/definitions.md#funnel)"),
    (RateNotKnownFilter, "[rates](../explanation/definitions.md#rates)"),
    (WholeFilter, "1 to %s"),
    (PeopleFilter, "names"),
    (UnitsFilter, "names of offices"),
    (NamesFilter, "names"),
    (CurrencyFilter, "codes of ISO 4217"),
    (CodesFilter, "codes"),
    (MissingFilter, ""),
    (StepsFilter, "[stage](vocabularies.md#stage), [approval](vocabularies.md#approval)"),
    (WaysFilter, ""),
    (filters.WordsFilter, ""),
    (filters.FlagFilter, "`true`, `false`"),
]


def build_tables(pages: Mapping[str, str]) -> dict[str, str]:
    """Build every generated table, by the name in its mark; `pages` has them as they are now."""
    lists = dict(find_lists())
    filters = {
        name_filters(prefix): build_filters(prefix, lists, pages.get(name_filters(prefix), ""))
        for prefix in lists
    }
    return {
        "packages": describe_packages(),
        "columns": build_columns(read_rows(pages["columns"])),
        "vocabularies": build_vocabularies(pages["vocabularies"]),
        "dimensions": build_dimensions(),
        "measures": build_measures(),
        **filters,
    }


def build_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def read_rows(text: str) -> Rows:
    """Read the rows of the first table in a text."""
    lines = [line[2:-2].split(" | ") for line in text.splitlines() if line.startswith("| ")]
    return {line[0].partition(",")[0]: dict(zip(lines[0], line, strict=True)) for line in lines[2:]}


def print_label(label: Any, name: str = "") -> str:
    """Print a label in English and in Chinese; the English only if the name does not say it."""
    with translation.override("en"):
        english = str(label)
    with translation.override("zh-hans"):
        chinese = str(label)
    is_said = english.lower() == name.replace("_", " ") or english == chinese
    return chinese if is_said else f"{english} {chinese}"


# --- Summaries -------------------------------------------------------------------------------


def build_dimensions() -> str:
    """Build the list of what projects, and flows of money, are grouped by."""
    projects, flows = (
        ", ".join(f"`{name}` {print_label(each.label, name)}" for name, each in dimensions.items())
        for dimensions in (DIMENSIONS, FUNDING_DIMENSIONS)
    )
    return f"Of projects and flows: {projects}.\n\nOf flows only: {flows}."


def build_measures() -> str:
    """Build the table of what is added up, and what it means."""
    rows = [
        [f"`{name}`", of, measure.unit, str(measure.meaning)]
        for of, measures in (("projects", MEASURES), ("flows", FUNDING_MEASURES))
        for name, measure in measures.items()
    ]
    return build_table(["Measure", "Of", "Unit", "Meaning"], rows)


# --- Columns ---------------------------------------------------------------------------------


def build_columns(written: Rows) -> str:
    rows = [
        [
            f"`{column.name}`",
            print_label(column.label, column.name),
            describe_kind(column),
            written.get(f"`{column.name}`", {}).get(MEANING, ""),
        ]
        for column in PROJECT_COLUMNS
    ]
    return build_table(["Column", "Label", "Holds", MEANING], rows)


def describe_kind(column: Column) -> str:
    fields = {field.name: field for field in Project._meta.concrete_fields}
    choices = column.path in fields and fields[column.path].choices
    if not choices:
        return KINDS[column.kind]
    return link_vocabulary(word for word, _label in choices)


# --- Vocabularies ----------------------------------------------------------------------------


def build_anchor(heading: str) -> str:
    return heading.replace(" ", "-")


def link_vocabulary(words: Iterable[str]) -> str:
    """Link the vocabulary of exactly these words; `unknown` does not count."""
    wanted = {*words} - {UNKNOWN}
    name = next(
        n for n, (made, _where) in VOCABULARIES.items() if {*made.values} - {UNKNOWN} == wanted
    )
    return f"[{name}](vocabularies.md#{build_anchor(name)})"


def build_vocabularies(page: str) -> str:
    return "\n\n".join(build_vocabulary(name, page) for name in VOCABULARIES)


def build_vocabulary(name: str, page: str) -> str:
    """Build the list of a vocabulary's words, each with the meaning that the page gives it."""
    choices, where = VOCABULARIES[name]
    heading = f"## {name[0].upper()}{name[1:]}\n"
    said = page.partition(heading)[2].partition("\n## ")[0]
    meanings = dict(re.findall(r"^- (`\w+`)[^:\n]*: (.+)$", said, re.MULTILINE))
    words = [f"`{word}` {print_label(label, word)}" for word, label in choices.choices]
    if not meanings:
        return f"{heading}\n{where}: {', '.join(words)}"
    lines = [
        f"- {word}{f': {meaning}' if (meaning := meanings.get(word.split()[0])) else ''}"
        for word in words
    ]
    return "\n".join([heading, f"{where}:\n", *lines])


# --- Filters ---------------------------------------------------------------------------------


OF_FLOWS = {
    "fundings": "projects",
    "plans": "fundings",
    "results": "projects",
}  # what else they take, is said of these


def find_lists() -> list[tuple[str, Any]]:
    """Find the URLs that take filters, each with its view."""
    views = [(prefix, view) for prefix, view, _basename in router.registry]
    views.append(("parks/compare", ComparisonViewSet))
    views.append(("fundings", FundingListViewSet))
    views.append(("progress", ProgressListViewSet))
    views.append(("plans", PlanListViewSet))
    views.append(("results", ResultListViewSet))
    views.append(("obstacles", ObstacleListViewSet))
    return [(prefix, view) for prefix, view in views if getattr(view, "filterset_class", None)]


def name_filters(prefix: str) -> str:
    """Name a list's table in its mark: `parks-compare-filters`."""
    return prefix.replace("/", "-") + "-filters"


def build_filters(prefix: str, lists: Mapping[str, Any], page: str) -> str:
    """Build the table of a list's filters, without those that the table of another list has."""
    view, written = lists[prefix], read_rows(page)
    filters = view.filterset_class.base_filters
    others = lists[OF_FLOWS[prefix]].filterset_class.base_filters if prefix in OF_FLOWS else ()
    shown = {
        name: made
        for name, made in filters.items()
        if not made.exclude and (f"`{name}`" in written or not is_said_above(name, others))
    }
    ends = {find_end(name) for name in shown}
    rows = [
        build_filter_row(name, made, filters, written.get(f"`{name}`", {}))
        for name, made in shown.items()
        if name not in ends
    ]
    keys = ", ".join(f"`{key}`" for key in getattr(view, "ordering_fields", ()))
    table = build_table(["Parameter", "Takes", MEANING], rows) if rows else ""
    return "\n\n".join(filter(None, [table, f"`ordering` by: {keys}." if keys else ""]))


def is_said_above(name: str, others: Container[str]) -> bool:
    """Check whether another table, or the text above the tables, has the filter."""
    return name in others or name in IN_MOST_LISTS or bool(OF_STEPS.fullmatch(name))


def find_end(name: str) -> str:
    """Name the upper bound that goes with a lower bound; of others the empty text."""
    return next((name.removesuffix(a) + b for a, b in ENDS.items() if name.endswith(a)), "")


def build_filter_row(
    name: str, made: Any, filters: Container[str], written: Mapping[str, str]
) -> list[str]:
    twins = [each for each in (f"{name}_not", find_end(name)) if each in filters]
    return [
        ", ".join(f"`{each}`" for each in (name, *twins)),
        describe_values(made) + (", `unknown`" if takes_unknown(made) else ""),
        written.get(MEANING, ""),
    ]


def describe_values(made: Any) -> str:
    said = next(text for kind, text in TAKES if isinstance(made, kind))
    if isinstance(made, PeriodsFilter):
        return said % f"`{EXAMPLES[made.unit]}`"
    if isinstance(made, WholeFilter):
        return said % made.most
    if "%s" in said:
        return said % made.rows._meta.verbose_name_plural
    if said:
        return said
    words = [word for word in made.words if word != UNKNOWN]
    if len(words) <= FEW_WORDS:
        return ", ".join(f"`{word}`" for word in words)
    return link_vocabulary(words)


def takes_unknown(made: Any) -> bool:
    return UNKNOWN in made.words or made.may_be_unknown
