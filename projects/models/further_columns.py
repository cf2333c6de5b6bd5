"""Further columns of a project: what a sheet says beside the columns of the ledger, as text.

One line each, the header before the text: 首谈单位：市商务局. Headers are unique and have no “：”.
"""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from config.api.patterns import FILLED_LINE
from config.texts import TOO_LONG_MESSAGE, check_line, check_text

COLON = "："
TEXT_PATTERN = FILLED_LINE  # patterns, as OpenAPI says them
HEADER_PATTERN = FILLED_LINE.replace(r"\x00", rf"{COLON}\x00")
MOST_COLUMNS, LONGEST_HEADER, LONGEST_TEXT = 40, 100, 2_000  # characters


def parse_further(text: str) -> dict[str, str]:
    """Parse lines to texts by header; ValidationError for what is no line of these."""
    columns: dict[str, str] = {}
    for line in filter(None, (line.strip() for line in text.replace("\r", "\n").split("\n"))):
        header, _separator, said = (part.strip() for part in line.partition(COLON))
        if header in columns:
            raise ValidationError(
                _("“%(header)s” is there twice."), "repeated_column", {"header": header}
            )
        columns[header] = said
    check_further(columns)
    return columns


def check_further(columns: Mapping[str, str]) -> None:
    """Raise ValidationError for texts by header that cannot be kept."""
    if len(columns) > MOST_COLUMNS:
        message = _("At most %(max)d further columns are kept; these are %(count)d.")
        params = {"max": MOST_COLUMNS, "count": len(columns)}
        raise ValidationError(message, "too_many_columns", params)
    for header, text in columns.items():
        if not header or not text or COLON in header or header != header.strip():
            message = _("Write a header and a text on each line, such as 首谈单位：市商务局.")
            raise ValidationError(message, "without_header")
        for part, longest in ((header, LONGEST_HEADER), (text, LONGEST_TEXT)):
            check_line(part)
            if len(part) > longest:
                params = {"length": len(part), "max": longest}
                raise ValidationError(TOO_LONG_MESSAGE, "max_length", params)
    check_text(join_further(columns), has_lines=True)


def join_further(columns: Mapping[str, str]) -> str:
    """Write texts by header as lines."""
    return "\n".join(f"{header}{COLON}{text}" for header, text in columns.items())


def read_stored_further(text: str) -> dict[str, str]:
    """Read stored lines, which were checked, to texts by header."""
    divided = (line.partition(COLON) for line in text.split("\n") if line)
    return {header: said for header, _separator, said in divided}


class FurtherColumnsField(models.TextField):
    """A column of further columns; a merge unites those of two rows."""

    def clean(self, value: Any, model_instance: models.Model | None) -> str:
        return join_further(parse_further(super().clean(value, model_instance)))

    def unite(self, kept: str, other: str) -> str:
        """Add the columns of another row that the row that stays does not have."""
        own = read_stored_further(kept)
        return join_further(own | read_stored_further(other) | own)
