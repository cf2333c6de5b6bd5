"""The path of every import: read, check, write, and store the report as a batch.

A file is read, and all its cells are tried, in a process with limits and without a database. Then
an importer reads the same cells beside the ledger: no text reaches a server process before it is
known to be read in time. Mappings are saved under a name with one file, and used with others.
"""

import hashlib
import json
import re
import unicodedata
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from time import process_time
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _, gettext_lazy
from rest_framework import status
from rest_framework.exceptions import APIException

from api.problems.errors import find_violation
from config.database import history
from config.mistakes import Mistake, nearest
from config.texts import REFUSED
from parks.models import ImportBatch, ImportMapping
from parks.names.cell_lookup import Finder
from parks.publishing import HiddenLinkError
from projects.importing.cells.cells import CellReader
from projects.importing.cells.investors import Share, read_investors
from projects.importing.importer import CHECKED_AT_ONCE, Importer
from projects.importing.interpreting import SheetMeaning
from projects.importing.plain import IMPORT_RESOURCES, PlainImporter, Resource
from projects.importing.rows import Cells, RowReader, divide_names
from projects.importing.writing import MovedError
from sheets.imports import ImportOptions, OnError, Progress, Report, RowDetails, RowReport
from sheets.packing import PackedList, split_up
from sheets.reading.apart import read_apart
from sheets.reading.columns import Wishes, parse_mapping, parse_pairs
from sheets.reading.files import ReadOptions, ReadTable, read_table
from sheets.reading.headers import Spellings
from sheets.reading.rows import ReadRow

MOST_SIGNS = 64
_NO_NAME = re.compile(rf"[{{}}\[\]\"]|{REFUSED.pattern}")


@dataclass(frozen=True)
class MappingToSave:
    name: str
    wishes: Wishes


def clean_mapping_name(text: str) -> str:
    """Clean the name of a mapping; raises Mistake for what cannot be one."""
    name = unicodedata.normalize("NFC", text).strip()
    if not name or len(name) > MOST_SIGNS or _NO_NAME.search(name):
        detail = _(
            "The name of a mapping has at most %(max)d characters, on one line, without brackets."
        )
        raise Mistake("invalid_mapping", detail % {"max": MOST_SIGNS})
    return name


def load_mapping(text: str) -> Wishes:
    """Load a mapping given as JSON or by its name; Mistake `invalid_mapping`, `unknown_mapping`."""
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return parse_mapping(text.lstrip("\ufeff"))
    name = clean_mapping_name(text)
    saved = ImportMapping.objects.filter(name=name).first()
    if saved is None:
        names = list(ImportMapping.objects.values_list("name", flat=True))
        params = {"name": name, "names": ", ".join(names) or "—"}
        detail = _("There is no saved mapping “%(name)s”. The saved ones are: %(names)s.")
        raise Mistake("unknown_mapping", detail % params, nearest(name, names))
    return parse_mapping(json.dumps(saved.content))


def keep_mapping(to_save: MappingToSave, actor: Any) -> None:
    """Save a mapping, replacing an older one; Mistake if that is somebody else's."""
    saved = ImportMapping.objects.filter(name=to_save.name).first()
    if saved is None:
        saved = ImportMapping(name=to_save.name, user_id=getattr(actor, "pk", None))
    elif not saved.may_be_changed_by(actor):
        detail = _("The mapping “%(name)s” was saved by somebody else; choose another name.")
        raise Mistake("mapping_taken", detail % {"name": to_save.name})
    saved.content = list_mapping_parts(to_save.wishes)
    try:
        saved.clean_fields()
    except ValidationError as error:
        raise Mistake("invalid_mapping", " ".join(error.messages)) from error
    saved.save()


def list_mapping_parts(wishes: Wishes) -> dict[str, Any]:
    """Return the parts of a mapping that are not empty, as they are stored."""
    return {part: value for part, value in asdict(wishes).items() if value}


@dataclass(frozen=True)
class Upload:
    """A file with the options of its import."""

    data: bytes
    file_name: str
    resource: str = "projects"
    options: ImportOptions = field(default_factory=ImportOptions)
    reading: ReadOptions = field(default_factory=ReadOptions)
    to_save: MappingToSave | None = None  # of the mapping, for other files

    def build_options(self) -> dict[str, Any]:
        """Build the options as a batch stores them."""
        reading = self.reading
        return {
            **asdict(self.options),
            "encoding": reading.encoding,
            "sheet": reading.sheet,
            "mapping": asdict(reading.wishes),
        }


ROW_SECONDS = 1.0  # of the processor; the longest cells take a few hundredths


def read_and_try(upload: Upload, known: Spellings) -> ReadTable:
    """Read the table of an upload and try its cells; raises Mistake."""
    table = read_table(upload.data, upload.file_name, known, upload.reading)
    divide_names(table)
    try_cells(upload, table)
    return table


def try_cells(upload: Upload, table: ReadTable) -> None:
    """Read all cells as the importer does; Mistake for a row that takes too long."""
    options, wishes = upload.options, upload.reading.wishes
    resource = IMPORT_RESOURCES[upload.resource]
    if isinstance(resource, Resource):
        try_row = _PlainTrial(resource, table, None, options, wishes).try_row
    else:
        meant = SheetMeaning(table, wishes).table
        reader = RowReader(_CellTrial(_FindsNothing()), meant, wishes, options)

        def try_row(row: ReadRow) -> None:
            reader.read(row, reader.texts(row), None)

    for row in table.rows:
        started = process_time()
        try_row(row)
        if process_time() - started > ROW_SECONDS:
            detail = _("The cells of line %(line)d take too long to read.") % {"line": row.line}
            raise Mistake("too_costly", detail, line=row.line)


_NOTHING_FOUND = Mistake("unknown_value", "")


class _FindsNothing(Finder):
    def __init__(self) -> None:
        super().__init__(None)

    def once(self, kind: str, text: str, find: Callable[[], Any]) -> Any:
        raise _NOTHING_FOUND.with_traceback(None)  # building one for each cell takes long


class _CellTrial(CellReader):
    """Reads cells beside an empty ledger."""

    def read_investors(self, text: str) -> tuple[Share, ...]:
        return read_investors(text, lambda _name: False)


class _PlainTrial(PlainImporter):
    """Reads the cells of rows other than projects beside an empty ledger."""

    def load(self) -> dict[tuple[str, ...], list[Any]]:
        self.finder = _FindsNothing()
        return {}

    def try_row(self, row: ReadRow) -> None:
        cells = Cells(RowReport(row.line, "create"), self.texts(row), matches=self.matches)
        deque(self.values(cells, row), maxlen=0)


FOR_ALL_ROWS = ("park", "month", "noted_on")  # given once for all rows of a file
# The part of the form that is wrong, by the code of a mistake; else it is the file
PARTS_OF_MISTAKES = {
    "invalid_mapping": "mapping",
    "unknown_mapping": "mapping",
    "mapping_taken": "save_mapping",
    "unknown_sheet": "sheet",
    "invalid_month": "month",
    "invalid_day": "noted_on",
    "contradicting_encoding": "encoding",
    **dict.fromkeys(("invalid_choices", "unknown_choice", "unknown_line", "circle"), "choices"),
}
MOST_TIMES = 2  # checks of a file while others change its rows


def build_upload(data: bytes, file_name: str, said: Mapping[str, Any], wishes: Wishes) -> Upload:
    """Build an upload from a form and the wishes of a mapping; Mistake for malformed pairs."""
    pairs = (said.get(name, ()) for name in ("map", "ignore", "unit"))
    wishes = wishes.merge(parse_pairs(*pairs))
    kept_as = said.get("save_mapping")
    to_save = MappingToSave(clean_mapping_name(kept_as), wishes) if kept_as else None
    defaults = {name: text for name in FOR_ALL_ROWS if (text := said.get(name))}
    wishes = wishes.merge(Wishes(defaults=defaults))
    names = ("mode", "on_error", "blank", "overwrite", "confirm", "choices")
    options = ImportOptions(**{name: said[name] for name in names if name in said})
    reading = ReadOptions(said.get("encoding", ""), said.get("sheet", ""), wishes)
    resource = said.get("resource") or "projects"
    return Upload(data, file_name, resource, options, reading, to_save)


class OutcomeChangedError(APIException):
    """The ledger has changed since the file was checked: the outcome would differ."""

    status_code = status.HTTP_409_CONFLICT
    members: Mapping[str, Any] = MappingProxyType({})  # of the problem
    default_detail = gettext_lazy(
        "The ledger has changed since the file was checked; look at it again."
    )


def run_import(
    upload: Upload, actor: Any, *, apply: bool, progress: Progress | None = None
) -> ImportBatch:
    """Check a file, and apply it if asked for and nothing prevents it; the batch has the result.

    Raises Mistake for an unreadable file, and OutcomeChangedError while others keep changing its
    rows. A mapping is saved if it explains every column. `actor` None is the operator.
    """
    batch = ImportBatch(
        code=ImportBatch.new_code(),
        resource=upload.resource,
        file_name=upload.file_name[:200],
        sha256=hashlib.sha256(upload.data).hexdigest(),
        user_id=getattr(actor, "pk", None),
        options=upload.build_options(),
    )
    return _check_and_write(batch, upload, actor, apply=apply, progress=progress)


def apply_batch(
    batch: ImportBatch,
    actor: Any,
    confirm: Sequence[str] = (),
    choices: Mapping[str, str] = MappingProxyType({}),
    *,
    on_error: OnError | None = None,
) -> ImportBatch:
    """Apply a file that was checked before, if no doubts are open with the given answers.

    `confirm` and `choices` are added to the earlier ones; `on_error` replaces the earlier one.
    Raises Mistake for an invalid choice, and OutcomeChangedError, with a new report in the batch,
    if the outcome would differ.
    """
    upload = before = restore_upload(batch)
    confirmed = tuple(dict.fromkeys([*upload.options.confirm, *confirm]))
    answered = {**upload.options.choices, **choices}
    options = replace(upload.options, confirm=confirmed, choices=answered)
    upload = replace(upload, options=replace(options, on_error=on_error) if on_error else options)
    batch.options = upload.build_options()
    expected = batch.outcome
    checked = check(upload, actor)
    report = checked.report
    if report.digest() != expected and answered != before.options.choices:
        report = check(before, actor).report  # the answers may change it, not the ledger
    try:
        if report.digest() != expected:
            _keep_unapplied(batch, upload, checked.report, [batch.state])
            raise OutcomeChangedError
        _write(batch, upload, checked, apply=True)
    except MovedError as error:
        raise OutcomeChangedError from error
    return batch


def read_again(batch: ImportBatch, actor: Any, wishes: Wishes, kept_as: str = "") -> None:
    """Check the file of a batch with further wishes; save the mapping under `kept_as`, if given."""
    upload = restore_upload(batch)
    wishes = upload.reading.wishes.merge(wishes)
    # Defaults for all rows of this file are no part of the saved mapping
    own = Wishes(wishes.columns, wishes.values, wishes.units, {}, wishes.ignore)
    to_save = MappingToSave(clean_mapping_name(kept_as), own) if kept_as else None
    upload = replace(upload, reading=replace(upload.reading, wishes=wishes), to_save=to_save)
    batch.options = upload.build_options()
    _check_and_write(batch, upload, actor, apply=False)


def restore_upload(batch: ImportBatch) -> Upload:
    """Restore the upload of a batch; Mistake if its file is no longer stored."""
    content = batch.content
    if content is None:
        raise Mistake("file_not_kept", _("The file of this import is no longer kept."))
    kept = dict(batch.options)
    mapping = kept.pop("mapping")
    wishes = Wishes(**{**mapping, "ignore": tuple(mapping["ignore"])})
    reading = ReadOptions(kept.pop("encoding"), kept.pop("sheet"), wishes)
    return Upload(content, batch.file_name, batch.resource, ImportOptions(**kept), reading)


def read_upload(upload: Upload) -> ReadTable:
    """Read the file of an upload in a separate process; raises Mistake."""
    return read_apart(read_and_try, upload, IMPORT_RESOURCES[upload.resource].spellings())


def check(
    upload: Upload,
    actor: Any,
    progress: Progress | None = None,
    build: Callable[..., Importer] | None = None,
) -> Importer:
    """Check a file; returns the importer with the report, which can write it.

    `build` makes another importer than the one of the resource.
    """
    build = build or IMPORT_RESOURCES[upload.resource].build_importer
    importer = build(read_upload(upload), actor, upload.options, upload.reading.wishes)
    if upload.to_save and not importer.table.problems:
        keep_mapping(upload.to_save, actor)
    details: PackedList[RowDetails] = PackedList()
    for rows in split_up(importer.table.rows, CHECKED_AT_ONCE):
        for report in importer.check_rows(rows):
            report.pack(details)
            importer.reports[report.line] = report
        if progress:
            progress("checked", len(importer.reports), len(importer.table.rows))
    importer.conclude()
    return importer


def _check_and_write(
    batch: ImportBatch, upload: Upload, actor: Any, *, apply: bool, progress: Progress | None = None
) -> ImportBatch:
    for time in range(MOST_TIMES):
        checked = check(upload, actor, progress)
        with suppress(MovedError):  # somebody was quicker: check it again
            is_last = time == MOST_TIMES - 1
            _write(batch, upload, checked, apply=apply, progress=progress, is_last=is_last)
            return batch
    raise OutcomeChangedError


def _write(
    batch: ImportBatch,
    upload: Upload,
    checked: Importer,
    *,
    apply: bool,
    progress: Progress | None = None,
    is_last: bool = True,
) -> None:
    """Write the file in one transaction, and store its report.

    The transaction is rolled back unless `apply`, or if doubts are open; with errors none is tried.
    If the database refuses an unknown line, MovedError unless this `is_last`: a check names it.
    """
    report = checked.report
    known = [batch.state] if batch.pk is not None else []
    try:
        if report.may_apply(upload.options):
            with transaction.atomic():
                _lock(batch, known)
                codes = checked.write(batch.code, progress)
                if apply and not report.doubts:
                    for line, code in codes:
                        checked.reports[line].key = code
                    keep(batch, upload, report, is_applied=True)
                    return
                transaction.set_rollback(True)
    except IntegrityError as error:
        if checked.line is None and not is_last:
            raise MovedError from error
        _blame(report, checked.line, error)
    except HiddenLinkError as error:
        report.problems.append(Mistake(error.default_code, str(error.detail)))
    _keep_unapplied(batch, upload, report, known)


def _lock(batch: ImportBatch, known: list[str]) -> None:
    """Lock a batch; MovedError if its stored state is not the known one, [] for a new batch."""
    rows = ImportBatch.objects.select_for_update().filter(code=batch.code)
    states = [*rows.values_list("state", flat=True)]
    if states != known:
        raise MovedError(len(states))  # somebody has just applied it


def _keep_unapplied(batch: ImportBatch, upload: Upload, report: Report, known: list[str]) -> None:
    """Store the report of a file that was not written, unless somebody else has applied it."""
    with transaction.atomic():
        _lock(batch, known)
        keep(batch, upload, report, is_applied=False)


def _blame(report: Report, line: int | None, error: IntegrityError) -> None:
    """Report the violated constraint at the refused line, or else at the file."""
    broken = find_violation(error).error
    row = next((row for row in report.rows if row.line == line), None)
    if row is None:
        report.problems.append(broken.at())
        return
    row.action = "error"
    place = {"line": row.line, "column": "", "name": broken.place["pointer"], "value": ""}
    row.errors = [*row.errors, broken.at(**place)]


def keep(batch: ImportBatch, upload: Upload, report: Report, *, is_applied: bool) -> None:
    """Store the report, and the file as long as it can be applied or repaired."""
    states = ImportBatch.State
    may_apply = report.may_apply(upload.options)
    batch.state = states.APPLIED if is_applied else states.CHECKED if may_apply else states.REFUSED
    batch.applied_at = history.read_clock() if is_applied else None
    batch.counts = report.counts
    batch.outcome = report.digest()
    batch.summary = {
        "columns": report.columns,
        "problems": [problem.as_dict() for problem in report.problems],
        "ignored": report.ignored,
        "read": report.read,
        "checks": report.checks,
        "doubts": report.doubts,
        "warnings": [warning.as_dict() for warning in report.warnings],
    }
    batch.keep_rows(row.as_dict() for row in report.rows)
    batch.content = upload.data if not is_applied or batch.has_failures else None
    batch.save()
