"""The first page: its questions, tables and charts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.conf import settings
from django.utils import formats
from django.utils.translation import gettext as _, gettext_lazy

from api.lists.filters import UNKNOWN
from pages.addresses import join_address
from pages.language import is_chinese
from pages.lists.list_blocks import (
    IN_TOTALS,
    ask_years,
    build_beside,
    build_project_block,
    list_known_cells,
)
from pages.parts import blocks, summary_tables
from pages.parts.rows import AskList, ask_by_codes
from pages.records.event_pages import list_count_columns, read_declared
from pages.views import PageView
from projects.models.words import Stage


def list_questions(ask: AskList) -> list[blocks.Tool]:
    """List the questions whose parks and events are in this ledger."""
    wanted: dict[str, list[str]] = {}
    for question in settings.PROFILE.questions:
        for row in question.get("needs", ()):
            resource, code = row.split("/")
            wanted.setdefault(resource, []).append(code)
    found = {
        f"{resource}/{row['code']}"
        for resource, codes in wanted.items()
        for row in ask_by_codes(ask, resource, sorted({*codes}))
    }
    language = "zh" if is_chinese() else "en"
    return [
        blocks.Tool(question[language], question["page"])
        for question in settings.PROFILE.questions
        if found.issuperset(question.get("needs", ()))
    ]


YEAR = "signed_year"
_LARGEST = {
    "signed": gettext_lazy("The largest projects signed in %(quarter)s"),
    "started": gettext_lazy("The largest projects started in %(quarter)s"),
}
_WAYS_SHOWN = 12


def find_last_years(answer: Mapping[str, Any]) -> list[str]:
    """Return the last year with signed projects and the year before it."""
    known = [row[YEAR]["value"] for row in answer["rows"] if row[YEAR]["value"] is not None]
    return [str(max(known)), str(max(known) - 1)] if known else []


class HomeView(PageView):
    template_name = "pages/home.html"
    section = "home"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        signed = self.ask("projects/summary", {**IN_TOTALS, **summary_tables.BY_STAGE})
        stages = self.ask("projects/summary", {"group_by": "stage"})
        asked = {**IN_TOTALS, "group_by": YEAR, "measures": "count,investment_cny"}
        by_year = self.ask("projects/summary", asked)
        self.today = signed["generated_on"]
        return {
            "title": _("Park Ledger"),
            "day": formats.date_format(date.fromisoformat(self.today), "DATE_FORMAT"),
            "headline": say_head(signed),
            "tiles": summary_tables.list_tiles(signed, stages),
            "totals": self.build_block("projects/summary", IN_TOTALS, None, "totals"),
            "blocks": [
                self.build_years(by_year),
                self.build_then_and_now(find_last_years(by_year)),
                self.build_summary(stages, _("All projects by stage"), _("Stage"), "stages"),
                self.build_ways(),
                *self.build_largest(),
            ],
            "last": [self.build_events()],
            "questions": list_questions(self.ask),
        }

    def build_years(self, by_year: Mapping[str, Any]) -> blocks.Block:
        """Build the table of years of signing, below their composition by origin."""
        table = summary_tables.tabulate_summary(by_year, _("Signed projects by year"), _("Year"))
        picture = self.draw_signed(f"{YEAR},{summary_tables.ORIGIN}")
        return self.build_sums(by_year, table, "years", picture=picture)

    def build_then_and_now(self, years: Sequence[str]) -> blocks.Block:
        """Build the block of origins of signed projects: in two years, and in all."""
        questions = [*ask_years(years, self.today), (_("All years"), {})]
        title = _("Where the signed projects come from, then and now")
        compared = join_address("/compare", {"signed_year": ",".join(years)} if years else {})
        more = [blocks.Tool(_("A year beside the year before"), compared)]
        block = build_beside(self, questions, summary_tables.ORIGIN, title)
        picture = self.draw_signed("origin_province")
        return replace(block, anchor="origins", more=more, picture=picture)

    def build_ways(self) -> blocks.Block:
        """Build the table of origins and destinations, of the most usual pairs."""
        asked = {**IN_TOTALS, "group_by": "origin_province,park_province"}
        asked["measures"] = "count,investment_cny"
        ways = self.ask("projects/summary", {**asked, "order": "-count"})["rows"][:_WAYS_SHOWN]
        for name in asked["group_by"].split(",") if ways else ():
            asked[name] = ",".join({str(row[name]["value"] or UNKNOWN): "" for row in ways})
        answer, title = self.ask("projects/summary", asked), _("Origin and destination")
        table = summary_tables.tabulate_cross(answer, title, _("Origin"))
        picture = summary_tables.plan_picture(self.picture_root, "projects/summary", asked, answer)
        return self.build_block("projects/summary", asked, table, "ways", picture=picture)

    def draw_signed(self, dimensions: str) -> blocks.Picture | None:
        """Draw the signed projects by one or two dimensions, with a choice of the measure."""
        asked = {**IN_TOTALS, "group_by": dimensions, "measures": "count,investment_cny"}
        answer = self.ask("projects/summary", asked)
        return summary_tables.plan_picture(self.picture_root, "projects/summary", asked, answer)

    def build_largest(self) -> Iterator[blocks.Block]:
        """List the largest projects of the last quarters with signed ones and with starts."""
        for step, title in _LARGEST.items():
            asked = {**IN_TOTALS, "group_by": f"{step}_quarter", "measures": "count"}
            rows = self.ask("projects/summary", asked)["rows"]
            quarters = [value for row in rows if (value := row[f"{step}_quarter"]["value"])]
            if quarters:
                question = {**IN_TOTALS, f"{step}_quarter": max(quarters)}
                titled = title % {"quarter": max(quarters)}
                yield build_project_block(self, titled, question, f"largest-{step}", "8")

    def build_events(self) -> blocks.Block:
        events = self.ask("events", {"ordering": "-held_on", "limit": "8"})["results"]
        declared = read_declared(self.ask, [event["code"] for event in events])
        counts = list_count_columns(declared, list_known_cells(self.ask, events))
        columns = [
            blocks.name_column(_("Event"), "events"),
            blocks.period_column(_("Day"), "held_on"),
            *(column for place, column in enumerate(counts) if place != 1),
        ]
        table = blocks.fill_table(_("Signing events, and what became of them"), columns, events)
        more = [blocks.Tool(_("All events"), "/events")]
        return self.build_block("events", {"ordering": "-held_on"}, table, "recent", more=more)


def say_head(signed: Mapping[str, Any]) -> str:
    """Write the headline: how much was signed, started, and paid in."""
    total = signed["total"]
    started = summary_tables.add_up_reached(signed, Stage.STARTED)
    told = {
        "signed": blocks.write_count(total["count"]),
        "started": blocks.write_count(started["count"]),
        "paid_in": blocks.write_sum(total["paid_in_cny"]),
        "reporting": blocks.write_count(summary_tables.count_reporting(total)),
    }
    text = _(
        "%(signed)s signed, %(started)s of them started, %(paid_in)s paid in"
        " (reported by %(reporting)s)"
    )
    if total["paid_in_cny"] is None:
        text = _("%(signed)s signed, %(started)s of them started; money paid in not reported")
    return text % told
