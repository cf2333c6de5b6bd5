"""The words that number formats show beside a number: 500 with the format `0"亿"` is 500亿."""

import re
from dataclasses import dataclass
from functools import lru_cache

from sheets.amounts import CURRENCIES, LEDGER_CURRENCY, AmountError, Qualifier, parse_amount
from sheets.reading.package import LONGEST_CODE, classify_format, format_digits, read_shown
from sheets.reading.units import is_land, is_like_unit

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|[\\!](?P<escaped>.)|[_*].|\[\$(?P<sign>[^\[\]-]*+)[^\[\]]*+\]'
    r"|\[(?P<condition>[<>=])?[^\[\]]*+\]|(?P<end>;)"
    r"|(?P<digits>general|g/通用格式|@|[0#?][0#?,.]*)|(?P<bare>[^\s\d()+-])",
    re.IGNORECASE | re.DOTALL,
)
_THOUSANDS_LEFT_OUT = re.compile(r"(?<!,),++(?=\.|$)")
_NO_DIGITS = re.compile("[^0#?]")
_MOST_DIVISOR = 10**15  # of formats that somebody means


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """The meaning of a number format: its kind, the words that it shows, and what it divides by."""

    kind: str = "number"
    before: str = ""
    after: str = ""
    divisor: int = 1

    def read(self, raw: str, is_1904: bool = False) -> tuple[str, str]:
        """Read a number of a cell as `read_shown`, with the words beside it."""
        text, fault = read_shown(raw, self.kind, is_1904)
        if not (self.before or self.after or self.divisor > 1) or not 0 < float(raw) < float("inf"):
            return text, fault
        if self.divisor > 1:
            text = format_digits(float(raw) / self.divisor)
        return f"{self.before}{text}{self.after}", fault


@lru_cache(maxsize=1_000)
def read_format(code: str) -> NumberFormat:
    """Read a number format as Excel writes it, up to the end of its section for positive numbers.

    Formats with conditions show different words for different numbers: these are left out.
    """
    kind = classify_format(code)
    if kind != "number":
        return NumberFormat(kind)
    words, digits, decimals, is_conditional = ["", ""], "", None, False
    for token in _TOKEN.finditer(code[:LONGEST_CODE]):
        if token["end"]:
            break
        is_conditional |= bool(token["condition"])
        literal = token["quoted"] or token["escaped"] or token["sign"] or token["bare"] or ""
        if shown := token["digits"]:
            if words[1] and words[1] != ".":
                return NumberFormat()  # 0"亿"0000"万"
            decimals = "" if words[1] else decimals
            words[1] = ""
            digits += shown
            decimals = None if decimals is None else decimals + _NO_DIGITS.sub("", shown)
        else:
            words[bool(digits)] += literal
    before, after = words
    if is_conditional or not digits:
        return NumberFormat()
    divisor = 1000 ** sum(map(len, _THOUSANDS_LEFT_OUT.findall(digits))) * 10 ** len(decimals or "")
    if divisor > _MOST_DIVISOR:
        return NumberFormat()
    if not _is_about_amounts(before, after):
        before = after = ""
    return NumberFormat(kind, before, after, divisor)


def _is_about_amounts(before: str, after: str) -> bool:
    """Tell whether words beside a number change what it means as an amount or an area."""
    if not f"{before}{after}".strip():
        return False
    try:
        one = parse_amount(f"{before}1{after}")
    except AmountError:
        return is_like_unit(f"{before} {after}")
    if one.value != 1 or one.qualifier != Qualifier.EXACT or is_land(one.unit):
        return True
    # ¥ is in each accounting format, and says nothing that is not known
    return one.unit in CURRENCIES and bool(after.strip() or one.unit != LEDGER_CURRENCY)
