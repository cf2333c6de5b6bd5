"""What an organisation or a project is tagged with, as a table."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from projects.pages.parts.blocks import (
    PageColumn,
    PageTable,
    fill_known_columns,
    name_cell,
    text_cell,
    text_column,
)
from projects.pages.parts.row_names import RowNames


def tabulate_tags(
    tags: Sequence[Mapping[str, Any]], names: RowNames, title: str
) -> PageTable | None:
    """Make a table of tags, each of which year or term and by which source; None for none."""
    columns = [
        PageColumn(_("Tag"), make_cell=lambda tag: name_cell(tag, prefix="tag_name")),
        PageColumn(_("Year or term"), make_cell=lambda tag: text_cell(write_term(tag))),
        text_column(_("Detail"), "detail"),
        names.link_column(_("Source"), "source"),
    ]
    return fill_known_columns(title, columns, tags) if tags else None


def write_term(tag: Mapping[str, Any]) -> str:
    """Write of which year or for which term something is tagged; blank where nobody said."""
    if tag["valid_from"] or tag["valid_to"]:
        return f"{tag['valid_from'] or ''} – {tag['valid_to'] or ''}".strip()
    return str(tag["year"] or "")
