"""The pages of the lists beside projects: sources, organisations, regions, a timeline."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy, pgettext

from config.api.asking import RefusedError
from parks.models import HiTech, Region, Sector, Source, TimelineEntry
from projects.models import Funding
from projects.pages.addresses import change_query, find_row_page, join_address
from projects.pages.language import label_word, say_name
from projects.pages.lists.conditions import list_chips
from projects.pages.lists.list_forms import FormField, build_list_form
from projects.pages.parts.blocks import (
    Block,
    PageCell,
    PageColumn,
    PageTable,
    build_tools,
    call_api,
    day_cell,
    drop_empty_columns,
    list_neighbours,
    name_cell,
    number_cell,
    text_cell,
)
from projects.pages.parts.numbers import write_flow
from projects.pages.parts.project_rows import link_projects_of_sector
from projects.pages.parts.row_names import SUBJECT_LISTS, NamedBy, RowNames, name_conditions
from projects.pages.views import PageView

ListedRow = Mapping[str, Any]
ColumnHead = tuple[str | Promise, str]  # its label and the kind of its cells

WORDS_FIELD = FormField("q", gettext_lazy("Words"))
REGION_FIELD = FormField("region", gettext_lazy("Region"), gettext_lazy("Zhejiang, yrd"))


class RecordListView(PageView):
    """A page of a list of the API: its form, and a table of a page of its rows."""

    template_name = "pages/narrowed_list.html"
    section = "about"
    resource: ClassVar[str]
    heading: ClassVar[str | Promise]
    lead: ClassVar[str | Promise]
    fields: ClassVar[Sequence[FormField]] = (WORDS_FIELD,)
    heads: ClassVar[Sequence[ColumnHead]]
    named: ClassVar[NamedBy] = {}  # fields whose codes are named
    ordering: ClassVar[str] = ""  # where none is asked for; that of the list if it is blank

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        asked = self.query.copy()
        if self.ordering:
            asked.setdefault("ordering", self.ordering)
        page = self.ask(self.resource, asked)
        names = RowNames(self.ask, page["results"], self.named)
        heads = [PageColumn(str(label), kind=kind) for label, kind in self.heads]
        rows = self.list_rows(page["results"], names)
        title = str(self.heading)
        block = Block(
            title,
            drop_empty_columns(PageTable(title, heads, rows)),
            "rows",
            tools=build_tools(self.resource, change_query(asked, limit=None)),
            call=call_api(self.request, self.resource, asked),
            more=list_neighbours(page),
        )
        return {**self.build_form(name_conditions(self.ask, self.query)), "blocks": [block]}

    def build_refused(self, refusal: RefusedError) -> Mapping[str, Any]:
        return self.build_form({})

    def build_form(self, named: Mapping[str, Sequence[Any]]) -> dict[str, Any]:
        """Build the head of the page: its form, and the conditions by their names."""
        return {
            "title": str(self.heading),
            "lead": self.lead,
            "form": build_list_form(self.request.path, self.query, self.list_fields()),
            "chips": list_chips(self.request.path, self.query, named),
        }

    def list_fields(self) -> Sequence[FormField]:
        """List the fields of the form."""
        return self.fields

    def list_rows(self, rows: Sequence[ListedRow], names: RowNames) -> list[list[PageCell]]:
        """List the cells of each row."""
        return [self.list_cells(row, names) for row in rows]

    def list_cells(self, row: ListedRow, names: RowNames) -> list[PageCell]:
        """List the cells of a row, its name opening its page or what rests on it."""
        raise NotImplementedError


class SourceListView(RecordListView):
    """The page at /sources."""

    resource = "sources"
    takes_as_of = False
    heading = gettext_lazy("Sources")
    lead = gettext_lazy("Everything that the ledger says was published somewhere: here is where.")
    ordering = "-published_on"
    fields = (
        WORDS_FIELD,
        FormField("kind", gettext_lazy("Kind"), choices=Source.Kind.choices),
        FormField("published_from", gettext_lazy("Published from"), "2023"),
        FormField("published_to", gettext_lazy("Published up to"), "2024-06"),
    )
    heads = (
        (gettext_lazy("Source"), ""),
        (gettext_lazy("Publisher"), ""),
        (gettext_lazy("Published"), "day"),
        (gettext_lazy("Kind"), ""),
        (gettext_lazy("Code"), ""),
    )

    def list_cells(self, row: ListedRow, names: RowNames) -> list[PageCell]:
        return [
            text_cell(row["title"] or row["code"], find_row_page("sources", row["code"])),
            text_cell(row["publisher"]),
            day_cell(row["published_on"]),
            PageCell(label_word(Source.Kind, row["kind"])),
            PageCell(row["code"]),
        ]


class OrganisationListView(RecordListView):
    """The page at /organisations."""

    resource = "organisations"
    heading = gettext_lazy("Organisations")
    lead = gettext_lazy("Who invests, who runs parks, and who is said to have done so.")
    fields = (WORDS_FIELD, REGION_FIELD)
    heads = (
        (gettext_lazy("Organisation"), ""),
        (gettext_lazy("Region"), ""),
        (gettext_lazy("Part of"), ""),
        (gettext_lazy("Unified social credit code"), ""),
        (gettext_lazy("Source"), ""),
    )
    named = {"region": "regions", "parent": "organisations", "source": "sources"}

    def list_cells(self, row: ListedRow, names: RowNames) -> list[PageCell]:
        return [
            name_cell(row, find_row_page("organisations", row["code"])),
            names.link_row(row, "region"),
            names.link_row(row, "parent"),
            PageCell(row["uscc"]),
            names.link_row(row, "source"),
        ]


class RegionListView(RecordListView):
    """The page at /regions."""

    resource = "regions"
    takes_as_of = False
    heading = gettext_lazy("Regions")
    lead = gettext_lazy("Divisions by their national codes, and countries: what comes from where.")
    fields = (WORDS_FIELD, FormField("level", gettext_lazy("Level"), choices=Region.Level.choices))
    heads = (
        (gettext_lazy("Region"), ""),
        (gettext_lazy("Level"), ""),
        (gettext_lazy("Part of"), ""),
        (gettext_lazy("Code"), ""),
    )
    named = {"parent": "regions"}

    def list_cells(self, row: ListedRow, names: RowNames) -> list[PageCell]:
        return [
            name_cell(row, find_row_page("regions", row["code"])),
            PageCell(label_word(Region.Level, row["level"])),
            names.link_row(row, "parent"),
            PageCell(row["code"]),
        ]


class SectorListView(RecordListView):
    """The page at /sectors."""

    resource = "sectors"
    takes_as_of = False
    heading = gettext_lazy("Sectors")
    lead = gettext_lazy("Industries by the national standard; each name opens its projects.")
    fields = (
        WORDS_FIELD,
        FormField("level", gettext_lazy("Level"), choices=Sector.Level.choices),
        FormField("hitech", gettext_lazy("High technology"), choices=HiTech.choices),
    )
    heads = (
        (gettext_lazy("Sector"), ""),
        (gettext_lazy("Level"), ""),
        (gettext_lazy("Part of"), ""),
        (gettext_lazy("High technology"), ""),
        (gettext_lazy("Code"), ""),
    )
    named = {"parent": "sectors"}

    def list_cells(self, row: ListedRow, names: RowNames) -> list[PageCell]:
        return [
            name_cell(row, link_projects_of_sector(row["code"])),
            PageCell(label_word(Sector.Level, row["level"])),
            name_cell(names.get_row(row, "parent"), link_projects_of_sector(row["parent"])),
            PageCell(label_word(HiTech, row["hitech"])),
            PageCell(row["code"]),
        ]


class PersonListView(RecordListView):
    """The page at /people."""

    resource = "people"
    takes_as_of = False
    heading = gettext_lazy("People")
    lead = gettext_lazy("Who is quoted, and as what; each name opens what was said.")
    heads = (
        (gettext_lazy("Person"), ""),
        (gettext_lazy("Posts"), ""),
        (gettext_lazy("Source"), ""),
        (gettext_lazy("Note"), ""),
    )
    named = {"source": "sources"}

    def list_cells(self, row: ListedRow, names: RowNames) -> list[PageCell]:
        posts = pgettext("between names", ", ").join(say_name(post) for post in row["posts"])
        return [
            name_cell(row, join_address("/figures", {"said_by": row["code"]})),
            text_cell(posts),
            names.link_row(row, "source"),
            text_cell(row["note"]),
        ]


class TimelineView(RecordListView):
    """The page at /timeline."""

    resource = "timeline"
    heading = gettext_lazy("Timeline")
    lead = gettext_lazy("What happened when: agreements, policies, approvals, openings.")
    ordering = "-happened_on"
    fields = (
        WORDS_FIELD,
        REGION_FIELD,
        FormField("kind", gettext_lazy("Kind"), choices=TimelineEntry.Kind.choices),
        FormField("happened_from", gettext_lazy("Happened from"), "2013"),
        FormField("happened_to", gettext_lazy("Happened up to"), "2024-06"),
    )
    heads = (
        (gettext_lazy("What"), ""),
        (gettext_lazy("Day"), "day"),
        (gettext_lazy("About what"), ""),
        (gettext_lazy("Kind"), ""),
        (gettext_lazy("Source"), ""),
    )
    named = {
        **{name: SUBJECT_LISTS[name] for name in ("park", "region", "region_group")},
        "organisation": "organisations",
        "source": "sources",
    }

    def list_cells(self, row: ListedRow, names: RowNames) -> list[PageCell]:
        subject = next(name for name in SUBJECT_LISTS if row.get(name))
        return [
            name_cell(row, note=row["note"]),
            day_cell(row["happened_on"]),
            names.link_row(row, subject),
            PageCell(label_word(TimelineEntry.Kind, row["kind"])),
            names.link_row(row, "source"),
        ]


class FundingListView(RecordListView):
    """The page at /fundings."""

    resource = "fundings"
    section = "projects"
    heading = gettext_lazy("Money that came in")
    lead = gettext_lazy("What projects report month by month: paid in, completed, from abroad.")
    fields = (
        FormField("park", gettext_lazy("Park"), "baodi-zgc"),
        FormField("funding_kind", gettext_lazy("Kind"), choices=Funding.Kind.choices),
        FormField("currency", gettext_lazy("Currency"), "USD"),
        FormField("funding_from", gettext_lazy("Month from"), "2023-01"),
        FormField("funding_to", gettext_lazy("Month up to"), "2024-06"),
    )
    heads = (
        (gettext_lazy("Project"), ""),
        (gettext_lazy("Month"), "day"),
        (gettext_lazy("Kind"), ""),
        (gettext_lazy("Amount"), "number"),
        (gettext_lazy("Source"), ""),
    )
    named = {"project": "projects", "source": "sources"}

    def list_cells(self, row: ListedRow, names: RowNames) -> list[PageCell]:
        return [
            names.link_row(row, "project"),
            day_cell(row["month"]),
            PageCell(label_word(Funding.Kind, row["kind"])),
            number_cell(write_flow(row), value=row["amount_cny"]),
            names.link_row(row, "source"),
        ]
