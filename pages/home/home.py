"""The first page: its questions, tables and charts."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from api.lists.filters import UNKNOWN
from pages.addresses import join_address, narrow_list
from pages.lists.list_blocks import (
    build_project_block,
    build_sum_block,
    build_summary_block,
    list_known_cells,
)
from pages.parts.blocks import (
    Block,
    PageCell,
    PageColumn,
    PageTable,
    Tool,
    bar_cell,
    build_block,
    build_tools,
    call_api,
    call_totals,
    count_cell,
    day_cell,
    fill_table,
    find_local_day,
    list_definitions,
    name_cell,
    name_column,
    number_cell,
    period_column,
    write_count,
    write_percent,
    write_sum,
)
from pages.parts.rows import AskList, ask_by_codes
from pages.parts.summary_tables import (
    DELTAS,
    ORIGIN,
    SummaryRow,
    add_up_rows,
    add_up_values,
    change_cell,
    choose_parts,
    fold_summary,
    name_colours,
    tabulate_cross,
    turn_summary,
)
from pages.records.event_pages import list_count_columns, read_declared
from pages.views import PageView
from projects.models.words import Stage, list_stages_from


@dataclass(frozen=True)
class PlannersQuestion:
    """A question, and the address of the page that answers it."""

    text: str | Promise
    href: str
    about: tuple[str, ...] = ()  # rows of the API that the ledger must have: parks/baodi-zgc


_TOWN = "parks/baodi-zgc"
_QUESTIONS = (
    PlannersQuestion(
        gettext_lazy("Signed projects from the Yangtze River Delta over 100 million yuan, by year"),
        "/projects?origin=yrd&investment_min=1亿&counts_in_totals=true&view=charts",
    ),
    PlannersQuestion(
        gettext_lazy("Where do the projects of the Science Town come from?"),
        "/parks/baodi-zgc#origins",
        (_TOWN,),
    ),
    PlannersQuestion(
        gettext_lazy("Is the share of the two deltas higher than a year before?"),
        "/#origins",
    ),
    PlannersQuestion(
        gettext_lazy("Where does the 17.6 billion of the Science Town come from?"),
        "/figures?park=baodi-zgc&indicator=invested",
        (_TOWN,),
    ),
    PlannersQuestion(
        gettext_lazy("What became of the 152 projects intended in November 2023?"),
        "/events/jjj-chain-2023",
        ("events/jjj-chain-2023",),
    ),
    PlannersQuestion(
        gettext_lazy("Signed long ago, and not under construction"),
        "/projects?stage=signed,registered,approved&standing=active&signed_to=2019"
        "&ordering=-investment_cny",
    ),
    PlannersQuestion(
        gettext_lazy("Which projects have been without news for long?"),
        "/projects?stale=true&standing=active",
    ),
    PlannersQuestion(
        gettext_lazy("Which projects are past the day planned for their next step?"),
        "/projects?overdue=true",
    ),
    PlannersQuestion(
        gettext_lazy("How large are the signed projects?"),
        "/projects?counts_in_totals=true&view=charts#size_band",
    ),
    PlannersQuestion(
        gettext_lazy("From which provinces do they come?"),
        "/projects?counts_in_totals=true&view=tiles",
    ),
    PlannersQuestion(
        gettext_lazy("Intents that have not become contracts"),
        "/projects?stage=intended",
    ),
    PlannersQuestion(
        gettext_lazy("Projects from abroad"),
        "/projects?origin_province=foreign",
    ),
    PlannersQuestion(
        gettext_lazy("Which projects have no known amount?"),
        "/projects?counts_in_totals=true&missing=amount",
    ),
    PlannersQuestion(
        gettext_lazy("Where do sources contradict each other?"),
        "/projects?claims_in_conflict=true",
    ),
    PlannersQuestion(
        gettext_lazy("Two parks side by side"),
        "/compare?parks=baodi-zgc,tj-binhai-zgc",
        (_TOWN, "parks/tj-binhai-zgc"),
    ),
)


def list_questions(ask: AskList) -> list[Tool]:
    """List the questions that this ledger can answer: what they are about is in it."""
    wanted: dict[str, list[str]] = {}
    for question in _QUESTIONS:
        for row in question.about:
            resource, code = row.split("/")
            wanted.setdefault(resource, []).append(code)
    found = {
        f"{resource}/{row['code']}"
        for resource, codes in wanted.items()
        for row in ask_by_codes(ask, resource, sorted({*codes}))
    }
    return [
        Tool(str(question.text), question.href)
        for question in _QUESTIONS
        if found.issuperset(question.about)
    ]


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


_SIGNED = {"counts_in_totals": "true"}
_SIGNED_BY_STAGE = {
    **_SIGNED,
    "group_by": "stage",
    "measures": "count,investment_cny,paid_in_cny",
}
_BY_ORIGIN_AND_YEAR = {
    **_SIGNED,
    "group_by": "origin_group,signed_year",
    "measures": "count,share,investment_cny",
}
_FURTHER = (Stage.STARTED, Stage.OPERATING)
_NO_AMOUNTS = {"investment_cny": {"missing": 0}}


class HomeView(PageView):
    """The page at /."""

    template_name = "pages/home.html"
    section = "home"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        signed = self.ask("projects/summary", _SIGNED_BY_STAGE)
        stages = self.ask("projects/summary", {"group_by": "stage"})
        origins = self.ask("projects/summary", _BY_ORIGIN_AND_YEAR)
        self.today = signed["generated_on"]
        return {
            "title": _("Park Ledger"),
            "day": formats.date_format(date.fromisoformat(self.today), "DATE_FORMAT"),
            "headline": say_head(signed),
            "tiles": list_tiles(signed, stages),
            "sums": build_signed_sums(signed),
            "totals": call_totals(self.request, _SIGNED),
            "blocks": [
                self.build_then_and_now(origins),
                self.build_stages(stages),
                self.build_ways(origins),
                *self.build_largest(),
            ],
            "last": [self.build_events(), self.build_changes()],
            "folded": [self.build_years(origins), self.build_origins_by_year(origins)],
            "questions": list_questions(self.ask),
        }

    def build_then_and_now(self, answer: Mapping[str, Any]) -> Block:
        """Build the block of where signed projects come from, then and now, and intents."""
        asked = {"stage": Stage.INTENDED, "group_by": "origin_group", "measures": "count"}
        intents = self.ask("projects/summary", asked)
        title = _("Where the signed projects come from, then and now")
        question = {**_SIGNED, "group_by": "origin_group", "measures": "count,share,investment_cny"}
        table = tabulate_then_and_now(answer, intents, title, self.today)
        more = [Tool(_("A year beside the year before"), link_years(answer))]
        block = build_sum_block(
            self.request, "projects/summary", question, answer, table, "origins"
        )
        return replace(block, more=more)

    def build_stages(self, answer: Mapping[str, Any]) -> Block:
        """Build the block of how far all projects are."""
        title = _("How far the projects are")
        return build_summary_block(self, answer, title, _("Stage"), "stages")

    def build_years(self, answer: Mapping[str, Any]) -> Block:
        """Build the block of what was signed when."""
        title = _("Signed projects by year")
        by_year = fold_summary({**answer, "measures": ["count", "investment_cny"]}, "signed_year")
        by_year["rows"].sort(key=lambda row: (row[YEAR]["value"] is None, row[YEAR]["value"]))
        block = build_summary_block(self, by_year, title, _("Year"), "years")
        return replace(block, is_folded=True)

    def build_ways(self, by_year: Mapping[str, Any]) -> Block:
        """Build the table of from where to where projects go, year by year, with that of all."""
        way = {**_SIGNED, "group_by": "origin_province,park_province"}
        ways = self.ask("projects/summary", {**way, "measures": "count"})
        question = {**way, "group_by": f"{way['group_by']},{YEAR}"}
        # Of the most usual alone: all ways in all years would be thousands of rows
        usual = {**question, **name_usual_ways(ways), "measures": "count"}
        answer = self.ask("projects/summary", usual) if ways["rows"] else ways
        title = _("From where to where, year by year")
        table, meanings = tabulate_ways(ways, answer, by_year, title), list_definitions(answer)
        return build_block(
            self.request, "projects/summary", question, title, table, "ways", definitions=meanings
        )

    def build_origins_by_year(self, answer: Mapping[str, Any]) -> Block:
        """Build the table of origins of each year, with its files."""
        question = {**_SIGNED, "group_by": "signed_year,origin_group", "measures": "count,share"}
        table = tabulate_cross(turn_summary(answer), _("Origins, year by year"), _("Year"))
        block = build_sum_block(
            self.request, "projects/summary", question, answer, table, "origins-by-year"
        )
        return replace(block, is_folded=True)

    def build_largest(self) -> list[Block]:
        """Build the list of the largest projects of the last quarter in which any was signed."""
        asked = {**_SIGNED, "ordering": "-signed_on", "fields": "signed_on", "limit": "50"}
        days = [row["signed_on"] for row in self.ask("projects", asked)["results"]]
        # Of a year alone no quarter is known
        quarters = [write_quarter(day) for day in days if day and len(day) > len("2024")]
        if not quarters:
            return []
        title = _("The largest projects signed in %(quarter)s") % {"quarter": quarters[0]}
        question = {**_SIGNED, "signed_quarter": quarters[0]}
        return [build_project_block(self, title, question, "largest", "8")]

    def build_events(self) -> Block:
        """Build the list of the last events: what they declared, and what became of it."""
        page = self.ask("events", {"ordering": "-held_on", "limit": "8"})
        events = page["results"]
        declared = read_declared(self.ask, [event["code"] for event in events])
        counts = list_count_columns(declared, list_known_cells(self.ask, events))
        columns = [
            name_column(_("Event"), "events"),
            period_column(_("Day"), "held_on"),
            *(column for place, column in enumerate(counts) if place != 1),
        ]
        title = _("Signing events, and what became of them")
        return Block(
            title,
            fill_table(title, columns, events),
            "recent-events",
            tools=build_tools("events", {}),
            call=call_api(self.request, "events", {"ordering": "-held_on"}),
            more=[Tool(_("All events"), "/events")],
        )

    def build_changes(self) -> Block:
        """Build the list of the projects that changed last."""
        page = self.ask("projects", {"ordering": "-updated_at", "limit": "8"})

        def find_changed(row: Mapping[str, Any]) -> PageCell:
            return day_cell(find_local_day(row["updated_at"]))

        columns = [
            name_column(_("Project"), "projects"),
            PageColumn(_("Last changed"), make_cell=find_changed),
        ]
        title = _("Changed last")
        table = fill_table(title, columns, page["results"])
        question = {"ordering": "-updated_at"}
        return build_block(self.request, "projects", question, title, table, "changes")


def list_tiles(signed: Mapping[str, Any], stages: Mapping[str, Any]) -> list[Any]:
    """List the numbers to begin with: signed, started, operating, paid in, and intended apart."""
    total = signed["total"]
    of_signed = _("of %(count)s signed") % {"count": write_count(total["count"])}
    started, operating = (add_up_reached(signed, stage) for stage in _FURTHER)
    intended = add_up_stages(stages, [Stage.INTENDED], {"stage": Stage.INTENDED})
    return [
        build_tile(_("signed projects"), total, say_missing(total)),
        build_tile(_("of them under construction or further"), started, of_signed),
        build_tile(_("of them operating"), operating, of_signed),
        build_paid_in_tile(total),
        build_tile(_("only intended, not signed"), intended, say_missing(intended)),
    ]


def add_up_reached(answer: Mapping[str, Any], stage: Stage) -> dict[str, Any]:
    """Add up the rows of a summary by stage that reached a stage or went further."""
    return add_up_stages(answer, list_stages_from(stage), {"reached": stage})


def add_up_stages(
    answer: Mapping[str, Any], stages: Sequence[str], filters: Mapping[str, str]
) -> dict[str, Any]:
    """Add up the rows of some stages; the filters are those of their list."""
    added: dict[str, Any] = {"count": 0, "investment_cny": None, "amounts": _NO_AMOUNTS}
    for row in answer["rows"]:
        if row["stage"]["value"] in stages:
            for name in added:
                added[name] = add_up_values(added[name], row[name])
    return {**added, "list_url": narrow_list(answer["total"]["list_url"], **filters)}


def build_paid_in_tile(total: Mapping[str, Any]) -> dict[str, Any]:
    """Build the number of what came in, with how many projects report it."""
    amount, reporting = total["paid_in_cny"], count_reporting(total)
    url = narrow_list(total["list_url"], has_paid_in="true") if reporting else ""
    return {
        "label": _("paid in"),
        "cell": number_cell(write_sum(amount), url, "", amount, "paid_in_cny"),
        "note": _("reported by %(count)s of %(signed)s signed")
        % {"count": write_count(reporting), "signed": write_count(total["count"])},
    }


def count_reporting(total: Mapping[str, Any]) -> int:
    """Count the projects that report what was paid in."""
    count: int = total["count"] - total["amounts"]["paid_in_cny"]["missing"]
    return count


def say_head(signed: Mapping[str, Any]) -> str:
    """Say in one sentence how much was signed, how much started, and how much came in."""
    total = signed["total"]
    started = add_up_reached(signed, Stage.STARTED)
    told = {
        "signed": write_count(total["count"]),
        "started": write_count(started["count"]),
        "paid_in": write_sum(total["paid_in_cny"]),
        "reporting": write_count(count_reporting(total)),
    }
    text = _(
        "%(signed)s signed, %(started)s of them started, %(paid_in)s paid in"
        " (reported by %(reporting)s)"
    )
    if total["paid_in_cny"] is None:
        text = _("%(signed)s signed, %(started)s of them started; money paid in not reported")
    return text % told


def link_years(answer: Mapping[str, Any]) -> str:
    """Find the page that sets the last year beside the year before."""
    years = ",".join(str(year) for year in find_last_years(answer))
    return join_address("/compare", {"signed_year": years} if years else {})


def write_quarter(day: str) -> str:
    """Write the quarter of a day, a month or a quarter, as the API calls it: 2024-Q3."""
    year, rest = day[:4], day[5:7]
    return f"{year}-{rest}" if rest.startswith("Q") else f"{year}-Q{(int(rest) + 2) // 3}"


def build_tile(label: str, total: Mapping[str, Any], note: str) -> dict[str, Any]:
    """Build a number to begin with: a count that opens its list, its amount, what to know."""
    amount = total["investment_cny"]
    return {
        "label": label,
        "cell": count_cell(total["count"], total["list_url"]),
        "amount": write_sum(amount) if amount is not None else "",
        "note": note,
    }


def say_missing(total: Mapping[str, Any]) -> str:
    """Say of how many projects no amount is known."""
    missing = total["amounts"]["investment_cny"]["missing"]
    return _("%(count)s without a known amount") % {"count": write_count(missing)}


def build_signed_sums(answer: Mapping[str, Any]) -> PageTable:
    """Build what the signed projects add up to, by the basis of their amounts."""
    caption = _("What the signed projects add up to")
    return fill_table(caption, choose_parts(answer), [answer["total"]])
