"""The first page: what was signed, what became of it, and from where it comes."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _

from projects.lifecycle.words import Stage
from projects.pages.addresses import find_row_page
from projects.pages.blocks import (
    Block,
    PageColumn,
    PageTable,
    build_tools,
    call_api,
    count_cell,
    day_cell,
    list_definitions,
    name_cell,
)
from projects.pages.list_blocks import build_summary_block, list_known_cells
from projects.pages.numbers import write_count, write_sum
from projects.pages.project_list import tabulate_projects
from projects.pages.questions import list_questions
from projects.pages.summary_tables import choose_parts, tabulate_cross
from projects.pages.views import PageView

_SIGNED = {"counts_in_totals": "true"}
_YEAR_AGO = 365  # days


class HomeView(PageView):
    """The page at /."""

    template_name = "pages/home.html"
    section = "home"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        signed = self.ask("projects/summary", {**_SIGNED, "measures": "count,investment_cny"})
        everything = self.ask("projects/summary", {"group_by": "stage"})
        intended = self.ask("projects/summary", {"stage": Stage.INTENDED})
        return {
            "title": _("Park Ledger"),
            "day": write_day(signed["generated_on"]),
            "tiles": self.list_tiles(signed, intended),
            "blocks": [
                self.build_stages(everything),
                self.build_origins(),
                self.build_years(),
                *self.build_crosses(),
                self.build_largest(),
            ],
            "events": self.build_events(),
            "changes": self.build_changes(),
            "questions": list_questions(),
            "sums": build_signed_sums(signed),
        }

    def list_tiles(self, signed: Mapping[str, Any], intended: Mapping[str, Any]) -> list[Any]:
        """List the numbers to begin with: signed, started, operating, and intended apart."""
        total = signed["total"]
        tiles = [
            build_tile(_("signed projects"), total, say_missing(total)),
        ]
        for stage, label in (
            (Stage.STARTED, _("of them under construction or further")),
            (Stage.OPERATING, _("of them operating")),
        ):
            reached = self.ask("projects/summary", {**_SIGNED, "reached": stage})["total"]
            note = _("of %(count)s signed") % {"count": write_count(total["count"])}
            tiles.append(build_tile(label, reached, note))
        label = _("only intended, not signed")
        tiles.append(build_tile(label, intended["total"], say_missing(intended["total"])))
        return tiles

    def build_stages(self, answer: Mapping[str, Any]) -> Block:
        """Build the block of how far all projects are."""
        return build_summary_block(
            self, answer, _("How far the projects are"), _("Stage"), "stages"
        )

    def build_origins(self) -> Block:
        """Build the block of where signed projects come from."""
        question = {"group_by": "origin_group", "measures": "count,share,investment_cny"}
        answer = self.ask("projects/summary", {**_SIGNED, **question})
        title = _("Where the signed projects come from")
        return build_summary_block(self, answer, title, _("Origin"), "origins")

    def build_years(self) -> Block:
        """Build the block of what was signed when."""
        answer = self.ask("projects/summary", {**_SIGNED, "group_by": "signed_year"})
        title = _("Signed projects by year")
        return build_summary_block(self, answer, title, _("Year"), "years")

    def build_crosses(self) -> list[Block]:
        """Build the tables of where projects come from: year by year, and to where they go."""
        origins = {"group_by": "signed_year,origin_group", "measures": "count,share"}
        ways = {"group_by": "origin_province,park_province", "measures": "count"}
        return [
            self.build_cross(_("Origins, year by year"), _("Year"), origins, "origins-by-year"),
            self.build_cross(_("From where to where"), _("Origin"), ways, "ways"),
        ]

    def build_cross(self, title: str, head: str, asked: Mapping[str, str], anchor: str) -> Block:
        """Build the table of signed projects by two dimensions, with its files."""
        question = {**_SIGNED, **asked}
        answer = self.ask("projects/summary", question)
        return Block(
            title,
            tabulate_cross(answer, title, head),
            anchor,
            definitions=list_definitions(answer),
            tools=build_tools("projects/summary", question, ("xlsx", "csv", "png", "svg")),
            call=call_api(self.request, "projects/summary", question),
        )

    def build_largest(self) -> Block:
        """Build the list of the largest signed projects."""
        question = {**_SIGNED, "ordering": "-investment_cny", "limit": "8"}
        page = self.ask("projects", question)
        return Block(
            _("The largest signed projects"),
            tabulate_projects(page["results"]),
            "largest",
            tools=build_tools("projects", {**_SIGNED, "ordering": "-investment_cny"}),
            call=call_api(self.request, "projects", question),
        )

    def build_events(self) -> Block:
        """Build the list of the last events, each with how many of its projects are known."""
        page = self.ask("events", {"ordering": "-held_on", "limit": "8"})
        known = list_known_cells(self.ask, page["results"])
        columns = [
            PageColumn(_("Event")),
            PageColumn(_("Day")),
            PageColumn(_("Projects known"), kind="number"),
        ]
        rows = [
            [
                name_cell(row, find_row_page("events", row["code"])),
                day_cell(row["held_on"]),
                known[row["code"]],
            ]
            for row in page["results"]
        ]
        title = _("Signing events")
        return Block(
            title,
            PageTable(title, columns, rows),
            "recent-events",
            tools=build_tools("events", {}, ("xlsx", "csv")),
            call=call_api(self.request, "events", {"ordering": "-held_on"}),
        )

    def build_changes(self) -> Block:
        """Build the list of the projects that changed last."""
        page = self.ask("projects", {"ordering": "-updated_at", "limit": "8"})
        columns = [PageColumn(_("Project")), PageColumn(_("Last changed"))]
        rows = [
            [
                name_cell(row, find_row_page("projects", row["code"])),
                day_cell(row["updated_at"][:10]),
            ]
            for row in page["results"]
        ]
        title = _("Changed last")
        return Block(title, PageTable(title, columns, rows), "changes")


def write_day(text: str) -> str:
    """Write a day as people say it: 27 November 2026, 2026年11月27日."""
    return formats.date_format(date.fromisoformat(text), "DATE_FORMAT")


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
    parts = choose_parts(answer)
    columns = [part.column for part in parts]
    cells = [part.make_cell(answer["total"]) for part in parts]
    return PageTable(_("What the signed projects add up to"), columns, [cells])
