"""What makes a whole file unreadable, as data."""

from typing import Any

from django.utils.translation import gettext as _

from config.api.problems.errors import Text
from config.texts import shorten_quotes

READABLE = ".xlsx, .xls, .et, .ods, .csv"


class FileError(Exception):
    """A file that is refused as a whole.

    `code` is stable and for machines, `detail` is for people. `where` says what is known of the
    place: `line` (a record of a CSV file, a row of a sheet), `offset` (bytes), `column`, `sheet`.
    """

    def __init__(
        self, code: str, detail: Text, suggestion: str | None = None, **where: Any
    ) -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.suggestion = suggestion
        self.where = where

    def __str__(self) -> str:
        return shorten_quotes(self.detail)

    def as_dict(self) -> dict[str, Any]:
        """Write it as answers and reports show it."""
        members = {"code": self.code, "detail": str(self), "suggestion": self.suggestion}
        return {name: value for name, value in {**members, **self.where}.items() if value}


def describe_broken() -> FileError:
    detail = _("The file is damaged, or is no workbook. These can be read: %(allowed)s.")
    return FileError("broken_file", detail % {"allowed": READABLE})


def describe_encryption() -> FileError:
    detail = _("The workbook is encrypted. Save it without a password and without protection.")
    return FileError("encrypted", detail)


def describe_macros() -> FileError:
    return FileError("macros", _("The workbook contains macros. Save it as .xlsx without macros."))
