"""A summary as a table for files: its columns, its rows as flat as them, and what they mean."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from config.api.lists.filter_fields import UNKNOWN
from config.currencies import write_money
from config.spreadsheets import Column, Sheet, Table
from config.spreadsheets.columns import ColumnKind
from projects.lifecycle.words import AgreementType, InvestmentBasis
from projects.summaries.land import PER_MU
from projects.summaries.measures import SHARES, find_split_measures
from projects.summaries.questions import SummaryQuestion, SummaryVocabulary

_NAMES = {"name_zh": _("{label} (Chinese)"), "name_en": _("{label} (English)")}
_KNOWN_HOW = {
    "exact": _("{label}: exact amounts"),
    "qualified": _("{label}: qualified amounts"),
    "missing": _("{label}: unknown amounts"),
}
_KINDS_OF_UNITS: Mapping[str, ColumnKind] = {"CNY": "money", "USD": "foreign"}
_MEANINGS = [
    Column("about", pgettext_lazy("of a line", "about")),
    Column("name", _("name")),
    Column("text", _("text")),
]


def build_summary_table(
    name: str, question: SummaryQuestion, vocabulary: SummaryVocabulary
) -> Table:
    """Build the columns of a summary; the path of each is the way to its value in a row.

    A dimension has its value and its two names; a measure its number, how exactly amounts are
    known, and what they rest on. What nothing is known of is empty; an unknown value is `unknown`.
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
            columns += _build_per_mu_columns(measure, vocabulary.measures[measure].label)
        if measure == "amount_cny":
            columns.append(Column("other_currencies", _("in other currencies")))
        if measure == "completion_percent":
            part = _("completed of what was planned")
            columns.append(Column("completed_of_planned_cny", part, "money"))
    columns += _build_split_columns(question, vocabulary)
    columns += _build_columns_beside(question, vocabulary)
    columns.append(Column("list_url", _("list")))
    return Table(name, _("summary"), columns)


def _build_per_mu_columns(measure: str, label: str | Promise) -> Iterator[Column]:
    """Build the columns of what a number per mu is worked out from."""
    parts: list[tuple[str, Any, ColumnKind]] = [
        ("numerator", _("{label}: investment"), "money"),
        ("denominator", _("{label}: land (mu)"), "number"),
        ("projects", _("{label}: projects"), "number"),
        ("leased", _("{label}: projects that lease"), "number"),
    ]
    for name, text, kind in parts:
        path = f"{measure}_of.{name}"
        yield Column(f"{measure}_{name}", _label(text, label), kind, path=path)


def _build_measure_column(
    vocabulary: SummaryVocabulary, measure: str, path: str, label: str | Promise = "{label}"
) -> Column:
    """Build a measure's column, named after the way to its value: `cumulative.count`."""
    known = vocabulary.measures[measure]
    kind = _KINDS_OF_UNITS.get(known.unit.split(" ")[0], "number")
    name, currency = path.replace(".", "_"), "USD" if kind == "foreign" else ""
    label = _label(label, known.label)
    return Column(name, label, kind, known.meaning, path=path, currency=currency)


def _label(text: Any, label: str | Promise) -> Promise:
    """Put a label into another one, in whatever language it is read."""
    return format_lazy(text, label=label)


def _build_split_columns(
    question: SummaryQuestion, vocabulary: SummaryVocabulary
) -> Iterator[Column]:
    """Build the columns of how amounts are known, what they rest on, and what was signed."""
    for measure in find_split_measures(question.measures):
        known = vocabulary.measures[measure].label
        for how, text in _KNOWN_HOW.items():
            label = _label(text, known)
            yield Column(f"{measure}_{how}", label, "number", path=f"amounts.{measure}.{how}")
    if "investment_cny" in question.measures:
        for basis in InvestmentBasis:
            path = f"investment_by_basis.{basis}"
            yield Column(f"investment_{basis}_cny", basis.label, "money", path=path)
    if vocabulary.has_agreements:
        for word in reversed(AgreementType):
            yield Column(f"count_{word}", word.label, "number", path=f"count_by_agreement.{word}")


def _build_columns_beside(
    question: SummaryQuestion, vocabulary: SummaryVocabulary
) -> Iterator[Column]:
    """Build the columns of running totals, and of the year before."""
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


def read_rows(columns: Sequence[Column], answer: Mapping[str, Any]) -> Iterator[list[Any]]:
    """Read the values of each row of an answer, in the order of the columns."""
    ways = [column.source.split(".") for column in columns]
    for row in answer["rows"]:
        yield [_follow(row, way) for way in ways]


def _follow(row: Any, way: Sequence[str]) -> Any:
    for name in way:
        if row is None:
            return None
        row = row[name]
    if way[-1] == "other_currencies":
        return "; ".join(_write_other(each) for each in row)
    return UNKNOWN if row is None and way[-1] == "value" else row


def _write_other(of_one: Mapping[str, Any]) -> str:
    """Write what is in one other currency; of several kinds only that there is some."""
    value = of_one["value"]
    return of_one["currency"] if value is None else write_money(value, of_one["currency"])


def build_meanings_sheet(answer: Mapping[str, Any]) -> Sheet:
    """Build the sheet of what the answer says of itself: total, filters, definitions."""
    lines = [
        *((gettext("total"), name, str(answer["total"][name])) for name in _find_numbers(answer)),
        *(
            (gettext("filter"), name, _write_understood(given["understood"]))
            for name, given in answer["filters"].items()
        ),
        *((gettext("definition"), name, text) for name, text in answer["definitions"].items()),
    ]
    return Sheet(gettext("Definitions"), _MEANINGS, lines)


def _write_understood(understood: Any) -> str:
    """Write what a filter was understood as: names and values, without what it does not say."""
    if isinstance(understood, dict):
        said = ((name, _write_understood(value)) for name, value in understood.items() if value)
        return "; ".join(f"{name}: {text}" for name, text in said)
    if isinstance(understood, list | tuple):
        return ", ".join(map(_write_understood, understood))
    return str(understood).lower() if isinstance(understood, bool) else str(understood)


def _find_numbers(answer: Mapping[str, Any]) -> list[str]:
    """Find the measures of the total that are numbers."""
    names = dict.fromkeys(["count", *answer["measures"]])
    return [name for name in names if answer["total"].get(name) is not None]
