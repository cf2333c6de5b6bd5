"""The pages of the lists beside projects: sources, organisations, regions, a timeline."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext as _, gettext_lazy, pgettext

from api.asking import RefusedError, find_view
from api.files import follow
from pages.addresses import change_query, join_address
from pages.language import say_name
from pages.parts import blocks
from pages.parts.rows import SUBJECT_LISTS, NamedBy, RowNames
from pages.views import PageView
from parks.models import HiTech, Region, Sector, Source, TimelineEntry
from parks.models.spellings import spell
from parks.models.vocabularies import UNUSED_FIELDS
from projects.condition_words import find_filter_label, say_condition
from projects.models import Funding
from sheets.writing.columns import Column
from sheets.writing.xlsx_writing import list_column_words

ListedRow = Mapping[str, Any]
ColumnWords = Sequence[tuple[str, str | Promise]]
_NUMBERS = ("number", "money")  # kinds of columns
# Parameters that do not filter: order, page and display
BESIDE_CONDITIONS = ("ordering", "cursor", "limit", "view")


@dataclass(frozen=True)
class FormField:
    """A field of a form: the parameter, its label, an example, or the words to choose from.

    `rows` is the list of the API whose names are suggested.
    """

    name: str
    label: str | Promise
    example: str | Promise = ""
    choices: Sequence[tuple[str, str | Promise]] = ()
    rows: str = ""


WORDS_FIELD = FormField("q", gettext_lazy("Keywords"))
PARK_FIELD = FormField("park", gettext_lazy("Park"), gettext_lazy("name of a park"), rows="parks")
REGION_FIELD = FormField("region", gettext_lazy("Region"), gettext_lazy("Zhejiang, yrd"))


def suggest_names(page: PageView, resource: str, **which: str) -> dict[str, dict[str, str]]:
    """List the rows of a list by their names, in that order, with what else finds them.

    A name that several rows have stands for none of them: their codes do.
    """
    question = {**which, "fields": "code,name_zh,name_en", "limit": "500"}
    rows = page.ask(resource, question)["results"]
    names = Counter(map(say_name, rows))
    found = {}
    for row in sorted(rows, key=lambda row: spell(say_name(row))):
        name, both = say_name(row), (row["name_zh"], row["name_en"])
        others = (row["code"], *both, *spell(row["name_zh"]))
        label = " · ".join(other for other in others if other not in ("", name))
        found[name if names[name] == 1 else row["code"]] = {"code": row["code"], "label": label}
    return found


class RecordListView(PageView):
    """A page of a list of the API: a form, and a table of one page of rows."""

    template_name = "pages/list.html"
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
        page = self.ask_page(asked)
        names = RowNames(self.ask, page["results"], self.named)
        columns = self.list_columns(page["results"], names)
        table = blocks.fill_known_columns(str(self.heading), columns, page["results"])
        table = self.link_orders(table)
        more = blocks.list_neighbours(page)
        picture = self.plan_drawing(page, names)
        block = self.build_block(self.resource, asked, table, "rows", more=more, picture=picture)
        return {**self.build_form(), "blocks": [block]}

    def ask_page(self, question: QueryDict) -> Mapping[str, Any]:
        return self.ask(self.resource, question)

    def plan_drawing(self, page: Mapping[str, Any], names: RowNames) -> blocks.Picture | None:
        """Plan the picture above the table of a page of rows; None for a list without one."""
        return None

    def link_orders(self, table: blocks.PageTable) -> blocks.PageTable:
        """Link the heads of a table to the same list in their order, down first, then up."""
        now = str(self.query.get("ordering", self.ordering))
        known = getattr(find_view(self.resource), "ordering_fields", ())

        def link(column: blocks.PageColumn) -> blocks.PageColumn:
            if column.order not in known:
                return column
            turned = column.order if now == f"-{column.order}" else f"-{column.order}"
            href = join_address(self.request.path, change_query(self.query, ordering=turned))
            directions = {column.order: "ascending", f"-{column.order}": "descending"}
            return replace(column, href=href, sorted=directions.get(now, ""))

        return replace(table, columns=[*map(link, table.columns)])

    def build_refused(self, refusal: RefusedError) -> Mapping[str, Any]:
        return self.build_form()

    def label_parameters(self) -> Mapping[str, str]:
        """Return the labels of the form and of conditions, by names that are no value sent."""
        labels = {name: find_filter_label(name) for name in self.query}
        labels |= {field.name: str(field.label) for field in self.fields}
        values = {*self.query.values()}
        return {name: label for name, label in labels.items() if label and name not in values}

    def build_form(self) -> dict[str, Any]:
        """Build the head of the page: its form as it was sent, and the conditions in words.

        Conditions without a field are kept hidden.
        """
        query, path, fields = self.query, self.request.path, self.fields
        fields = [field for field in fields if field.name not in UNUSED_FIELDS]
        own = {*(field.name for field in fields), "cursor"}
        kept = [(name, value) for name, value in query.items() if name not in own]
        shown = [self.show_field(field) for field in fields]
        return {
            "title": str(self.heading),
            "lead": self.lead,
            "form": {"action": path, "fields": shown, "kept": kept},
            "chips": [
                (
                    self.say_chosen(name, fields),
                    join_address(path, change_query(query, **{name: None})),
                )
                for name in query
                if name not in BESIDE_CONDITIONS
            ],
        }

    def say_chosen(self, name: str, fields: Sequence[FormField]) -> str:
        """Put a condition into words, with the label of a choice of the form for its code."""
        value = str(self.query[name])
        listed = getattr(find_view(self.resource), "filterset_class", None)
        filters = {"filters": listed.base_filters} if listed else {}
        said = say_condition(name, value, self.request.user, **filters)
        labels = next((dict(field.choices) for field in fields if field.name == name), {})
        if not said.endswith(value):
            return said
        return said.removesuffix(value) + str(labels.get(value, value))

    def show_field(self, field: FormField) -> dict[str, Any]:
        """Describe a field with its value, which is offered even if it is no known choice."""
        value = str(self.query.get(field.name, ""))
        choices = {"": _("any"), **dict(field.choices)} if field.choices else {}
        if choices:
            choices.setdefault(value, value)
        labels = {"name": field.name, "label": field.label, "example": field.example}
        named = suggest_names(self, field.rows) if field.rows else {}
        value = next((name for name, row in named.items() if row["code"] == value), value)
        return {**labels, "value": value, "choices": choices, "named": named}

    def list_columns(self, rows: Sequence[ListedRow], names: RowNames) -> list[blocks.PageColumn]:
        """List the columns of the table, the name of a row opening its page or what rests on it."""
        raise NotImplementedError


class TableListView(RecordListView):
    """A page of a list of the API; `shown` names those columns of its file that it shows."""

    named: ClassVar[NamedBy] = {"project": "projects", "park": "parks", "source": "sources"}
    shown: ClassVar[str]
    words: ClassVar[Mapping[str, ColumnWords]] = {}  # of columns that are worked out
    row_label: ClassVar[str | Promise] = gettext_lazy("Project")
    row_list: ClassVar[str] = "projects"  # whose pages the names of the rows open

    def list_columns(self, rows: Sequence[ListedRow], names: RowNames) -> list[blocks.PageColumn]:
        self.view = find_view(self.resource)
        columns = {column.name: column for column in self.view.table.columns}
        return [
            self.build_column(columns[name], names)
            for name in self.shown.split()
            if name not in UNUSED_FIELDS
        ]

    def build_column(self, column: Column, names: RowNames) -> blocks.PageColumn:
        """Build the column of the page: rows by their names, words by their labels."""
        label = capfirst(str(column.label))
        if column.name == "code":
            return blocks.name_column(str(self.row_label), self.row_list)
        if column.name in self.named:
            return names.link_column(label, column.name)
        kind = "number" if column.kind in _NUMBERS else ""
        make_cell = self.choose_cell(column)
        return blocks.PageColumn(label, kind=kind, make_cell=make_cell, order=column.name)

    def choose_cell(self, column: Column) -> Callable[[ListedRow], blocks.PageCell]:
        """Choose how the cell of a row is made, by the kind of the column."""
        model = self.view.queryset.model
        words = dict(self.words.get(column.name, ()) or list_column_words(column, model))
        is_nested = isinstance(column.path, str) and "." in column.path  # as in `reached.value`
        way = str(column.path).split(".") if is_nested else [column.name]

        def make_cell(row: ListedRow) -> blocks.PageCell:
            value = follow(row, way)
            if value in (None, ""):
                return blocks.PageCell()
            if column.kind == "flag":
                return blocks.PageCell(_("yes") if value else _("no"))
            if words:
                labels = [str(words.get(word, word)) for word in value.split(",")]
                return blocks.PageCell(pgettext("between names", ", ").join(labels))
            if column.kind in _NUMBERS:
                return self.make_number(column.name, value, row)
            if column.kind in ("date", "partial_date", "month"):
                return blocks.day_cell(value)
            if column.kind == "moment":
                return blocks.day_cell(blocks.find_local_day(value))
            return blocks.note_cell(value) if column.name == "note" else blocks.text_cell(value)

        return make_cell

    def make_number(self, name: str, value: Any, row: ListedRow) -> blocks.PageCell:
        """Make the cell of a number; one of a year stands without commas."""
        if name == "year" or isinstance(value, str):
            return blocks.PageCell(str(value), kind="number")
        return blocks.number_cell(blocks.write_measure(name, value), value=value)


class SourceListView(TableListView):
    resource = row_list = "sources"
    row_label = gettext_lazy("Source")
    shown = "code publisher published_on kind"
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


class OrganisationListView(TableListView):
    resource = row_list = "organisations"
    row_label = gettext_lazy("Organisation")
    shown = "code region parent uscc source"
    heading = gettext_lazy("Organisations")
    lead = gettext_lazy("Who invests, who runs parks, and who is said to have done so.")
    fields = (WORDS_FIELD, REGION_FIELD)
    named = {"region": "regions", "parent": "organisations", "source": "sources"}


class RegionListView(TableListView):
    resource = row_list = "regions"
    row_label = gettext_lazy("Region")
    shown = "code level parent"
    takes_as_of = False
    heading = gettext_lazy("Regions")
    lead = gettext_lazy("Divisions by their national codes, and countries: what comes from where.")
    fields = (WORDS_FIELD, FormField("level", gettext_lazy("Level"), choices=Region.Level.choices))
    named = {"parent": "regions"}


class SectorListView(TableListView):
    resource = row_list = "sectors"
    row_label = gettext_lazy("Sector")
    shown = "code level parent hitech"
    takes_as_of = False
    heading = gettext_lazy("Sectors")
    lead = gettext_lazy("Industries by the national standard; each name opens its projects.")
    fields = (
        WORDS_FIELD,
        FormField("level", gettext_lazy("Level"), choices=Sector.Level.choices),
        FormField("hitech", gettext_lazy("High technology"), choices=HiTech.choices),
    )
    named = {"parent": "sectors"}


class PersonListView(TableListView):
    resource = row_list = "people"
    row_label = gettext_lazy("Person")
    shown = "code posts source note"
    takes_as_of = False
    heading = gettext_lazy("People")
    lead = gettext_lazy("Who is quoted, and as what; each name opens what was said.")
    named = {"source": "sources"}

    def choose_cell(self, column: Column) -> Callable[[ListedRow], blocks.PageCell]:
        if column.name == "posts":
            comma = pgettext("between names", ", ")
            return lambda row: blocks.text_cell(comma.join(map(say_name, row["posts"])))
        return super().choose_cell(column)


class TimelineView(RecordListView):
    resource = "timeline"
    takes_as_of = False
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

    def list_columns(self, rows: Sequence[ListedRow], names: RowNames) -> list[blocks.PageColumn]:
        def link_subject(row: ListedRow) -> blocks.PageCell:
            return names.link_row(row, next(name for name in SUBJECT_LISTS if row.get(name)))

        return [
            blocks.PageColumn(_("What"), make_cell=blocks.name_cell),
            blocks.period_column(_("Day"), "happened_on", kind="day"),
            blocks.PageColumn(_("About what"), make_cell=link_subject),
            blocks.word_column(_("Kind"), "kind", TimelineEntry.Kind),
            names.link_column(_("Source"), "source"),
            blocks.note_column(),
        ]


class FundingListView(TableListView):
    resource = "fundings"
    shown = "project month kind amount_cny recognised_cny source"
    section = "projects"
    heading = gettext_lazy("Money")
    lead = gettext_lazy(
        "What projects report month by month: money paid in, investment completed, foreign capital "
        "agreed and used."
    )
    fields = (
        PARK_FIELD,
        FormField("funding_kind", gettext_lazy("Kind"), choices=Funding.Kind.choices),
        FormField("currency", gettext_lazy("Currency"), "USD"),
        FormField("funding_from", gettext_lazy("Month from"), "2023-01"),
        FormField("funding_to", gettext_lazy("Month up to"), "2024-06"),
    )
    named = {"project": "projects", "source": "sources"}

    def choose_cell(self, column: Column) -> Callable[[ListedRow], blocks.PageCell]:
        if column.name == "amount_cny":
            return lambda row: blocks.number_cell(blocks.write_flow(row), value=row["amount_cny"])
        return super().choose_cell(column)


RECORD_PAGES: Sequence[type[RecordListView]] = (
    *(SourceListView, OrganisationListView, RegionListView, SectorListView, PersonListView),
    *(TimelineView, FundingListView),
)
