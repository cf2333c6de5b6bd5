"""The dispatch sheet 重点项目调度表: chosen columns in words, subtotals of groups, and a total."""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import IO, Any

from django.db.models import F, Model, Q
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy as _, ngettext, pgettext
from drf_spectacular.utils import OpenApiParameter
from rest_framework.reverse import reverse

from api.files import FILE_PARAMETERS, FileOptions, annotate_for_file, read_columns, read_words
from api.lists.as_of import AS_OF
from api.lists.filters import FILTERS
from api.lists.pagination import ORDERING
from api.readers import Query, Reader, Reading
from api.views import LedgerReadViewSet
from config.database import history
from config.database.prepared import snapshot
from config.mistakes import Mistake
from parks.columns import either_name
from parks.models import Park, Region, Sector
from projects.columns import PROJECTS
from projects.dimensions.dimensions import DIMENSIONS
from projects.filters import PROJECT_ORDERINGS, ProjectFilterSet
from projects.models import Project
from projects.models.words import InvestmentBasis
from projects.summaries.answers import ListLinks, answer_question
from projects.summaries.follow_through import COUNTED_ELSEWHERE
from projects.summaries.measures import MEASURES, find_column_measures
from projects.summaries.questions import SummaryQuestion
from projects.summaries.totals import Summary
from sheets.amounts import active_language
from sheets.writing.cells import plain_values
from sheets.writing.columns import (
    LANGUAGE_CODES,
    MONEY_UNIT_LABELS,
    UNIT_POWERS,
    Column,
    Layout,
    Table,
    Written,
)
from sheets.writing.printed_sheets import PAPERS, PrintedPage, PrintedSheet, PrintedSums
from sheets.writing.xlsx_writing import Workbook, list_column_words

TITLE = _("Key project dispatch sheet")
MOST_DISPATCH_ROWS = 10_000  # they are sorted into groups in memory
LONGEST_HEADING = 100
GROUPS = (
    *("park", "project_region", "park_province", "stage", "standing", "light", "sector_section"),
    *("sector_division", "origin_province", "origin_scope", "capital_type", "kind", "function"),
    *("site_mode", "investment_basis", "size_band", "signed_year", "responsible_unit"),
)
_CHOICES: Mapping[str, Mapping[str, Any]] = {
    **{"header": LANGUAGE_CODES, "unit": UNIT_POWERS, "paper": PAPERS},
    "group_by": dict.fromkeys(GROUPS),
}
_MEANINGS = {
    "header": _("The language; else that of the request."),
    "unit": _("The unit of money, which stands above the table; else wan."),
    "paper": _("The paper, in landscape; else a3."),
    "group_by": _("What rows are grouped by, with subtotals."),
}
# Columns that say how others are meant, without which a file would not come back the same
_NOTE = ("latest_progress", "latest_progress_on")
COMPLETED_BY: Mapping[str, Sequence[str]] = {
    "investment_cny": ("investment_qualifier", "investment_basis"),
    "land_mu": ("land_qualifier",),
    **{"latest_progress": _NOTE, "next_step": _NOTE, "next_step_due_on": ("next_step", *_NOTE)},
}
_CODES: Mapping[str, type[Model]] = {
    **{"park": Park, "sector": Sector},
    **dict.fromkeys(("region", "project_region", "origin", "lost_to"), Region),
}
_OFFERED = [
    Column("name", _("project name"), path=lambda _actor: either_name()),
    *(*PROJECTS.columns, *PROJECTS.more),
]
_USUAL = (
    *("name", "investors", "park", "sector", "land_mu", "investment_cny", "paid_in_cny", "stage"),
    *("started_on", "latest_progress", "open_issues", "next_step", "next_step_due_on"),
    "responsible_unit",
)


def complete_columns(columns: Sequence[Column]) -> list[Column]:
    """Add a name, the code, and what belongs to the other columns."""
    names = [column.name for column in columns]
    has_name = {"name", "name_zh", "name_en"} & {*names}
    complete = [] if has_name else ["name"]
    for name in [*names, "code"]:
        complete += [name, *(each for each in COMPLETED_BY.get(name, ()) if each not in names)]
    offered = {column.name: column for column in _OFFERED}
    return [offered[name] for name in dict.fromkeys(complete)]


class DispatchReader(Reader[FileOptions]):
    """Reads the columns and the layout of a sheet, and checks its other parameters."""

    parameters = ("columns", "title", *_CHOICES)
    lists = ("columns",)

    def read(self, query: Query, view: Any) -> Reading[FileOptions]:
        columns, errors = read_columns(query.get("columns"), view.table)
        errors += read_words(query, _CHOICES)[1]
        if len(title := query.get("title", "")) > LONGEST_HEADING:
            detail = gettext("A title has at most %(max)d characters; this one has %(length)d.")
            detail %= {"max": LONGEST_HEADING, "length": len(title)}
            errors.append(Mistake("too_long", detail).at(parameter="title"))
        layout: Any = Layout(query.get("header", active_language()), query.get("unit", "wan"))  # type: ignore[arg-type]
        return FileOptions(complete_columns(columns), layout), errors


DISPATCH = DispatchReader()


class DispatchViewSet(LedgerReadViewSet):
    """The dispatch sheet of projects, a workbook to be printed."""

    readers = {"xlsx": (AS_OF, FILTERS, ORDERING, DISPATCH)}
    described_parameters = [
        FILE_PARAMETERS[0],
        OpenApiParameter(
            "title",
            {"type": "string", "maxLength": LONGEST_HEADING},
            description=_("The title above the table."),
        ),
        *(
            OpenApiParameter(name, description=meaning, enum=[*_CHOICES[name]])
            for name, meaning in _MEANINGS.items()
        ),
    ]
    queryset = Project.objects.with_staleness()
    filterset_class = ProjectFilterSet
    ordering_fields = PROJECT_ORDERINGS
    table = Table(
        "dispatch",
        TITLE,
        sorted((c for c in _OFFERED if c.name in _USUAL), key=lambda c: _USUAL.index(c.name)),
        [column for column in _OFFERED if column.name not in _USUAL],
    )

    @property
    def file_options(self) -> FileOptions:
        return self.get_value(DISPATCH)

    def write_book(self, file: IO[bytes]) -> Written:
        """Write the sheet in the language of its headers, and what was asked on a second one."""
        layout = self.file_options.layout
        with Workbook(file, layout) as book:
            with snapshot(), translation.override(LANGUAGE_CODES[layout.header]):
                if (count := self.file_rows().count()) > MOST_DISPATCH_ROWS:
                    raise self.refuse_workbook(count, MOST_DISPATCH_ROWS)
                PrintedPage(book, str(TITLE), self.build_sheet()).write()
                book.add(self.about_file(count, Project))
            return book.close()

    def build_sheet(self) -> PrintedSheet:
        """Build the sheet, whose sums are what the API answers about the same projects."""
        asked, columns = self.request.query_params, self.file_options.columns
        summed = find_column_measures([column.name for column in columns])
        group_by = (asked["group_by"],) if "group_by" in asked else ()
        question = SummaryQuestion(group_by=group_by, measures=("count", *summed))
        address = reverse("project-list", request=self.request)
        links = ListLinks(self.get_value(FILTERS), address)
        answer = answer_question(Summary, self.file_rows(), question, links)
        day = {"day": date_format(timezone.localdate(history.moment()))}
        units = MONEY_UNIT_LABELS[self.file_options.layout.unit], gettext("mu")
        elsewhere = Q(totals_exclusion__in=COUNTED_ELSEWHERE)
        joined = {"units": pgettext("between units", ", ").join(map(str, units))}
        return PrintedSheet(
            title=asked.get("title") or str(TITLE),
            columns=columns,
            rows=[*self.build_lines(answer, links, summed)],
            day=gettext("Data as of: %(day)s") % day,
            units=gettext("Unit: %(units)s") % joined,
            notes=[*write_notes(answer, summed, twice=self.file_rows().filter(elsewhere).count())],
            paper=asked.get("paper", "a3"),
        )

    def build_lines(
        self, answer: Mapping[str, Any], links: ListLinks, summed: Sequence[str]
    ) -> Iterator[Any]:
        """Build headings, rows and sums, in the order of the groups of the answer."""
        for name in answer["group_by"]:
            grouping = DIMENSIONS[name].grouping(links.build_context(self.request.user))
            rows = grouping.sets(self.file_rows(), "").annotate(group_key=grouping.key(""))
            groups: dict[Any, list[Any]] = {}
            for key, row in self.read_rows(rows, "group_key"):
                groups.setdefault(grouping.values(key)[0], []).append(row)
            for facts in answer["rows"]:
                group, count = facts[name], facts["count"]
                text = ngettext(
                    "%(name)s (%(count)d project)", "%(name)s (%(count)d projects)", count
                )
                yield text % {"name": group[f"name_{active_language()}"], "count": count}
                yield from groups[group["value"]]
                yield self.build_sums(facts, summed)
        if not answer["group_by"]:
            yield from (row for _key, row in self.read_rows(self.file_rows(), "pk"))
        yield self.build_sums(answer["total"], summed, is_total=True)

    def read_rows(self, rows: Any, key: str) -> list[tuple[Any, list[Any]]]:
        """Read the rows in words, each with its key."""
        columns, layout = self.file_options.columns, self.file_options.layout
        paths = [path for column in columns for path in column.paths]
        found = [*annotate_for_file(rows, columns, self.request.user).values_list(F(key), *paths)]
        values = [[*plain_values(columns, row[1:], layout)] for row in found]
        words = [
            label_cells(column, {*cells})
            for column, cells in zip(columns, zip(*values, strict=True), strict=False)
        ]
        return [
            (row[0], [labels.get(cell, cell) for labels, cell in zip(words, cells, strict=True)])
            for row, cells in zip(found, values, strict=True)
        ]

    def build_sums(
        self, facts: Mapping[str, Any], summed: Sequence[str], *, is_total: bool = False
    ) -> PrintedSums:
        """Take the known sums of a cell of the answer, in the unit of the sheet."""
        power = -UNIT_POWERS[self.file_options.layout.unit]
        sums = {
            name: Decimal(str(facts[name])).scaleb(power if name.endswith("_cny") else 0)
            for name in summed
            if facts[name] is not None
        }
        parts = {
            str(InvestmentBasis(word).label): Decimal(amount).scaleb(power)
            for word, amount in facts.get("investment_by_basis", {}).items()
            if amount
        }
        return PrintedSums(sums, "investment_basis", parts, is_total)


def write_notes(answer: Mapping[str, Any], summed: Sequence[str], twice: int) -> Iterator[str]:
    """Say what of the total is not exact or known, counted twice, or a draft."""
    for name in summed:
        known = answer["total"]["amounts"][name]
        if known["qualified"] or known["missing"]:
            text = gettext("Note: %(column)s: %(qualified)d not exact, %(missing)d not known.")
            if name.endswith("_cny"):
                text = gettext(
                    "Note: %(column)s: %(qualified)d not exact, %(missing)d without an amount in "
                    "yuan."
                )
            yield text % {"column": MEASURES[name].label, **known}
    if twice:
        text = gettext("Note: %(count)d umbrella agreements, duplicates or parts are among these.")
        yield text % {"count": twice}
    if drafts := answer.get("drafts", {}).get("count"):
        yield gettext("Note: %(count)d unpublished projects are among these.") % {"count": drafts}


def label_cells(column: Column, values: set[Any]) -> Mapping[Any, str]:
    """Map the words and codes of a column to what they are called in the active language."""
    if column.kind == "flag":
        return {True: gettext("yes"), False: gettext("no")}
    if model := _CODES.get(column.name):
        rows = model._default_manager.filter(code__in=values - {None, ""})
        return dict(rows.values_list("code", f"name_{active_language()}"))
    return {word: str(label) for word, label in list_column_words(column, Project)}
