"""The first page: what was signed, what became of it, and from where it comes."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from projects.lifecycle.words import Stage, list_stages_from
from projects.pages.addresses import join_address, narrow_list
from projects.pages.home.home_tables import (
    YEAR,
    find_last_years,
    name_usual_ways,
    tabulate_then_and_now,
    tabulate_ways,
)
from projects.pages.home.questions import list_questions
from projects.pages.lists.list_blocks import (
    build_project_block,
    build_sum_block,
    build_summary_block,
    list_known_cells,
)
from projects.pages.parts.blocks import (
    Block,
    PageCell,
    PageColumn,
    PageTable,
    Tool,
    build_block,
    build_tools,
    call_api,
    call_totals,
    count_cell,
    day_cell,
    fill_table,
    find_local_day,
    list_definitions,
    name_column,
    number_cell,
    period_column,
)
from projects.pages.parts.numbers import write_count, write_sum
from projects.pages.parts.summary_tables import (
    add_up_values,
    choose_parts,
    fold_summary,
    tabulate_cross,
    turn_summary,
)
from projects.pages.records.event_pages import list_count_columns, read_declared
from projects.pages.views import PageView

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
