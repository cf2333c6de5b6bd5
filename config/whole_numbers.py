"""The one reader of whole numbers in texts that clients send: parameters, forms, parts of names."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

LARGEST_KEY = 2**63 - 1  # of a row in the database
_WHOLE = re.compile("0|-?[1-9][0-9]*")


def read_whole(text: str, least: int, most: int) -> int:
    """Return the number that ASCII digits without a leading zero write.

    ValidationError with the code `invalid`, or `out_of_range` outside the bounds. The length is
    checked before the digits are converted, so a long text costs nothing.
    """
    if not _WHOLE.fullmatch(text):
        raise ValidationError(
            _("“%(text)s” is not a whole number: write digits without a leading zero."),
            code="invalid",
            params={"text": text},
        )
    if len(text) > len(str(most)) or not least <= int(text) <= most:
        raise ValidationError(
            _("Give a whole number from %(least)d to %(most)d."),
            code="out_of_range",
            params={"least": least, "most": most},
        )
    return int(text)


def find_whole(text: str, least: int = 1, most: int = LARGEST_KEY) -> int:
    """Return the number that `read_whole` reads, such as a key; 0 where it raises."""
    try:
        return read_whole(text, least, most)
    except ValidationError:
        return 0
