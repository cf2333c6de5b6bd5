"""Whether two texts of a cell mean the same, and whether a spreadsheet has changed one."""

import re
import unicodedata
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from config.dates import DateError, PartialDate
from config.imports import CellFault
from projects.importing.cells.cells import is_first_day

_NUMBER = re.compile(r"\d+(?:\.\d+)?(?:[Ee]\+?\d{1,2})?")


def is_same_text(one: str, other: str) -> bool:
    """Tell whether texts are equal but for outer blanks, line ends and composed characters."""
    if one == other:
        return True
    if not one or not other:
        return not (one or other).strip()
    return _normal(one) == _normal(other)


def is_same_number(one: str, other: str) -> bool:
    """Tell whether both are plain numbers and equal, as 10000000000.0 and 1e10 are."""
    are_numbers = _NUMBER.fullmatch(one) and _NUMBER.fullmatch(other)
    return bool(are_numbers) and Decimal(one) == Decimal(other)


def _normal(text: str) -> str:
    plain = text.replace("\r\n", "\n").replace("\r", "\n").strip()
    return unicodedata.normalize("NFC", plain)


def check_for_spreadsheet(old: str, new: str, new_value: Any) -> None:
    """Raise CellFault for a change that a spreadsheet makes by itself when it saves a file."""
    if not old or old == new:
        return
    if isinstance(new_value, PartialDate):
        altered = is_first_day(new_value, PartialDate.parse(old))
    else:
        altered = _as_number(old) is not None and _as_number(old) == _as_number(new)
        altered = altered or _is_dated(old, new)
    if altered:
        told = {"old": old, "new": new}
        detail = _("A spreadsheet seems to have made “%(new)s” of “%(old)s”.") % told
        raise CellFault("changed_by_spreadsheet", detail, old)


def _as_number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _is_dated(old: str, new: str) -> bool:
    """Whether a text that looked like a month or year became a day: 2015-06, 2015-06-01."""
    try:
        return is_first_day(PartialDate.parse(new), PartialDate.parse(old))
    except DateError:
        return False
