"""What a template for an import of projects asks for, in the order in which people know it."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from config.spreadsheets import Column
from config.spreadsheets.columns import HeaderKind
from config.spreadsheets.template import Field
from parks.models import Park
from projects.importing.cells.columns import DERIVED_CELL, FILE_COLUMNS, PLANNED_STAGES, cell_kind
from projects.importing.cells.words import CHOICES
from projects.lifecycle.words import Approval

# What to write in a column that has no hint of its own, by the kind of its cells
HINTS: Mapping[str, str | Promise] = {
    "text": _("In your own words."),
    "word": _("Choose from the list; leave it blank where it is not known."),
    "number": _("A number in digits, without its unit."),
    "flag": _("true or false."),
    "partial_date": (date := _("As far as it is known: 2013, 2013-Q2, 2013-06 or 2013-06-30.")),
    "milestone": date,
}
# Understood in a file, and too much for a sheet that is filled in by hand
NOT_ASKED = {
    *("origin_text", "sector_text", "duplicate_of", "tags"),
    *("lead_on", "negotiating_on", "registered_on", *PLANNED_STAGES),
    *(name for approval in Approval for name in (f"{approval}_on", f"{approval}_no")),
}
# Where people know a column to stand, if not where files have it
AFTER = {
    "investors": "national_code",
    "investment_cny": "sector_basis",
    "investment_qualifier": "investment_cny",
    "investment_basis": "investment_qualifier",
    "approved_on": "signed_on",
    "full_capacity_on": "operating_on",
    "note": "responsible_unit",
    "publication": "note",
}


def list_template_columns() -> list[Column]:
    """List every column that can be imported, but for those that a template does not ask for."""
    asked = [
        name
        for name in FILE_COLUMNS
        if cell_kind(name) != DERIVED_CELL and name not in NOT_ASKED and name not in AFTER
    ]
    for name, before in AFTER.items():
        asked.insert(asked.index(before) + 1, name)
    return [FILE_COLUMNS[name] for name in asked]


def build_template_fields(header: HeaderKind, actor: Any) -> list[Field]:
    """Build the columns with hints and lists in the active language; codes where headers are."""
    return [
        Field(
            column,
            str(column.hint or HINTS[cell_kind(column.name)]),
            list_choices(column, header, actor),
        )
        for column in list_template_columns()
    ]


def list_choices(column: Column, header: HeaderKind, actor: Any) -> list[str]:
    """List what can be chosen in a column: words, or the parks that this person sees."""
    if column.name == "park":
        parks = Park.objects.visible_to(actor).order_by("code_key")
        return [park.code if header == "code" else park.name for park in parks]
    if column.kind == "flag":
        return ["true", "false"]
    choices = CHOICES.get(column.name, ())
    return [word if header == "code" else str(label) for word, label in choices]
