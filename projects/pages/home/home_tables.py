"""Tables of the first page: origins then and now, and from where to where by year."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from config.api.lists.filter_fields import UNKNOWN
from projects.pages.addresses import narrow_list
from projects.pages.parts.bar_colours import name_colours
from projects.pages.parts.blocks import (
    PageCell,
    PageColumn,
    PageTable,
    bar_cell,
    count_cell,
    name_cell,
    number_cell,
)
from projects.pages.parts.numbers import write_percent
from projects.pages.parts.summary_tables import (
    DELTAS,
    ORIGIN,
    SummaryRow,
    add_up_rows,
    change_cell,
    fold_summary,
)

YEAR = "signed_year"
_WAYS_SHOWN = 12
_YEARS_SHOWN = 5  # those before are one column


def find_last_years(answer: Mapping[str, Any]) -> list[int]:
    """Find the last year in which anything was signed and the year before, the last first."""
    known = [row[YEAR]["value"] for row in answer["rows"] if row[YEAR]["value"] is not None]
    return [max(known), max(known) - 1] if known else []


def tabulate_then_and_now(
    answer: Mapping[str, Any], intents: Mapping[str, Any], caption: str, today: str
) -> PageTable:
    """Make a table of origins: all that was signed, a year beside the year before, and intents.

    `answer` is of signed projects by origin and year. Shares are of all projects of their year,
    those of unknown origin among them. The two deltas stand as one row, too.
    """
    everything = fold_summary(answer, ORIGIN)["rows"]
    years = find_last_years(answer)
    intended = {row[ORIGIN]["value"]: row for row in intents["rows"]}
    longest = max((row["count"] for row in everything), default=0)
    cells = {(row[ORIGIN]["value"], row[YEAR]["value"]): row for row in answer["rows"]}
    by_year = {row[YEAR]["value"]: row["count"] for row in fold_summary(answer, YEAR)["rows"]}
    sums = {year: by_year.get(year, 0) for year in years}

    def list_numbers(origins: Sequence[Any]) -> list[PageCell]:
        """List those of one origin, or of several taken together."""
        whole = [row for row in everything if row[ORIGIN]["value"] in origins]
        counts = [
            add_up_rows((cells.get((origin, year)) for origin in origins), ORIGIN) for year in years
        ]
        return [
            share_cell(add_up_rows(whole, ORIGIN), answer["total"]["count"]),
            *(share_cell(row, sums[year]) for row, year in zip(counts, years, strict=True)),
            *change_cells(counts, [sums[year] for year in years]),
            origin_count_cell(add_up_rows((intended.get(each) for each in origins), ORIGIN)),
        ]

    rows = [
        [name_cell(row[ORIGIN]), bar_cell(row["count"], longest, colour)]
        + list_numbers([row[ORIGIN]["value"]])
        for row, colour in zip(everything, name_colours(ORIGIN, everything), strict=True)
    ]
    rows.append([PageCell(_("The two deltas")), PageCell(kind="bars"), *list_numbers(DELTAS)])
    return PageTable(caption, list_heads(years, today), rows)


def list_heads(years: Sequence[int], today: str) -> list[PageColumn]:
    """List the heads of the table of origins; a year that is not over says so."""
    heads = [
        _("%(year)s to date") % {"year": year} if today.startswith(str(year)) else str(year)
        for year in years
    ]
    return [
        PageColumn(_("Origin")),
        PageColumn("", kind="bars"),
        PageColumn(_("Signed in all"), kind="number"),
        *(PageColumn(_("Signed in %(year)s") % {"year": head}, kind="number") for head in heads),
        *(PageColumn(_("Change of the share"), _("points"), "number") for _year in years[1:]),
        PageColumn(_("Only intended, not signed"), kind="number"),
    ]


def origin_count_cell(row: SummaryRow | None, note: str = "") -> PageCell:
    """Make a cell of a count; none is nought."""
    return count_cell(row["count"], row["list_url"], note) if row else number_cell("0")


def share_cell(row: SummaryRow | None, whole: int) -> PageCell:
    """Make a cell of a count with its share of a whole."""
    if not row:
        return number_cell("0")
    return origin_count_cell(row, f"{write_percent(100 * row['count'] / whole)} %")


def change_cells(rows: Sequence[SummaryRow | None], sums: Sequence[int]) -> list[PageCell]:
    """Make the cell of how much a share is above that of the year before, in points."""
    shares = [
        100 * (row["count"] if row else 0) / whole if whole else None
        for row, whole in zip(rows, sums, strict=True)
    ]
    return [change_cell(*shares)] if shares else []


def find_usual_ways(ways: Mapping[str, Any]) -> list[SummaryRow]:
    """Find the most usual of the ways from where to where, known origins first."""
    origin, place = ways["group_by"]

    def rank(row: SummaryRow) -> tuple[bool, int, str, str]:
        values = row[origin]["value"], row[place]["value"]
        return (values[0] is None, -row["count"], *map(str, values))

    return sorted(ways["rows"], key=rank)[:_WAYS_SHOWN]


def name_usual_ways(ways: Mapping[str, Any]) -> dict[str, str]:
    """Name the origins and places of the most usual ways, as filters."""
    usual = find_usual_ways(ways)
    return {
        name: ",".join({str(row[name]["value"] or UNKNOWN): "" for row in usual})
        for name in ways["group_by"]
    }


def tabulate_ways(
    ways: Mapping[str, Any], answer: Mapping[str, Any], by_year: Mapping[str, Any], caption: str
) -> PageTable:
    """Make a table of the most usual ways from where to where, year by year.

    `ways` are all of them, `answer` has the most usual by year. Known origins come first, years
    before the last few are one column, and the total is of all ways: that of `by_year`.
    """
    totals = fold_summary(by_year, YEAR)["rows"]
    years = sorted({row[YEAR]["value"] for row in totals} - {None})
    late, early = years[-_YEARS_SHOWN:], years[:-_YEARS_SHOWN]
    found: dict[tuple[Any, ...], list[SummaryRow]] = {}
    for row in answer["rows"]:
        found.setdefault(find_way(row, ways), []).append(row)
    heads = [_("Origin"), _("Where to")]
    numbers = [
        *([_("up to %(year)s") % {"year": early[-1]}] if early else []),
        *(str(year) for year in late),
        *([_("year unknown"), _("Total")]),
    ]
    count = len(ways["rows"])
    return PageTable(
        caption,
        [
            *(PageColumn(head) for head in heads),
            *(PageColumn(head, kind="number") for head in numbers),
        ],
        [
            [
                *(name_cell(way[name]) for name in ways["group_by"]),
                *list_years(found[find_way(way, ways)], early, late),
            ]
            for way in find_usual_ways(ways)
        ],
        [
            PageCell(_("Total")),
            PageCell(ngettext("%(count)d way", "%(count)d ways", count) % {"count": count}),
            *(list_years(totals, early, late) if totals else ()),
        ],
    )


def find_way(row: SummaryRow, ways: Mapping[str, Any]) -> tuple[Any, ...]:
    """Find from where to where a row is."""
    return tuple(row[name]["value"] for name in ways["group_by"])


def list_years(
    rows: Sequence[SummaryRow], early: Sequence[int], late: Sequence[int]
) -> list[PageCell]:
    """List the cells of one way: early years together, late ones, the unknown, and all."""
    by_year = {row[YEAR]["value"]: row for row in rows}
    everything = narrow_list(rows[0]["list_url"], **{YEAR: None})

    def count_together(years: Iterable[int], url: str) -> PageCell:
        count = sum(by_year[year]["count"] for year in years if year in by_year)
        return count_cell(count, url) if count else number_cell("")

    before = narrow_list(everything, signed_to=str(early[-1])) if early else ""
    single = [by_year.get(year) for year in (*late, None)]
    return [
        *([count_together(early, before)] if early else []),
        *(count_cell(row["count"], row["list_url"]) if row else number_cell("") for row in single),
        count_cell(sum(row["count"] for row in rows), everything),
    ]
