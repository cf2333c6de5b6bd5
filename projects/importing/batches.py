"""The one path of every import: read, check, write, and keep what was said as a batch."""

import hashlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from types import MappingProxyType
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from config.api.problems.database_errors import find_violation
from config.imports import CellError, Checked, ImportOptions, OnError, Progress, Report
from config.reading.apart import read_apart
from config.reading.columns import ColumnProblem, Wishes
from config.reading.files import ReadOptions, ReadTable
from config.reading.rows import FileError
from parks.models import ImportBatch
from parks.publishing import HiddenLinkError
from projects.importing.asking.choices import read_line_answers
from projects.importing.cells.columns import (
    COLUMNS,
    DERIVED_CELL,
    cell_kind,
    list_project_spellings,
)
from projects.importing.importer import ProjectImporter
from projects.importing.mappings import Keeping, as_name, keep_mapping
from projects.importing.plain import PlainImporter
from projects.importing.resources import IMPORT_RESOURCES, find_named_model
from projects.importing.trial import read_and_try, try_cells
from projects.importing.writing import MovedError

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


class OutcomeChangedError(Exception):
    """The ledger has changed since the file was checked: it would now do something else."""

    def __str__(self) -> str:
        return _("The ledger has changed since the file was checked; look at it again.")


def run_import(
    upload: Upload, actor: Any, *, apply: bool, progress: Progress | None = None
) -> ImportBatch:
    """Check a file, and apply it when that is asked for and nothing stands against it.

    `actor` None is whoever runs the server. The batch says what happened. Raises FileError for a
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

    Raises FileError for a choice that is none, and OutcomeChangedError when the file would now do
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
    """Restore the upload of a batch; FileError when its file is kept no longer."""
    content = batch.content
    if content is None:
        raise FileError("file_not_kept", _("The file of this import is no longer kept."))
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
    """Read the file of an upload in a process of its own; raises FileError."""
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
    return importer.check(code, progress)


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
        checked.report.problems.append(ColumnProblem("", error.default_code, str(error.detail)))
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
    code, detail = str(broken.code), str(broken.detail)
    line = checked.find_line()
    row = next((row for row in checked.report.rows if row.line == line), None)
    if row is None:
        checked.report.problems.append(ColumnProblem("", code, detail))
        return
    row.action = "error"
    row.errors = [*row.errors, CellError(row.line, "", broken.pointer, "", code, detail)]


def keep(batch: ImportBatch, upload: Upload, report: Report, *, is_applied: bool) -> None:
    """Store what was said, and the file as long as something can be done with it."""
    states = ImportBatch.State
    may_apply = report.may_apply(upload.options)
    batch.state = states.APPLIED if is_applied else states.CHECKED if may_apply else states.REFUSED
    batch.applied_at = timezone.now() if is_applied else None
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
