"""The pages of organisations, regions and sources: facts, and what the ledger has about each."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any

from django.utils.translation import gettext as _, gettext_lazy, pgettext

from api.asking import RefusedError, title_list
from pages.addresses import change_query, find_row_page, join_address
from pages.charts.table import NO_AMOUNT
from pages.language import label_word
from pages.lists.list_blocks import (
    build_claim_block,
    build_project_block,
    build_row_block,
    build_timeline_block,
)
from pages.parts.blocks import (
    Block,
    PageCell,
    PageColumn,
    PageTable,
    Tool,
    count_cell,
    day_cell,
    fill_table,
    find_local_day,
    keep_filled,
    name_cell,
    note_cell,
    number_cell,
    text_cell,
    write_measure,
)
from pages.parts.rows import RowNames, tabulate_tags
from pages.views import PageView
from parks.access import Publication
from parks.models import Organisation, Region, Source
from projects.tracking.editions import EDITION_PARTS

ShownRecord = Mapping[str, Any]
Facts = list[tuple[str, PageCell]]

_MOST_TAGS = "100"
_OF_ROWS = ("measure", "part")  # which projects of an edition are listed
_NAMED = {"region": "regions", "parent": "organisations", "source": "sources"}
# Summaries of the projects from a region, and of those there: dimension, title, head, anchor
_LEAVING = (
    ("park_province", gettext_lazy("Where its projects go"), gettext_lazy("Province"), "to"),
    ("stage", gettext_lazy("How far those from here are"), gettext_lazy("Stage"), "from-stages"),
)
_COMING = (
    ("origin_group", gettext_lazy("From where projects come here"), gettext_lazy("Origin"), "from"),
    ("stage", gettext_lazy("How far those here are"), gettext_lazy("Stage"), "stages"),
)
_CITED = ("figures", "projects", "events", "parks", "timeline", "people", "organisations")


class RecordPageView(PageView):
    """A page of one row: its facts, and tables of what refers to it."""

    template_name = "pages/record.html"

    def build_ways(
        self, filters: Mapping[str, str], ways: Iterable[Sequence[Any]], measures: str = ""
    ) -> list[Block]:
        """Build summaries of the projects that filters select, each by one dimension."""
        asked = {**filters, **({"measures": measures} if measures else {})}
        return [
            self.build_summary(
                self.ask("projects/summary", {**asked, "group_by": dimension}),
                str(title),
                str(head),
                anchor,
            )
            for dimension, title, head, anchor in ways
        ]


class OrganisationPageView(RecordPageView):
    """The page at /organisations/{code}: its investments, its parks, and claims about it."""

    section = "projects"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        address = f"organisations/{kwargs['code']}"
        organisation = self.ask(address, self.query)
        code, question = organisation["code"], {"organisation": organisation["code"]}
        total = self.ask("projects/summary", question)["total"]
        invests = (_("Projects in which it invests"), count_cell(total["count"], total["list_url"]))
        said = [
            *self.build_tags(code, _("Tags")),
            *self.build_tags(organisation["parent"], _("Tags of its group")),
            build_claim_block(self, _("What is said of it"), question, {"subject"}),
            build_row_block(self, "parks", _("Parks that it runs"), {"operator": code}),
            build_row_block(self, "organisations", _("What belongs to it"), {"parent": code}),
        ]
        return {
            **self.build_head(address, organisation),
            "facts": [invests, *self.list_organisation_facts(organisation)],
            **(self.build_projects(question) if total["count"] else {}),
            "blocks": keep_filled(said),
        }

    def list_organisation_facts(self, organisation: ShownRecord) -> Facts:
        names = RowNames(self.ask, [organisation], _NAMED)
        aliases = pgettext("between names", ", ").join(organisation["aliases"])
        ownership = label_word(Organisation.Ownership, organisation["ownership"])
        return [
            (_("Also called"), text_cell(aliases)),
            (_("Unified social credit code"), PageCell(organisation["uscc"])),
            (_("Kind"), text_cell(label_word(Organisation.Kind, organisation["kind"]))),
            (_("Ownership"), text_cell(ownership)),
            (_("Region"), names.link_row(organisation, "region")),
            (_("Part of"), names.link_row(organisation, "parent")),
            (_("Source"), names.link_row(organisation, "source")),
            (_("Note"), note_cell(organisation["note"])),
        ]

    def build_tags(self, code: str | None, title: str) -> list[Block]:
        if code is None:
            return []
        address = f"organisations/{code}/tags"
        tags = self.ask(address, {"limit": _MOST_TAGS, "ordering": "-year"})["results"]
        names = RowNames(self.ask, tags, {"source": "sources"})
        return [self.build_block(address, {}, tabulate_tags(tags, names, title))]

    def build_projects(self, question: Mapping[str, str]) -> dict[str, list[Block]]:
        """Build the list of the projects in which it invests, by stage and place."""
        title = _("Projects in which it invests, the largest first")
        ways = (
            ("stage", _("Projects by stage"), _("Stage"), "stage"),
            ("park", _("In which parks"), _("Park"), "park"),
        )
        return {
            "first": [build_project_block(self, title, question)],
            "summaries": self.build_ways(question, ways),
        }


class RegionPageView(RecordPageView):
    """The page at /regions/{code}: projects from and in a region or a group."""

    section = "figures"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        resource, region = self.find_row(kwargs["code"])
        code = region["code"]
        from_here, to_here = {"origin": code}, {"park_region": code}
        leaving, coming = (
            self.ask("projects/summary", filters)["total"] for filters in (from_here, to_here)
        )
        is_group = resource == "region-groups"
        facts = list_group_facts(region) if is_group else self.list_region_facts(region)
        members = [member["region"] for member in region["members"]] if is_group else []
        subject = {"region_group" if is_group else "region": code}
        measures = "count,investment_cny"
        return {
            **self.build_head(f"{resource}/{code}", region),
            "facts": [
                *facts,
                (_("Projects from there"), count_cell(leaving["count"], leaving["list_url"])),
                (_("Projects there"), count_cell(coming["count"], coming["list_url"])),
            ],
            "first": keep_filled([build_claim_block(self, _("What is said of it"), subject)]),
            "summaries": [
                *(self.build_ways(from_here, _LEAVING, measures) if leaving["count"] else []),
                *(self.build_ways(to_here, _COMING, measures) if coming["count"] else []),
            ],
            "blocks": keep_filled(self.build_rows(code, members, leaving["count"] > 0)),
        }

    def find_row(self, code: str) -> tuple[str, ShownRecord]:
        """Find a region, else a group of regions, by its code; returns its list, too."""
        try:
            return "regions", self.ask(f"regions/{code}", self.query)
        except RefusedError as refusal:
            if refusal.status != HTTPStatus.NOT_FOUND:
                raise
            try:
                return "region-groups", self.ask(f"region-groups/{code}", self.query)
            except RefusedError as of_groups:
                raise (refusal if code.isdecimal() else of_groups) from of_groups

    def list_region_facts(self, region: ShownRecord) -> Facts:
        names = RowNames(self.ask, [region], {"parent": "regions"})
        return [
            (_("Part of"), names.link_row(region, "parent")),
            (_("Level"), PageCell(label_word(Region.Level, region["level"]))),
            (_("Code"), PageCell(region["code"])),
        ]

    def build_rows(self, code: str, members: Sequence[str], has_projects: bool) -> Iterator[Block]:
        if members:
            question = {"code": ",".join(dict.fromkeys(members))}
            yield build_row_block(self, "regions", _("Regions in it"), question)
        yield build_row_block(self, "parks", _("Parks there"), {"region": code})
        yield build_row_block(self, "events", _("Signing events there"), {"region": code})
        happened = {"region_group" if members else "related_region": code}
        yield build_timeline_block(self, happened)
        if has_projects:
            title = _("Projects from there, the largest first")
            yield build_project_block(self, title, {"origin": code})


def list_group_facts(group: ShownRecord) -> Facts:
    return [
        (_("Meaning"), name_cell(group, prefix="definition")),
        (_("Also called"), text_cell(pgettext("between names", ", ").join(group["aliases"]))),
        (_("Source"), text_cell(group["source"])),
        (_("Code"), PageCell(group["code"])),
    ]


class SourcePageView(RecordPageView):
    """The page at /sources/{code}: its publisher, and all records from it."""

    section = "about"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        address = f"sources/{kwargs['code']}"
        source = self.ask(address, self.query)
        cited = {name: each for name, each in source["cited_by"].items() if each["count"]}
        counted = tabulate_cited(cited, self.call_api(address, {"fields": "cited_by"}))
        return {
            **self.build_head(address, source),
            "facts": [
                (_("Publisher"), text_cell(source["publisher"])),
                (_("Author"), text_cell(source["author"])),
                (_("Published on"), day_cell(source["published_on"])),
                (_("Kind"), PageCell(label_word(Source.Kind, source["kind"]))),
                (_("Address"), PageCell(source["url"], source["url"])),
                (_("What was read"), PageCell(_("a copy") if source["is_copy"] else "")),
                (_("Note"), note_cell(source["note"])),
            ],
            "first": [replace(counted, more=self.link_claims(source["published_on"]))],
            "blocks": [
                self.build_cited(name, {"source": source["code"]})
                for name in _CITED
                if name in cited
            ],
        }

    def link_claims(self, day: str | None) -> list[Tool]:
        """Link to what was said last of each thing when this was published."""
        known = join_address("/figures", {"as_of_max": day or "", "latest": "1"})
        return (
            [Tool(_("Figures as they were known on %(day)s") % {"day": day}, known)] if day else []
        )

    def build_cited(self, name: str, question: Mapping[str, str]) -> Block:
        if name == "figures":
            return build_claim_block(self, _("What it says in numbers"), question, {"source"})
        if name == "projects":
            return build_project_block(self, _("Projects that rest on it"), question)
        return build_row_block(self, name, "", question)


def tabulate_cited(cited: Mapping[str, Any], call: str) -> Block:
    """Build the block that counts the records from a source, each kind with its list."""
    title = _("Records from this source")
    columns = [PageColumn(_("List")), PageColumn(_("Entries"), kind="number")]
    rows = [
        [PageCell(title_list(name)), count_cell(cited[name]["count"], cited[name]["list_url"])]
        for name in _CITED
        if name in cited
    ]
    return Block(title, PageTable(title, columns, rows), "cited", call=call)


class EditionPageView(RecordPageView):
    """The page at /editions/{code}: last figure + new + corrections = this figure, with lists."""

    section = "parks"

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        address = f"editions/{kwargs['code']}"
        asked = {name: self.query.pop(name)[0] for name in _OF_ROWS if name in self.query}
        row = self.ask(address, self.query)
        names = RowNames(self.ask, [row], {"park": "parks"})
        facts: Facts = [
            (_("Park"), names.link_row(row, "park")),
            (_("Month"), day_cell(row["month"])),
            (_("Status"), PageCell(label_word(Publication, row["publication"]))),
            (_("Closed at"), day_cell(find_local_day(row["closed_at"]))),
            (_("Note"), text_cell(row["note"])),
        ]
        table = tabulate_edition(_("Figures"), _("Measure"), row["figures"], self.link_parts)
        figures = self.build_block(f"{address}/figures", {}, table, "figures")
        shown = [replace(figures, call=self.call_api(address, self.query))]
        if asked:
            rows = self.ask(f"{address}/rows", asked)
            table = tabulate_edition(_("Projects"), _("Project"), rows, lambda row, part: "")
            shown.append(self.build_block(f"{address}/rows", asked, table, "rows"))
        title = row["name"] or row["month"]
        return {**self.build_head(address, {"title": title}), "facts": facts, "blocks": shown}

    def link_parts(self, row: ShownRecord, part: str) -> str:
        """Return the address of the projects that make a part of a figure."""
        asked = change_query(self.query, measure=row["measure"], part=part)
        return f"{join_address(self.request.path, asked)}#rows" if row[part] else ""


def tabulate_edition(
    title: str, head: str, rows: Sequence[ShownRecord], link: Callable[[ShownRecord, str], str]
) -> PageTable:
    """Tabulate figures of an edition, or what projects add to one."""

    def write_part(row: ShownRecord, part: str) -> PageCell:
        if row.get("known") == 0 and not row["measure"].endswith("_count"):
            return number_cell(NO_AMOUNT)
        text = write_measure(row["measure"], row[part])
        return number_cell(text, link(row, part), value=row[part])

    columns = [
        PageColumn(
            head,
            make_cell=lambda row: name_cell(row, find_row_page("projects", row.get("project"))),
        ),
        *(
            PageColumn(str(label), kind="number", make_cell=partial(write_part, part=part))
            for part, label in EDITION_PARTS.items()
        ),
    ]
    return fill_table(title, columns, rows)
