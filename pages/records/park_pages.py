"""The pages of parks: the list, one park, and its flows of money and targets."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, pgettext

from pages.addresses import change_query, find_page, find_row_page, join_address, narrow_list
from pages.charts.table import NO_AMOUNT
from pages.language import label_word, say_name
from pages.lists.list_blocks import (
    IN_TOTALS,
    build_overview_blocks,
    build_project_block,
    build_timeline_block,
)
from pages.lists.record_lists import REGION_FIELD, WORDS_FIELD, FormField, RecordListView
from pages.parts import blocks, claims, summary_tables
from pages.parts.rows import RowNames
from pages.records.project_page import ShownRow
from pages.views import PageView
from parks.models import Nature, Park
from projects.models import Funding
from projects.models.words import Stage
from sheets.amounts import say_money


def build_flow_block(page: PageView, answer: Mapping[str, Any]) -> blocks.Block:
    """Build the table of payments and completed investment by quarter; the chart adds them up."""
    period, kind = answer["group_by"]
    rows, quarters = answer["rows"], dict[str, dict[str, ShownRow]]()
    unit = blocks.choose_money_unit(row["amount_cny"] for row in rows)
    for row in rows:
        quarters.setdefault(row[period]["value"], {})[row[kind]["value"]] = row

    def write_paid(quarter: Mapping[str, ShownRow], word: str) -> blocks.PageCell:
        if not (row := quarter.get(word)):
            return blocks.number_cell("")
        return summary_tables.money_cell(unit, row["amount_cny"], row["list_url"], "amount_cny")

    def name_quarter(quarter: Mapping[str, ShownRow]) -> blocks.PageCell:
        return blocks.name_cell(next(iter(quarter.values()))[period])

    columns = [blocks.PageColumn(_("Quarter"), make_cell=name_quarter)]
    for word in Funding.Kind:
        if any(word in quarter for quarter in quarters.values()):
            write = partial(write_paid, word=word)
            columns.append(blocks.PageColumn(str(word.label), unit.name, "number", write))
    if any(row["other_currencies"] for row in rows):
        columns.append(blocks.PageColumn(_("In other currencies"), make_cell=list_other_currencies))
    table = blocks.fill_table(_("Paid in and completed, by quarter"), columns, quarters.values())
    question = {**summary_tables.read_question(answer), "cumulative": "true"}
    resource = "fundings/summary"
    picture = summary_tables.plan_picture(page.picture_root, resource, question, answer)
    return page.build_sums(answer, table, "flows", question, resource=resource, picture=picture)


def list_other_currencies(quarter: Mapping[str, ShownRow]) -> blocks.PageCell:
    said = [
        f"{label_word(Funding.Kind, word)}: {say_money(each['value'], each['currency'])}"
        for word, row in quarter.items()
        for each in row["other_currencies"]
    ]
    return blocks.PageCell("; ".join(said))


def build_capacity_block(page: PageView, answer: Mapping[str, Any]) -> blocks.Block:
    """Build the table of what running projects promise to reach at full capacity."""
    table = summary_tables.tabulate_total(answer, _("What its projects are to reach"))
    return page.build_sums(answer, table, "at-capacity", endings=blocks.TABLE_FILES)


_NAMED = {"operator": "organisations", "source": "sources"}
_SERIES_SHOWN = 4  # figures of a park, at most
_LAND = "count,land_mu,agreed_per_mu"


class ParkListView(RecordListView):
    """The page at /parks: each with how many projects, from the summary of all."""

    resource = "parks"
    section = "parks"
    heading = gettext_lazy("Parks")
    lead = ""
    fields = (
        WORDS_FIELD,
        REGION_FIELD,
        FormField("kind", gettext_lazy("Kind"), choices=Park.Kind.choices),
        FormField("brand", gettext_lazy("Brand"), gettext_lazy("Zhongguancun")),
    )

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        page = self.ask("parks", {"limit": "500", **self.query.dict()})
        summed = self.ask("projects/summary", {"group_by": "park", "measures": "count"})
        counts = {row["park"]["value"]: row for row in summed["rows"]}

        def count_projects(park: ShownRow) -> blocks.PageCell:
            row = counts.get(park["code"])
            return (
                blocks.count_cell(row["count"], row["list_url"]) if row else blocks.number_cell("0")
            )

        columns = [
            blocks.name_column(_("Park"), "parks"),
            blocks.word_column(_("Kind"), "kind", Park.Kind),
            blocks.name_column(_("Region"), "regions", "region", "region_name"),
            blocks.PageColumn(_("Projects"), "", "number", count_projects),
        ]
        nothing = {"count": 0}
        rows = sorted(page["results"], key=lambda park: -counts.get(park["code"], nothing)["count"])
        title, table = _("List of parks"), blocks.fill_known_columns(_("Parks"), columns, rows)
        block = self.build_block(
            "parks",
            self.query,
            table,
            endings=blocks.WITH_POINTS,
            title=title,
            more=blocks.list_neighbours(page),
        )
        return {**self.build_form(), "blocks": [block]}


class ParkPageView(PageView):
    template_name = "pages/park.html"
    section = "parks"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        code = kwargs["code"]
        park = self.ask(f"parks/{code}", self.query)
        overview = self.ask(f"parks/{code}/overview", self.query)
        names = RowNames(self.ask, [park], _NAMED)
        question = {**IN_TOTALS, "park": code}
        measures = "count,share,investment_cny"
        asked = {**question, "group_by": summary_tables.ORIGIN, "measures": measures}
        origins = self.ask("projects/summary", asked)
        signed = self.ask("projects/summary", {**question, **summary_tables.BY_STAGE})
        call = self.call_api(f"parks/{code}/overview", self.query)
        rates = build_rates(overview["follow_through"], call)
        # The same rates, year by year and in all
        tools = blocks.build_tools("projects/cohorts", change_query(self.query, park=code))
        funnel = [blocks.Tool(_("Funnel"), join_address("/funnel", {"park": code}))]
        counted = overview["stages"]["total"]["count"]
        return {
            **self.build_head(f"parks/{code}", park, blocks.build_tools("figures", {"park": code})),
            "facts": list_park_facts(park, names),
            "tiles": summary_tables.list_tiles(signed, overview["stages"]),
            "totals": self.build_block("projects/summary", question, None, "totals"),
            "cards": [build_card(claim) for claim in park["figures"]],
            "last": [
                build_project_block(self, _("Its projects, the largest first"), {"park": code}),
                *blocks.keep_filled([build_timeline_block(self, {"park": code})]),
            ],
            "first": [replace(rates, tools=tools, more=funnel)] if counted else [],
            "blocks": [
                *self.build_published(park, signed),
                *self.build_series(park),
                *self.build_money(overview),
                *build_overview_blocks(self, {**overview, "origins": origins}),
                *self.build_capital(code),
            ],
        }

    def build_published(self, park: ShownRow, signed: ShownRow) -> list[blocks.Block]:
        """Build the table of totals that sources publish beside those of the ledger's projects."""
        total, started = signed["total"], summary_tables.add_up_reached(signed, Stage.STARTED)
        agreed = total["investment_by_basis"]["agreed"] or None
        within = narrow_list(total["list_url"], investment_basis="agreed") if agreed else ""
        known = {
            "projects_signed": blocks.count_cell(total["count"], total["list_url"]),
            "projects_started": blocks.count_cell(started["count"], started["list_url"]),
            "agreed_investment": blocks.number_cell(
                blocks.write_sum(agreed), within, "", agreed, "investment_cny"
            ),
        }
        rows = [
            (blocks.name_cell(claim, prefix="indicator_name"), claim, known[claim["indicator"]])
            for claim in park["figures"]
            if claim["indicator"] in known and claim["nature"] == Nature.ACTUAL
        ]
        call = self.call_api(f"parks/{park['code']}/overview", self.query)
        return blocks.keep_filled([replace(build_declared(rows), call=call)])

    def build_series(self, park: ShownRow) -> Iterator[blocks.Block]:
        """Draw the figures of which most is said over time."""
        often = sorted(park["figures"], key=lambda claim: -claim["others"])[:_SERIES_SHOWN]
        for code in dict.fromkeys(claim["indicator"] for claim in often):
            question = {"park": park["code"], "indicator": code}
            if picture := claims.plan_series(self, question):
                said = replace(self.build_block("figures", question, None, code), picture=picture)
                yield replace(said, title=picture.title)

    def build_capital(self, code: str) -> list[blocks.Block]:
        """Build the table of kinds of capital and land, if any is known."""
        question = {"park": code, "counts_in_totals": "true", "group_by": "capital_type"}
        answer = self.ask("projects/summary", {**question, "measures": _LAND})
        is_known = any(row["capital_type"]["value"] for row in answer["rows"])
        if not is_known and answer["total"]["land_mu"] is None:
            return []
        title = _("Capital and land")
        return [self.build_summary(answer, title, _("Capital"), "capital")]

    def build_money(self, overview: ShownRow) -> Iterator[blocks.Block]:
        """Build the tables of payments and of promised results that are reported."""
        capacity = overview["at_capacity"]
        if overview["flows"]["rows"]:
            yield build_flow_block(self, overview["flows"])
        if any(capacity["total"][name] is not None for name in capacity["measures"]):
            yield build_capacity_block(self, capacity)


def list_park_facts(park: ShownRow, names: RowNames) -> list[tuple[str, blocks.PageCell]]:
    return [
        (_("Kind"), blocks.PageCell(label_word(Park.Kind, park["kind"]))),
        (
            _("Region"),
            blocks.name_cell(park, find_row_page("regions", park["region"]), "region_name"),
        ),
        (_("Operator"), names.link_row(park, "operator")),
        (
            _("Brand"),
            blocks.text_cell(park["brand"], join_address("/parks", {"brand": park["brand"]})),
        ),
        (_("Also called"), blocks.text_cell(pgettext("between names", ", ").join(park["aliases"]))),
        (_("Source"), names.link_row(park, "source")),
        (_("Note"), blocks.note_cell(park["note"])),
    ]


def build_declared(rows: Iterable[tuple[blocks.PageCell, Any, blocks.PageCell]]) -> blocks.Block:
    """Build the table of what was published, what of it is known, and the coverage."""
    title = _("Declared, and known project by project")
    heads = (_("Declared"), ""), (_("Known project by project"), ""), (_("Coverage"), "%")
    columns = [
        blocks.PageColumn(_("What")),
        *(blocks.PageColumn(*head, "number") for head in heads),
    ]
    cells = [
        [name, declaration_cell(claim), known, blocks.number_cell(write_coverage(claim, known))]
        for name, claim, known in rows
    ]
    return blocks.Block(title, blocks.PageTable(title, columns, cells), "declared")


def write_coverage(claim: Mapping[str, Any] | None, known: blocks.PageCell) -> str:
    """Write how many percent of a published number are known."""
    whole = claim["value"] if claim else None
    if isinstance(whole, str) or known.value is None:
        return blocks.write_ratio(None, None)
    return blocks.write_ratio(float(known.value), whole)


def declaration_cell(claim: Mapping[str, Any] | None) -> blocks.PageCell:
    """Make a cell of a declaration, which links to the claim; a dash if there is none."""
    if claim is None:
        return blocks.number_cell(NO_AMOUNT)
    note = "" if claim["nature"] == Nature.ACTUAL else claims.say_nature(claim)
    return replace(claims.value_cell(claim), kind="number", note=note)


def build_card(claim: ShownRow) -> dict[str, Any]:
    return {
        "label": blocks.name_cell(claim, prefix="indicator_name"),
        "value": claims.write_claimed(claim),
        "said": " · ".join(
            filter(
                None,
                [claims.say_nature(claim), claims.say_time(claim), claim["printed_conversion"]],
            )
        ),
        "scope": blocks.text_cell(claims.say_scope(claim)),
        "source": claims.source_cell(claim),
        "others": claim["others"],
        "href": find_page(claim["claims_url"]),
    }


def build_rates(answer: ShownRow, call: str) -> blocks.Block:
    """Build the table of what became of what was signed: each rate with what it is made of.

    A rate of nothing is left out; where all are, there is no table but a sentence.
    """

    rates = [rate for rate in answer["rates"].values() if rate["denominator"]]
    heads = (_("Reached"), ""), (_("Of"), ""), (_("In percent"), "%"), (_("Not known"), "")
    columns = [blocks.PageColumn(*head, "number") for head in (*heads, (_("At most"), "%"))]
    rows = [
        [
            blocks.name_cell(rate),
            make_rate_cell(rate, "numerator"),
            make_rate_cell(rate, "denominator"),
            blocks.number_cell(write_rate(rate), rate["numerator_list_url"]),
            make_rate_cell(rate, "not_known"),
            blocks.number_cell(write_at_most(rate)),
        ]
        for rate in rates
    ]
    title = _("What became of what was signed")
    return blocks.Block(
        title,
        blocks.PageTable(title, [blocks.PageColumn(_("Rate")), *columns], rows) if rates else None,
        "follow-through",
        lead="" if rates else _("None of them is known as signed, so there is nothing to rate."),
        notes=[say_of_rate(rate, "withheld") for rate in rates if rate["withheld"]],
        definitions=[say_of_rate(rate, "meaning") for rate in rates],
        call=call,
    )


def write_rate(rate: ShownRow) -> str:
    """Write the percentage of a rate; a dash if it is withheld."""
    is_given = rate["percent"] is not None
    return blocks.write_ratio(rate["numerator"] if is_given else None, rate["denominator"])


def write_at_most(rate: ShownRow) -> str:
    most = (rate["numerator"] or 0) + rate["not_known"]
    return blocks.write_ratio(most, rate["denominator"])


def say_of_rate(rate: ShownRow, name: str) -> str:
    """Write a field of a rate after the name of the rate."""
    return _("%(condition)s: %(value)s") % {"condition": say_name(rate), "value": rate[name]}


def make_rate_cell(rate: ShownRow, part: str) -> blocks.PageCell:
    """Make a cell of a part of a rate: projects, or an amount."""
    number, url = rate[part], rate[f"{part}_list_url"]
    if rate["unit"] == "projects":
        return blocks.count_cell(number, url)
    measure = "paid_in_cny" if part == "numerator" else "investment_cny"
    return blocks.number_cell(blocks.write_sum(number), url if number else "", "", number, measure)
