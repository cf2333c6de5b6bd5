"""Summaries as tables of a page, and the pictures above them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from django.conf import settings
from django.utils.text import capfirst
from django.utils.translation import gettext as _, ngettext

from config.mistakes import Mistake
from pages.addresses import find_page, narrow_list
from pages.charts.layers import ChartSpec
from pages.charts.marks import draw_bars
from pages.charts.spec import build_chart_spec, fitting_kinds, frame_spec
from pages.charts.table import CHART_MEASURES, NO_AMOUNT, ChartUnit, choose_unit, read_chart_table
from pages.charts.text import choose_list, clean
from pages.charts.theme import DARK, LIGHT
from pages.language import is_chinese, say_name
from pages.parts import blocks
from projects.condition_words import say_condition
from projects.models.words import InvestmentBasis, Stage, list_stages_from
from projects.tracking.funnel import FUNNEL_TABLE
from sheets.amounts import active_language, round_half_up, say_currency, say_money

SummaryRow = Mapping[str, Any]
ORIGIN = "origin_group"
_OWN_PARTS = ("count", "share", "investment_cny")  # measures with columns of their own
FEWEST_FOR_SHARES = 20  # projects; of fewer a share in percent says more than is known


def tabulate_summary(answer: Mapping[str, Any], caption: str, head: str) -> blocks.PageTable:
    """Make a table of a summary by one dimension: count, share, amounts if it has them.

    Amounts are split by their basis, and beside them stands how many are not known. Each number
    opens its list.
    """
    (dimension,) = answer["group_by"]
    columns = [blocks.PageColumn(head, make_cell=lambda row: blocks.name_cell(row[dimension]))]
    columns += choose_parts(answer)
    total = read_total(answer)
    sums = [blocks.PageCell(_("Total")), *(column.make_cell(total) for column in columns[1:])]
    return replace(blocks.fill_table(caption, columns, answer["rows"]), total=sums)


def tabulate_total(answer: Mapping[str, Any], caption: str) -> blocks.PageTable:
    """Make a table of the total of a summary: count, amounts by basis, and missing ones."""
    return blocks.fill_table(caption, choose_parts(answer), [read_total(answer)])


def read_total(answer: Mapping[str, Any]) -> SummaryRow:
    """Return the total of a summary, with what of it is not public, for those who may see it."""
    return {**answer["total"], "drafts": answer.get("drafts")}


def say_drafts(drafts: Mapping[str, Any] | None) -> str:
    """Write how many projects of a total the public does not see; blank without any."""
    if not drafts or not drafts["count"]:
        return ""
    text = ngettext(
        "with %(count)s unpublished project", "with %(count)s unpublished projects", drafts["count"]
    )
    return text % {"count": blocks.write_count(drafts["count"])}


def read_question(answer: SummaryRow) -> dict[str, str]:
    """Read the filters, dimensions and measures of a summary."""
    filters = {name: said["given"] for name, said in answer["filters"].items()}
    measures = [name for name in answer["measures"] if name != "count_at_least"]
    asked = {"group_by": ",".join(answer["group_by"]), "measures": ",".join(measures)}
    return {**filters, **{name: value for name, value in asked.items() if value}}


def choose_parts(answer: Mapping[str, Any]) -> list[blocks.PageColumn]:
    """Choose the columns of a summary: count, and what else it measures."""

    whole = answer["total"]["count"]

    def show_share(row: SummaryRow) -> blocks.PageCell:
        if "share" not in row:  # a total has none
            return blocks.number_cell(NO_AMOUNT)
        is_unknown = row[answer["group_by"][0]]["value"] is None
        share = write_share(row["count"], 0 if is_unknown else count_unknown(answer), whole)
        return blocks.number_cell(share, row["list_url"])

    parts = [blocks.PageColumn(_("Projects"), "", "number", share_cell)]
    if "share" in answer["measures"]:
        parts.append(blocks.PageColumn(_("Share"), "", "number", show_share))
    if "investment_cny" in answer["measures"]:
        parts += list_money_parts(answer)
    return [*parts, *list_further_parts(answer)]


def list_money_parts(answer: Mapping[str, Any]) -> list[blocks.PageColumn]:
    """List the columns of investment: each basis, contracts first, their total, and missing."""
    rows, total = answer["rows"], answer["total"]
    unit = blocks.choose_money_unit(row["investment_cny"] for row in [*rows, total])

    def write_amount(row: SummaryRow, basis: str = "") -> blocks.PageCell:
        if not basis:
            return money_cell(unit, row["investment_cny"], row["list_url"])
        amount = row["investment_by_basis"][basis] or None
        url = narrow_list(row["list_url"], investment_basis=basis) if amount else ""
        return money_cell(unit, amount, url)

    def list_missing(row: SummaryRow) -> blocks.PageCell:
        missing = row["amounts"]["investment_cny"]["missing"]
        url = narrow_list(row["list_url"], missing="amount") if missing else ""
        return blocks.count_cell(missing, url)

    bases = [basis for basis in InvestmentBasis if total["investment_by_basis"][basis]]
    parts = [
        blocks.PageColumn(str(basis.label), unit.name, "number", partial(write_amount, basis=basis))
        for basis in bases
    ]
    if len(bases) != 1:
        parts.append(blocks.PageColumn(_("Total, all bases"), unit.name, "number", write_amount))
    for other in total.get("other_currencies", ()):
        write = partial(write_other_currency, currency=other["currency"])
        parts.append(blocks.PageColumn(say_currency(other["currency"]), "", "number", write))
    if total["amounts"]["investment_cny"]["missing"]:
        parts.append(blocks.PageColumn(_("Without an amount in yuan"), "", "number", list_missing))
    return parts


def write_other_currency(row: SummaryRow, currency: str) -> blocks.PageCell:
    """Make the cell of the sum in another currency, which opens its list."""
    for each in row["other_currencies"]:
        if each["currency"] == currency:
            return blocks.number_cell(say_money(each["value"], currency), each["list_url"])
    return blocks.number_cell(NO_AMOUNT)


def list_further_parts(answer: Mapping[str, Any]) -> list[blocks.PageColumn]:
    """List the columns of further measures that have a total, and how often each is unknown."""
    parts, total = list[blocks.PageColumn](), answer["total"]
    for name in answer["measures"]:
        if name in _OWN_PARTS or total.get(name) is None:
            continue
        measure, amounts = CHART_MEASURES[name], [row[name] for row in [*answer["rows"], total]]
        unit = choose_unit(measure, amounts, active_language())
        write = partial(write_part, name=name, unit=unit)
        parts.append(blocks.PageColumn(str(measure.title), unit.name, "number", write))
        if name in total["amounts"]:
            label, count = _("of these unknown"), partial(count_unmeasured, name=name)
            parts.append(blocks.PageColumn(label, "", "number", count))
    return parts


def write_part(row: SummaryRow, name: str, unit: ChartUnit) -> blocks.PageCell:
    measure = "land_mu" if name == "land_mu" else ""  # others are no field of the rows
    return money_cell(unit, row[name], choose_list(row, name, ""), measure)


def count_unmeasured(row: SummaryRow, name: str) -> blocks.PageCell:
    return blocks.count_cell(row["amounts"][name]["missing"])


def share_cell(row: SummaryRow | None, share: str = "") -> blocks.PageCell:
    """Make a cell of a count, 0 if there is no row, with its share or what is not public."""
    if row is None:
        return blocks.number_cell("0")
    return blocks.count_cell(row["count"], row["list_url"], share or say_drafts(row.get("drafts")))


def money_cell(
    unit: ChartUnit, amount: int | None, url: str, measure: str = "investment_cny"
) -> blocks.PageCell:
    """Make a cell of an amount in the unit of its column; a dash where none is known."""
    text = NO_AMOUNT if amount is None else unit.write(amount)
    return blocks.number_cell(text, url if amount is not None else "", "", amount, measure)


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


def count_unknown(answer: Mapping[str, Any]) -> int:
    """Count the projects of a summary whose value of its dimension is not known."""
    (dimension,) = answer["group_by"]
    return sum(row["count"] for row in answer["rows"] if row[dimension]["value"] is None)


def write_share(count: int, unknown: int, whole: int) -> str:
    """Write a share: in percent; as bounds where most are unknown, as counts where few count."""
    if whole < FEWEST_FOR_SHARES:
        return _("%(count)s of %(whole)s") % {"count": count, "whole": whole} if whole else ""
    least = blocks.write_ratio(count, whole)
    if 2 * unknown <= whole:
        return f"{least} %"
    return f"{least} – {blocks.write_ratio(count + unknown, whole)} %"


_FEWEST_BARS, _MOST_BARS = 2, 20  # in a picture; of more the largest are drawn


def plan_picture(
    root: str, resource: str, question: Mapping[str, Any], answer: Mapping[str, Any]
) -> blocks.Picture | None:
    """Plan the picture of what the API answers to a question; None if there is none to draw.

    `root` is the address below which pictures are.
    """
    if len({str(row[answer["group_by"][0]]["value"]) for row in answer["rows"]}) < _FEWEST_BARS:
        return None
    language, asked = active_language(), blocks.flatten_query(question)
    if fitting_kinds(answer)[:1] == ("bars",) and len(answer["rows"]) > _MOST_BARS:
        asked["top"] = str(_MOST_BARS)
        is_some_unknown = any(row[answer["group_by"][0]]["value"] is None for row in answer["rows"])
        answer = {**answer, "rows": answer["rows"][: _MOST_BARS + 1 + is_some_unknown]}
    things = _("reports") if resource == "fundings/summary" else _("projects")
    build = partial(build_chart_spec, answer, language=language, counted=things)
    try:
        specs = [build(kind=asked.get("chart"), width=width) for width in blocks.PICTURE_WIDTHS]
    except Mistake:
        return None
    measures = {
        name: str(CHART_MEASURES[name].title) % {"things": things}
        for name in answer["measures"]
        if CHART_MEASURES[name].kind != "percent" and answer["total"].get(name)
    }
    return blocks.frame_picture(root, resource, asked, specs, measures)


FLOWS_DRAWN = ("closing", "opening", "entered", "onward", "lost")  # the first where none is asked


def draw_flows(
    page: Any, question: Mapping[str, Any], widths: Sequence[int], *, is_dark: bool = False
) -> list[ChartSpec]:
    """Build the Vega-Lite specs, in some widths, of a stock or flow of each step of the funnel.

    The question names it as `measures`; none for another one.
    """
    asked = dict(question.items())  # one value a parameter, of a QueryDict, too
    flow = asked.pop("measures", FLOWS_DRAWN[0])
    if flow not in FLOWS_DRAWN:
        return []
    answer = page.ask("projects/funnel", asked)
    rows = [
        {"stage": {**row, "value": row["step"]}, "count": row[flow]["count"]}
        | {"list_url": find_page(row[flow]["list_url"])}
        for row in answer["rows"]
    ]
    summary = {"group_by": ["stage"], "measures": ["count"], "rows": rows, "additive": True}
    theme, language = DARK if is_dark else LIGHT, active_language()
    title = f"{label_flows()[flow]} · {answer['opening_on']} – {answer['closing_on']}"
    others = [(name, value) for name, value in asked.items() if name not in ("from", "to")]
    chosen = [clean(say_condition(name, value, page.request.user)) for name, value in others]
    notes = [_("Park Ledger"), *chosen]
    tables = [read_chart_table(summary, "bars", language, width) for width in widths]
    return [
        frame_spec(title, notes, language, theme, draw_bars(table, theme), table.width)
        for table in tables
    ]


def label_flows() -> dict[str, str]:
    """Label the stocks and flows of the funnel that are drawn, as its files do."""
    labels = {column.name: str(column.label) for column in FUNNEL_TABLE.columns}
    return {name: capfirst(labels[name]) for name in FLOWS_DRAWN}


SidedAnswer = tuple[str, Mapping[str, Any]]  # the label of a column, and what it shows


def tabulate_beside(answers: Sequence[SidedAnswer], caption: str) -> blocks.PageTable:
    """Make a table of the same summary by one dimension for each of several questions.

    Each number has its share of the total of its question. If shares in percent can be compared,
    the last column is by how many points the first is above the second.
    """
    (dimension,) = answers[0][1]["group_by"]
    found = [{row[dimension]["value"]: row for row in answer["rows"]} for _label, answer in answers]
    names = {value: row[dimension] for rows in reversed(found) for value, row in rows.items()}
    totals = [answer["total"] for _label, answer in answers]
    unknown = [count_unknown(answer) for _label, answer in answers]
    is_compared = len(answers) > 1 and all(
        total["count"] >= max(FEWEST_FOR_SHARES, 2 * hidden)
        for total, hidden in list(zip(totals, unknown, strict=True))[:2]
    )

    def build_row(name: blocks.PageCell, values: Sequence[Any]) -> list[blocks.PageCell]:
        rows = [add_up_rows(map(one.get, values), dimension) for one in found]
        counts = [row["count"] if row else 0 for row in rows]
        hidden = [0] * len(rows) if None in values else unknown
        wholes = [total["count"] for total in totals]
        cells = [*map(share_cell, rows, map(write_share, counts, hidden, wholes))]
        if is_compared:
            first, second = (100 * counts[place] / wholes[place] for place in (0, 1))
            cells.append(blocks.number_cell(f"{round_half_up(first - second):+}"))
        return [name, *cells]

    body = [build_row(blocks.name_cell(name), [value]) for value, name in names.items()]
    if dimension == ORIGIN and (together := settings.PROFILE.together):
        name_zh, name_en, *codes = together
        body.append(build_row(blocks.PageCell(name_zh if is_chinese() else name_en), codes))
    heads = [blocks.PageColumn(label, kind="number") for label, _answer in answers]
    sums = [share_cell(read_total(answer)) for _label, answer in answers]
    if is_compared:
        heads.append(blocks.PageColumn(_("Share difference"), _("points"), "number"))
        sums.append(blocks.number_cell(""))
    total = [blocks.PageCell(_("Total")), *sums]
    return blocks.PageTable(caption, [blocks.PageColumn(""), *heads], body, total)


def tabulate_cross(
    answer: Mapping[str, Any], caption: str, head: str, first: Sequence[SummaryRow] = ()
) -> blocks.PageTable:
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
        blocks.PageColumn(head),
        *(blocks.PageColumn(say_name(value), kind="number") for value in heads.values()),
    ]

    def make_cell(key: tuple[Any, Any]) -> blocks.PageCell:
        found = cells.get(key)
        if found is None:
            return blocks.number_cell("")
        if found.get("share") is None:
            return share_cell(found)
        return share_cell(found, f"{blocks.write_ratio(found['count'], found['share_of'])} %")

    return blocks.PageTable(
        caption,
        columns,
        [
            [blocks.name_cell(name), *(make_cell((value, other)) for other in heads)]
            for value, name in names.items()
        ],
    )


BY_STAGE = {"group_by": "stage", "measures": "count,investment_cny,paid_in_cny"}  # for tiles
_NOTHING = {
    "count": 0,
    "investment_cny": None,
    "investment_by_basis": {},
    "amounts": {"investment_cny": {"missing": 0}},
}


def list_tiles(signed: Mapping[str, Any], stages: Mapping[str, Any]) -> list[dict[str, Any]]:
    """List the tiles: signed, started, operating, paid in, and intended projects.

    Both are summaries by stage: `signed` of what counts in totals, `stages` of everything.
    """
    total = read_total(signed)
    amount, reporting = total["paid_in_cny"], count_reporting(total)
    url = narrow_list(total["list_url"], has_paid_in="true") if reporting else ""
    counts = {"count": blocks.write_count(reporting), "signed": blocks.write_count(total["count"])}
    started, operating = (add_up_reached(signed, each) for each in (Stage.STARTED, Stage.OPERATING))
    intended = add_up_stages(stages, [Stage.INTENDED], {"stage": Stage.INTENDED})
    return [
        build_tile(_("signed projects"), total),
        build_tile(_("of them under construction or further"), started, total["count"]),
        build_tile(_("of them operating"), operating, total["count"]),
        {
            "label": _("paid in"),
            "cell": blocks.number_cell(blocks.write_sum(amount), url, "", amount, "paid_in_cny"),
            "notes": [
                blocks.PageCell(_("reported in yuan by %(count)s of %(signed)s signed") % counts)
            ],
        },
        build_tile(_("only intended, not signed"), intended),
    ]


def build_tile(label: str, row: SummaryRow, whole: int = 0) -> dict[str, Any]:
    """Build a tile of projects: its amounts by basis, contracts first, and what is not known.

    `whole` is the number of projects of which they are a part.
    """
    notes = list_amounts(row)
    if hidden := say_drafts(row.get("drafts")):
        drafts = row["drafts"]
        notes.append(blocks.number_cell(hidden, drafts["list_url"], "", drafts["count"], "count"))
    if whole:
        notes.append(
            blocks.PageCell(_("of %(count)s signed") % {"count": blocks.write_count(whole)})
        )
    return {
        "label": label,
        "cell": blocks.count_cell(row["count"], row["list_url"]),
        "notes": notes,
    }


def list_amounts(row: SummaryRow) -> list[blocks.PageCell]:
    """List the amounts of projects by basis, those in other currencies, and how many lack yuan."""
    missing = row["amounts"]["investment_cny"]["missing"]
    amounts = [
        blocks.number_cell(
            f"{basis.label} {blocks.write_sum(amount)}",
            narrow_list(row["list_url"], investment_basis=basis),
            value=amount,
            measure="investment_cny",
        )
        for basis in InvestmentBasis
        if (amount := row["investment_by_basis"].get(basis))
    ]
    amounts += [
        blocks.number_cell(say_money(each["value"], each["currency"]), each["list_url"])
        for each in row.get("other_currencies", ())
    ]
    if missing:
        text = _("%(count)s without an amount in yuan") % {"count": blocks.write_count(missing)}
        url = narrow_list(row["list_url"], missing="amount")
        amounts.append(blocks.number_cell(text, url, value=missing, measure="count"))
    return amounts


def join_texts(cells: Iterable[blocks.PageCell]) -> str:
    return " · ".join(cell.text for cell in cells)


def add_up_reached(answer: Mapping[str, Any], stage: Stage) -> dict[str, Any]:
    return add_up_stages(answer, list_stages_from(stage), {"reached": stage})


def add_up_stages(
    answer: Mapping[str, Any], stages: Sequence[str], filters: Mapping[str, str]
) -> dict[str, Any]:
    """Add up the rows of some stages; `filters` select the list of these projects."""
    added, url = dict(_NOTHING), narrow_list(answer["total"]["list_url"], **filters)
    others = dict[str, Any]()
    for row in answer["rows"]:
        if row["stage"]["value"] in stages:
            added = {name: add_up_values(added[name], row[name]) for name in added}
            for each in row.get("other_currencies", ()):
                sums = {name: each[name] for name in ("count", "value")}
                others[each["currency"]] = add_up_values(others.get(each["currency"]), sums)
    in_others = [
        {**sums, "currency": code, "list_url": narrow_list(url, investment_currency=code)}
        for code, sums in sorted(others.items())
    ]
    return {**added, "other_currencies": in_others, "list_url": url}


def count_reporting(total: Mapping[str, Any]) -> int:
    return total["count"] - total["amounts"]["paid_in_cny"]["missing"]
