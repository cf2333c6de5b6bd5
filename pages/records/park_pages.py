"""The pages of parks: the list, one park, and its flows of money and targets."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from pages.addresses import change_query, find_page, find_row_page
from pages.charts.table import CHART_MEASURES, ChartUnit
from pages.language import find_other_name, label_word, say_name
from pages.lists.list_blocks import build_project_block, build_sum_block, build_summary_block
from pages.parts.blocks import (
    WITH_POINTS,
    Block,
    PageCell,
    PageColumn,
    PageTable,
    build_block,
    build_tools,
    call_api,
    choose_money_unit,
    count_cell,
    fill_table,
    list_definitions,
    name_cell,
    name_column,
    number_cell,
    text_cell,
    word_column,
    write_count,
    write_percent,
    write_sum,
)
from pages.parts.claims import say_nature, say_time, source_cell, write_claimed
from pages.parts.rows import RowNames
from pages.parts.summary_tables import fold_summary, money_cell, read_question
from pages.records.project_page import ShownRow
from pages.views import PageView
from parks.models import Park, TimelineEntry
from projects.models import Funding
from sheets.amounts import write_money


def build_flow_block(request: HttpRequest, answer: Mapping[str, Any]) -> Block:
    """Build the table of money paid in and completed by quarter, each with all up to then."""
    period, kind = answer["group_by"]
    rows = answer["rows"]
    kinds = [word for word in Funding.Kind if any(row[kind]["value"] == word for row in rows)]
    quarters = {row[period]["value"]: row[period] for row in rows}
    by_place = {(row[period]["value"], row[kind]["value"]): row for row in rows}
    unit = choose_money_unit(row["cumulative"]["amount_cny"] for row in rows)
    heads = [
        PageColumn(label, unit.name, "number")
        for word in kinds
        for label in (str(word.label), _("up to then"))
    ]
    others = [PageColumn(_("In other currencies"))]
    others = others if any(row["other_currencies"] for row in rows) else []
    title = _("Paid in and completed, by quarter")
    question = {**read_question(answer), "cumulative": "true"}
    body = [
        [
            name_cell(name),
            *(
                cell
                for word in kinds
                for cell in list_flow_cells(by_place.get((value, word)), unit)
            ),
            *(others_cell(value, rows) for _column in others),
        ]
        for value, name in quarters.items()
    ]
    table = PageTable(title, [PageColumn(_("Quarter")), *heads, *others], body)
    return build_sum_block(request, "fundings/summary", question, answer, table, "flows")


def others_cell(quarter: str, rows: Iterable[Mapping[str, Any]]) -> PageCell:
    """Make a cell of what was reported in other currencies in a quarter, kind by kind."""
    said = [
        f"{Funding.Kind(row['funding_kind']['value']).label}: "
        f"{write_money(each['value'], each['currency'])}"
        for row in rows
        if row["funding_quarter"]["value"] == quarter
        for each in row["other_currencies"]
    ]
    return PageCell("; ".join(said))


def list_flow_cells(row: Mapping[str, Any] | None, unit: ChartUnit) -> list[PageCell]:
    """List the cells of one kind in one quarter: what came in, and all up to then."""
    if row is None:
        return [number_cell(""), number_cell("")]
    return [
        money_cell(unit, row["amount_cny"], row["list_url"], "amount_cny"),
        money_cell(unit, row["cumulative"]["amount_cny"], ""),
    ]


def build_capacity_block(request: HttpRequest, answer: Mapping[str, Any]) -> Block:
    """Build the table of what running projects are to reach at full capacity.

    Each sum says of how many projects it is known; it is a promise, and no result.
    """
    total = answer["total"]

    def write_reached(name: str) -> PageCell:
        write = write_sum if CHART_MEASURES[name].kind == "money" else write_count
        return number_cell(write(total[name]), value=total[name])

    def count_saying(name: str) -> PageCell:
        known = total["amounts"][name]
        return number_cell(write_count(known["exact"] + known["qualified"]))

    whole = count_cell(total["count"], total["list_url"])
    columns = [
        PageColumn(_("What"), make_cell=lambda name: PageCell(str(CHART_MEASURES[name].title))),
        PageColumn(_("At full capacity"), "", "number", write_reached),
        PageColumn(_("Projects that say so"), "", "number", count_saying),
        PageColumn(_("Of"), "", "number", lambda name: whole),
    ]
    title = _("What its projects are to reach")
    return build_block(
        request,
        "projects/summary",
        read_question(answer),
        title,
        fill_table(title, columns, answer["measures"]),
        "at-capacity",
        definitions=list_definitions(answer),
    )


_NAMED = {"operator": "organisations", "source": "sources"}
_LAND = "count,land_mu,agreed_per_mu"
_IN_SENTENCE = 6  # figures with which the page of a park begins


class ParkListView(PageView):
    """The page at /parks: each with how many projects, from the summary of all."""

    template_name = "pages/list.html"
    section = "parks"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        parks = self.ask("parks", {**self.query.dict(), "limit": "500"})
        question = {"group_by": "park", "measures": "count,investment_cny"}
        summed = self.ask("projects/summary", question)
        counts = {row["park"]["value"]: row for row in summed["rows"]}
        rows = sorted(
            parks["results"],
            key=lambda park: -counts.get(park["code"], {"count": 0})["count"],
        )
        title = _("Parks")
        return {
            "title": title,
            "blocks": [
                build_block(
                    self.request,
                    "parks",
                    self.query,
                    _("List of parks"),
                    tabulate_parks(rows, counts),
                    endings=WITH_POINTS,
                )
            ],
        }


class ParkPageView(PageView):
    """The page at /parks/{code}."""

    template_name = "pages/park.html"
    section = "parks"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        code = kwargs["code"]
        park = self.ask(f"parks/{code}", self.query)
        overview = self.ask(f"parks/{code}/overview", self.query)
        timeline = self.ask("timeline", {"park": code, "limit": "100", "ordering": "happened_on"})
        names = RowNames(self.ask, [park, *timeline["results"]], _NAMED)
        return {
            "title": say_name(park),
            "other_name": text_cell(find_other_name(park)),
            "facts": list_park_facts(park, names),
            "sentence": say_figures(park["figures"][:_IN_SENTENCE]),
            "cards": [build_card(claim) for claim in park["figures"]],
            "projects": build_project_block(
                self, _("Its projects, the largest first"), {"park": code}
            ),
            "follow_through": replace(
                build_rates(
                    overview["follow_through"],
                    call_api(self.request, f"parks/{code}/overview", self.query),
                ),
                # The same rates, year by year and in all
                tools=build_tools("projects/cohorts", change_query(self.query, park=code)),
            ),
            "blocks": [
                *self.build_money(overview),
                *self.build_summaries(overview),
                *self.build_capital(code),
            ],
            "timeline": [describe_entry(entry, names) for entry in timeline["results"]],
            "page": Block(
                "",
                call=call_api(self.request, f"parks/{code}", self.query),
                tools=build_tools("figures", {"park": code}),
            ),
        }

    def build_summaries(self, overview: ShownRow) -> list[Block]:
        """Build the tables of the parts of the overview; those without rows are left out."""
        parts = {
            "stages": (_("How far its projects are"), _("Stage")),
            "sectors": (_("In which industries"), _("Sector")),
            "sizes": (_("How large they are"), _("Size of the investment")),
            "signed": (_("Signed by year"), _("Year")),
        }
        blocks = [
            build_summary_block(self, overview[part], title, head, part)
            for part, (title, head) in parts.items()
            if overview[part]["rows"]
        ]
        origins = fold_summary(overview["origins"], "origin_group")
        if origins["rows"]:
            title = _("Where they come from")
            blocks.insert(1, build_summary_block(self, origins, title, _("Origin"), "origins"))
        return blocks

    def build_capital(self, code: str) -> list[Block]:
        """Build the table of whose capital comes, and how much land it takes, if any is known."""
        question = {"park": code, "counts_in_totals": "true", "group_by": "capital_type"}
        answer = self.ask("projects/summary", {**question, "measures": _LAND})
        is_known = any(row["capital_type"]["value"] for row in answer["rows"])
        if not is_known and answer["total"]["land_mu"] is None:
            return []
        title = _("Whose capital, and how much land")
        return [build_summary_block(self, answer, title, _("Capital"), "capital")]

    def build_money(self, overview: ShownRow) -> list[Block]:
        """Build what came in, and what is to be reached; nothing where nobody reports it."""
        capacity = overview["at_capacity"]
        blocks = []
        if overview["flows"]["rows"]:
            blocks.append(build_flow_block(self.request, overview["flows"]))
        if any(capacity["total"][name] is not None for name in capacity["measures"]):
            blocks.append(build_capacity_block(self.request, capacity))
        return blocks


def tabulate_parks(parks: Sequence[ShownRow], counts: Mapping[str, ShownRow]) -> PageTable:
    """Make a table of parks, with how many projects each has."""

    def count_projects(park: ShownRow) -> PageCell:
        row = counts.get(park["code"])
        return count_cell(row["count"], row["list_url"]) if row else number_cell("0")

    columns = [
        name_column(_("Park"), "parks"),
        word_column(_("Kind"), "kind", Park.Kind),
        name_column(_("Region"), "regions", "region", "region_name"),
        PageColumn(_("Projects"), "", "number", count_projects),
    ]
    return fill_table(_("Parks"), columns, parks)


def list_park_facts(park: ShownRow, names: RowNames) -> list[tuple[str, PageCell]]:
    """List what is known of a park, each with its label."""
    return [
        (_("Kind"), PageCell(label_word(Park.Kind, park["kind"]))),
        (
            _("Region"),
            name_cell(park, find_row_page("regions", park["region"]), "region_name"),
        ),
        (_("Operator"), names.link_row(park, "operator")),
        (_("Also called"), text_cell(pgettext("between names", ", ").join(park["aliases"]))),
        (_("Source"), names.link_row(park, "source")),
        (_("Note"), text_cell(park["note"])),
    ]


def say_figures(claims: Sequence[ShownRow]) -> list[dict[str, str]]:
    """Say the first figures of a park as parts of a sentence, each with its list of claims.

    A part says its day where that is not the day of the part before.
    """
    return [
        {
            "words": say_of_what(claim, "" if say_time(claim) == said_before else say_time(claim)),
            "value": write_claimed(claim),
            "href": find_page(claim["claims_url"]),
        }
        for claim, said_before in zip(claims, ["", *map(say_time, claims)], strict=False)
    ]


def say_of_what(claim: ShownRow, day: str) -> str:
    """Say within a sentence what a claim is about, what is not yet so, and as of which day."""
    words = say_name(claim, "indicator_name")
    if words[1:2].islower():  # no abbreviation
        words = words[0].lower() + words[1:]
    if claim["nature"] != "actual":
        words = _("%(words)s (%(nature)s)") % {"words": words, "nature": say_nature(claim)}
    return _("As of %(day)s: %(words)s") % {"day": day, "words": words} if day else words


def build_card(claim: ShownRow) -> dict[str, Any]:
    """Build the card of a headline figure: value, what it is, day, source, other claims."""
    return {
        "label": name_cell(claim, prefix="indicator_name"),
        "value": write_claimed(claim),
        "nature": say_nature(claim),
        "time": say_time(claim),
        "scope": text_cell(claim["scope_text"]),
        "source": source_cell(claim),
        "others": claim["others"],
        "href": find_page(claim["claims_url"]),
    }


def build_rates(answer: ShownRow, call: str) -> Block:
    """Build the table of what became of what was signed: each rate with what it is made of.

    A rate of nothing is left out; where all are, there is no table but a sentence.
    """

    def percent(rate: ShownRow) -> PageCell:
        return number_cell(write_percent(rate["percent"]), rate["numerator_list_url"])

    def at_most(rate: ShownRow) -> PageCell:
        return number_cell(write_percent(rate["percent_at_most"]))

    columns = [
        PageColumn(_("Rate"), make_cell=name_cell),
        PageColumn(_("Reached"), "", "number", lambda rate: make_rate_cell(rate, "numerator")),
        PageColumn(_("Of"), "", "number", lambda rate: make_rate_cell(rate, "denominator")),
        PageColumn(_("In percent"), "%", "number", percent),
        PageColumn(_("Not known"), "", "number", lambda rate: make_rate_cell(rate, "not_known")),
        PageColumn(_("At most"), "%", "number", at_most),
    ]
    rates = [rate for rate in answer["rates"].values() if rate["denominator"]]
    title = _("What became of what was signed")
    return Block(
        title,
        fill_table(title, columns, rates) if rates else None,
        "follow-through",
        lead="" if rates else _("None of them is known as signed, so there is nothing to rate."),
        notes=[say_of_rate(rate, "withheld") for rate in rates if rate["withheld"]],
        definitions=[say_of_rate(rate, "meaning") for rate in rates],
        call=call,
    )


def say_of_rate(rate: ShownRow, name: str) -> str:
    """Say what an answer says of a rate, after what the rate is called."""
    return _("%(condition)s: %(value)s") % {"condition": say_name(rate), "value": rate[name]}


def make_rate_cell(rate: ShownRow, part: str) -> PageCell:
    """Make a cell of what a rate is made of: projects, or an amount."""
    number, url = rate[part], rate[f"{part}_list_url"]
    if rate["unit"] == "projects":
        return count_cell(number, url)
    measure = "paid_in_cny" if part == "numerator" else "investment_cny"
    return number_cell(write_sum(number), url if number else "", "", number, measure)


def describe_entry(entry: ShownRow, names: RowNames) -> dict[str, Any]:
    """Describe an entry of a timeline: when, what, and who says so."""
    return {
        "day": entry["happened_on"] or _("day unknown"),
        "kind": label_word(TimelineEntry.Kind, entry["kind"]),
        "name": name_cell(entry),
        "note": text_cell(entry["note"]),
        "source": names.link_row(entry, "source"),
    }
