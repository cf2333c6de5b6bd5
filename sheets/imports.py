"""Imports: what is said of each row and each bad cell, and the one path to apply or only to try.

Knows no model. An importer checks the rows of a table outside of any lock, which gives a `Report`
and what there is to write; writing is one short transaction, which a dry run rolls back.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, TypeVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.mistakes import Mistake
from sheets.packing import PackedList
from sheets.reading.files import ReadTable

Action = Literal["create", "update", "asked", "same", "skip", "duplicate", "conflict", "error"]
ACTIONS: dict[Action, str | Promise] = {
    "create": _("is new"),
    "update": _("changes what is there"),
    "asked": _("waits for an answer"),
    "same": _("is already there, unchanged"),
    "skip": _("is no row of data"),
    "duplicate": _("repeats an earlier row of the file"),
    "conflict": _("was changed in the ledger since the file was exported"),
    "error": _("contains an error"),
}
OnError = Literal["abort", "skip"]
BLOCKING: tuple[Action, ...] = ("error", "conflict")
TO_WRITE: tuple[Action, ...] = ("create", "update", "asked")
ImportStep = Literal["checked", "written"]
Progress = Callable[[ImportStep, int, int], None]  # is told how many rows are so, and of how many


@dataclass(frozen=True)
class ImportOptions:
    """What is to happen with rows; see `docs/reference/imports.md` for each word."""

    mode: Literal["upsert", "create", "update"] = "upsert"
    on_error: OnError = "abort"
    blank: Literal["keep", "clear"] = "keep"
    overwrite: bool = False
    confirm: Sequence[str] = ()  # the kinds of doubts that a person has settled
    choices: Mapping[str, str] = field(default_factory=dict)  # what was answered, by line


MOST_KNOWN = 5_000  # texts, of one column
Meaning = TypeVar("Meaning")


def read_once(known: dict[Any, Any], key: Any, read: Callable[[], Meaning]) -> Meaning:
    """Read what is not known yet, and keep it, or the Mistake that is raised of it each time.

    Of more than MOST_KNOWN all is forgotten: each cell of a long file may say something else.
    """
    if len(known) > MOST_KNOWN:
        known.clear()
    if key not in known:
        try:
            known[key] = read()
        except Mistake as fault:
            known[key] = fault.at()
    meaning: Meaning | Mistake = known[key]
    if isinstance(meaning, Mistake):
        raise meaning.at()
    return meaning


ToldOfRow = tuple[dict[str, list[str]], Sequence[Mistake], Sequence[Mistake]]  # of one line


@dataclass(frozen=True, slots=True)
class PackedErrors(Sequence[Mistake]):
    """Errors or warnings of a row that lie packed with what else is told of it."""

    told: PackedList[ToldOfRow]
    place: int
    part: int
    size: int

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, place: Any) -> Any:
        return [*self][place]

    def __iter__(self) -> Iterator[Mistake]:
        errors: Any = self.told[self.place][self.part]
        return iter(errors)


@dataclass(frozen=True)
class ColumnWarning:
    """What is said once of a column, or of the file: that it is not written, and of how many rows.

    `codes` name the first of stored rows that are missing in the file.
    """

    column: str  # its header in the file
    name: str
    code: str
    detail: str
    rows: int
    codes: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value or name != "codes"}


_NONE: Any = MappingProxyType({})  # in place of the changes that are packed
_encode = json.JSONEncoder(ensure_ascii=False).encode


@dataclass(slots=True)
class RowReport:
    """What becomes of one line of the file.

    `changes` has for each field its old and new value as texts; of a new row only new ones.
    `reason` says why a line is skipped, `of_line` which line it repeats. `like` has the rows that
    it may be, whether or not somebody has answered that; `is_asked` says that something is open,
    and `action` what then becomes of the line.
    """

    line: int
    action: Action
    key: str = ""
    name: str = ""
    changes: dict[str, list[str]] = field(default_factory=dict)
    errors: Sequence[Mistake] = ()
    warnings: Sequence[Mistake] = ()
    reason: str = ""
    of_line: int | None = None
    like: Sequence[str] = ()
    is_asked: bool = False
    packed: tuple[PackedList[ToldOfRow], int] | None = None  # where the changes wait to be told

    @property
    def fate(self) -> Action:
        """What is said to become of the line, as long as nobody answers what is open."""
        return "asked" if self.is_asked and self.action in TO_WRITE else self.action

    def forget_changes(self) -> None:
        """Forget what would be changed, and what is doubtful of it."""
        self.changes, self.packed, self.warnings = {}, None, ()

    def pack(self, told: PackedList[ToldOfRow]) -> None:
        """Keep changes, errors and warnings with those of other rows, in little memory."""
        place = len(told)
        told.append((self.changes, self.errors, self.warnings))
        self.packed, self.changes = (told, place), _NONE
        if self.errors:
            self.errors = PackedErrors(told, place, 1, len(self.errors))
        if self.warnings:
            self.warnings = PackedErrors(told, place, 2, len(self.warnings))

    def unpack(self) -> dict[str, list[str]]:
        """Read the changes, packed or not."""
        if self.packed is None:
            return self.changes
        told, place = self.packed
        return told[place][0]

    def as_dict(self) -> dict[str, Any]:
        told: dict[str, Any] = {"line": self.line, "action": self.fate}
        optional = {
            "code": self.key,
            "name": self.name,
            "reason": self.reason,
            "of_line": self.of_line,
            "changes": self.unpack(),
            "errors": [error.as_dict() for error in self.errors],
            "warnings": [warning.as_dict() for warning in self.warnings],
        }
        return told | {name: value for name, value in optional.items() if value}


@dataclass
class Report:
    """What a file would do, or did: every line in the order of the file."""

    rows: list[RowReport]
    columns: list[dict[str, str]] = field(default_factory=list)
    problems: list[Mistake] = field(default_factory=list)
    ignored: dict[str, str] = field(default_factory=dict)
    read: dict[str, Any] = field(default_factory=dict)
    checks: list[dict[str, Any]] = field(default_factory=list)
    doubts: list[dict[str, Any]] = field(default_factory=list)  # that nobody has confirmed
    warnings: list[ColumnWarning] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        """How many lines meet each fate, how many cells are wrong or in doubt."""
        actions = Counter(row.fate for row in self.rows)
        errors = sum(len(row.errors) for row in self.rows)
        warnings = sum(len(row.warnings) for row in self.rows)
        return {action: actions[action] for action in ACTIONS} | {
            "errors": errors + len(self.problems),
            "warnings": warnings,
        }

    @property
    def is_blocked(self) -> bool:
        """Whether something stands that keeps the file from being applied as a whole."""
        return bool(self.problems) or any(row.action in BLOCKING for row in self.rows)

    def may_apply(self, options: ImportOptions) -> bool:
        """Tell whether it can be applied: all of it, or with `skip` what of it there is to write.

        Columns that are not understood are never left out, whatever was asked for.
        """
        if self.problems or not self.is_blocked:
            return not self.problems
        return options.on_error == "skip" and any(row.action in TO_WRITE for row in self.rows)

    def digest(self) -> str:
        """Digest the report, in hexadecimal; equal for reports that say the same of every line.

        Answers alter nothing of it: of a line about which there is a question it has the question.
        """
        digest = hashlib.sha256()
        for row in self.rows:
            told: list[Any] = [row.line, row.action, row.key, row.unpack(), len(row.errors)]
            told = [row.line, "asked", row.like] if row.like else told
            digest.update(_encode(told).encode())
        return digest.hexdigest()


@dataclass
class Checked:
    """The report on a file, and how to write what it says (inside a transaction).

    `find_line` finds, after the database refused what was written, the line that it refused; None
    where all of it could be written by now, or that cannot be said. `name_new` puts the codes of
    new rows into the report, once they are written.
    """

    report: Report
    write: Callable[[], None]
    find_line: Callable[[], int | None]
    name_new: Callable[[], None]


def build_report(table: ReadTable, rows: Iterable[RowReport]) -> Report:
    """Build the report of a file: the rows with the lines that were skipped, in order."""
    skipped = [RowReport(each.line, "skip", reason=each.reason) for each in table.skipped]
    sheet = table.sheet
    read = {
        "encoding": sheet.encoding,
        "delimiter": sheet.delimiter,
        "sheet": sheet.name,
        "other_sheets": sheet.others,
        "header_lines": [table.header.first_line, table.header.last_line],
    }
    return Report(
        sorted([*skipped, *rows], key=lambda row: row.line),
        columns=[
            {
                key: text
                for key, text in (("column", m.text), ("name", m.name), ("unit", m.unit))
                if text
            }
            for m in table.columns
        ],
        problems=table.problems,
        ignored=table.ignored,
        read={name: value for name, value in read.items() if value},
    )
