"""What a text may hold, the same at every entry point: which characters, and how many."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

# The longest text, in units of UTF-16 as spreadsheets count: a cell of a workbook holds no more.
MAX_LENGTH = 32_767
LONGEST_QUOTE = 80  # characters of a user's text that a message repeats
LONGEST_MESSAGE = 2_000
_QUOTES = re.compile(r'“[^“”]*+”|"[^"]*+"')
# Noncharacters, which Unicode keeps for the inside of programs (U+FDD0 to U+FDEF and the last two
# of each plane), and halves of characters
_NO_CHARACTERS = "\ud800-\udfff\ufdd0-\ufdef" + "".join(
    chr(plane << 16 | end) for plane in range(17) for end in (0xFFFE, 0xFFFF)
)
REFUSED = re.compile(f"[\x00-\x1f\x7f-\x9f{_NO_CHARACTERS}]")
# The same where a text may have several lines
REFUSED_IN_LINES = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f{_NO_CHARACTERS}]")


def describe_refused(found: str) -> str:
    """Say of a character that it is refused, by its number in Unicode: it cannot be seen."""
    return str(REFUSED_MESSAGE) % {"character": f"U+{ord(found):04X}"}


REFUSED_MESSAGE = _("The character %(character)s is not allowed in a text.")
TOO_LONG_MESSAGE = _("This has %(length)d characters; at most %(max)d are allowed.")


def shorten(text: str) -> str:
    """Cut a text that an answer repeats: whoever sent it knows how it goes on."""
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE]}…"


def shorten_quotes(message: object) -> str:
    """Cut each long text that a message quotes, whoever wrote the message: we or a library."""
    text = _QUOTES.sub(_shorten_quote, str(message))
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}…"


def _shorten_quote(quote: re.Match[str]) -> str:
    return f"{quote[0][0]}{shorten(quote[0][1:-1])}{quote[0][-1]}"


def check_line(text: str) -> None:
    """Raise ValidationError for what no text of one line may be."""
    check_text(text, has_lines=False)


def measure_length(text: str) -> int:
    """Measure a text in units of UTF-16; exactly where it may be longer than MAX_LENGTH."""
    if len(text) <= MAX_LENGTH // 2:
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def check_text(text: str, *, has_lines: bool) -> None:
    """Raise ValidationError (`control_character`, `max_length`) for what no text may be."""
    found = (REFUSED_IN_LINES if has_lines else REFUSED).search(text)
    if found:
        raise ValidationError(describe_refused(found[0]), "control_character")
    length = measure_length(text)
    if length > MAX_LENGTH:
        params = {"length": length, "max": MAX_LENGTH}
        raise ValidationError(TOO_LONG_MESSAGE, "max_length", params)
