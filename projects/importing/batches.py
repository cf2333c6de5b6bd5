"""The one path of every import: read, check, write, and keep what was said as a batch.

A file is read, and all its cells are tried, in a process that has limits and no database. An
importer reads the same cells again beside what the ledger has. By then each of them is known to be
read soon: no text of a file meets a server process first. Mappings are kept under a name: saved
with one file, used with the next ones.
"""

import hashlib
import json
import re
import unicodedata
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from time import process_time
from types import MappingProxyType
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from api.problems.database_errors import find_violation
from config.database import history
from config.mistakes import Mistake, nearest
from config.texts import REFUSED
from parks.models import ImportBatch, ImportMapping
from parks.names.cell_lookup import Finder
from parks.publishing import HiddenLinkError
from projects.importing.asking.answers import read_line_answers
from projects.importing.cells.cells import CellReader
from projects.importing.cells.columns import (
    COLUMNS,
    DERIVED_CELL,
    cell_kind,
    list_project_spellings,
)
from projects.importing.cells.investors import Share, read_investors
from projects.importing.cells.rows_below import find_flow_months
from projects.importing.importer import CHECKED_AT_ONCE, ProjectImporter
from projects.importing.interpreting import interpret
from projects.importing.plain import IMPORT_RESOURCES, PlainImporter, find_named_model
from projects.importing.rows import Cells, RowReader, divide_names
from projects.importing.writing import MovedError
from sheets.imports import Checked, ImportOptions, OnError, Progress, Report, RowReport, ToldOfRow
from sheets.packing import PackedList, split_up
from sheets.reading.apart import read_apart
from sheets.reading.columns import Wishes, parse_mapping, parse_pairs
from sheets.reading.files import ReadOptions, ReadTable, read_table
from sheets.reading.headers import Spellings
from sheets.reading.rows import ReadRow

MOST_SIGNS = 64
_NO_NAME = re.compile(rf"[{{}}\[\]\"]|{REFUSED.pattern}")


@dataclass(frozen=True)
class Keeping:
    """Under which name the mapping of a file is to be kept."""

    name: str
    wishes: Wishes


def as_name(text: str) -> str:
    """Clean the name of a mapping; raises Mistake for what cannot be one."""
    name = unicodedata.normalize("NFC", text).strip()
    if not name or len(name) > MOST_SIGNS or _NO_NAME.search(name):
        detail = _(
            "The name of a mapping has at most %(max)d characters, on one line, without brackets."
        )
        raise Mistake("invalid_mapping", detail % {"max": MOST_SIGNS})
    return name


def mapping_of(text: str) -> Wishes:
    """Get a mapping that is given as JSON, or by the name under which it was saved.

    Raises Mistake (`invalid_mapping`, `unknown_mapping`).
    """
    if text.lstrip("\ufeff \t\r\n").startswith(("{", "[")):
        return parse_mapping(text.lstrip("\ufeff"))
    name = as_name(text)
    saved = ImportMapping.objects.filter(name=name).first()
    if saved is None:
        names = list(ImportMapping.objects.values_list("name", flat=True))
        told = {"name": name, "names": ", ".join(names) or "—"}
        detail = _("There is no saved mapping “%(name)s”. The saved ones are: %(names)s.")
        raise Mistake("unknown_mapping", detail % told, nearest(name, names))
    return parse_mapping(json.dumps(saved.content))


def keep_mapping(keeping: Keeping, actor: Any) -> None:
    """Save a mapping, in the place of an older one; Mistake when that is somebody else's.

    `actor` None is whoever runs the server.
    """
    saved = ImportMapping.objects.filter(name=keeping.name).first()
    if saved is None:
        saved = ImportMapping(name=keeping.name, user_id=getattr(actor, "pk", None))
    elif not saved.may_be_changed_by(actor):
        detail = _("The mapping “%(name)s” was saved by somebody else; choose another name.")
        raise Mistake("mapping_taken", detail % {"name": keeping.name})
    saved.content = content_of(keeping.wishes)
    try:
        saved.clean_fields()
    except ValidationError as error:
        raise Mistake("invalid_mapping", " ".join(error.messages)) from error
    saved.save()


def content_of(wishes: Wishes) -> dict[str, Any]:
    """Give a mapping as it is kept: only the parts that say something."""
    return {part: value for part, value in asdict(wishes).items() if value}


ROW_SECONDS = 1.0  # of the processor; the longest cells take a few hundredths


def read_and_try(
    data: bytes,
    file_name: str,
    known: Spellings,
    reading: ReadOptions,
    trial: Callable[[ReadTable], None],
) -> ReadTable:
    """Read a table and try its cells; raises Mistake."""
    table = read_table(data, file_name, known, reading)
    divide_names(table)
    trial(table)
    return table


def try_cells(resource: str, options: ImportOptions, wishes: Wishes, table: ReadTable) -> None:
    """Read all cells as their importer would; Mistake for a row that takes too long."""
    plain = IMPORT_RESOURCES.get(resource)
    if plain:
        try_row = _PlainTrial(plain, table, None, options, wishes).try_row
    else:
        months = find_flow_months(table, wishes.defaults.get("month", ""))
        columns = interpret(table, wishes).table.columns
        reader = RowReader(_CellTrial(_FindsNothing()), columns, wishes, options, {}, months)

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
    """Looks nothing up."""

    def __init__(self) -> None:
        super().__init__(None)

    def _once(self, kind: str, text: str, find: Callable[[str], Any]) -> Any:
        raise _NOTHING_FOUND.with_traceback(None)  # one for all cells: to make each takes long


class _CellTrial(CellReader):
    """Reads cells beside an empty ledger."""

    def read_investors(self, text: str) -> tuple[Share, ...]:
        return read_investors(text, lambda _name: False)


class _PlainTrial(PlainImporter):
    """Reads the cells of rows that are no projects beside an empty ledger."""

    def load(self) -> dict[tuple[str, ...], list[Any]]:
        self.finder = _FindsNothing()
        return {}

    def try_row(self, row: ReadRow) -> None:
        cells = Cells(RowReport(row.line, "create"), self.texts(row), matches=self.matches)
        deque(self.values(cells, row), maxlen=0)


FOR_ALL_ROWS = ("park", "month", "noted_on")  # what is said once for all rows of a file
MOST_TIMES = 2  # that a file is checked while others change its rows


@dataclass(frozen=True)
class Upload:
    """A file with all that was said about how to take it."""

    data: bytes
    file_name: str
    resource: str = "projects"
    options: ImportOptions = field(default_factory=ImportOptions)
    reading: ReadOptions = field(default_factory=ReadOptions)
    keeping: Keeping | None = None  # of the mapping, for other files

    def build_options(self) -> dict[str, Any]:
        """Build the options as a batch keeps them."""
        reading = self.reading
        return {
            **asdict(self.options),
            "encoding": reading.encoding,
            "sheet": reading.sheet,
            "mapping": asdict(reading.wishes),
        }


def build_upload(data: bytes, file_name: str, said: Mapping[str, Any], wishes: Wishes) -> Upload:
    """Build an upload with what a form says besides the file; Mistake for malformed pairs.

    `wishes` are those of a saved mapping. What is not said, or blank, is left as usual.
    """
    pairs = (said.get(name, ()) for name in ("map", "ignore", "unit"))
    wishes = wishes.merge(parse_pairs(*pairs))
    kept_as = said.get("save_mapping")
    keeping = Keeping(as_name(kept_as), wishes) if kept_as else None
    defaults = {name: text for name in FOR_ALL_ROWS if (text := said.get(name))}
    wishes = wishes.merge(Wishes(defaults=defaults))
    names = ("mode", "on_error", "blank", "overwrite", "confirm", "choices")
    options = ImportOptions(**{name: said[name] for name in names if name in said})
    reading = ReadOptions(said.get("encoding", ""), said.get("sheet", ""), wishes)
    resource = said.get("resource") or "projects"
    return Upload(data, file_name, resource, options, reading, keeping)


class OutcomeChangedError(Exception):
    """The ledger has changed since the file was checked: it would now do something else."""

    def __str__(self) -> str:
        return _("The ledger has changed since the file was checked; look at it again.")


def run_import(
    upload: Upload, actor: Any, *, apply: bool, progress: Progress | None = None
) -> ImportBatch:
    """Check a file, and apply it when that is asked for and nothing stands against it.

    `actor` None is whoever runs the server. The batch says what happened. Raises Mistake for a
    file of which nothing can be said, and OutcomeChangedError while others keep changing its rows.
    A mapping is kept when every column is understood by it.
    """
    find_named_model(upload.resource)  # a kind that none is registered for is not imported
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
    """Apply a file that was checked before; one with open doubts only if these settle them.

    `confirm` and `choices` are added to what was said before; `on_error` replaces it.

    Raises Mistake for a choice that is none, and OutcomeChangedError when the file would now do
    something else; the batch then says what.
    """
    upload = before = restore_upload(batch)
    confirmed = tuple(dict.fromkeys([*upload.options.confirm, *confirm]))
    answered = {**upload.options.choices, **choices}
    options = replace(upload.options, confirm=confirmed, choices=answered)
    upload = replace(upload, options=replace(options, on_error=on_error) if on_error else options)
    batch.options = upload.build_options()
    expected = batch.outcome
    checked = check(upload, actor, batch.code)
    # Other amounts are another outcome, but no other ledger
    meant, meant_before = map(read_line_answers, (answered, before.options.choices))
    is_corrected = meant.corrected != meant_before.corrected
    report = check(before, actor, batch.code).report if is_corrected else checked.report
    if report.digest() != expected:
        keep(batch, upload, checked.report, is_applied=False)
        raise OutcomeChangedError
    if checked.report.may_apply(upload.options):
        try:
            _write(batch, upload, checked, apply=not checked.report.doubts)
        except MovedError as error:
            raise OutcomeChangedError from error
    else:
        keep(batch, upload, checked.report, is_applied=False)
    return batch


def read_again(batch: ImportBatch, actor: Any, wishes: Wishes, kept_as: str = "") -> None:
    """Check the file of a batch again with more that is said of its columns, and keep the report.

    `kept_as` names the mapping for other files, if it is to be kept. Raises what `run_import` does.
    """
    upload = restore_upload(batch)
    wishes = upload.reading.wishes.merge(wishes)
    # What holds for all rows of this one file is no part of a mapping
    own = Wishes(wishes.columns, wishes.values, wishes.units, {}, wishes.ignore)
    keeping = Keeping(as_name(kept_as), own) if kept_as else None
    upload = replace(upload, reading=replace(upload.reading, wishes=wishes), keeping=keeping)
    batch.options = upload.build_options()
    _check_and_write(batch, upload, actor, apply=False)


def recheck(batch: ImportBatch, actor: Any) -> Report:
    """Check the file of a batch again: what would become of it by now. Nothing is kept."""
    return check(restore_upload(batch), actor, batch.code).report


def restore_upload(batch: ImportBatch) -> Upload:
    """Restore the upload of a batch; Mistake when its file is kept no longer."""
    content = batch.content
    if content is None:
        raise Mistake("file_not_kept", _("The file of this import is no longer kept."))
    kept = dict(batch.options)
    mapping = kept.pop("mapping")
    wishes = Wishes(**{**mapping, "ignore": tuple(mapping["ignore"])})
    reading = ReadOptions(kept.pop("encoding"), kept.pop("sheet"), wishes)
    return Upload(content, batch.file_name, batch.resource, ImportOptions(**kept), reading)


def list_known_columns(resource: str) -> list[str]:
    """List the columns of ours to which those of a file may be mapped."""
    plain = IMPORT_RESOURCES.get(resource)
    names = plain.columns if plain else COLUMNS
    return [name for name in names if plain or cell_kind(name) != DERIVED_CELL]


def read_upload(upload: Upload) -> ReadTable:
    """Read the file of an upload in a process of its own; raises Mistake."""
    plain = IMPORT_RESOURCES.get(upload.resource)
    known = plain.spellings() if plain else list_project_spellings()
    trial = partial(try_cells, upload.resource, upload.options, upload.reading.wishes)
    return read_apart(read_and_try, upload.data, upload.file_name, known, upload.reading, trial)


def check(upload: Upload, actor: Any, code: str, progress: Progress | None = None) -> Checked:
    """Check a file: the report on it, and how to write it. What was read is let go."""
    table = read_upload(upload)
    given = (table, actor, upload.options, upload.reading.wishes)
    plain = IMPORT_RESOURCES.get(upload.resource)
    importer = PlainImporter(plain, *given) if plain else ProjectImporter(*given)
    if upload.keeping and not importer.table.problems:
        keep_mapping(upload.keeping, actor)
    told: PackedList[ToldOfRow] = PackedList()
    for rows in split_up(importer.table.rows, CHECKED_AT_ONCE):
        for report in importer.check_rows(rows):
            report.pack(told)
            importer.reports[report.line] = report
        if progress:
            progress("checked", len(importer.reports), len(importer.table.rows))
    return importer.conclude(code, progress)


def _check_and_write(
    batch: ImportBatch,
    upload: Upload,
    actor: Any,
    *,
    apply: bool,
    progress: Progress | None = None,
) -> ImportBatch:
    for _time in range(MOST_TIMES):
        checked = check(upload, actor, batch.code, progress)
        if not checked.report.may_apply(upload.options):
            keep(batch, upload, checked.report, is_applied=False)
            return batch
        with suppress(MovedError):  # somebody was quicker: look at it all again
            _write(batch, upload, checked, apply=apply and not checked.report.doubts)
            return batch
    raise OutcomeChangedError


def _write(batch: ImportBatch, upload: Upload, checked: Checked, *, apply: bool) -> None:
    """Write it in one transaction with the batch; or try that, and take it back."""
    try:
        with transaction.atomic():
            _lock(batch)
            checked.write()
            if apply:
                checked.name_new()
                keep(batch, upload, checked.report, is_applied=True)
            else:
                transaction.set_rollback(True)
    except IntegrityError as error:
        _blame(checked, error)
    except HiddenLinkError as error:
        checked.report.problems.append(Mistake(error.default_code, str(error.detail)))
    else:
        if apply:
            return
    keep(batch, upload, checked.report, is_applied=False)


def _lock(batch: ImportBatch) -> None:
    """Lock an import that was stored before; MovedError where somebody has just applied it."""
    rows = ImportBatch.objects.select_for_update().filter(pk=batch.pk)
    states = [*rows.values_list("state", flat=True)]
    if batch.pk is not None and states != [batch.state]:
        raise MovedError(len(states))


def _blame(checked: Checked, error: IntegrityError) -> None:
    """Say what the database alone knew of the row that it refused, or else of the file."""
    broken = find_violation(error).error
    line = checked.find_line()
    row = next((row for row in checked.report.rows if row.line == line), None)
    if row is None:
        checked.report.problems.append(broken.at())
        return
    row.action = "error"
    row.errors = [
        *row.errors,
        broken.at(line=row.line, column="", name=broken.place["pointer"], value=""),
    ]


def keep(batch: ImportBatch, upload: Upload, report: Report, *, is_applied: bool) -> None:
    """Store what was said, and the file as long as something can be done with it."""
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
