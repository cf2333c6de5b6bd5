"""Summaries as tables of a page, with bars in the colours of the charts."""

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from django.utils.translation import gettext as _

from pages.addresses import narrow_list
from pages.charts.marks import choose_colours
from pages.charts.table import (
    CHART_MEASURES,
    NO_AMOUNT,
    ChartDimension,
    ChartUnit,
    ChartValue,
    choose_unit,
    read_value_code,
    read_value_kind,
)
from pages.charts.theme import LIGHT
from pages.language import say_name
from pages.parts.blocks import (
    PageCell,
    PageColumn,
    PageTable,
    bar_cell,
    choose_money_unit,
    count_cell,
    fill_table,
    name_cell,
    number_cell,
    write_percent,
)
from projects.models.words import InvestmentBasis
from sheets.amounts import active_language


def name_colours(dimension: str, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Name the class of the stylesheet that colours the bar of each row, as charts would.

    `series-1` and so on are the colours of a theme by their place; `grey` is what is no thing.
    """
    read = [row[dimension] for row in rows]
    values = [ChartValue(read_value_code(each), "", read_value_kind(each)) for each in read]
    colours = choose_colours(ChartDimension(dimension, "", values), LIGHT)
    classes = {colour: f"series-{place}" for place, colour in enumerate(LIGHT.series)}
    return [classes.get(colours[value], "grey") for value in values]


SummaryRow = Mapping[str, Any]
ORIGIN = "origin_group"
DELTAS = ("yrd", "prd")  # the groups that stand as one row as well
_FOLDED = ("investment_cny", "investment_by_basis", "amounts")  # what adds up beside the count


def tabulate_summary(answer: Mapping[str, Any], caption: str, head: str) -> PageTable:
    """Make a table of a summary by one dimension: bar, count, share, amounts if it has them.

    Amounts are split by their basis, and beside them stands how many are not known. Each number
    opens its list.
    """
    (dimension,) = answer["group_by"]
    rows = answer["rows"]
    longest = max((row["count"] for row in rows), default=0)
    parts = choose_parts(answer)
    columns = [PageColumn(head), PageColumn("", kind="bars"), *parts]

    def build_row(row: Mapping[str, Any], name: PageCell, bar: PageCell) -> list[PageCell]:
        return [name, bar, *(part.make_cell(row) for part in parts)]

    return PageTable(
        caption,
        columns,
        [
            build_row(row, name_cell(row[dimension]), bar_cell(row["count"], longest, colour))
            for row, colour in zip(rows, name_colours(dimension, rows), strict=True)
        ],
        build_row(answer["total"], PageCell(_("Total")), PageCell(kind="bars")),
    )


def tabulate_total(answer: Mapping[str, Any], caption: str) -> PageTable:
    """Make a table of the total of a summary: count, amounts by basis, and missing ones."""
    return fill_table(caption, choose_parts(answer), [answer["total"]])


def read_question(answer: SummaryRow) -> dict[str, str]:
    """Read the filters, dimensions and measures of a summary."""
    filters = {name: said["given"] for name, said in answer["filters"].items()}
    measures = [name for name in answer["measures"] if name != "count_at_least"]
    asked = {"group_by": ",".join(answer["group_by"]), "measures": ",".join(measures)}
    return {**filters, **{name: value for name, value in asked.items() if value}}


def choose_parts(answer: Mapping[str, Any]) -> list[PageColumn]:
    """Choose the columns of a summary: count, and what else it measures."""

    def write_share(row: SummaryRow) -> PageCell:
        share = row.get("share")  # a total has none
        return number_cell(write_percent(share), row["list_url"] if share is not None else "")

    parts = [PageColumn(_("Projects"), "", "number", share_cell)]
    if "share" in answer["measures"]:
        parts.append(PageColumn(_("Share"), "%", "number", write_share))
    if "investment_cny" in answer["measures"]:
        parts += list_money_parts(answer)
    if "land_mu" in answer["measures"]:
        parts += list_land_parts(answer)
    return parts


def list_money_parts(answer: Mapping[str, Any]) -> list[PageColumn]:
    """List the columns of investment: by basis if there are several, total, and missing."""
    rows, total = answer["rows"], answer["total"]
    unit = choose_money_unit(row["investment_cny"] for row in [*rows, total])

    def write_amount(row: SummaryRow, basis: str = "") -> PageCell:
        if not basis:
            return money_cell(unit, row["investment_cny"], row["list_url"])
        amount = row["investment_by_basis"][basis] or None
        url = narrow_list(row["list_url"], investment_basis=basis) if amount else ""
        return money_cell(unit, amount, url)

    def count_missing(row: SummaryRow) -> PageCell:
        missing = row["amounts"]["investment_cny"]["missing"]
        url = narrow_list(row["list_url"], missing="amount") if missing else ""
        return count_cell(missing, url)

    bases = [basis for basis in InvestmentBasis if total["investment_by_basis"][basis]]
    parts = [
        PageColumn(str(basis.label), unit.name, "number", partial(write_amount, basis=basis))
        for basis in bases
        if len(bases) > 1
    ]
    parts.append(PageColumn(_("Investment in all"), unit.name, "number", write_amount))
    if total["amounts"]["investment_cny"]["missing"]:
        parts.append(PageColumn(_("Without amount"), "", "number", count_missing))
    return parts


def list_land_parts(answer: Mapping[str, Any]) -> list[PageColumn]:
    """List the columns of land: area, unknown areas, and investment per mu."""
    language = active_language()
    land, per_mu = CHART_MEASURES["land_mu"], CHART_MEASURES["agreed_per_mu"]
    area = choose_unit(land, (), language)
    rows = [*answer["rows"], answer["total"]]
    money = choose_unit(per_mu, (row["agreed_per_mu"] for row in rows), language)

    def write_land(row: SummaryRow) -> PageCell:
        return money_cell(area, row["land_mu"], row["list_url"], "land_mu")

    def count_missing(row: SummaryRow) -> PageCell:
        return count_cell(row["amounts"]["land_mu"]["missing"])

    def write_per_mu(row: SummaryRow) -> PageCell:
        url = row["agreed_per_mu_of"]["numerator_list_url"]
        return number_cell(money.write(row["agreed_per_mu"]), url)

    parts = [
        PageColumn(str(land.title), area.name, "number", write_land),
        PageColumn(_("Area not known"), "", "number", count_missing),
    ]
    if answer["total"]["agreed_per_mu"] is not None:
        parts.append(PageColumn(str(per_mu.title), money.name, "number", write_per_mu))
    return parts


def share_cell(row: SummaryRow | None, share: float | None = None) -> PageCell:
    """Make a cell of a count, 0 if there is no row, with its share in percent if it is known."""
    if row is None:
        return number_cell("0")
    note = "" if share is None else f"{write_percent(share)} %"
    return count_cell(row["count"], row["list_url"], note)


def money_cell(
    unit: ChartUnit, amount: int | None, url: str, measure: str = "investment_cny"
) -> PageCell:
    """Make a cell of an amount in the unit of its column; a dash where none is known."""
    text = NO_AMOUNT if amount is None else unit.write(amount)
    return number_cell(text, url if amount is not None else "", "", amount, measure)


def fold_summary(answer: Mapping[str, Any], dimension: str) -> dict[str, Any]:
    """Fold a summary by several dimensions, which adds up, into that by one of them.

    The same as if it had been asked for by itself, in the order in which its values come first.
    """
    found: dict[Any, dict[str, Any]] = {}
    without = {name: None for name in answer["group_by"] if name != dimension}
    for row in answer["rows"]:
        key = row[dimension]["value"]
        if key not in found:
            url = narrow_list(row["list_url"], **without)
            found[key] = {dimension: row[dimension], "list_url": url}
        for name in ("count", *_FOLDED):
            if name in row:
                found[key][name] = add_up_values(found[key].get(name), row[name])
    total = answer["total"]["count"]
    for row in found.values() if "share" in answer["measures"] else ():
        row |= {"share": round(100 * row["count"] / total, 2), "share_of": total}
    return {**answer, "group_by": [dimension], "rows": list(found.values())}


def add_up_values(first: Any, second: Any) -> Any:
    """Add two numbers or two mappings of numbers; None is an unknown number."""
    if isinstance(second, Mapping):
        return {name: add_up_values((first or {}).get(name), second[name]) for name in second}
    return first if second is None else (first or 0) + second


def add_up_rows(rows: Iterable[SummaryRow | None], dimension: str) -> SummaryRow | None:
    """Add up the counts of rows and join their lists; None if there is no row."""
    found = [row for row in rows if row]
    if len(found) < 2:
        return found[0] if found else None
    values = ",".join(str(row[dimension]["value"] or "unknown") for row in found)
    url = narrow_list(found[0]["list_url"], **{dimension: values})
    return {"count": sum(row["count"] for row in found), "list_url": url}


def change_cell(now: float | None, before: float | None) -> PageCell:
    """Make a cell of the difference of two shares in points; a dash if one is unknown."""
    if now is None or before is None:
        return number_cell(NO_AMOUNT)
    return number_cell(f"{now - before:+.1f}" if now != before else write_percent(0))


def turn_summary(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Transpose a summary by two dimensions: the second down, the first across."""
    across, down = answer["group_by"]
    places = {row[across]["value"]: place for place, row in reversed([*enumerate(answer["rows"])])}

    def find_place(row: SummaryRow) -> tuple[Any, ...]:
        value = row[down]["value"]
        return value is None, value, places[row[across]["value"]]

    rows = sorted(answer["rows"], key=find_place)
    return {**answer, "group_by": [down, across], "rows": rows}


def tabulate_cross(
    answer: Mapping[str, Any], caption: str, head: str, first: Sequence[SummaryRow] = ()
) -> PageTable:
    """Make a table of a summary by two dimensions: counts and their shares, the second across.

    Each number opens its list. Rows and columns stand in the order of the answer,
    the columns in `first` before all others.
    """
    down, across = answer["group_by"]
    rows = answer["rows"]
    names = {row[down]["value"]: row[down] for row in rows}
    heads = {value["value"]: value for value in [*first, *(row[across] for row in rows)]}
    cells = {(row[down]["value"], row[across]["value"]): row for row in rows}
    columns = [
        PageColumn(head),
        *(PageColumn(say_name(value), kind="number") for value in heads.values()),
    ]

    def make_cell(key: tuple[Any, Any]) -> PageCell:
        found = cells.get(key)
        if found is None:
            return number_cell("")
        return share_cell(found, found.get("share"))

    return PageTable(
        caption,
        columns,
        [
            [name_cell(name), *(make_cell((value, other)) for other in heads)]
            for value, name in names.items()
        ],
    )
