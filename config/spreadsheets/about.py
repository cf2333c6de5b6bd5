"""The sheet that tells what a workbook holds: what was asked, when it was so, what words mean."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.db.models import Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from config.spreadsheets.columns import Column, Layout, Sheet

_COLUMNS = [
    Column("about", pgettext_lazy("of a line", "about")),
    Column("name", gettext_lazy("name")),
    Column("text", gettext_lazy("text")),
    Column("details", gettext_lazy("details")),
]
Line = tuple[str, Any, Any, Any]


@dataclass(frozen=True)
class About:
    """What is told of a file. `newest` is when the newest of its rows was changed."""

    title: str
    address: str
    query: Sequence[tuple[str, str]]
    count: int
    columns: Sequence[Column]
    model: type[Model]
    newest: datetime | None = None
    sources: Sequence[tuple[str, str, str]] = field(default_factory=list)


def about_sheet(about: About, layout: Layout) -> Sheet:
    """Build the sheet from data and question alone: equal data make equal sheets."""
    return Sheet(_("About"), _COLUMNS, _lines(about, layout))


def _lines(about: About, layout: Layout) -> Iterator[Line]:
    yield _("file"), about.title, about.address, None
    for name, value in about.query:
        yield _("asked"), name, value, None
    yield _("rows"), None, about.count, None
    if about.newest is not None:
        yield _("newest change"), None, about.newest, None
    for column in about.columns:
        yield _("column"), column.header(layout), str(column.label), str(column.meaning) or None
    for column in about.columns:
        for word, label in _words(column, about.model):
            yield _("word"), column.header(layout), word, str(label)
    for code, title, details in about.sources:
        yield _("source"), code, title, details or None


def _words(column: Column, model: type[Model]) -> Iterator[tuple[str, Any]]:
    """The words of a column that holds one of a closed list."""
    if column.kind != "word" or not isinstance(column.path, str):
        return
    try:
        found: Any = model._meta.get_field(column.path.rpartition(".")[2])
    except FieldDoesNotExist:
        return
    found = getattr(found, "output_field", None) or found
    yield from ((word, label) for word, label in found.choices or () if word)
