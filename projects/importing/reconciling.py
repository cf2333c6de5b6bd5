"""Compare a list from another platform with the ledger (对账); nothing is written."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from difflib import SequenceMatcher
from typing import IO, Any, NamedTuple

from django.db.models import QuerySet
from django.utils.translation import gettext as _, gettext_lazy

from api.serializers import NAME_FIELDS
from config.mistakes import Mistake
from parks.access import select_worked_on
from parks.recording.change_rows import chunks
from projects.importing.asking.duplicates import find_questions
from projects.importing.batches import Upload, check
from projects.importing.cells.columns import FILE_COLUMNS
from projects.importing.importer import Chunk, ProjectImporter, find_national_code
from projects.importing.rows import Cells, choose_name
from projects.importing.stored import Stored, find_namesakes
from projects.models import Project, are_alike, loosen
from sheets.dates import DateError, PartialDate
from sheets.imports import RowReport
from sheets.reading.rows import ReadRow
from sheets.writing.columns import Column, Layout, Sheet, Table, Written
from sheets.writing.xlsx_writing import Workbook

MOST_MISSING = 10_000  # projects of the ledger that a list lacks, in one answer


RECONCILIATION_OUTCOMES = {
    "matched": gettext_lazy("matched by its code"),
    "suggested": gettext_lazy("may be one of ours, by its name"),
    "absent": gettext_lazy("not in the ledger"),
    "missing": gettext_lazy("in the ledger, not in the list"),
    "unread": gettext_lazy("column of the list, not read"),
}
RECONCILIATION = Table(
    "reconciliation",
    gettext_lazy("reconciliation"),
    [
        Column("line", gettext_lazy("line"), "number"),
        Column("outcome", gettext_lazy("outcome")),
        Column("meaning", gettext_lazy("meaning")),
        Column("name", gettext_lazy("name in the list")),
        Column("code", gettext_lazy("code in the ledger")),
        Column("our_name", gettext_lazy("name in the ledger")),
        Column("likeness", gettext_lazy("likeness of the names (%)"), "number"),
        Column("field", gettext_lazy("field")),
        Column("label", gettext_lazy("name of the field")),
        Column("ours", gettext_lazy("in the ledger")),
        Column("theirs", gettext_lazy("in the list")),
        Column("note", gettext_lazy("note")),
    ],
)


class Reconciler(ProjectImporter):
    """Finds the projects of a list among those that the user works on, and compares them.

    It checks no right to write and no rule of new projects, and never says that a row is hidden.
    """

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.visible = select_worked(self.actor, Project.objects)
        self.matched: dict[int, int] = {}  # keys of projects by line
        self.suggested: dict[int, list[int]] = {}
        self.compared: set[int] = set()  # lines that were compared with one project

    def look_up(self, rows: list[ReadRow]) -> Chunk:
        chunk = super().look_up(rows)
        names = {choose_name(texts) for texts in chunk.texts.values()}
        return replace(chunk, namesakes=find_namesakes(names, self.visible, loosen))

    def find(self, texts: dict[str, str], chunk: Chunk) -> int | Mistake | None:
        is_ours = texts.get("code", "").lower() in chunk.by_code
        found = super().find(texts if is_ours else {**texts, "code": ""}, chunk)
        like = chunk.namesakes.get(loosen(choose_name(texts)), ())
        return like[0].pk if found is None and len(like) == 1 else found

    def check_row(
        self, row: ReadRow, chunk: Chunk, key: int | Mistake | None, there: dict[int, Stored]
    ) -> RowReport:
        texts = chunk.texts[row.line]
        is_coded = texts.get("code", "").lower() in chunk.by_code
        is_coded = is_coded or find_national_code(texts) in chunk.nameable
        pk = key if isinstance(key, int) else None
        if pk:
            self.compared.add(row.line)
        if pk and is_coded:
            self.matched[row.line] = pk
        else:
            like = chunk.namesakes.get(loosen(choose_name(texts)), ())
            self.suggested[row.line] = [pk] if pk else [each.pk for each in like]
        return super().check_row(row, chunk, pk, there)

    def accept(self, *given: Any, **named: Any) -> Any:
        """Accept every row: it is not going to be written."""

    check_identity = check_national_code = check_rights = is_repeated = accept

    def decide(self, cells: Cells, version: str | None) -> None:
        """Keep only rows that may be new, in which likely duplicates are looked for."""
        is_new = version is None and not cells.report.errors and "park" in cells.values
        cells.report.action = "create" if is_new else "same"

    def conclude(self) -> None:
        for line, question in find_questions(self.file, self.visible).items():
            self.suggested[line] += (pk for pk in question.candidates if pk > 0)

    def list_findings(self, ours: Mapping[int, "Ours"]) -> Iterator[dict[str, Any]]:
        """List what was found of each line: a row, or one for each contradiction or candidate."""
        for line in sorted(self.reports):
            name = choose_name(self.file.read_texts(line))
            pk, like = self.matched.get(line), dict.fromkeys(self.suggested.get(line, ()))
            outcome = "matched" if pk else "suggested" if like else "absent"
            details: list[Any] = [ours[key].show(ours[key].measure_likeness(name)) for key in like]
            details.sort(key=lambda each: (-each["likeness"], each["code"]))
            of = ours[pk or next(iter(like))].show() if line in self.compared else {}
            details += ({**of, **each} for each in self.list_differences(line, of))
            row = {"line": line, "outcome": outcome, "name": name}
            yield from ({**row, **detail} for detail in details or [of])

    def list_differences(self, line: int, of: Any) -> Iterator[dict[str, str]]:
        """List the fields in which a line contradicts a project, and the cells not understood."""
        report = self.reports[line]
        for field, (ours, theirs) in report.unpack().items() if of else ():
            is_given = field in self.matches or field in NAME_FIELDS
            if is_given and not say_the_same(field, ours, theirs):
                yield {"field": field, "ours": ours, "theirs": theirs}
        for each in (*report.errors, *report.warnings):
            place, is_derived = each.place, each.code in ("stage_goes_back", "not_written")
            if is_derived and of and each.suggestion is not None:
                yield {"field": place["name"], "ours": each.suggestion, "theirs": place["value"]}
            elif each in report.errors and not is_derived:
                yield {"field": place["name"], "theirs": place["value"], "note": str(each)}


def say_the_same(field: str, ours: str, theirs: str) -> bool:
    """Return whether texts that differ are like names, or a date within a coarser one."""
    if field in NAME_FIELDS:
        return are_alike(ours, theirs)
    try:
        one, other = PartialDate.parse(ours), PartialDate.parse(theirs)
    except DateError:
        return False
    return one.contains(other) or other.contains(one)


class Ours(NamedTuple):
    code: str
    name_zh: str
    name_en: str

    def show(self, likeness: int | None = None) -> dict[str, Any]:
        """Show it as columns of the answer."""
        names = {"code": self.code, "our_name": self.name_zh or self.name_en}
        return {**names, "likeness": likeness}

    def measure_likeness(self, name: str) -> int:
        """Measure in percent how alike a name and the nearer one of its names are."""
        names = (loosen(each) for each in (self.name_zh, self.name_en))
        return max(round(100 * SequenceMatcher(None, loosen(name), n).ratio()) for n in names)


def select_worked(actor: Any, rows: Any) -> Any:
    """Select the projects that the actor works on; None is the operator of the server."""
    return rows.all() if actor is None else select_worked_on(rows, actor)


def reconcile(upload: Upload, actor: Any, chosen: QuerySet) -> dict[str, Any]:
    """Compare a list with the ledger; `chosen` are the projects that it should contain.

    Raise Mistake for an unreadable file, and if more than MOST_MISSING are missing.
    """
    upload = replace(upload, resource="projects", to_save=None)
    importer: Any = check(upload, actor, build=Reconciler)
    keys = {*importer.matched.values()}.union(*importer.suggested.values())
    found = [read_ours(importer.visible.filter(pk__in=chunk)) for chunk in chunks(keys)]
    ours = {pk: each for some in found for pk, each in some.items()}
    rest = select_worked(actor, chosen).order_by("code_key")[: MOST_MISSING + len(keys) + 1]
    missing = [each for pk, each in read_ours(rest).items() if pk not in keys]
    if len(missing) > MOST_MISSING:
        detail = _("More than %(count)d projects are not in the list: choose fewer by filters.")
        raise Mistake("too_many_rows", detail % {"count": MOST_MISSING})
    problems = [problem.as_dict() for problem in importer.table.problems]
    findings = [
        *importer.list_findings(ours),
        *({"outcome": "missing", **each.show()} for each in missing),
        *({"outcome": "unread", "field": p["column"], "note": p["detail"]} for p in problems),
    ]
    empty = dict.fromkeys(column.name for column in RECONCILIATION.columns)
    labels = {name: column.label for name, column in FILE_COLUMNS.items()}
    rows = [
        {
            **(empty | row),
            "meaning": str(RECONCILIATION_OUTCOMES[row["outcome"]]),
            "label": str(labels.get(row.get("field"), "")) or None,
        }
        for row in findings
    ]
    lines = {(row["outcome"], row["line"] or row["code"] or row["field"]) for row in rows}
    counts = {
        word: sum(outcome == word for outcome, _line in lines) for word in RECONCILIATION_OUTCOMES
    }
    counts["contradictory"] = len({row["line"] for row in rows if row["ours"] is not None})
    return {"counts": counts, "problems": problems, "rows": rows}


def read_ours(projects: QuerySet) -> dict[int, Ours]:
    rows = projects.values_list("pk", "code", "name_zh", "name_en")
    return {pk: Ours(*row) for pk, *row in rows}


def write_comparison(compared: dict[str, Any], layout: Layout, file: IO[bytes]) -> Written:
    columns = RECONCILIATION.columns
    rows = ([row[column.name] for column in columns] for row in compared["rows"])
    with Workbook(file, layout) as book:
        book.add(Sheet(str(RECONCILIATION.title), columns, rows))
        return book.close()
