"""Summaries, facets, cohorts and follow-through as tables for files."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from django.conf import settings
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy as _, pgettext_lazy

from api.lists.filters import UNKNOWN
from projects.lifecycle.rates import RATES, RATES_OF_CONTRACTS, Rate
from projects.models.words import AgreementType, InvestmentBasis
from projects.summaries.measures import PER_MU, RECOGNISED, SHARES, find_split_measures
from projects.summaries.questions import SummaryQuestion, SummaryVocabulary
from sheets.amounts import LEDGER_CURRENCY, say_money, write_money
from sheets.writing.columns import Column, ColumnKind, Sheet, Table

_NAMES = {"name_zh": _("{label} (Chinese)"), "name_en": _("{label} (English)")}
_KNOWN_HOW = {
    "exact": _("{label}: exact amounts"),
    "qualified": _("{label}: qualified amounts"),
    "missing": _("{label}: unknown amounts"),
}
_WITHOUT_YUAN = _("{label}: without an amount in yuan")
_PER_MU_PARTS: Mapping[str, tuple[Any, ColumnKind]] = {
    "numerator": (_("{label}: investment"), "money"),
    "denominator": (_("{label}: land (mu)"), "number"),
    "projects": (_("{label}: projects"), "number"),
    "leased": (_("{label}: projects that lease"), "number"),
}
_RECOGNISED_HOW = {
    "same": _("recognised as reported"),
    "differs": _("recognised otherwise"),
    "none": _("not recognised"),
}
_KINDS_OF_UNITS: Mapping[str, ColumnKind] = {"USD": "foreign", LEDGER_CURRENCY: "money"}
_MEANINGS = [
    Column("about", pgettext_lazy("of a line", "about")),
    Column("name", _("name")),
    Column("text", _("text")),
]


def build_summary_table(
    name: str, question: SummaryQuestion, vocabulary: SummaryVocabulary
) -> Table:
    """Build the columns of a summary; their paths lead to values in a row of the answer.

    A dimension has its value and two names; a measure its number, and columns by exactness and
    basis. Unknown numbers are empty; an unknown value is `unknown`.
    """
    columns = []
    for dimension in question.group_by:
        label = vocabulary.dimensions[dimension].label
        columns.append(Column(dimension, label, path=f"{dimension}.value"))
        for end, text in _NAMES.items():
            columns.append(
                Column(f"{dimension}_{end}", _label(text, label), path=f"{dimension}.{end}")
            )
    for measure in dict.fromkeys(["count", *question.measures]):
        columns.append(_build_measure_column(vocabulary, measure, measure))
        if measure in SHARES:
            label = vocabulary.measures[measure].label
            of, whole = f"{measure}_of", _label(_("{label}: the whole"), label)
            kind: ColumnKind = "money" if measure == "investment_share" else "number"
            columns.append(Column(of, whole, kind))
        if measure in PER_MU:
            label = vocabulary.measures[measure].label
            for end, (text, kind) in _PER_MU_PARTS.items():
                path = f"{measure}_of.{end}"
                columns.append(Column(f"{measure}_{end}", _label(text, label), kind, path=path))
        is_split = measure == "investment_cny" and settings.PROFILE.other_currencies
        if measure == "amount_cny" or is_split:
            columns.append(Column("other_currencies", _("in other currencies")))
        if measure == "completion_percent":
            part = _("completed of what was planned")
            columns.append(Column("completed_of_planned_cny", part, "money"))
    columns += _build_split_columns(question, vocabulary)
    columns += _build_columns_beside(question, vocabulary)
    columns.append(Column("list_url", _("list")))
    return Table(name, _("summary"), columns)


def _build_measure_column(
    vocabulary: SummaryVocabulary, measure: str, path: str, label: str | Promise = "{label}"
) -> Column:
    """Build a measure's column, named after its path: `cumulative.count`."""
    known = vocabulary.measures[measure]
    kind = _KINDS_OF_UNITS.get(known.unit.split(" ")[0], "number")
    name, currency = path.replace(".", "_"), "USD" if kind == "foreign" else ""
    label = _label(label, known.label)
    return Column(name, label, kind, known.meaning, path=path, currency=currency)


def _label(text: Any, label: str | Promise) -> Promise:
    return format_lazy(text, label=label)


def _build_split_columns(
    question: SummaryQuestion, vocabulary: SummaryVocabulary
) -> Iterator[Column]:
    """Build the columns of amounts by exactness and basis, and of counts by agreement, too."""
    for measure in find_split_measures(question.measures):
        known = vocabulary.measures[measure].label
        for how, text in _KNOWN_HOW.items():
            is_money = measure.endswith("_cny") and how == "missing"
            label = _label(_WITHOUT_YUAN if is_money else text, known)
            yield Column(f"{measure}_{how}", label, "number", path=f"amounts.{measure}.{how}")
    if "investment_cny" in question.measures:
        for basis in InvestmentBasis:
            path = f"investment_by_basis.{basis}"
            yield Column(f"investment_{basis}_cny", basis.label, "money", path=path)
    for word, text in _RECOGNISED_HOW.items():
        if not {*RECOGNISED}.isdisjoint(question.measures):
            path = f"recognised_counts.{word}.count"
            yield Column(f"recognised_{word}", text, "number", path=path)
    if vocabulary.has_agreements:
        for word in reversed(AgreementType):
            yield Column(f"count_{word}", word.label, "number", path=f"count_by_agreement.{word}")


def _build_columns_beside(
    question: SummaryQuestion, vocabulary: SummaryVocabulary
) -> Iterator[Column]:
    plain = [name for name in question.measures if name not in (*SHARES, "count_at_least")]
    for name in plain if question.cumulative else ():
        yield _build_measure_column(
            vocabulary, name, f"cumulative.{name}", _("{label}, running total")
        )
    for name in plain if question.compare else ():
        yield _build_measure_column(
            vocabulary, name, f"previous.{name}", _("{label}, the year before")
        )
        label = _label(_("{label}, change (%)"), vocabulary.measures[name].label)
        yield Column(f"{name}_change_percent", label, "number", path=f"change_percent.{name}")


def build_cells(row: Mapping[str, Any], group_by: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Build the parts of a row of an answer that files write otherwise."""
    for name in group_by:
        value = row[name]["value"]
        yield name, {**row[name], "value": UNKNOWN if value is None else value}
    if "other_currencies" in row:  # without a value, the amounts are of several kinds
        pairs = [(each["value"], each["currency"]) for each in row["other_currencies"]]
        texts = (code if n is None else write_money(n, code) for n, code in pairs)
        yield "other_currencies", "; ".join(texts)


def build_meanings_sheet(answer: Mapping[str, Any], vocabulary: SummaryVocabulary) -> Sheet:
    """Build the sheet of the total, in words, the filters and the definitions of an answer."""
    measures = dict.fromkeys(["count", *answer["measures"]])
    total = [(name, answer["total"].get(name)) for name in measures]
    lines = [
        *(
            (gettext("total"), name, _write_total(number, vocabulary.measures[name].unit))
            for name, number in total
            if number is not None
        ),
        *(
            (gettext("filter"), name, _write_understood(given["understood"]))
            for name, given in answer["filters"].items()
        ),
        *((gettext("definition"), name, text) for name, text in answer["definitions"].items()),
    ]
    return Sheet(gettext("Definitions"), _MEANINGS, lines)


def _write_total(number: Any, unit: str) -> str:
    return say_money(number, "") if unit == LEDGER_CURRENCY else str(number)


def _write_understood(understood: Any) -> str:
    if isinstance(understood, dict):
        given = ((name, _write_understood(value)) for name, value in understood.items() if value)
        return "; ".join(f"{name}: {text}" for name, text in given)
    if isinstance(understood, list | tuple):
        return ", ".join(map(_write_understood, understood))
    return str(understood).lower() if isinstance(understood, bool) else str(understood)


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
    ("investment_missing", _("investment: without an amount in yuan"), "number"),
    ("agreed_total_cny", _("agreed in contracts"), "money"),
    ("paid_in_total_cny", _("paid in (agreed amount known)"), "money"),
    ("paid_in_all_cny", _("paid in (all projects)"), "money"),
]
# The columns of each rate: suffix, label and kind
_PARTS: list[tuple[str, Any, ColumnKind]] = [
    ("percent", _("{rate} (%)"), "number"),
    ("percent_at_most", _("{rate}, at most (%)"), "number"),
    ("numerator", _("{rate}: numerator"), "number"),
    ("denominator", _("{rate}: denominator"), "number"),
    ("not_known", _("{rate}: not known"), "number"),
]


def _build_measure_columns(rates: Mapping[str, Rate], prefix: str = "") -> list[Column]:
    """Build the columns of counts, sums and rates; `prefix` is that of their paths in a row."""
    return [
        *(Column(name, label, kind, path=f"{prefix}{name}") for name, label, kind in _MEASURES),
        *(
            Column(
                f"{name}_{part}",
                format_lazy(label, rate=rate.label),
                "money" if rate.sums and not part.startswith("percent") else kind,
                rate.meaning if part == "percent" else "",
                path=f"{prefix}rates.{name}.{part}",
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
