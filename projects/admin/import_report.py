"""The page of an import: its lines by what weighs most, what is asked, how the file was read."""

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from django.core.paginator import Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.reading.units import UNIT_WORDS
from parks.models import ImportBatch
from projects.admin.import_columns import (
    describe_asked_columns,
    describe_problems,
    list_kept,
)
from projects.admin.import_lines import (
    count_reported,
    describe_rows,
    find_label,
    list_tabs,
    read_reported,
)
from projects.admin.import_questions import describe_doubts

ROWS_ON_PAGE = 500
WHY_IGNORED = {"numbering": gettext_lazy("row numbers"), "asked": gettext_lazy("as you asked")}


def is_of_file(batch: ImportBatch) -> bool:
    """Tell whether a file was read; a change of many projects is kept as an import without one."""
    return bool(batch.packed_content or batch.summary["columns"])


def name_import(batch: ImportBatch) -> str:
    """Name an import by its file, or by what was changed at once."""
    named = batch.file_name or batch.code
    return _("Import of %(file)s") % {"file": named} if is_of_file(batch) else named


def build_import_page(batch: ImportBatch, query: Mapping[str, str]) -> dict[str, Any]:
    """Build what the page of an import shows: of the tab `show`, ROWS_ON_PAGE rows of it.

    Each row has what is asked about it as its `questions`.
    """
    shown = query.get("show", "")
    places = range(count_reported(batch, shown))
    page = Paginator(places, ROWS_ON_PAGE).get_page(query.get("page"))
    lines = read_reported(batch, shown, places[page.start_index() - 1 : page.end_index()])
    doubts = describe_doubts(batch, {each["line"] for each in lines})
    rows = describe_rows(batch.resource, lines)
    problems = describe_problems(batch)
    return {
        "batch": batch,
        "is_of_file": is_of_file(batch),
        "tabs": [*list_tabs(batch, shown)],
        "shown": shown,
        "page": page,
        **doubts,
        "of_columns": describe_asked_columns(batch),
        "rows": [row | {"questions": doubts["of_lines"].get(row["line"], ())} for row in rows],
        "problems": problems,
        "kept": list_kept(batch) if batch.is_open else [],
        "may_be_mapped": any("column_field" in problem for problem in problems),
        "kept_as": PurePath(batch.file_name).stem[:64],
        "columns": [
            {
                **column,
                "label": find_label(batch.resource, column["name"]),
                "unit": UNIT_WORDS.get(column.get("unit", ""), column.get("unit", "")),
            }
            for column in batch.summary["columns"]
        ],
        "ignored": [
            {"column": text, "reason": WHY_IGNORED.get(why, why)}
            for text, why in batch.summary["ignored"].items()
        ],
    }
