"""Patterns by which OpenAPI says what a text may be, where a pattern can say it.

In the syntax that ECMAScript and Python share, as JSON Schema wants it. What no pattern can say is
left to the answer: which codes there are, which days the calendar has.
"""

from collections.abc import Iterable
from typing import Any

# As `config.texts` refuses them; noncharacters beyond U+FFFF cannot be written in that syntax, and
# the others would make the document longer than they are worth.
_NOT_IN_LINE = r"\x00-\x1f\x7f-\x9f"
_NOT_IN_LINES = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
LINE = f"^[^{_NOT_IN_LINE}]*$"
SEVERAL_LINES = f"^[^{_NOT_IN_LINES}]*$"
# The same where a text of blanks alone is none
FILLED_LINE = rf"^[^{_NOT_IN_LINE}]*[^\s{_NOT_IN_LINE}][^{_NOT_IN_LINE}]*$"
FILLED_LINES = rf"^[^{_NOT_IN_LINES}]*[^\s{_NOT_IN_LINES}][^{_NOT_IN_LINES}]*$"

_YEAR = "((19|20)[0-9]{2}|2100)"
_MONTH = "(0[1-9]|1[0-2])"
_DAY = "(0[1-9]|[12][0-9]|3[01])"
# As `config.dates` reads them
PERIODS = {
    "year": _YEAR,
    "quarter": f"{_YEAR}-Q[1-4]",
    "month": f"{_YEAR}-{_MONTH}",
    "day": f"{_YEAR}-{_MONTH}-{_DAY}",
}
PARTIAL_DATE = f"{_YEAR}(-Q[1-4]|-{_MONTH}(-{_DAY})?)?"
_TIME = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?"
_OFFSET = "(Z|[+-](0[0-9]|1[0-3]):[0-5][0-9])"
MOMENT = f"^({PARTIAL_DATE}|{PERIODS['day']}T{_TIME}{_OFFSET})$"


def list_of(one: str) -> str:
    """Give the pattern of one or more of these, separated by commas."""
    return f"^({one})(,({one}))*$"


def array_of(words: Iterable[str], **bounds: Any) -> dict[str, Any]:
    """Describe a parameter that is a list of one or more of these words."""
    items = {"type": "string", "enum": [*words]}
    return {"type": "array", "items": items, "minItems": 1, **bounds}


def array_like(pattern: str, **bounds: Any) -> dict[str, Any]:
    """Describe a parameter that is a list of one or more texts of this pattern."""
    items = {"type": "string", "pattern": f"^{pattern}$"}
    return {"type": "array", "items": items, "minItems": 1, **bounds}


FIELD_NAME = r"\w+"
PUBLIC_CODE = "[A-Za-z0-9_-]+"
MEMBER = rf"[^,{_NOT_IN_LINE}]*[^,\s{_NOT_IN_LINE}][^,{_NOT_IN_LINE}]*"
LIST = list_of(MEMBER)
# What parameters share is described once, under a name
SHARED = {LIST: "Values", MOMENT: "Moment", f"^{PARTIAL_DATE}$": "PartialDate"} | {
    list_of(f"{PERIODS[unit]}|unknown"): f"{unit.capitalize()}s"
    for unit in ("year", "quarter", "month")
}
