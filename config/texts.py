"""Check and normalize typed texts, and read whole numbers from them."""

import re
import unicodedata

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 32_767  # of a text in units of UTF-16: the limit of a cell in workbooks
LONGEST_QUOTE = 80  # characters of a user's text that a message repeats
LONGEST_MESSAGE = 2_000
_QUOTES = re.compile(r'“[^“”]*+”|"[^"]*+"')
# Surrogates and noncharacters: U+FDD0 to U+FDEF and the last two of each plane
_NO_CHARACTERS = "\ud800-\udfff\ufdd0-\ufdef" + "".join(
    chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF)
)
REFUSED = re.compile(f"[\x00-\x1f\x7f-\x9f{_NO_CHARACTERS}]")
# In texts with several lines
REFUSED_IN_LINES = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_NO_CHARACTERS}]")


def describe_refused(found: str) -> str:
    """Return the message about a refused character, which may be invisible, by its number."""
    return str(REFUSED_MESSAGE) % {"character": f"U+{ord(found):04X}"}


REFUSED_MESSAGE = _("The character %(character)s is not allowed in a text.")
TOO_LONG_MESSAGE = _("This has %(length)d characters; at most %(max)d are allowed.")


def shorten(text: str) -> str:
    """Cut a user's text that a response repeats."""
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def shorten_quotes(message: object) -> str:
    """Cut each long text that a message quotes; libraries quote without limit."""
    text = _QUOTES.sub(lambda m: f"{m[0][0]}{shorten(m[0][1:-1])}{m[0][-1]}", str(message))
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}…"


def check_line(text: str) -> None:
    """Raise ValidationError for an invalid text of one line."""
    check_text(text, has_lines=False)


def measure_length(text: str) -> int:
    """Measure a text in units of UTF-16; short texts in characters."""
    if len(text) <= MAX_LENGTH // 2:
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def measure_width(text: str) -> int:
    """Measure a text in half-width letters: a Chinese character takes two."""
    return len(text) + sum(unicodedata.east_asian_width(letter) in "WF" for letter in text)


def check_text(text: str, *, has_lines: bool) -> None:
    """Raise ValidationError (`control_character`, `max_length`) for an invalid text."""
    found = (REFUSED_IN_LINES if has_lines else REFUSED).search(text)
    if found:
        raise ValidationError(describe_refused(found[0]), "control_character")
    length = measure_length(text)
    if length > MAX_LENGTH:
        params = {"length": length, "max": MAX_LENGTH}
        raise ValidationError(TOO_LONG_MESSAGE, "max_length", params)


# Not decided yet
OPEN_CELLS = {*"待定 未定 待明确 待确定 待商定 待议 tbd tbc t.b.d.".split(), "to be determined"}
EMPTY_CELLS = (
    OPEN_CELLS
    | set("- -- — —— – / // \\ 无 暂无 不详 未知 未公布 未披露 金额未公布 查无数据 n/a".split())
    | {""}
)

_NARROW = {0xFF01 + n: 0x21 + n for n in range(94)}
_SIMPLIFIED = str.maketrans(
    "億萬餘約過達將資計劃預總註冊額規產産稅銷畝個數幾兩業項積築實現間圓圆幣歐鎊韓戶簽負為￥−",
    "亿万余约过达将资计划预总注册额规产产税销亩个数几两业项积筑实现间元元币欧镑韩户签负为¥-",
)


def as_plain(text: str) -> str:
    """Fold a text: half width, lower case, some simplified characters, no spaces beside Chinese."""
    plain = " ".join(text.translate(_NARROW).translate(_SIMPLIFIED).lower().split())
    return re.sub("(?<=[\u3007\u4e00-\u9fff]) | (?=[\u3007\u4e00-\u9fff])", "", plain)


LARGEST_KEY = 2**63 - 1  # of a row in the database
_WHOLE = re.compile("0|-?[1-9][0-9]*")


def read_whole(text: str, least: int, most: int) -> int:
    """Parse ASCII digits without a leading zero.

    Raises ValidationError with the code `invalid`, or `out_of_range` outside the bounds. It checks
    the length before converting, so a long text costs nothing.
    """
    if not _WHOLE.fullmatch(text):
        detail = _("“%(text)s” is not a whole number: write digits without a leading zero.")
        raise ValidationError(detail, "invalid", {"text": text})
    if len(text) > len(str(most)) or not least <= int(text) <= most:
        detail = _("Give a whole number from %(least)d to %(most)d.")
        raise ValidationError(detail, "out_of_range", {"least": least, "most": most})
    return int(text)


def find_whole(text: str, least: int = 1, most: int = LARGEST_KEY) -> int:
    """Parse a whole number, such as a key; return 0 if it is invalid."""
    try:
        return read_whole(text, least, most)
    except ValidationError:
        return 0


def _lower_case() -> dict[int, str]:
    """The capitals of Latin, Greek and Cyrillic that have one small letter each."""
    letters = [*range(0x41, 0x5B), *range(0xC0, 0x180), *range(0x370, 0x530)]
    lower = {code: chr(code).lower() for code in letters}
    return {code: small for code, small in lower.items() if len(small) == 1 and small != chr(code)}


# Who changes these makes a migration that builds the functions and the indexes again
_WIDE = {0x3000: " "} | {code: chr(code - 0xFEE0).lower() for code in range(0xFF01, 0xFF5F)}
FOLDED = _lower_case() | _WIDE


def fold(text: str) -> str:
    """Write a text as it is compared: small letters, and signs of half width."""
    return text.translate(FOLDED)
