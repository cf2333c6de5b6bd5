"""Names of rows that are known by code, and projects and tags in tables."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy

from pages.addresses import find_row_page
from pages.language import label_word
from pages.parts import blocks
from projects.models import Light, RuleKind
from projects.models.words import MILESTONE_TYPES, InvestmentBasis, Stage
from sheets.dates import PartialDate

NamedBy = Mapping[str, str]  # fields that hold codes, each with the list of the API that has them
AskList = Callable[[str, Mapping[str, Any]], Any]

SUBJECT_LISTS: NamedBy = {
    "park": "parks",
    "region": "regions",
    "region_group": "region-groups",
    "organisation": "organisations",
    "project": "projects",
    "event": "events",
}
PART_LISTS: NamedBy = {
    "origin": "regions",
    "origin_group": "region-groups",
    "sector": "sectors",
    "sector_group": "sector-groups",
    "place": "regions",
}


class RowNames:
    """Rows that other rows refer to, by list and code."""

    def __init__(self, ask: AskList, rows: Iterable[Mapping[str, Any]], lists: NamedBy) -> None:
        self.lists = lists
        codes: dict[str, set[str]] = {}
        for row in rows:
            for name, resource in lists.items():
                if row.get(name):
                    codes.setdefault(resource, set()).add(row[name])
        self.found = {
            (resource, row["code"]): row
            for resource, wanted in codes.items()
            for row in ask_by_codes(ask, resource, sorted(wanted))
        }

    def get_row(self, row: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        """Get the row that a field refers to, or only its code if it is not readable."""
        code = row.get(name) or ""
        return self.found.get((self.lists[name], code), {"code": code})

    def link_row(self, row: Mapping[str, Any], name: str) -> blocks.PageCell:
        """Make a cell of the row that a field refers to, which links to its page."""
        return blocks.name_cell(
            self.get_row(row, name), find_row_page(self.lists[name], row.get(name))
        )

    def link_column(self, label: str, name: str) -> blocks.PageColumn:
        return blocks.PageColumn(label, make_cell=lambda row: self.link_row(row, name))


def ask_by_codes(ask: AskList, resource: str, codes: list[str]) -> list[Mapping[str, Any]]:
    """Fetch the names of the rows with these codes, at most one page."""
    fields = "code,title" if resource == "sources" else "code,name_zh,name_en"
    question = {"code": ",".join(codes), "fields": fields, "limit": len(codes)}
    return ask(resource, question)["results"]


def tabulate_projects(
    rows: Sequence[Mapping[str, Any]], *, with_park: bool = True
) -> blocks.PageTable:
    """Make a table of projects; leave the park out if all have the same."""

    def link_sector(row: Mapping[str, Any]) -> blocks.PageCell:
        if not row["sector"]:
            return blocks.text_cell(row["sector_text"])
        return blocks.name_cell(row, find_row_page("sectors", row["sector"]), "sector_name")

    columns = [
        blocks.name_column(_("Project"), "projects"),
        *([blocks.name_column(_("Park"), "parks", "park", "park_name")] if with_park else []),
        blocks.name_column(_("Origin"), "regions", "origin", "origin_name"),
        blocks.PageColumn(_("Sector"), make_cell=link_sector),
        blocks.PageColumn(_("Stage"), order="stage_on", make_cell=stage_cell),
        blocks.PageColumn(_("Investment"), "", "number", investment_cell, "investment_cny"),
        blocks.period_column(_("Signed"), "signed_on"),
    ]
    caption = _("Projects, %(count)d on this page") % {"count": len(rows)}
    return replace(blocks.fill_table(caption, columns, rows), is_list=True)


def news_cell(row: Mapping[str, Any]) -> blocks.PageCell:
    """Make a cell of the last news, as exactly as its day is known: 2024-07 if only the month."""
    news = row["news_on"]
    known = [day for name in ("stage_on", "signed_on", "reported_on") if (day := row.get(name))]
    same = (day for day in known if str(PartialDate.parse(day).last) == news)
    return blocks.day_cell(min(same, key=len, default=news))


# What the kinds of rules say of a project
_WHY_LIT: Mapping[str, Any] = {
    RuleKind.LATE: gettext_lazy("%(step)s: %(days)s days past the planned day"),
    RuleKind.PROMISED: gettext_lazy("%(step)s: %(days)s days past the promised day"),
    RuleKind.FOLLOWING: gettext_lazy("%(step)s: has not followed for %(days)s days"),
    RuleKind.BEHIND: gettext_lazy("%(points)s points behind the year's plan"),
    RuleKind.SILENT: gettext_lazy("%(days)s days without news"),
}


def light_cell(row: Mapping[str, Any]) -> blocks.PageCell:
    """Make a cell of a light, a coloured mark, with why it is lit and until when it is excused."""
    days, why = row["days"] or 0, _WHY_LIT.get(row["kind"], "")
    if row["kind"] in (RuleKind.LATE, RuleKind.PROMISED) and days <= 0:
        why = gettext_lazy("%(step)s: %(days)s days left")
    if row["kind"] == RuleKind.SILENT and row["days"] is None:
        why = gettext_lazy("no news yet")
    step = dict(MILESTONE_TYPES).get(row["step"], "")
    note = str(why) % {"step": step, "days": abs(days), "points": row["points"]}
    return blocks.PageCell(
        label_word(Light, row["light"]), note=note, colour=f"light {row['light']}"
    )


def stage_cell(row: Mapping[str, Any]) -> blocks.PageCell:
    return blocks.PageCell(label_word(Stage, row["stage"]), note=row["stage_on"] or "")


def investment_cell(row: Mapping[str, Any]) -> blocks.PageCell:
    """Make a cell of the amount of a project, with its basis; see `complete_amounts`."""
    amount = blocks.write_amount(row["investment_cny"], row["investment_qualifier"])
    return blocks.number_cell(
        row.get("other_amount", amount),
        note=label_word(InvestmentBasis, row["investment_basis"]),
        value=row["investment_cny"],
    )


def tabulate_tags(
    tags: Sequence[Mapping[str, Any]], names: RowNames, title: str
) -> blocks.PageTable:
    def write_term(tag: Mapping[str, Any]) -> blocks.PageCell:
        if tag["valid_from"] or tag["valid_to"]:
            return blocks.text_cell(f"{tag['valid_from'] or ''} – {tag['valid_to'] or ''}".strip())
        return blocks.text_cell(str(tag["year"] or ""))

    columns = [
        blocks.PageColumn(_("Tag"), make_cell=lambda tag: blocks.name_cell(tag, prefix="tag_name")),
        blocks.PageColumn(_("Year or term"), make_cell=write_term),
        blocks.text_column(_("Detail"), "detail"),
        names.link_column(_("Source"), "source"),
    ]
    return blocks.fill_known_columns(title, columns, tags)
