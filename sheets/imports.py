"""Reports of imports: the outcome of each row, and the errors of cells.

An importer checks the rows of a table outside of any lock, and builds a `Report`; then it writes
them in one short transaction, which a dry run rolls back.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
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
# Is told how many rows are so, and of how many
Progress = Callable[[ImportStep, int, int], None]


@dataclass(frozen=True)
class ImportOptions:
    """How rows are imported; `docs/reference/imports.md` explains each word."""

    mode: Literal["upsert", "create", "update"] = "upsert"
    on_error: OnError = "abort"
    blank: Literal["keep", "clear"] = "keep"
    overwrite: bool = False
    confirm: Sequence[str] = ()  # the kinds of doubts that a person has confirmed
    choices: Mapping[str, str] = field(default_factory=dict)  # answers, by line


MOST_KNOWN = 5_000  # texts, of one column
Meaning = TypeVar("Meaning")


def read_once(known: dict[Any, Any], key: Any, read: Callable[[], Meaning]) -> Meaning:
    """Read a key once, and cache its value or its Mistake, MOST_KNOWN of them."""
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


RowDetails = tuple[dict[str, list[str]], Sequence[Mistake], Sequence[Mistake]]  # of one line


@dataclass(frozen=True, slots=True)
class PackedErrors(Sequence[Mistake]):
    """Errors or warnings of a row in the packed details of all rows."""

    details: PackedList[RowDetails]
    place: int
    part: int
    size: int

    def __len__(self) -> int:
        return self.size

    def __getitem__(self, place: Any) -> Any:
        return self.details[self.place][self.part][place]


@dataclass(frozen=True)
class ColumnWarning:
    """A warning about a column or the whole file, such as cells that are not written."""

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
    """The outcome of one line of the file.

    `changes` has the old and the new text of each field; a new row has only new ones. `reason` says
    why a line is skipped, `of_line` which line it repeats. `like` has the rows that it may be,
    answered or not; `is_asked` tells that a question is open, `action` the outcome without it.
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
    packed: tuple[PackedList[RowDetails], int] | None = None  # the place of the details

    @property
    def fate(self) -> Action:
        """The reported action: `asked` while a question is open."""
        return "asked" if self.is_asked and self.action in TO_WRITE else self.action

    def forget_changes(self) -> None:
        self.changes, self.packed, self.warnings = {}, None, ()

    def pack(self, details: PackedList[RowDetails]) -> None:
        """Move changes, errors and warnings to the packed details of all rows."""
        place = len(details)
        details.append((self.changes, self.errors, self.warnings))
        self.packed, self.changes = (details, place), _NONE
        if self.errors:
            self.errors = PackedErrors(details, place, 1, len(self.errors))
        if self.warnings:
            self.warnings = PackedErrors(details, place, 2, len(self.warnings))

    def unpack(self) -> dict[str, list[str]]:
        """Read the changes, packed or not."""
        if self.packed is None:
            return self.changes
        details, place = self.packed
        return details[place][0]

    def as_dict(self) -> dict[str, Any]:
        details: dict[str, Any] = {"line": self.line, "action": self.fate}
        optional = {
            "code": self.key,
            "name": self.name,
            "reason": self.reason,
            "of_line": self.of_line,
            "changes": self.unpack(),
            "errors": [error.as_dict() for error in self.errors],
            "warnings": [warning.as_dict() for warning in self.warnings],
        }
        return details | {name: value for name, value in optional.items() if value}


@dataclass
class Report:
    """The outcome of a file: every line in the order of the file."""

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
        """The numbers of lines by action, of errors and of warnings."""
        actions = Counter(row.fate for row in self.rows)
        errors = sum(len(row.errors) for row in self.rows)
        warnings = sum(len(row.warnings) for row in self.rows)
        return {action: actions[action] for action in ACTIONS} | {
            "errors": errors + len(self.problems),
            "warnings": warnings,
        }

    @property
    def is_blocked(self) -> bool:
        """Whether errors prevent applying the file as a whole."""
        return bool(self.problems) or any(row.action in BLOCKING for row in self.rows)

    def may_apply(self, options: ImportOptions) -> bool:
        """Tell whether the file can be applied as a whole, or with `skip` in part."""
        if self.problems or not self.is_blocked:
            return not self.problems
        return options.on_error == "skip" and any(row.action in TO_WRITE for row in self.rows)

    def digest(self) -> str:
        """Digest the report, in hexadecimal; answers to its questions do not change the digest."""
        digest = hashlib.sha256()
        for row in self.rows:
            details: list[Any] = [row.line, row.action, row.key, row.unpack(), len(row.errors)]
            details = [row.line, "asked", row.like] if row.like else details
            digest.update(_encode(details).encode())
        return digest.hexdigest()


def build_report(table: ReadTable, rows: Iterable[RowReport]) -> Report:
    """Build the report of a file: its rows and its skipped lines, in order."""
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
