"""The lists that can be imported; all but projects are read and written by their serializers."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cached_property
from itertools import chain
from typing import Any, get_args

from django.db.models import Model, QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import PermissionDenied
from rest_framework.fields import ChoiceField, IntegerField

from api.merged_rows import has_path
from api.serializers import LedgerSerializer
from config.mistakes import Mistake
from parks.access import may_replace, require_writes
from parks.claims.serializers import FigureSerializer
from parks.columns import FIGURES, PARKS
from parks.models import Indicator
from parks.names.cell_lookup import select_seen
from parks.recording.change_rows import chunks
from parks.recording.recording import recorded
from parks.serializers import ORGANISATION_TAGS, OrganisationTagSerializer, ParkSerializer
from projects.children import columns, serializers
from projects.claims import ALL_CLAIMS, annotate_subjects
from projects.importing.asking.doubts import read_colour
from projects.importing.cells import amounts
from projects.importing.cells.cells import (
    describe_fault,
    is_same_text,
    read_flag,
    read_partial_date,
)
from projects.importing.cells.columns import (
    COLUMNS,
    DERIVED_CELL,
    OF_AMOUNTS,
    cell_kind,
    list_project_spellings,
    list_spellings,
    read_headings,
)
from projects.importing.cells.words import describe_open, is_blank, is_open, read_choice
from projects.importing.comparing import choose_hedge, find_dropped_hedge
from projects.importing.importer import Importer, ProjectImporter
from projects.importing.remarks import describe_missing_rows, warn_of_unwritten
from projects.importing.rows import Cells, check_width, find_fault
from projects.importing.writing import lock_compared
from projects.models import EventFigure, Funding, Project, ProjectFigure, Target, TargetMeasure
from projects.tracking.lights import LIGHT_RULES, LightRuleSerializer
from projects.tracking.targets import TARGETS, TargetSerializer
from projects.writing.doubts import describe_recognition
from sheets.amounts import say_money
from sheets.dates import parse_date_as_written
from sheets.imports import ImportOptions, Progress, RowReport, build_report
from sheets.reading.columns import MONEY, Wishes
from sheets.reading.files import ReadTable
from sheets.reading.headers import Heading, Match, Spellings, normalize_header
from sheets.reading.rows import ReadRow
from sheets.reading.units import parse_currency, parse_unit
from sheets.writing.cells import plain_values, to_text
from sheets.writing.columns import (
    MONEY_KINDS,
    UNIT_POWERS,
    Column,
    HeaderKind,
    Layout,
    Table,
    derive_columns,
)


@dataclass(frozen=True)
class Resource:
    """A list other than that of projects; `key` are the columns that find a row without a code."""

    table: Table
    serializer: type[LedgerSerializer]
    key: tuple[str, ...]
    may_change: bool = True  # claims are appended; the same claim again is the same
    implied: str = ""  # the column of the key that a header, or the only stored row, may imply
    beside: Sequence[Column] = ()  # columns of the list that an import ignores
    usual: Mapping[str, str] = field(default_factory=dict)  # the value of blank cells of the key
    hedged: Sequence[str] = ()  # columns of amounts with a `qualifier`
    # A column of money that is a count where another column has one of these words
    counted: tuple[str, str, Collection[str]] = ("", "", ())

    @property
    def model(self) -> Any:
        return self.serializer.Meta.model

    @property
    def is_of_claims(self) -> bool:
        """Whether files of its list have claims of projects and events, too."""
        return "subject_type" in self.columns

    @property
    def columns(self) -> dict[str, Column]:
        return {column.name: column for column in self.table.columns}

    @property
    def known_columns(self) -> Collection[str]:
        """Our columns to which those of a file may be mapped."""
        return self.columns

    @cached_property
    def owner(self) -> str:
        """The column that names the row to which each row must belong, or ""."""
        fields = self.serializer().fields
        owners = [name for name in ("project", "organisation") if name in self.columns]
        owners = [name for name in owners if name not in fields or fields[name].read_only]
        return owners[0] if owners else ""

    @property
    def named(self) -> Any:
        """The model whose codes reports show: of the rows, or of their owners."""
        model: Any = self.model
        return model._meta.get_field(self.owner).related_model if self.owner else model

    @cached_property
    def counted_headers(self) -> dict[str, Heading]:
        """The plain headers of our files for the column that is `counted`, in whole units."""
        amount = self.counted[0]
        if not amount:
            return {}
        column = replace(self.columns[amount], kind="number")
        headers = {normalize_header(column.header(Layout(each))) for each in get_args(HeaderKind)}
        return dict.fromkeys(headers, Heading(amount, "yuan", kind=MONEY))

    def build_importer(self, *given: Any) -> Importer:
        return PlainImporter(self, *given)

    def spellings(self) -> Spellings:
        """List every header that is understood."""
        ours = list_spellings([*self.table.columns, *self.beside])
        kinds = {heading.name: heading.kind for heading in ours.values()}
        known = {
            text: replace(heading, kind=kinds[heading.name])
            for text, heading in read_headings(self.table.name).items()
            if heading.name in kinds
        }
        of_amounts = read_headings("amounts") if MONEY in kinds.values() else {}
        return {**of_amounts, **known, **ours, **self.counted_headers}


class ProjectResource:
    """Projects: the richest list, whose sheets have an importer of their own."""

    model = named = Project
    owner = ""
    columns = COLUMNS
    known_columns = tuple(name for name in COLUMNS if cell_kind(name) != DERIVED_CELL)
    spellings = staticmethod(list_project_spellings)
    build_importer = ProjectImporter


_COUNTS = [word.value for word in TargetMeasure if not word.currency]

# The stored columns of a target, read from its row; the others are computed
_OF_TARGETS = [
    replace(
        column,
        path=derive_columns(Target, column.name)[0].path,
        kind="money" if column.name == "value" else column.kind,
    )
    for column in TARGETS.columns
    if column.paths == [column.name]
]
# The list of figures also has those of projects and events, which are written elsewhere
_OF_CLAIMS = {c.name: c for c in ALL_CLAIMS.columns if c.name not in ("project", "event")}

IMPORT_RESOURCES: dict[str, Resource | ProjectResource] = {
    "projects": ProjectResource(),
    "parks": Resource(PARKS, ParkSerializer, ("name_zh", "name_en")),
    "figures": Resource(
        Table(FIGURES.name, FIGURES.title, [*_OF_CLAIMS.values()]),
        FigureSerializer,
        ("park", "region", "region_group", "organisation", "indicator"),
        may_change=False,
        hedged=("amount_cny", "value"),
        beside=[column for column in ALL_CLAIMS.columns if column.name not in _OF_CLAIMS],
    ),
    "fundings": Resource(
        columns.FUNDINGS,
        serializers.FundingSerializer,
        ("project", "kind", "month", "currency"),
        implied="kind",
    ),
    "project_figures": Resource(
        Table("project_figures", columns.PROJECT_FIGURES.title, columns.PROJECT_FIGURES.columns),
        serializers.ProjectFigureSerializer,
        ("project", "indicator"),
        may_change=False,
        hedged=("amount_cny", "value"),
    ),
    "plans": Resource(columns.PLANS, serializers.YearPlanSerializer, ("project", "year")),
    "obstacles": Resource(
        columns.OBSTACLES,
        serializers.ObstacleSerializer,
        ("project", "problem", "raised_on"),
        implied="raised_on",
    ),
    "excuses": Resource(
        columns.EXCUSES,
        serializers.LightExcuseSerializer,
        ("project", "from_on"),
        implied="from_on",
    ),
    "light_rules": Resource(
        Table("light_rules", LIGHT_RULES.title, LIGHT_RULES.columns),
        LightRuleSerializer,
        ("park", "kind", "step", "since_step", "colour"),
    ),
    "targets": Resource(
        Table(TARGETS.name, TARGETS.title, _OF_TARGETS),
        TargetSerializer,
        ("park", "region", "year", "measure", "size_floor_cny", "origin_scope"),
        beside=[column for column in TARGETS.columns if column.paths != [column.name]],
        usual={"size_floor_cny": "0"},
        hedged=("value",),
        counted=("value", "measure", _COUNTS),
    ),
    "organisation_tags": Resource(
        ORGANISATION_TAGS, OrganisationTagSerializer, ("organisation", "tag", "year")
    ),
    "project_people": Resource(
        columns.ASSIGNMENTS, serializers.AssignmentSerializer, ("project", "role", "name")
    ),
    "project_tags": Resource(
        columns.PROJECT_TAGS, serializers.ProjectTagSerializer, ("project", "tag", "year")
    ),
}


_CLAIM_COLUMNS = {column.name: column for column in ALL_CLAIMS.columns}
Texts = dict[str, str]  # the cells of a row, by column; money is in yuan
_SUBJECTS = ("park", "region", "region_group", "organisation", "project")
OWN_HEDGE = "hedge"  # the qualifier that the cell of an amount gives, among the values of a row


def settle_hedge(cells: Cells, values: Mapping[str, Any]) -> dict[str, Any]:
    """Choose between the qualifier of an amount's cell and that of the column of qualifiers."""
    settled = {name: value for name, value in values.items() if name != OWN_HEDGE}
    try:
        hedge = choose_hedge(values.get(OWN_HEDGE, ""), values.get("qualifier", ""), "")
    except Mistake as fault:
        cells.fail("qualifier", fault)
        return settled
    return settled | ({"qualifier": hedge} if hedge else {})


def drop_hedge(
    cells: Cells, resource: Resource, shown: Mapping[str, str], stored: Mapping[str, str]
) -> dict[str, str]:
    """Reset the qualifier of a new amount of a stored row, unless the row has one."""
    changed = [n for n in resource.hedged if n in shown and shown[n] != stored.get(n, "")]
    if not (stored and changed) or "qualifier" in shown:
        return {}
    column: Any = resource.model._meta.get_field("qualifier")
    usual, before = column.default.value, stored["qualifier"]
    fault = find_dropped_hedge("", before, stored[changed[0]])
    if fault and before != usual:
        cells.warn(changed[0], fault)
    return {"qualifier": usual}


def read_texts(
    rows: QuerySet, columns: Sequence[Column], actor: Any
) -> Iterator[tuple[Any, Texts]]:
    """Read rows by primary key, each with the texts of its cells; missing columns are ""."""
    made = {c.source: c.path(actor) for c in columns if not isinstance(c.path, str)}
    rows = rows.annotate(**made)
    paths = [path for column in columns for path in column.paths if has_path(rows, path)]
    for values in rows.order_by("pk").values("pk", *paths):
        texts = {}
        for column in columns:
            cells = [values.get(path) for path in column.paths]
            (value,) = plain_values([column], cells, Layout())
            texts[column.name] = to_text(value)
        yield values["pk"], texts


def find_altered(cells: Cells, columns: Mapping[str, Column], stored: Texts) -> list[str]:
    """Find the columns whose filled cells differ from our file of the stored row."""
    found = []
    for name, column in columns.items():
        text, match = cells.texts.get(name), cells.matches.get(name)
        if text and match and name != "version":
            now = stored.get(name, "")
            if now and column.kind in MONEY_KINDS and match.unit in UNIT_POWERS:
                now = to_text(Decimal(now).scaleb(-UNIT_POWERS[match.unit]))
            found += [] if is_same_text(text, now) else [name]
    return found


def load_other_claims(codes: Collection[str], actor: Any) -> dict[tuple[str, str], Texts]:
    """Load the readable claims of projects and events with these codes, by `_find_claim_key`."""
    found = {}
    for model in (ProjectFigure, EventFigure):
        rows = select_seen(model, actor)
        for some in chunks({code.lower() for code in codes if code}):
            claims = annotate_subjects(rows.filter(code_key__in=some))
            for _pk, texts in read_texts(claims, ALL_CLAIMS.columns, actor):
                found[_find_claim_key(texts)] = texts
    return found


def _find_claim_key(texts: Texts) -> tuple[str, str]:
    """Return a unique key of a claim: those of projects and events may share a code."""
    return "project" if texts.get("project") else "event", texts.get("code", "").lower()


def leave_other_claim(cells: Cells, others: Mapping[tuple[str, str], Texts]) -> bool:
    """Tell whether a row is a claim of a project or event, and report altered cells."""
    if not (cells.texts.get("project") or cells.texts.get("event")):
        return False
    stored = others.get(_find_claim_key(cells.texts), {})
    altered = find_altered(cells, _CLAIM_COLUMNS, stored)
    cells.report.action = "skip" if altered else "same"
    if altered:
        detail = _("A figure of a project or event is written under that, not by this file.")
        cells.warn(altered[0], Mistake("not_written", detail))
    return True


_FLOW = ("reported_cny", "reported_value", "currency")  # one cell may give several of them
_VALUES = ("amount_cny", "value", "value_text")  # columns of a claim's value, one field of the API
_REGIONS = ("region", "origin", "place")
_IN_YUAN = ("size_floor_cny",)
_YEAR = re.compile(r"((?:19|20)\d\d)\s?年度?")
_NOT_OF_PARKS = {"region", "region_group", "organisation", "project", "event"}


class PlainImporter(Importer):
    """Compares the rows of a resource as texts, and writes them with its serializer."""

    def __init__(
        self,
        resource: Resource,
        table: ReadTable,
        actor: Any,
        options: ImportOptions,
        wishes: Wishes,
    ) -> None:
        super().__init__(table, actor, options)
        self.resource, self.wishes = resource, wishes
        self.owner = resource.owner
        self.ready: list[tuple[int, LedgerSerializer]] = []
        self.seen: dict[Any, int] = {}
        self.words = {m.name: wishes.values_of(m.text) for m in table.columns}
        self.fields = resource.serializer().fields
        self.columns = resource.columns
        self.derived = {n: column for n, column in self.columns.items() if not self.is_written(n)}
        self.subject = [name for name in resource.key if name in _SUBJECTS]
        self.subjects: set[tuple[str, ...]] = set()  # of the rows of a file of ours
        self.exported: set[Any] = set()  # keys of all stored rows that the file has
        self.others: dict[tuple[str, str], Texts] = {}  # claims written elsewhere
        self.units: dict[str, str] = {}  # of indicators
        self.indicators: dict[str, str] = {}  # by Chinese name
        self.stored = self.load()

    def check_rows(self, rows: list[ReadRow]) -> Iterator[RowReport]:
        if self.resource.is_of_claims:
            match = self.matches.get("code")
            codes = {row.cell(match.place) for row in rows} if match else set()
            self.others = load_other_claims(codes, self.actor)
        return map(self.check_row, rows)

    def conclude(self) -> None:
        self.report = build_report(self.table, self.reports.values())
        missing = describe_missing_rows(self.table, self.find_missing())
        self.report.warnings = [*self.unwritten.describe(), *missing]

    def write(self, batch: str, _progress: Progress | None) -> Sequence[tuple[int, str]]:
        """Write all rows; reports of rows without a code keep that of the owner."""
        with recorded(batch=batch):
            stored: Any = [each.instance for _line, each in self.ready if each.instance]
            lock_compared(self.resource.model, {row.pk: row.version for row in stored})
            for line, serializer in self.ready:
                self.line = line
                serializer.save(**serializer.get_parent_row())
        written: list[tuple[int, Any]] = [(line, each.instance) for line, each in self.ready]
        return [(line, row.code) for line, row in written if hasattr(row, "code")]

    def is_written(self, name: str) -> bool:
        """Tell whether the serializer accepts the column, or the column names the owner."""
        field = self.fields.get(name)
        is_read_only = field is not None and field.read_only
        return not is_read_only and (field is not None or name in (*_VALUES, self.owner))

    def load(self) -> dict[tuple[str, ...], list[tuple[Model, Texts]]]:
        """Load all rows that the person may see as texts of our files, by code and by key."""
        rows = select_seen(self.resource.model, self.actor)
        if "indicator" in self.columns:
            self.units = dict(Indicator.objects.values_list("code", "unit"))
            self.indicators = dict(Indicator.objects.values_list("name_zh", "code"))
        if self.resource.is_of_claims:
            rows = annotate_subjects(rows)
        found: dict[tuple[str, ...], list[tuple[Model, Texts]]] = {}
        for pk, texts in read_texts(rows, self.resource.table.columns, self.actor):
            implied = self.resource.implied
            without = self.keys(texts | {implied: ""}) if implied else ()
            for key in chain(self.keys(texts), without):
                found.setdefault(key, []).append((pk, texts))
        return found

    def keys(self, texts: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
        """Yield the keys that find a row: its code, then its key columns."""
        if texts.get("code"):
            yield ("code", texts["code"].lower())
        if self.resource.key == ("name_zh", "name_en"):
            yield from (("name", texts[n]) for n in self.resource.key if texts.get(n))
        else:
            usual = self.resource.usual
            yield tuple(texts.get(name) or usual.get(name, "") for name in self.resource.key)

    def check_row(self, row: ReadRow) -> RowReport:
        report = RowReport(row.line, "create")
        cells = Cells(report, self.texts(row), matches=self.matches)
        check_width(cells, row, self.table)
        if self.resource.is_of_claims and leave_other_claim(cells, self.others):
            return report
        owner = self.find_named_owner(cells) if self.owner else None
        values = settle_hedge(cells, dict(self.values(cells, row)))
        shown = {name: to_text(value) for name, value in values.items()}
        pk, stored = self.find(cells, shown)
        words = drop_hedge(cells, self.resource, shown, stored)
        values, shown = values | words, shown | words
        instance = self.resource.model._default_manager.get(pk=pk) if pk else None
        report.key = stored.get("code", "") or cells.texts.get("code", "")
        report.key = getattr(owner, "code", "") if self.owner else report.key
        report.name = cells.texts.get("name_zh") or cells.texts.get("name_en") or ""
        changed = {n: v for n, v in values.items() if not is_same_text(shown[n], stored.get(n, ""))}
        report.changes = {name: [stored.get(name, ""), shown[name]] for name in changed}
        is_theirs = self.may_write(instance, owner)
        self.exported.add(pk)
        self.compare_exported(cells, stored if is_theirs else {})
        version = stored.get("version", "") if instance else None
        if instance is not None and not changed:
            self.decide(cells, version)
            report.key = report.key if is_theirs else ""
            return report
        if not is_theirs:
            refuse_row(cells)
            return report
        if self.is_repeated(cells, shown):
            return report
        if "qualifier" in values and not changed.keys().isdisjoint(self.resource.hedged):
            changed["qualifier"] = values["qualifier"]  # sent with a new amount, although the same
        ready = self.validate(cells, instance, changed, owner)
        self.decide(cells, version)
        if ready and report.action in ("create", "update"):
            self.ready.append((row.line, ready))
            if instance is None:
                self.unwritten.note_columns(cells, self.derived.keys() - {*OF_AMOUNTS, "id"})
        return report

    def compare_exported(self, cells: Cells, stored: Texts) -> None:
        """Warn of cells that differ from the stored row in columns that are not written."""
        if not stored:
            return
        number = cells.texts.get("id")
        if cells.texts.get("version") or (number and number == stored.get("id")):
            self.subjects.add(self.find_subject(stored))
        for name in find_altered(cells, self.derived, stored):
            if name != "unit" or not parse_unit(cells.texts[name]):  # that of amounts is read
                warn_of_unwritten(cells, name, stored[name])

    def find_subject(self, stored: Texts) -> tuple[str, ...]:
        return tuple(stored[name] for name in self.subject)

    def find_missing(self) -> Iterator[str]:
        """Find the codes, else the keys, of stored rows of these subjects that the file lacks."""
        rows = dict(chain.from_iterable(self.stored.values())) if self.subjects else {}
        for pk, stored in rows.items():
            if pk not in self.exported and self.find_subject(stored) in self.subjects:
                words = (stored[name] for name in self.resource.key if stored[name])
                yield stored.get("code") or " ".join(words)

    def texts(self, row: ReadRow) -> dict[str, str]:
        texts = {m.name: row.cell(m.place) for m in self.matches.values()}
        texts = {name: self.words[name].get(text, text) for name, text in texts.items()}
        if year := _YEAR.fullmatch(texts.get("year", "")):
            texts["year"] = year[1]
        given = {n: t for n, t in self.wishes.defaults.items() if not texts.get(n)}
        period = self.matches.get("period_from")
        if period and period.basis:  # a column of years begins and ends the period
            given["period_to"] = texts["period_from"]
        if "indicator" in texts:
            texts["indicator"] = self.indicators.get(texts["indicator"], texts["indicator"])
        if implied := self.resource.implied:
            bases = {m.basis for m in self.matches.values() if m.basis and texts[m.name]}
            if len(bases) == 1 and not texts.get(implied):
                given[implied] = bases.pop()
        if any(texts.get(name) for name in _NOT_OF_PARKS - {self.owner}):
            given.pop("park", None)
        return texts | given

    def values(self, cells: Cells, row: ReadRow) -> Iterator[tuple[str, Any]]:
        """Read the cells as values for the serializer."""
        fields = self.fields
        for name, text in cells.texts.items():
            match, column = self.matches.get(name), self.columns.get(name)
            if column is None or name in self.derived:
                continue
            fault = find_fault(row, match)
            if not fault and (not text if column.kind == "text" else is_blank(text)):
                if is_open(text):
                    cells.warn(name, describe_open(text))
                continue
            try:
                if fault and not (fault == "lost_digits" and column.kind in MONEY_KINDS):
                    raise describe_fault(fault, text)
                unit = self.find_unit(cells, name, match)
                if name in _FLOW:
                    yield from amounts.read_flow(name, text, unit)
                elif name in self.resource.hedged:
                    currency = parse_currency(cells.texts.get("currency", ""))
                    wanted = currency or self.units.get(cells.texts.get("indicator", ""), "")
                    value, hedge = amounts.read_hedged_cell(text, column.kind, unit, wanted)
                    yield from ((name, value), (OWN_HEDGE, hedge))
                else:
                    yield name, self.value(name, text, column, unit, fields.get(name))
            except Mistake as found:
                cells.fail(name, found)

    def find_unit(self, cells: Cells, name: str, match: Match | None) -> str:
        """Find the unit of a number, of its column or its row; Mistake if it is invalid."""
        unit, text = match.unit if match else "", cells.texts[name]
        if self.columns[name].kind not in MONEY_KINDS:
            return unit or cells.texts.get("unit", "")
        amount, by, words = self.resource.counted
        if by and read_choice(self.fields[by], cells.texts.get(by, "")) in words:
            if name == amount:
                ours = self.resource.counted_headers  # which say no unit of their own
                said = unit if match and normalize_header(match.text) not in ours else ""
                if parse_unit(said or cells.texts.get("unit", "")):
                    detail = _(
                        "“%(text)s” is a number of projects: 元 and 亿元 are no units of it."
                    )
                    raise Mistake("unit_not_understood", detail % {"text": text})
            return "" if name == amount else unit
        if self.matches.keys().isdisjoint(OF_AMOUNTS):
            return unit
        given = {name: cells.texts.get(name, "") for name in OF_AMOUNTS}
        if name in _IN_YUAN and unit:
            return unit  # whatever the value of the row is in
        if given["unit"] and given["unit"] != self.units.get(cells.texts.get("indicator", "")):
            amounts.read_unit(given["unit"])
        if given["currency"]:
            amounts.read_currency(given["currency"])
        amounts.refuse_other_currency(text, match, given["currency"])
        unit = amounts.find_unit(unit, given, is_named=bool(amounts.find_named_currency(match)))
        amounts.check_unit(text, unit)
        return unit

    def value(self, name: str, text: str, column: Column, unit: str, of: Any) -> Any:
        if name in _REGIONS:
            return self.finder.region(text)
        if name == "park":
            return self.finder.park(text)[0].code
        if name == "tag":
            return self.finder.tag(text)
        if isinstance(of, ChoiceField):
            return (name == "colour" and read_colour(text)) or read_choice(of, text)
        if column.kind in ("partial_date", "date"):
            return str(read_partial_date(text))
        if column.kind == "month":
            return str(parse_date_as_written(text))
        if column.kind == "money":
            return _read_yuan(text, unit, of)
        if column.kind == "flag":
            return read_flag(text)
        if column.kind == "number":
            return amounts.read_hedged_cell(text, column.kind, "")[0]
        return text

    def find(self, cells: Cells, shown: dict[str, str]) -> tuple[Any, dict[str, str]]:
        """Find the stored row: its primary key and its texts, or None and {}."""
        texts = {**cells.texts, **shown}
        for key in self.keys(texts):
            found = self.stored.get(key, [])
            if not self.resource.may_change and key[0] != "code":
                found = [
                    each
                    for each in found
                    if all(is_same_text(text, each[1].get(n, "")) for n, text in shown.items())
                ]
            if len(found) == 1 or (found and not self.resource.may_change):
                return found[0]
            if found:
                name = self.resource.implied or "code"
                codes = ", ".join(stored.get(name, "") for _pk, stored in found)
                detail = _("This could be several rows; give the %(name)s: %(codes)s.")
                params = {"name": self.columns[name].label, "codes": codes}
                cells.fail(name, Mistake("ambiguous_row", detail % params))
            if key[0] == "code" and cells.texts.get("version"):
                cells.fail("code", Mistake("not_found", _("There is no such row.")))
        return None, {}

    def is_repeated(self, cells: Cells, shown: dict[str, str]) -> bool:
        key = next(iter(self.keys({**cells.texts, **shown})))
        whole = (key, tuple(sorted(shown.items())))
        report = cells.report
        if (first := self.seen.setdefault(whole, report.line)) == report.line:
            return False
        report.action, report.of_line, report.changes = "duplicate", first, {}
        return True

    def validate(
        self, cells: Cells, instance: Any, changed: dict[str, Any], owner: Model | None
    ) -> LedgerSerializer | None:
        """Validate a row; returns the serializer to save it with, None on errors."""
        if self.owner and owner is None:
            return None
        data = {n: v for n, v in changed.items() if n not in _VALUES and n != self.owner}
        given = next((changed[name] for name in _VALUES if name in changed), None)
        if given is not None:
            data["value"] = given
        serializer = self.resource.serializer(
            instance,
            data=data,
            partial=instance is not None,
            context={
                "parent_row": {self.owner: owner} if owner else {},
                "actor": self.actor,
                "check_drafted": lambda draft: require_writes(self.actor, (instance, draft)),
            },
        )
        try:
            is_valid = serializer.is_valid()
        except PermissionDenied:
            refuse_row(cells)
            return None
        if not is_valid:
            for name, messages in serializer.errors.items():
                self.blame(cells, name, messages)
            return None
        draft = serializer.draft(serializer.validated_data)
        if isinstance(draft, Funding) and (fall := draft.find_fall()):
            detail = _("This is %(fall)s less than before; the difference counts as a reduction.")
            params = {"fall": say_money(fall, draft.currency)}
            place = "reported_value" if draft.currency else "reported_cny"
            cells.warn(place, Mistake("falls", detail % params))
        if isinstance(draft, Funding) and draft.has_improbable_recognition():
            cells.warn("recognised_cny", Mistake("improbable_amount", describe_recognition(draft)))
        return serializer

    def may_write(self, instance: Any, owner: Any) -> bool:
        """Tell whether the person may write a stored row, or a new one of this owner."""
        if instance is None and owner is None:
            return True  # what it is to be is not known yet
        new = self.resource.model(**{self.owner: owner}) if owner else None
        return may_replace(self.actor, instance, instance or new)

    def find_named_owner(self, cells: Cells) -> Any:
        """Find the owner of a row by its code or name, and put its code into the row."""
        name, text = self.owner, cells.texts.get(self.owner, "")
        try:
            owner = self.finder.owner(self.resource.model, name, text)
        except Mistake as mistake:
            cells.fail(name, mistake)
            return None
        cells.texts[name] = owner.code
        return owner

    def blame(self, cells: Cells, name: str, messages: Any) -> None:
        place = next((n for n in (name, *_VALUES) if n in cells.texts), name)
        if place in {error.place["name"] for error in cells.report.errors}:
            return  # the cell could not even be read
        for message in messages if isinstance(messages, list) else [messages]:
            cells.fail(place, Mistake(getattr(message, "code", "invalid"), str(message)))


def refuse_row(cells: Cells) -> None:
    """Refuse a row that the person may not write, without showing stored values."""
    cells.report.forget_changes()
    cells.report.action = "error"
    cells.fail("park", Mistake("forbidden", _("You may not write this row.")))


def _read_yuan(text: str, unit: str, of: Any) -> Any:
    """Read whole yuan; a text with a hedge stays for a field that can hold it."""
    value = amounts.read_yuan_cell(text, unit)
    if value == text and isinstance(of, IntegerField):
        raise Mistake("qualified", _("Give one amount; leave out words such as 约 or over."))
    return value
