"""The generated tables: columns of files, filters of lists, and words of vocabularies."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import Model
from django.utils import translation

from config.amounts import Qualifier
from config.api.lists import filter_fields
from config.api.lists.filter_fields import UNKNOWN
from config.api.lists.number_filters import NumberFilter
from config.dates import Precision
from config.spreadsheets import Column
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
    Park,
    Region,
    Sector,
    Source,
    TimelineEntry,
)
from projects.columns import PROJECT_COLUMNS
from projects.dimensions.dimensions import DIMENSIONS, FUNDING_DIMENSIONS
from projects.dimensions.filters import (
    EXAMPLES,
    BandsFilter,
    GroupsFilter,
    ParkProvincesFilter,
    PeriodsFilter,
)
from projects.filters import NationalCodesFilter
from projects.lifecycle.words import AgreementType, InvestmentBasis, MilestoneStatus, Stage
from projects.models import Funding, Investor, Participation, Project, SigningEvent
from projects.summaries.measures import FUNDING_MEASURES, MEASURES
from projects.summaries.views import FundingListViewSet
from tools.docs import meanings
from tools.docs.modules import describe_modules

# The name is also the heading on the page; the text says which fields hold these words.
VOCABULARIES: dict[str, tuple[Any, str]] = {
    "stage": (Stage, "`stage` of a project, `type` of a milestone; in this order"),
    "standing": (Project.Standing, "`standing` of a project"),
    "milestone status": (MilestoneStatus, "`status` of a milestone"),
    "agreement type": (
        AgreementType,
        "`agreement_type` of a project, milestone or participation; the most binding last",
    ),
    "basis of an investment": (
        InvestmentBasis,
        "`investment_basis` of a project or figure; the first that is known is the headline",
    ),
    "qualifier": (Qualifier, "`qualifier` of a figure, `investment_qualifier` of a project"),
    "nature of a figure": (Nature, "`nature` of a figure or timeline entry"),
    "attribution": (
        Claim.Attribution,
        "`attribution` of a figure: in whose words the source says it",
    ),
    "reason to be left out of totals": (
        Project.TotalsExclusion,
        "`totals_exclusion` of a project; the first that holds",
    ),
    "kind of funding": (Funding.Kind, "`kind` of a funding"),
    "kind of timeline entry": (TimelineEntry.Kind, "`kind` of a timeline entry"),
    "basis of origin": (Project.OriginBasis, "`origin_basis` of a project"),
    "basis of sector": (Project.SectorBasis, "`sector_basis` of a project"),
    "high-tech": (HiTech, "`hitech` of a sector or project"),
    "kind of project": (Project.Kind, "`kind` of a project"),
    "function": (Project.Function, "`function` of a project"),
    "site": (Project.SiteMode, "`site_mode` of a project"),
    "role of an investor": (Investor.Role, "`role` of an investor"),
    "role at an event": (Participation.Role, "`role` of a participation"),
    "kind of event": (SigningEvent.Kind, "`kind` of an event"),
    "kind of park": (Park.Kind, "`kind` of a park"),
    "publication": (Publication, "`publication` of a park, project or event"),
    "role in a park": (Role, "what a person is in a park; given in the admin"),
    "scope of a token": (ApiToken.Scope, "what a program does with a token"),
    "state of an import": (ImportBatch.State, "`state` of an import"),
    "kind of source": (Source.Kind, "`kind` of a source"),
    "level of region": (Region.Level, "`level` of a region"),
    "level of sector": (Sector.Level, "`level` of a sector"),
    "kind of indicator": (Indicator.Kind, "`kind` of an indicator"),
    "precision of a date": (
        Precision,
        "how much of a date is known: `2013`, `2013-Q2`, `2013-06`, `2013-06-30`",
    ),
}
FEW_WORDS = 5
KINDS = {
    "text": "text",
    "word": "word",
    "list": "texts with “；” between them",
    "money": "yuan, or the unit asked for",
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
    (filter_fields.RowsFilter, "codes of %s"),
    (NumberFilter, "[number](#numbers)"),
    (filter_fields.AmountFilter, "[amount](#amounts)"),
    (filter_fields.FromFilter, "[date](#dates)"),
    (filter_fields.ToFilter, "[date](#dates)"),
    (filter_fields.MomentFilter, "[date or time](#dates)"),
    (filter_fields.YearsFilter, "years"),
    (filter_fields.SearchFilter, "[words](#search)"),
    (LatestFilter, f"1 to {MOST_LATEST}"),
    (ParkProvincesFilter, "codes of provinces"),
    (GroupsFilter, "codes of groups, `rest`"),
    (PeriodsFilter, "periods such as %s"),
    (BandsFilter, "[bands](#bands)"),
    (NationalCodesFilter, "national project codes"),
    (filter_fields.WordsFilter, ""),
    (filter_fields.FlagFilter, "`true`, `false`"),
]


def all_tables() -> dict[str, str]:
    """Every generated table by the name in its mark."""
    filters = {filters_name(prefix): filters_table(prefix, view) for prefix, view in lists()}
    return {
        "modules": describe_modules(),
        "columns": columns_table(),
        "vocabularies": vocabulary_tables(),
        "dimensions": dimensions_table(),
        "measures": measures_table(),
        "facets": table(["Dimension"], [[f"`{name}`"] for name in DIMENSIONS]),
        **filters,
    }


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def in_both_languages(label: Any) -> tuple[str, str]:
    """A label in English and in Chinese; the Chinese is empty where it is not translated."""
    with translation.override("en"):
        english = str(label)
    with translation.override("zh-hans"):
        chinese = str(label)
    return english, "" if chinese == english else chinese


# --- Summaries -------------------------------------------------------------------------------


def dimensions_table() -> str:
    """What projects, and flows of money, are grouped by."""
    of = dict.fromkeys(DIMENSIONS, "projects, flows") | dict.fromkeys(FUNDING_DIMENSIONS, "flows")
    every = {**DIMENSIONS, **FUNDING_DIMENSIONS}
    rows = [[f"`{name}`", *in_both_languages(every[name].label), of[name]] for name in every]
    return table(["Dimension", "English", "Chinese", "Of"], rows)


def measures_table() -> str:
    """What is added up, and what it means."""
    rows = [
        [f"`{name}`", of, measure.unit, str(measure.meaning)]
        for of, measures in (("projects", MEASURES), ("flows", FUNDING_MEASURES))
        for name, measure in measures.items()
    ]
    return table(["Measure", "Of", "Unit", "Meaning"], rows)


# --- Columns ---------------------------------------------------------------------------------


def columns_table() -> str:
    rows = [
        [
            f"`{column.name}`",
            *in_both_languages(column.label),
            column_kind(column),
            meanings.COLUMNS[column.name],
        ]
        for column in PROJECT_COLUMNS
    ]
    return table(["Column", "English", "Chinese", "Holds", "Meaning"], rows)


def column_kind(column: Column) -> str:
    fields = {field.name: field for field in Project._meta.concrete_fields}
    choices = column.path in fields and fields[column.path].choices
    if not choices:
        return KINDS[column.kind]
    return vocabulary_link(word for word, _label in choices)


# --- Vocabularies ----------------------------------------------------------------------------


def anchor(heading: str) -> str:
    return heading.replace(" ", "-")


def vocabulary_link(words: Iterable[str]) -> str:
    """A link to the vocabulary of exactly these words; `unknown` does not count."""
    wanted = {*words} - {UNKNOWN}
    name = next(
        n for n, (made, _where) in VOCABULARIES.items() if {*made.values} - {UNKNOWN} == wanted
    )
    return f"[{name}](vocabularies.md#{anchor(name)})"


def vocabulary_tables() -> str:
    return "\n\n".join(vocabulary_table(name) for name in VOCABULARIES)


def vocabulary_table(name: str) -> str:
    choices, where = VOCABULARIES[name]
    said = meanings.WORDS.get(name, {})
    head = ["Word", "English", "Chinese", *(["Meaning"] if said else [])]
    rows = [
        [f"`{word}`", *in_both_languages(label), *([said.get(word, "")] if said else [])]
        for word, label in choices.choices
    ]
    return f"## {name[0].upper()}{name[1:]}\n\n{where}\n\n{table(head, rows)}"


# --- Filters ---------------------------------------------------------------------------------


def lists() -> list[tuple[str, Any]]:
    """The addresses that take filters, each with its view."""
    views = [(prefix, view) for prefix, view, _basename in router.registry]
    views.append(("parks/compare", ComparisonViewSet))
    views.append(("fundings", FundingListViewSet))
    return [(prefix, view) for prefix, view in views if getattr(view, "filterset_class", None)]


def filters_name(prefix: str) -> str:
    """The name of a list's table in its mark: `parks-compare-filters`."""
    return prefix.replace("/", "-") + "-filters"


def filters_table(prefix: str, view: Any) -> str:
    filters = view.filterset_class.base_filters
    rows = [
        filter_row(prefix, name, made, f"{name}_not" in filters)
        for name, made in filters.items()
        if not made.exclude
        if prefix != "fundings" or name in meanings.LIST_FILTERS[prefix]  # the others: see projects
    ]
    head = ["Parameter", "All others", "Takes", "`unknown`", "Meaning", "Example"]
    keys = ", ".join(f"`{key}`" for key in getattr(view, "ordering_fields", ()))
    return table(head, rows) + (f"\n\n`ordering` by: {keys}." if keys else "")


def filter_row(prefix: str, name: str, made: Any, has_twin: bool) -> list[str]:
    meaning, example = meaning_of(prefix, name)
    return [
        f"`{name}`",
        f"`{name}_not`" if has_twin else "",
        takes(made),
        "yes" if takes_unknown(made) else "",
        meaning,
        f"`{example}`",
    ]


def meaning_of(prefix: str, name: str) -> tuple[str, str]:
    """What a filter of a list means, and an example of it."""
    own = meanings.LIST_FILTERS.get(prefix, {})
    if prefix == "fundings" and name not in own:
        return meaning_of("projects", name)
    return own[name] if name in own else meanings.FILTERS[name]


def takes(made: Any) -> str:
    """What values a filter reads."""
    said = next(text for kind, text in TAKES if isinstance(made, kind))
    if isinstance(made, PeriodsFilter):
        return said % f"`{EXAMPLES[made.unit]}`"
    if "%s" in said:
        model: type[Model] = made.rows(None).model
        return said % model._meta.verbose_name_plural
    if said:
        return said
    words = [word for word in made.extra["words"] if word != UNKNOWN]
    if len(words) <= FEW_WORDS:
        return ", ".join(f"`{word}`" for word in words)
    return vocabulary_link(words)


def takes_unknown(made: Any) -> bool:
    always = RegionFilter | SectorFilter | filter_fields.YearsFilter | GroupsFilter | BandsFilter
    if isinstance(made, always | NationalCodesFilter):
        return True
    words = made.extra.get("words", ())
    return UNKNOWN in words or made.extra.get("may_be_unknown", False)
