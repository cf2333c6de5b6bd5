"""Import projects: check every row against the ledger, then write all as one revision."""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from hashlib import blake2b
from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from config.mistakes import Mistake
from parks.access import may_replace
from parks.models.vocabularies import name_key
from parks.names.cell_lookup import Finder, select_seen
from projects.importing.asking import doubts, duplicates
from projects.importing.asking.answers import choose, read_line_answers
from projects.importing.cells.cells import CellReader, read_national_code
from projects.importing.cells.columns import INCREASE_COLUMN
from projects.importing.cells.rows_below import DAY_COLUMN, describe_adding, find_day
from projects.importing.cells.words import is_blank
from projects.importing.comparing import Comparison
from projects.importing.interpreting import SheetMeaning
from projects.importing.remarks import (
    Unwritten,
    compare_totals,
    describe_missing_rows,
    find_missing_projects,
)
from projects.importing.rows import (
    Cells,
    RowReader,
    check_width,
    choose_name,
    find_fault,
    read_titles,
)
from projects.importing.stored import (
    Namesake,
    Stored,
    find_by_national_code,
    find_namesakes,
    find_projects_by_code,
    find_retired,
    load,
)
from projects.importing.writing import Drafts, RowDraft, write
from projects.models import Project
from projects.writing.doubts import DoubtKind
from sheets.imports import ImportOptions, Progress, Report, RowReport, build_report
from sheets.packing import split_up
from sheets.reading.columns import Wishes
from sheets.reading.files import ReadTable
from sheets.reading.rows import ReadRow


@dataclass(frozen=True)
class Chunk:
    """Some rows of a file, with the keys of the projects that their codes are of."""

    texts: dict[int, dict[str, str]]  # by line
    by_code: dict[str, int]  # of the projects that the person may see
    taken: Set[str]  # codes of the others, which no new project can have
    retired: set[str]  # codes of deleted projects
    by_national_code: dict[str, int]
    nameable: dict[str, int]  # the same of the projects that the person may see
    namesakes: Mapping[str, Sequence[Namesake]]  # of the rows without a code, by normalised name


def find_national_code(texts: dict[str, str]) -> str:
    """Return the national code of a row as it is stored; blank if it has no valid one."""
    text = texts.get("national_code")
    if not text:
        return ""
    try:
        return read_national_code(text)
    except Mistake:
        return ""


def check_project_links(cells: Cells, draft: RowDraft, known: Collection[str]) -> None:
    """Check that a row refers to other projects by codes that are known, in lower case."""
    for name, code in draft.references.items():
        if code and draft.code.lower() == code.lower():
            detail = _("A project cannot be a part or duplicate of itself.")
            cells.fail(name, Mistake("circle", detail))
        elif code.lower() not in known:
            cells.fail(name, describe_unknown_project(code))


def refuse_orphans(file: duplicates.CheckedFile, visible: Any) -> None:
    """Refuse the rows that refer to a row of the file that is not written.

    `visible` are the projects that the person may see. A row with the code of a hidden project is
    never written, so no row can become a part of one by naming it in the file.
    """
    drafts = file.drafts
    if not drafts.referred:
        return
    known = {*find_projects_by_code(drafts.referred, visible)}
    known |= {draft.code.lower() for draft in drafts if draft.code}
    while orphans := [
        d for d in drafts if any(c.lower() not in known for c in d.references.values())
    ]:
        for draft in orphans:
            cells = file.open_cells(draft.line, dict(draft.references))
            cells.report.action = "error"
            for name, code in draft.references.items():
                if code.lower() not in known:
                    cells.fail(name, describe_unknown_project(code))
        drafts.drop([draft.line for draft in orphans])
        known -= {draft.code.lower() for draft in orphans if draft.version is None}


def describe_unknown_project(code: str) -> Mistake:
    """Describe a code of no project that the person may refer to."""
    return Mistake("unknown_value", _("There is no project “%(code)s”.") % {"code": code})


CHECKED_AT_ONCE = 1_000
# Columns in which two equal rows of one project may differ
REMARKS = ("note", "_line", "_error")


class Importer:
    """Checks and writes one file for one person; `actor` None is the operator.

    `check_rows` reports on some rows, `conclude` on the whole file. `write` writes it within a
    transaction, and returns the codes of written lines. `line` is the one being written, if its
    rows are written one by one.
    """

    report: Report
    line: int | None = None

    def __init__(self, table: ReadTable, actor: Any, options: ImportOptions) -> None:
        self.table, self.actor, self.options = table, actor, options
        self.finder = Finder(actor)
        self.matches = {match.name: match for match in table.columns}
        self.unwritten = Unwritten(self.matches)
        self.reports: dict[int, RowReport] = {}

    def check_rows(self, rows: list[ReadRow]) -> Iterator[RowReport]:
        raise NotImplementedError

    def conclude(self) -> None:
        raise NotImplementedError

    def write(self, batch: str, progress: Progress | None) -> Sequence[tuple[int, str]]:
        raise NotImplementedError

    def decide(self, cells: Cells, version: str | None) -> None:
        """Set the action of a row; `version` is the stored one, None for a new row."""
        report = cells.report
        if report.errors:
            report.action = "error"
        elif version is not None and not report.changes:
            report.action = "same"
        elif version is not None:
            # The row was written after the file was exported
            is_stale = cells.texts.get("version", "") not in ("", version)
            report.action = "conflict" if is_stale and not self.options.overwrite else "update"


class ProjectImporter(Importer):
    """Projects: their rows are compared and written set by set."""

    def __init__(
        self, table: ReadTable, actor: Any, options: ImportOptions, wishes: Wishes
    ) -> None:
        self.meaning = SheetMeaning(table, wishes)
        super().__init__(self.meaning.table, actor, options)
        self.answers = read_line_answers(options.choices)
        self.visible = select_seen(Project, actor)
        self.codes: set[str] = set()  # of the file, in lower case
        self.reader = self.make_reader(wishes)
        self.look_through()
        self.seen: dict[bytes, int] = {}  # the first line of the file about each project
        self.seen_nationals: dict[str, tuple[int, Any]] = {}
        self.rights: dict[tuple[int | None, int], bool] = {}
        self.exported: dict[int, int] = {}  # the parks of the stored projects of a file of ours
        self.drafts = Drafts()
        self.file = duplicates.CheckedFile(self.table.rows, self.reader, self.drafts, self.reports)

    def make_reader(self, wishes: Wishes) -> RowReader:
        if day := find_day(self.table, wishes.defaults.get("noted_on", "")):
            wishes = wishes.merge(Wishes(defaults={DAY_COLUMN: day}))
        reader = RowReader(CellReader(self.finder), self.table, wishes, self.options)
        reader.fill_from_titles(read_titles(self.table, self.finder))
        return reader

    def look_through(self) -> None:
        """Note what rows of the whole file depend on, and look up their investors."""
        investors = set()
        for row in self.table.rows:
            texts = self.reader.texts(row)
            investors.add(texts.get("investors", ""))
            self.codes.add(texts.get("code", "").lower())
            self.reader.look_through(row.line, texts)
        self.reader.cells.look_up_investors(investors)

    def look_up(self, rows: list[ReadRow]) -> Chunk:
        """Look up in few queries the projects with the codes of these rows."""
        texts = {row.line: self.reader.texts(row) for row in rows}
        codes = [code for each in texts.values() if (code := each.get("code"))]
        named = [
            each[name]
            for each in texts.values()
            for name in duplicates.REFERENCES
            if each.get(name)
        ]
        nationals = [find_national_code(each) for each in texts.values()]
        by_code = find_projects_by_code([*codes, *named], self.visible)
        taken = find_projects_by_code(codes, Project.objects.all()).keys() - by_code.keys()
        return Chunk(
            texts,
            by_code,
            taken,
            find_retired(codes),
            find_by_national_code(nationals, Project.objects.all()),
            find_by_national_code(nationals, self.visible),
            find_namesakes(
                {choose_name(each) for each in texts.values() if not each.get("code")}, self.visible
            ),
        )

    def find(self, texts: dict[str, str], chunk: Chunk) -> int | Mistake | None:
        """Find the key of a row's project; returns a Mistake if several match."""
        if code := texts.get("code", ""):
            return chunk.by_code.get(code.lower())
        national = find_national_code(texts)
        if national in chunk.nameable:
            return chunk.nameable[national]
        try:
            park = self.finder.park(texts["park"])[0] if texts.get("park") else None
        except Mistake:
            park = None
        if park is None:
            return None
        investors = {name_key(name) for name in self._list_investors(texts)}
        like = chunk.namesakes.get(name_key(choose_name(texts)), ())
        same = [each for each in like if each.may_be(park.pk, national, investors)]
        if len(same) > 1:
            codes = ", ".join(each.code for each in same)
            detail = _("Several projects of the park have this name; give the code: %(codes)s.")
            return Mistake("ambiguous_project", detail % {"codes": codes})
        return same[0].pk if same else None

    def _list_investors(self, texts: dict[str, str]) -> list[str]:
        try:
            shares = self.reader.cells.read("investors", texts.get("investors") or "")
        except Mistake as fault:
            shares = fault.understood or ()
        return [share.name for share in shares]

    def conclude(self) -> None:
        """Settle questions over several rows, and report on the file as a whole."""
        table, reports = self.table, self.reports
        correction = doubts.Correction(self.meaning, self.file, self.check_again)
        answered = self.answers.right | self.answers.corrected
        correction.recall(answered, self.options.confirm)
        if self.options.choices:
            correction.take(self.answers)
        settlement = self.settle()
        refuse_orphans(self.file, self.visible)
        report = self.report = build_report(table, reports.values())
        report.doubts = self.describe_doubts(settlement)
        report.warnings = [
            *self.meaning.warnings,
            *self.unwritten.describe(settlement.same),
            *describe_adding(self.matches, (each.increase for each in self.drafts)),
            *describe_missing_rows(table, find_missing_projects(self.exported, self.visible)),
        ]
        report.checks = compare_totals(table, [*reports.values()], self.reader.cells)

    def write(self, batch: str, progress: Progress | None) -> Sequence[tuple[int, str]]:
        return write(self.drafts, batch, self.actor, progress)

    def check_again(self, rows: list[ReadRow], keys: Mapping[int, int] | None = None) -> None:
        """Check rows again by the answers about them, replacing their first reports."""
        lines = {row.line for row in rows}
        self.drafts.drop(lines)
        self.seen_nationals = {n: by for n, by in self.seen_nationals.items() if by[0] not in lines}
        for some in split_up(rows, CHECKED_AT_ONCE):
            self.reports |= {report.line: report for report in self.check_rows(some, keys)}

    def settle(self) -> duplicates.Settlement:
        """Find the questions about new rows, and apply the answers."""
        file = self.file
        questions = duplicates.find_questions(file, self.visible)
        chosen = choose(
            self.options.choices,
            {line: question.allowed for line, question in questions.items()},
            self.reports,
            is_confirmed=DoubtKind.DUPLICATES in self.options.confirm,
        )
        if not questions:
            return duplicates.Settlement({}, {}, file)
        recalled = duplicates.recall_choices(questions, self.reports, self.options.choices)
        settlement = duplicates.Settlement(questions, chosen | recalled, file)
        keys = settlement.find_stored()
        self.check_again([file.rows.find(line) for line in sorted(keys)], keys)
        settlement.settle()
        duplicates.settle_increases(settlement, lambda park: self.may_replace(park, park))
        settlement.repeat()
        settlement.warn_of_recalled(recalled)
        return settlement

    def describe_doubts(self, settlement: duplicates.Settlement) -> list[dict[str, Any]]:
        """Describe the open doubts, and mark the lines that they concern."""
        matches = self.matches
        settled = {
            DoubtKind.AMOUNTS: self.answers.right,
            DoubtKind.INVESTORS: self.answers.left_out,
        }
        found = [
            doubt
            for doubt in doubts.find_doubts(self.drafts, matches)
            if (kind := DoubtKind(doubt["confirm"])) not in self.options.confirm
            and doubt.get("line") not in settled[kind]
        ]
        if DoubtKind.AGREEMENTS not in self.options.confirm:
            found += doubts.list_asked(self.meaning, self.drafts, matches, self.answers)
        if DoubtKind.LIGHTS not in self.options.confirm:
            found += doubts.ask_of_lights(self.file, self.actor)
        found += settlement.describe_open(matches)
        for each in found:
            if "line" in each:
                self.reports[each["line"]].is_asked = True
        return sorted(found, key=lambda each: each.get("line", 0))

    def check_rows(
        self, rows: list[ReadRow], keys: Mapping[int, int | Mistake | None] | None = None
    ) -> Iterator[RowReport]:
        """Check rows; `keys` has their projects by line, where these are known."""
        chunk = self.look_up(rows)
        keys = keys or {row.line: self.find(chunk.texts[row.line], chunk) for row in rows}
        found = [key for row in rows if isinstance(key := keys[row.line], int)]
        corrected = (self.reader.corrections.get(row.line, ()) for row in rows)
        names = {*self.matches, *chain.from_iterable(corrected)}
        there = load(found, names, self.actor, self.reader.months) if found else {}
        for row in rows:
            yield self.check_row(row, chunk, keys[row.line], there)

    def check_row(
        self, row: ReadRow, chunk: Chunk, key: int | Mistake | None, there: dict[int, Stored]
    ) -> RowReport:
        stored = there.get(key) if isinstance(key, int) else None
        if stored and chunk.texts[row.line].get(INCREASE_COLUMN):
            stored = stored.before_increases()
        if stored and "version" in self.matches:
            self.exported[stored.pk] = stored.values["park_id"]
        cells = self.reader.read(row, chunk.texts[row.line], stored)
        check_width(cells, row, self.table)
        report = cells.report
        report.name = stored.name if stored else choose_name(cells.texts)
        report.key = stored.code if stored else cells.texts.get("code", "")
        if isinstance(key, Mistake):
            cells.fail("code", key)
        self.meaning.settle(cells)
        draft = Comparison(cells, self.options).compare()
        draft.against = doubts.find_contradiction(self.meaning, cells, draft)
        draft.bracket = cells.bracket if draft.investors is not None else None
        self.check_identity(cells, row, chunk)
        self.check_national_code(cells, chunk)
        self.check_rights(cells, draft)
        check_project_links(cells, draft, self.codes | chunk.by_code.keys())
        if self.is_repeated(row, cells):
            return report
        self.decide(cells, str(stored.values["version"]) if stored else None)
        if report.action in ("create", "update"):
            self.drafts.put(draft)
            if report.action == "create":
                self.unwritten.note(cells)
        return report

    def check_identity(self, cells: Cells, row: ReadRow, chunk: Chunk) -> None:
        """Check that the mode allows the row, and that a new one has a free code, name and park."""
        code, stored = cells.texts.get("code", ""), cells.stored
        mode = self.options.mode
        if stored and mode == "create":
            detail = _("The project already exists, as %(code)s.") % {"code": stored.code}
            cells.fail("code", Mistake("exists", detail, stored.code))
        if stored:
            return
        is_missing = mode == "update" or bool(code and cells.texts.get("version"))
        if is_missing:
            # A row with a version was exported: its project is gone, or its code was altered.
            detail = _("There is no such project.")
            cells.fail("code", Mistake("not_found", detail))
        if not code and "code" in cells.matches and cells.texts.get("version"):
            cells.fail("code", Mistake("required", _("The code of this exported row is missing.")))
        if code:
            self.check_new_code(cells, row, code, chunk)
            if code.lower() in chunk.taken and not is_missing:
                cells.fail("code", Mistake("unique", _("This code is taken.")))
        if not choose_name(cells.texts):
            detail = _("Give a Chinese or an English name, or both.")
            cells.fail("name", Mistake("required", detail))
        if is_blank(cells.texts.get("park", "")):
            detail = _("Say in which park the project is: in a column, or for the whole file.")
            cells.fail("park", Mistake("required", detail))

    def check_new_code(self, cells: Cells, row: ReadRow, code: str, chunk: Chunk) -> None:
        try:
            self.reader.cells.read("code", code, fault=find_fault(row, self.matches.get("code")))
        except Mistake as fault:
            cells.fail("code", fault)
        if code.lower() in chunk.retired:
            detail = _("The code “%(code)s” belonged to a deleted row; choose another.")
            cells.fail("code", Mistake("code_retired", detail % {"code": code}))

    def check_national_code(self, cells: Cells, chunk: Chunk) -> None:
        """Check that a national code is unique in the ledger and in the file."""
        national = find_national_code(cells.texts)
        if not national:
            return
        pk = cells.stored and cells.stored.pk
        if chunk.by_national_code.get(national, pk) != pk:
            detail = _("Another project has this national code.")
            cells.fail("national_code", Mistake("unique", detail))
        own = (cells.report.line, self.identity(cells))
        first, identity = self.seen_nationals.setdefault(national, own)
        if identity != own[1]:
            detail = _("Line %(line)d has this national code for another project.")
            fault = Mistake("contradicts_line", detail % {"line": first})
            cells.fail("national_code", fault)

    def check_rights(self, cells: Cells, draft: RowDraft) -> None:
        """Check the rights to the park of a project, and to the park that it moves to."""
        now = cells.stored.values["park_id"] if cells.stored else None
        park = draft.columns.get("park_id", now)
        if park is None or self.may_replace(now, park):
            return
        cells.fail("park", Mistake("forbidden", _("You may not write projects of this park.")))
        if now is not None and not self.may_replace(now, now):  # nor read all of it
            cells.report.name = choose_name(cells.texts)
            cells.report.forget_changes()

    def may_replace(self, now: int | None, park: int) -> bool:
        """Tell whether the person may move a project from one park, by key, to the other."""
        if (now, park) not in self.rights:
            before = None if now is None else Project(park_id=now)
            self.rights[now, park] = may_replace(self.actor, before, Project(park_id=park))
        return self.rights[now, park]

    def is_repeated(self, row: ReadRow, cells: Cells) -> bool:
        """Tell whether an earlier row is about the same project; contradictions are errors."""
        key = self.identity(cells)
        # Shortened, as the identities of a long file would take much memory
        digest = blake2b(repr(key).encode(), digest_size=15).digest()
        first = self.seen.setdefault(digest, row.line) if key else row.line
        if first == row.line:
            return False
        report = cells.report
        before = self.file.read_texts(first)
        differing = duplicates.list_differing(cells.texts, before)
        report.of_line = first
        report.forget_changes()
        serious = [name for name in differing if name not in REMARKS]
        params = {"line": first, "names": ", ".join(differing)}
        if serious:
            report.action = "error"
            detail = _(
                "Line %(line)d is about the same project and says something else: %(names)s."
            )
            cells.fail(serious[0], Mistake("contradicts_line", detail % params))
            return True
        report.action, report.errors = "duplicate", ()  # those of the first one are the same
        duplicates.warn_of_differences(cells, before, first)
        return True

    def identity(self, cells: Cells) -> Any:
        """Return a value equal for all rows of one project; None if the row does not tell."""
        if cells.stored:
            return cells.stored.pk
        if cells.texts.get("code"):
            return cells.texts["code"].lower()
        if national := find_national_code(cells.texts):
            return ("national_code", national)
        park = cells.values.get("park")
        name = choose_name(cells.texts)
        lead = next((name_key(share.name) for share in cells.values.get("investors", ())), "")
        return (park.pk, name_key(name), lead) if park and name else None
