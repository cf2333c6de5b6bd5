"""The page that compares parks, regions, years of signing and moments."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _, gettext_lazy, pgettext

from api.asking import RefusedError
from api.lists.filters import UNKNOWN, parse_moments
from api.problems.handlers import Remedy
from config.database import history
from pages.addresses import find_page, find_row_page
from pages.language import is_chinese, say_name
from pages.lists.list_blocks import IN_TOTALS, ask_years, build_beside
from pages.lists.record_lists import suggest_names
from pages.parts import blocks
from pages.parts.claims import describe_comparison, gather_claims
from pages.parts.rows import ask_by_codes
from pages.parts.summary_tables import ORIGIN, tabulate_cross, tabulate_summary, write_share
from pages.views import PageView
from parks.models import Region, RegionGroup
from parks.names.names import find_called_region
from projects.lifecycle.rates import ALL_SIGNED, RATES

_SUBJECTS = ("region_group", "region")  # of claims about regions
_CONVERSION = tuple(name for name, rate in RATES.items() if rate.of is ALL_SIGNED)
_MOST_ROWS = 12  # parks whose contracts are followed; more are shown where they are asked for


def split_words(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def show_years(page: PageView, given: str) -> dict[str, Any]:
    """Build the comparison of signing years: origins, amounts, outcomes and stages."""
    questions = ask_years(split_words(given), str(timezone.localdate()))
    by_year = {**IN_TOTALS, "signed_year": given, "group_by": "signed_year"}
    sums = page.ask("projects/summary", by_year)
    return {
        "blocks": [
            build_beside(page, questions, ORIGIN, _("Where the signed projects come from")),
            page.build_summary(sums, _("How much was signed"), _("Year"), "sums"),
            build_cohorts(page, given),
            build_conversion(page, given),
            build_beside(page, questions, "stage", _("Signed projects by stage")),
        ]
    }


def show_moments(page: PageView, given: str) -> dict[str, Any]:
    """Build the comparison of what was known at several moments, the newest first."""
    moments = sorted(split_words(given), key=_find_moment, reverse=True)
    questions = [(moment, {"as_of": moment}) for moment in moments]
    return {
        "blocks": [
            build_beside(page, questions, ORIGIN, _("Where the signed projects come from")),
            build_beside(page, questions, "stage", _("Signed projects by stage")),
        ]
    }


def _find_moment(text: str) -> datetime:
    """Parse a moment; an invalid one is now, as the API rejects it later."""
    try:
        moment = parse_moments(text.strip())[1]
    except ValidationError:
        return history.read_clock()
    return min(moment, history.read_clock())


def build_cohorts(page: PageView, given: str) -> blocks.Block:
    """Build the rates of the contracts of each year, a year a row."""
    question = {"group_by": "signed_year", "signed_year": given}
    rows = page.ask("projects/cohorts", question)["rows"]
    table = tabulate_rates(
        _("What became of what was signed"),
        _("Year"),
        [(blocks.PageCell(str(row["signed_year"])), row["rates"]) for row in rows],
    )
    meanings = [str(RATES[name].meaning) for name in _CONVERSION]
    return page.build_block("projects/cohorts", question, table, "cohorts", definitions=meanings)


def build_conversion(page: PageView, given: str) -> blocks.Block:
    """Build the rates of the contracts of some years, a park a row, those with the most first."""
    question = {**IN_TOTALS, "signed_year": given, "group_by": "park", "measures": "count"}
    found = page.ask("projects/summary", question)["rows"]
    rows = []
    for row in sorted(found, key=lambda row: -row["count"])[:_MOST_ROWS]:
        asked = {"signed_year": given, "park": row["park"]["value"] or UNKNOWN}
        rates = page.ask("projects/cohorts", asked)["total"]["rates"]
        rows.append((blocks.name_cell(row["park"], find_page(row["list_url"])), rates))
    table = tabulate_rates(_("What became of what was signed, park beside park"), _("Park"), rows)
    return page.build_block("projects/summary", question, table, "parks")


def tabulate_rates(
    title: str, head: str, rows: Iterable[tuple[blocks.PageCell, Mapping[str, Any]]]
) -> blocks.PageTable:
    heads = [blocks.PageColumn(str(RATES[name].label), kind="number") for name in _CONVERSION]
    cells = [[cell, *(rate_cell(rates[name]) for name in _CONVERSION)] for cell, rates in rows]
    return blocks.PageTable(title, [blocks.PageColumn(head), *heads], cells)


def rate_cell(rate: Mapping[str, Any]) -> blocks.PageCell:
    """Make a cell of a rate, or of its bounds, with its numerator and denominator."""
    counted = {"count": rate["numerator"], "whole": rate["denominator"]}
    share = write_share(rate["numerator"], rate["not_known"], rate["denominator"])
    note = _("%(count)s of %(whole)s") % counted
    return blocks.number_cell(share, rate["numerator_list_url"], "" if note == share else note)


def show_regions(page: PageView, given: str) -> dict[str, Any]:
    """Build the comparison of regions of origin: claims, signed projects, years and stages."""
    named: dict[str, dict[str, str]] = {}  # by code: a region may be given by several names
    about = {}
    for word in split_words(given):
        if row := find_region(word):
            named[row.code] = {"code": row.code, "name_zh": row.name_zh, "name_en": row.name_en}
            about[row.code] = "region_group" if isinstance(row, RegionGroup) else "region"
        else:
            named[word] = {"code": word}
    regions = [*named.values()]
    questions = [(say_name(region), {"origin": code}) for code, region in named.items()]
    questions.append((_("Together"), {"origin": ",".join(named)}))
    return {
        **build_region_grid(page, regions, about),
        "blocks": [
            build_region_sums(page, regions),
            build_beside(page, questions, "signed_year", _("Signed by year")),
            build_beside(page, questions, "stage", _("Signed projects by stage")),
        ],
    }


def find_region(word: str) -> Region | RegionGroup | None:
    """Find a region or a group by its code or name; None if the API rejects the word later."""
    with suppress(ValidationError):
        return find_called_region(word)
    return None


def build_region_grid(
    page: PageView, regions: Sequence[Mapping[str, Any]], about: Mapping[str, str]
) -> dict[str, Any]:
    """Build the grid of claims about the regions themselves, without those about places in them."""
    claims: list[Mapping[str, Any]] = []
    questions = [
        {name: ",".join(codes), "superseded": "false"}
        for name in _SUBJECTS
        if (codes := [code for code, subject in about.items() if subject == name])
    ]
    for question in questions:
        asked = {**question, "ordering": "-as_of", "limit": "500"}
        found = page.ask("figures", asked)["results"]
        claims += [claim for claim in found if {claim[name] for name in _SUBJECTS} & {*about}]
    columns = {row["code"]: about.get(row["code"], "") for row in regions}
    rows = [describe_comparison(row, columns) for row in gather_claims(claims, _SUBJECTS)]
    if not rows:
        return {}
    heads = [
        blocks.name_cell(row, find_row_page("regions", code if columns[code] else ""))
        for row, code in zip(regions, columns, strict=True)
    ]
    comma = pgettext("between names", ", ")
    tools: list[blocks.Tool] = []
    for question in questions:  # regions and groups of them have separate files
        names = comma.join(say_name(row) for row in regions if about.get(row["code"]) in question)
        found = blocks.build_tools("figures", question)
        tools += [replace(tool, text=f"{tool.text} {names}") for tool in found]
    share = replace(page.build_block("figures", questions[0], None, "figures"), tools=tools)
    return {"heads": heads, "rows": rows, "page": share}


def build_region_sums(page: PageView, regions: Sequence[Mapping[str, Any]]) -> blocks.Block:
    """Build the sums of signed projects by region; the total counts each project once."""
    codes = [region["code"] for region in regions]
    question = {**IN_TOTALS, "origin": ",".join(codes)}
    answer = page.ask("projects/summary", question)
    rows = [
        {**page.ask("projects/summary", {**IN_TOTALS, "origin": region["code"]})["total"]}
        | {ORIGIN: {**region, "value": region["code"]}}
        for region in regions
    ]
    shown = {**answer, "group_by": [ORIGIN], "rows": rows}
    table = tabulate_summary(shown, _("Signed projects from there"), _("Origin"))
    block = page.build_sums(shown, table, "sums", question)
    return replace(block, tools=blocks.build_tools("projects", question))


_MOST_PARKS = 5  # that one chooses; more are shown where they are asked for
_WAYS = {
    "regions": (gettext_lazy("Regions of origin"), show_regions),
    "signed_year": (gettext_lazy("Years of signing"), show_years),
    "as_of": (gettext_lazy("What was known on"), show_moments),
}


class ComparePageView(PageView):
    """The page at /compare: a row an indicator and nature, a column a park."""

    template_name = "pages/compare.html"
    section = "compare"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        if "parks" in self.query:
            return self.build_parks()
        name = self.find_way()
        if not name:  # what else was asked for is refused
            return self.build_parks() if self.query.keys() - {"as_of"} else self.build_form()
        _label, show = _WAYS[name]
        return {**self.build_form(), **show(self, ",".join(self.query.getlist(name)))}

    @property
    def moment(self) -> str | None:
        """Return the moment that the page shows; several moments are compared instead."""
        return None if self.find_way() == "as_of" else super().moment

    def find_way(self) -> str:
        """Return the parameter by which something other than parks is compared, or a blank."""
        if "parks" in self.query:
            return ""
        given = [name for name in _WAYS if name in self.query]
        several = "," in self.query.get("as_of", "")
        return next((name for name in given if name != "as_of" or several), "")

    def build_parks(self) -> Mapping[str, Any]:
        answer = self.ask("parks/compare", self.query)
        parks = answer["parks"]
        names = {park["code"]: park for park in ask_by_codes(self.ask, "parks", parks)}
        in_part = self.find_in_part(answer)
        return {
            **self.build_form(parks),
            "heads": [
                blocks.name_cell(names.get(code, {"code": code}), find_row_page("parks", code))
                for code in parks
            ],
            "rows": [
                describe_comparison(
                    {**row, "claims": row["parks"]}, dict.fromkeys(parks, "park"), in_part
                )
                for row in answer["rows"]
            ],
            "page": self.build_block("parks/compare", self.query, None),
            "blocks": self.build_projects(parks, names),
        }

    def find_in_part(self, answer: Mapping[str, Any]) -> set[tuple[str, str, str]]:
        """Find the park, indicator and nature of claims about parts only, in the empty cells."""
        empty = [row for row in answer["rows"] if None in row["parks"].values()]
        if not empty:
            return set()
        question = {
            "park": ",".join(answer["parks"]),
            "indicator": ",".join(dict.fromkeys(row["indicator"] for row in empty)),
            **{"is_narrowed": "true", "superseded": "false", "limit": "500"},
            "fields": "park,indicator,nature",
        }
        found = self.ask("figures", question)["results"]
        return {(claim["park"], claim["indicator"], claim["nature"]) for claim in found}

    def build_refused(self, refusal: RefusedError) -> Mapping[str, Any]:
        return self.build_form(split_words(",".join(self.query.getlist("parks"))))

    def list_remedies_of(self, error: Mapping[str, Any]) -> list[Remedy]:
        """Suggest the region for a misspelt one, which the API reports as an origin."""
        given = [word.strip() for word in ",".join(self.query.getlist("regions")).split(",")]
        if error.get("parameter") != "origin" or not error.get("suggestion"):
            return super().list_remedies_of(error)
        wrong = next((word for word in given if f"“{word}”" in str(error["detail"])), given[0])
        meant = [error["suggestion"] if word == wrong else word for word in given]
        return super().list_remedies_of(
            {**error, "parameter": "regions", "suggestion": ",".join(meant)}
        )

    def build_form(self, chosen: Sequence[str] = ()) -> dict[str, Any]:
        """Build the head of the page, with one field a park."""
        named = suggest_names(self, "parks", is_placeholder="false")
        names = {row["code"]: name for name, row in named.items()}
        unchosen = [""] * (_MOST_PARKS - len(chosen))
        return {
            "title": _("Compare"),
            "lead": _(
                "What each source says, side by side. Values of different days or natures are not"
                " ranked; where nothing is reported, it says so."
            ),
            "ways": self.list_forms(),
            "named": named,
            "choices": [
                (_("Park %(number)d") % {"number": place + 1}, names.get(code, code))
                for place, code in enumerate([*chosen, *unchosen])
            ],
        }

    def list_forms(self) -> list[dict[str, Any]]:
        """List the other forms, each with an example or the value that was sent."""
        today = timezone.localdate()
        profile = settings.PROFILE
        examples = {
            "regions": profile.compared_zh if is_chinese() else profile.compared_en,
            "signed_year": f"{today.year},{today.year - 1}",
            "as_of": write_moments(today),
        }
        return [
            {
                "name": name,
                "label": label,
                "value": ",".join(self.query.getlist(name)) or examples[name],
            }
            for name, (label, _show) in _WAYS.items()
        ]

    def build_projects(
        self, parks: Sequence[str], names: Mapping[str, Mapping[str, Any]]
    ) -> list[blocks.Block]:
        within = {**IN_TOTALS, "park": ",".join(parks)}
        totals = self.ask(
            "projects/summary", {**within, "group_by": "park", "measures": "count,investment_cny"}
        )
        stages = {**within, "group_by": "stage,park"}
        answer = self.ask("projects/summary", stages)
        how_far = tabulate_cross(answer, _("Signed projects by stage"), _("Stage"))
        counted = {row["park"]["value"] for row in totals["rows"]}
        others = [say_name(names[code]) for code in parks if code in names and code not in counted]
        uncounted = {"parks": pgettext("between names", ", ").join(others)}
        notes = [_("No project that counts in totals: %(parks)s.") % uncounted] if others else []
        return [
            self.build_summary(
                totals, _("Their signed projects"), _("Park"), "projects", notes=notes
            ),
            self.build_block(
                "projects/summary", stages, how_far, "stages", endings=blocks.SUM_FILES
            ),
        ]


def write_moments(today: date) -> str:
    """Write today and a day a year before, or the first of which anything is recorded.

    Blank on the first day, which has none before it.
    """
    first = timezone.localdate(history.first_moment() or timezone.now())
    before = max(first, today.replace(day=min(today.day, 28), year=today.year - 1))
    return f"{today},{before}" if before < today else ""
