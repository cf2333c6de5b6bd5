"""What every reader of cells refuses: spoilt numbers, and what other readers raise of a value."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from config.amounts import AmountError
from config.dates import DateError
from config.imports import CellFault
from config.reading.rows import LOST_DIGITS

_EXPONENT = re.compile(r"[+-]?\d(?:\.\d+)?[Ee]\+?\d+")


def refuse_exponent(text: str) -> None:
    """Raise CellFault for 9.1E+17, which a spreadsheet makes of a long number."""
    if _EXPONENT.fullmatch(text):
        detail = _("“%(text)s” is how a spreadsheet shortens a long number: digits are lost.")
        raise CellFault(LOST_DIGITS, detail % {"text": text})


@contextmanager
def raise_cell_fault() -> Iterator[None]:
    """Raise what is wrong with an amount, a date or a value of a column as a CellFault."""
    try:
        yield
    except (AmountError, DateError) as error:
        raise CellFault(error.code, error.message) from error
    except ValidationError as error:
        first = error.error_list[0]  # of several in one, which have no code as a whole
        raise CellFault(first.code or "invalid", error.messages[0]) from error
