"""Stored rows as our files show them, to compare the cells of a file that comes back."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from config.api.lists.merged_rows import has_path
from config.imports import CellFault
from config.spreadsheets import Column, Layout
from config.spreadsheets.cells import plain_values, to_text
from config.spreadsheets.columns import MONEY_KINDS, UNIT_POWERS
from parks.access import readable_rows
from parks.recording.change_rows import chunks
from projects.claims import ALL_CLAIMS, tell_subjects
from projects.importing.rows import Cells
from projects.importing.sameness import is_same_text
from projects.models import EventFigure, ProjectFigure

_CLAIM_COLUMNS = {column.name: column for column in ALL_CLAIMS.columns}
Texts = dict[str, str]  # the cells of a row, by column; money is in yuan


def read_texts(
    rows: QuerySet, columns: Sequence[Column], actor: Any
) -> Iterator[tuple[Any, Texts]]:
    """Read rows by primary key, each with the texts of its cells.

    A column that the table of the rows lacks is "".
    """
    made = {c.source: c.path(actor) for c in columns if not isinstance(c.path, str)}
    rows = rows.annotate(**made)
    paths = [path for column in columns for path in column.paths if has_path(rows, path)]
    for values in rows.order_by("pk").values("pk", *paths):
        texts = {}
        for column in columns:
            cells = [values.get(path) for path in column.paths]
            (value,) = plain_values([column], cells, Layout())
            texts[column.name] = to_text(value)
        yield values["pk"], texts


def find_altered(cells: Cells, columns: Mapping[str, Column], stored: Texts) -> list[str]:
    """Find the columns in which a cell differs from what our file would hold; blank ones never."""
    found = []
    for name, column in columns.items():
        text, match = cells.texts.get(name), cells.matches.get(name)
        if text and match and name != "version":
            now = _write_in_unit(column, stored.get(name, ""), match.unit)
            found += [] if is_same_text(text, now) else [name]
    return found


def _write_in_unit(column: Column, text: str, unit: str) -> str:
    """Write a stored amount as a file in this unit of money does."""
    if not text or column.kind not in MONEY_KINDS or unit not in UNIT_POWERS:
        return text
    return to_text(Decimal(text).scaleb(-UNIT_POWERS[unit]))


def load_other_claims(codes: Collection[str], actor: Any) -> dict[str, Texts]:
    """Load the claims of projects and events with these codes, by code in lower case.

    Only those that the actor may read; None is whoever runs the server.
    """
    found = {}
    for model in (ProjectFigure, EventFigure):
        rows = model._default_manager.all() if actor is None else readable_rows(actor, model)
        for some in chunks({code.lower() for code in codes if code}):
            claims = tell_subjects(rows.filter(code_key__in=some))
            for _pk, texts in read_texts(claims, ALL_CLAIMS.columns, actor):
                found[texts["code"].lower()] = texts
    return found


def leave_other_claim(cells: Cells, others: Mapping[str, Texts]) -> bool:
    """Tell whether a row is a claim of a project or event; what is altered in it is reported.

    `others` are the stored claims of these, by code in lower case.
    """
    if not (cells.texts.get("project") or cells.texts.get("event")):
        return False
    stored = others.get(cells.texts.get("code", "").lower(), {})
    altered = find_altered(cells, _CLAIM_COLUMNS, stored)
    cells.report.action = "skip" if altered else "same"
    if altered:
        detail = _("A figure of a project or event is written under that, not by this file.")
        cells.warn(altered[0], CellFault("not_written", detail))
    return True
