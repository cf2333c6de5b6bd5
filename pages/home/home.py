"""The first page: its questions, tables and charts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from api.lists.filters import UNKNOWN
from pages.addresses import join_address
from pages.lists.list_blocks import (
    IN_TOTALS,
    ask_years,
    build_beside,
    build_project_block,
    list_known_cells,
)
from pages.parts.blocks import (
    Block,
    Picture,
    Tool,
    fill_table,
    name_column,
    period_column,
    write_count,
    write_sum,
)
from pages.parts.rows import AskList, ask_by_codes
from pages.parts.summary_tables import (
    BY_STAGE,
    ORIGIN,
    add_up_reached,
    count_reporting,
    list_tiles,
    plan_picture,
    tabulate_cross,
)
from pages.records.event_pages import list_count_columns, read_declared
from pages.views import PageView
from projects.models.words import Stage

_TOWN = "parks/baodi-zgc"
# Questions, the page that answers each, and the rows of the API that the ledger must have for it
_QUESTIONS: Sequence[tuple[Any, ...]] = (
    (
        gettext_lazy("Signed projects from the Yangtze River Delta over 100 million yuan, by year"),
        "/projects?origin=yrd&investment_min=1亿&counts_in_totals=true&view=charts",
    ),
    (gettext_lazy("Is the share of the two deltas higher than a year before?"), "/#origins"),
    (
        gettext_lazy("Where does the 17.6 billion of the Science Town come from?"),
        "/figures?park=baodi-zgc&indicator=invested",
        _TOWN,
    ),
    (
        gettext_lazy("What became of the 152 projects intended in November 2023?"),
        "/events/jjj-chain-2023",
        "events/jjj-chain-2023",
    ),
    (
        gettext_lazy("Signed long ago, and not under construction"),
        "/projects?stage=signed,registered,approved&standing=active&signed_to=2019"
        "&ordering=-investment_cny",
    ),
    (
        gettext_lazy("Which projects have been without news for long?"),
        "/projects?stale=true&standing=active",
    ),
    (
        gettext_lazy("Which projects are past the day planned for their next step?"),
        "/projects?overdue=true",
    ),
    (gettext_lazy("Intents that have not become contracts"), "/projects?stage=intended"),
    (gettext_lazy("What came, went on and was lost at each step this year?"), "/funnel"),
    (
        gettext_lazy("Signed, and no land granted yet"),
        "/projects?reached=signed&met_not=land_granted,started&site_mode_not=lease&standing=active",
    ),
    (
        gettext_lazy("Land granted, and construction not started"),
        "/projects?met=land_granted&met_not=started&standing=active",
    ),
    (
        gettext_lazy("What became of the contracts of 2018, park beside park?"),
        "/compare?signed_year=2018#parks",
    ),
    (gettext_lazy("Parks of the Zhongguancun brand"), "/parks?brand=中关村", _TOWN),
    (
        gettext_lazy("Business entities and market entities of the Science Town"),
        "/figures?park=baodi-zgc&indicator=entities,market_entities",
        _TOWN,
    ),
    (
        gettext_lazy("Which projects have no known amount?"),
        "/projects?counts_in_totals=true&missing=amount",
    ),
    (gettext_lazy("Recently updated"), "/projects?ordering=-updated_at"),
    (gettext_lazy("Where do sources contradict each other?"), "/projects?claims_in_conflict=true"),
    (
        gettext_lazy("Two parks side by side"),
        "/compare?parks=baodi-zgc,tj-binhai-zgc",
        *(_TOWN, "parks/tj-binhai-zgc"),
    ),
)


def list_questions(ask: AskList) -> list[Tool]:
    """List the questions whose parks and events are in this ledger."""
    wanted: dict[str, list[str]] = {}
    for _text, _href, *about in _QUESTIONS:
        for row in about:
            resource, code = row.split("/")
            wanted.setdefault(resource, []).append(code)
    found = {
        f"{resource}/{row['code']}"
        for resource, codes in wanted.items()
        for row in ask_by_codes(ask, resource, sorted({*codes}))
    }
    return [Tool(str(text), href) for text, href, *about in _QUESTIONS if found.issuperset(about)]


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
    """The page at /."""

    template_name = "pages/home.html"
    section = "home"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        signed = self.ask("projects/summary", {**IN_TOTALS, **BY_STAGE})
        stages = self.ask("projects/summary", {"group_by": "stage"})
        asked = {**IN_TOTALS, "group_by": YEAR, "measures": "count,investment_cny"}
        by_year = self.ask("projects/summary", asked)
        self.today = signed["generated_on"]
        return {
            "title": _("Park Ledger"),
            "day": formats.date_format(date.fromisoformat(self.today), "DATE_FORMAT"),
            "headline": say_head(signed),
            "tiles": list_tiles(signed, stages),
            "totals": self.build_block("projects/summary", IN_TOTALS, None, "totals"),
            "blocks": [
                self.build_years(by_year),
                self.build_then_and_now(find_last_years(by_year)),
                self.build_summary(stages, _("Projects by stage"), _("Stage"), "stages"),
                self.build_ways(),
                *self.build_largest(),
            ],
            "last": [self.build_events()],
            "questions": list_questions(self.ask),
        }

    def build_years(self, by_year: Mapping[str, Any]) -> Block:
        """Build the table of years of signing, below their composition by origin."""
        block = self.build_summary(by_year, _("Signed projects by year"), _("Year"), "years")
        return replace(block, picture=self.draw_signed(f"{YEAR},{ORIGIN}"))

    def build_then_and_now(self, years: Sequence[str]) -> Block:
        """Build the block of origins of signed projects: in two years, and in all."""
        questions = [*ask_years(years, self.today), (_("All years"), {})]
        title = _("Where the signed projects come from, then and now")
        compared = join_address("/compare", {"signed_year": ",".join(years)} if years else {})
        more = [Tool(_("A year beside the year before"), compared)]
        block = build_beside(self, questions, ORIGIN, title)
        picture = self.draw_signed("origin_province")
        return replace(block, anchor="origins", more=more, picture=picture)

    def build_ways(self) -> Block:
        """Build the table of origins and destinations, of the most usual pairs."""
        asked = {**IN_TOTALS, "group_by": "origin_province,park_province"}
        asked["measures"] = "count,investment_cny"
        ways = self.ask("projects/summary", {**asked, "order": "-count"})["rows"][:_WAYS_SHOWN]
        for name in asked["group_by"].split(",") if ways else ():
            asked[name] = ",".join({str(row[name]["value"] or UNKNOWN): "" for row in ways})
        answer, title = self.ask("projects/summary", asked), _("Origin and destination")
        table = tabulate_cross(answer, title, _("Origin"))
        picture = plan_picture(self.picture_root, "projects/summary", asked, answer)
        return self.build_block("projects/summary", asked, table, "ways", picture=picture)

    def draw_signed(self, dimensions: str) -> Picture | None:
        """Draw the signed projects by one or two dimensions, with a choice of the measure."""
        asked = {**IN_TOTALS, "group_by": dimensions, "measures": "count,investment_cny"}
        answer = self.ask("projects/summary", asked)
        return plan_picture(self.picture_root, "projects/summary", asked, answer)

    def build_largest(self) -> Iterator[Block]:
        """List the largest projects of the last quarters with signed ones and with starts."""
        for step, title in _LARGEST.items():
            asked = {**IN_TOTALS, "group_by": f"{step}_quarter", "measures": "count"}
            rows = self.ask("projects/summary", asked)["rows"]
            quarters = [value for row in rows if (value := row[f"{step}_quarter"]["value"])]
            if quarters:
                question = {**IN_TOTALS, f"{step}_quarter": max(quarters)}
                titled = title % {"quarter": max(quarters)}
                yield build_project_block(self, titled, question, f"largest-{step}", "8")

    def build_events(self) -> Block:
        events = self.ask("events", {"ordering": "-held_on", "limit": "8"})["results"]
        declared = read_declared(self.ask, [event["code"] for event in events])
        counts = list_count_columns(declared, list_known_cells(self.ask, events))
        columns = [
            name_column(_("Event"), "events"),
            period_column(_("Day"), "held_on"),
            *(column for place, column in enumerate(counts) if place != 1),
        ]
        table = fill_table(_("Signing events, and what became of them"), columns, events)
        more = [Tool(_("All events"), "/events")]
        return self.build_block("events", {"ordering": "-held_on"}, table, "recent", more=more)


def say_head(signed: Mapping[str, Any]) -> str:
    """Write the headline: how much was signed, started, and paid in."""
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
