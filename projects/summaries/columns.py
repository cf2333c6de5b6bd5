"""What files call what is computed from projects: facets, cohorts, and what became of an event."""

from collections.abc import Mapping
from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from config.spreadsheets import Column, Table
from config.spreadsheets.columns import ColumnKind
from projects.lifecycle.rates import RATES, RATES_OF_CONTRACTS, Rate

_MEASURES: list[tuple[str, Any, ColumnKind]] = [
    ("projects", _("projects"), "number"),
    ("signed", _("reached a contract"), "number"),
    ("not_terminated", _("of these not terminated"), "number"),
    ("started", _("started or further"), "number"),
    ("completed", _("completed or further"), "number"),
    ("operating", _("operating or further"), "number"),
    ("investment_total_cny", _("investment"), "money"),
    ("investment_exact", _("investment: exact amounts"), "number"),
    ("investment_qualified", _("investment: qualified amounts"), "number"),
    ("investment_missing", _("investment: unknown amounts"), "number"),
    ("agreed_total_cny", _("agreed in contracts"), "money"),
    ("paid_in_total_cny", _("paid in (agreed amount known)"), "money"),
    ("paid_in_all_cny", _("paid in (all projects)"), "money"),
]
# Of each rate: the end of the column's name, what its label says besides the rate, and its kind
_PARTS: list[tuple[str, Any, ColumnKind]] = [
    ("percent", _("{rate} (%)"), "number"),
    ("percent_at_most", _("{rate}, at most (%)"), "number"),
    ("numerator", _("{rate}: numerator"), "number"),
    ("denominator", _("{rate}: denominator"), "number"),
    ("not_known", _("{rate}: not known"), "number"),
]


def _build_measure_columns(rates: Mapping[str, Rate], way: str = "") -> list[Column]:
    """Build the columns of the counts, sums and rates of projects; `way` leads to them in a row."""
    return [
        *(Column(name, label, kind, path=f"{way}{name}") for name, label, kind in _MEASURES),
        *(
            Column(
                f"{name}_{part}",
                format_lazy(label, rate=rate.label),
                "money" if rate.sums and not part.startswith("percent") else kind,
                rate.meaning if part == "percent" else "",
                path=f"{way}rates.{name}.{part}",
            )
            for name, rate in rates.items()
            for part, label, kind in _PARTS
        ),
    ]


FACETS_TABLE = Table(
    "projects-facets",
    _("counts by dimension"),
    [
        Column("facet", _("dimension")),
        Column("value", _("value"), "text", _("`unknown` where it is not known.")),
        Column("name_zh", _("Chinese name")),
        Column("name_en", _("English name")),
        Column("count", _("projects"), "number"),
        Column("list_url", _("list")),
    ],
)
COHORTS_TABLE = Table(
    "projects-cohorts",
    _("cohorts"),
    [
        Column("signed_year", _("year of the contract")),
        Column(
            "is_unfinished",
            _("unfinished"),
            "flag",
            _("These contracts had too little time for their rates to be judged."),
        ),
        *_build_measure_columns(RATES_OF_CONTRACTS),
        Column("list_url", _("list")),
    ],
)
FOLLOW_THROUGH_TABLE = Table(
    "events-follow-through",
    _("follow-through"),
    [
        Column("event", _("event")),
        Column(
            "declared_projects", _("projects declared"), "number", path="declared.projects.value"
        ),
        Column(
            "declared_projects_qualifier",
            _("qualifier of the projects declared"),
            "word",
            path="declared.projects.qualifier",
        ),
        Column(
            "declared_investment_total_cny",
            _("investment declared"),
            "money",
            path="declared.investment_total_cny.value",
        ),
        Column(
            "declared_investment_qualifier",
            _("qualifier of the investment declared"),
            "word",
            path="declared.investment_total_cny.qualifier",
        ),
        *_build_measure_columns(RATES, "itemised."),
        Column("first_signings", _("signed here first"), "number"),
        Column(
            "projects_coverage_percent",
            _("of the projects declared, itemised (%)"),
            "number",
            path="coverage_percent.projects",
        ),
        Column(
            "investment_coverage_percent",
            _("of the investment declared, itemised (%)"),
            "number",
            path="coverage_percent.investment_total_cny",
        ),
        Column("list_url", _("list")),
    ],
)
