"""The pages of the lists beside projects: sources, organisations, regions, a timeline."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from api.asking import RefusedError, list_orders
from pages.addresses import change_query, join_address
from pages.language import say_name
from pages.parts.blocks import (
    PageCell,
    PageColumn,
    PageTable,
    code_column,
    fill_known_columns,
    list_neighbours,
    name_cell,
    name_column,
    note_column,
    number_cell,
    period_column,
    text_cell,
    text_column,
    word_column,
    write_amount,
    write_flow,
)
from pages.parts.rows import SUBJECT_LISTS, NamedBy, RowNames
from pages.views import PageView
from parks.models import HiTech, Region, Sector, Source, TimelineEntry
from projects.condition_words import say_condition
from projects.models import Funding

ListedRow = Mapping[str, Any]
# Parameters that do not filter: order, page and display
BESIDE_CONDITIONS = ("ordering", "cursor", "limit", "view")


@dataclass(frozen=True)
class FormField:
    """A field of a form: the parameter, its label, an example, or the words to choose from."""

    name: str
    label: str | Promise
    example: str | Promise = ""
    choices: Sequence[tuple[str, str | Promise]] = ()


WORDS_FIELD = FormField("q", gettext_lazy("Keywords"))
PARK_FIELD = FormField("park", gettext_lazy("Park"), gettext_lazy("name of a park"))
REGION_FIELD = FormField("region", gettext_lazy("Region"), gettext_lazy("Zhejiang, yrd"))


class RecordListView(PageView):
    """A page of a list of the API: a form, and a table of one page of rows."""

    template_name = "pages/narrowed_list.html"
    section = "about"
    resource: ClassVar[str]
    heading: ClassVar[str | Promise]
    lead: ClassVar[str | Promise]
    fields: ClassVar[Sequence[FormField]] = (WORDS_FIELD,)
    named: ClassVar[NamedBy] = {}  # fields whose codes are named
    ordering: ClassVar[str] = ""  # where none is asked for; that of the list if it is blank

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        asked = self.query.copy()
        if self.ordering:
            asked.setdefault("ordering", self.ordering)
        page = self.ask(self.resource, asked)
        names = RowNames(self.ask, page["results"], self.named)
        columns = self.list_columns(page["results"], names)
        table = fill_known_columns(str(self.heading), columns, page["results"])
        table = self.link_orders(table)
        more = list_neighbours(page)
        block = self.build_block(self.resource, asked, table, "rows", more=more)
        return {**self.build_form(), "blocks": [block]}

    def link_orders(self, table: PageTable) -> PageTable:
        """Link the heads of a table to the same list in their order, down first, then up."""
        now, known = str(self.query.get("ordering", self.ordering)), list_orders(self.resource)

        def link(column: PageColumn) -> PageColumn:
            if column.order not in known:
                return column
            turned = column.order if now == f"-{column.order}" else f"-{column.order}"
            href = join_address(self.request.path, change_query(self.query, ordering=turned))
            directions = {column.order: "ascending", f"-{column.order}": "descending"}
            return replace(column, href=href, sorted=directions.get(now, ""))

        return replace(table, columns=[*map(link, table.columns)])

    def build_refused(self, refusal: RefusedError) -> Mapping[str, Any]:
        return self.build_form()

    def build_form(self) -> dict[str, Any]:
        """Build the head of the page: its form as it was sent, and the conditions in words.

        Conditions without a field are kept hidden.
        """
        query, path, fields = self.query, self.request.path, self.list_fields()
        own = {*(field.name for field in fields), "cursor"}
        kept = [(name, value) for name, value in query.items() if name not in own]
        shown = [self.show_field(field) for field in fields]
        return {
            "title": str(self.heading),
            "lead": self.lead,
            "form": {"action": path, "fields": shown, "kept": kept},
            "chips": [
                (
                    say_condition(name, str(query[name]), self.request.user),
                    join_address(path, change_query(query, **{name: None})),
                )
                for name in query
                if name not in BESIDE_CONDITIONS
            ],
        }

    def show_field(self, field: FormField) -> dict[str, Any]:
        """Describe a field with its value, which is offered even if it is no known choice."""
        value = str(self.query.get(field.name, ""))
        choices = {"": _("any"), **dict(field.choices)} if field.choices else {}
        if choices:
            choices.setdefault(value, value)
        labels = {"name": field.name, "label": field.label, "example": field.example}
        return {**labels, "value": value, "choices": choices}

    def list_fields(self) -> Sequence[FormField]:
        return self.fields

    def list_columns(self, rows: Sequence[ListedRow], names: RowNames) -> list[PageColumn]:
        """List the columns of the table, the name of a row opening its page or what rests on it."""
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

    def list_columns(self, rows: Sequence[ListedRow], names: RowNames) -> list[PageColumn]:
        return [
            name_column(_("Source"), "sources"),
            text_column(_("Publisher"), "publisher"),
            period_column(_("Published"), "published_on", kind="day"),
            word_column(_("Kind"), "kind", Source.Kind),
        ]


class OrganisationListView(RecordListView):
    """The page at /organisations."""

    resource = "organisations"
    heading = gettext_lazy("Organisations")
    lead = gettext_lazy("Who invests, who runs parks, and who is said to have done so.")
    fields = (WORDS_FIELD, REGION_FIELD)
    named = {"region": "regions", "parent": "organisations", "source": "sources"}

    def list_columns(self, rows: Sequence[ListedRow], names: RowNames) -> list[PageColumn]:
        return [
            name_column(_("Organisation"), "organisations"),
            names.link_column(_("Region"), "region"),
            names.link_column(_("Part of"), "parent"),
            code_column(_("Unified social credit code"), "uscc"),
            names.link_column(_("Source"), "source"),
        ]


class RegionListView(RecordListView):
    """The page at /regions."""

    resource = "regions"
    takes_as_of = False
    heading = gettext_lazy("Regions")
    lead = gettext_lazy("Divisions by their national codes, and countries: what comes from where.")
    fields = (WORDS_FIELD, FormField("level", gettext_lazy("Level"), choices=Region.Level.choices))
    named = {"parent": "regions"}

    def list_columns(self, rows: Sequence[ListedRow], names: RowNames) -> list[PageColumn]:
        return [
            name_column(_("Region"), "regions"),
            word_column(_("Level"), "level", Region.Level),
            names.link_column(_("Part of"), "parent"),
            code_column(_("Code")),
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
    named = {"parent": "sectors"}

    def list_columns(self, rows: Sequence[ListedRow], names: RowNames) -> list[PageColumn]:
        return [
            name_column(_("Sector"), "sectors"),
            word_column(_("Level"), "level", Sector.Level),
            names.link_column(_("Part of"), "parent"),
            word_column(_("High technology"), "hitech", HiTech),
            code_column(_("Code")),
        ]


class PersonListView(RecordListView):
    """The page at /people."""

    resource = "people"
    takes_as_of = False
    heading = gettext_lazy("People")
    lead = gettext_lazy("Who is quoted, and as what; each name opens what was said.")
    named = {"source": "sources"}

    def list_columns(self, rows: Sequence[ListedRow], names: RowNames) -> list[PageColumn]:
        def list_posts(row: ListedRow) -> PageCell:
            return text_cell(pgettext("between names", ", ").join(map(say_name, row["posts"])))

        return [
            name_column(_("Person"), "people"),
            PageColumn(_("Posts"), make_cell=list_posts),
            names.link_column(_("Source"), "source"),
            note_column(),
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
    named = {
        **{name: SUBJECT_LISTS[name] for name in ("park", "region", "region_group")},
        "organisation": "organisations",
        "source": "sources",
    }

    def list_columns(self, rows: Sequence[ListedRow], names: RowNames) -> list[PageColumn]:
        def link_subject(row: ListedRow) -> PageCell:
            return names.link_row(row, next(name for name in SUBJECT_LISTS if row.get(name)))

        return [
            PageColumn(_("What"), make_cell=name_cell),
            period_column(_("Day"), "happened_on", kind="day"),
            PageColumn(_("About what"), make_cell=link_subject),
            word_column(_("Kind"), "kind", TimelineEntry.Kind),
            names.link_column(_("Source"), "source"),
            note_column(),
        ]


class FundingListView(RecordListView):
    """The page at /fundings."""

    resource = "fundings"
    section = "projects"
    heading = gettext_lazy("Funds received")
    lead = gettext_lazy("What projects report month by month: paid in, completed, from abroad.")
    fields = (
        PARK_FIELD,
        FormField("funding_kind", gettext_lazy("Kind"), choices=Funding.Kind.choices),
        FormField("currency", gettext_lazy("Currency"), "USD"),
        FormField("funding_from", gettext_lazy("Month from"), "2023-01"),
        FormField("funding_to", gettext_lazy("Month up to"), "2024-06"),
    )
    named = {"project": "projects", "source": "sources"}

    def list_columns(self, rows: Sequence[ListedRow], names: RowNames) -> list[PageColumn]:
        def make_amount(row: ListedRow) -> PageCell:
            return number_cell(write_flow(row), value=row["amount_cny"])

        def make_recognised(row: ListedRow) -> PageCell:
            value = row["recognised_cny"]
            return number_cell(write_amount(value), value=value)

        return [
            names.link_column(_("Project"), "project"),
            period_column(_("Month"), "month", kind="day"),
            word_column(_("Kind"), "kind", Funding.Kind),
            PageColumn(_("Amount"), kind="number", make_cell=make_amount),
            PageColumn(_("Recognised"), kind="number", make_cell=make_recognised),
            names.link_column(_("Source"), "source"),
        ]


RECORD_PAGES: Sequence[type[RecordListView]] = (
    *(SourceListView, OrganisationListView, RegionListView, SectorListView, PersonListView),
    *(TimelineView, FundingListView),
)
