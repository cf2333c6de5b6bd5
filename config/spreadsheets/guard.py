"""Texts that a spreadsheet would run as formulas: one apostrophe more, and exactly one less."""

import re

# What counts as blank to str.isspace(), written out: databases differ in what `\s` is.
BLANKS = " \t\n\r\x0b\x0c\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
# What makes a formula, or is handed on to another program. The hyphen stands last, as itself.
STARTERS = "=+@\t\r\n＝＋－＠-"
# The one rule, for Python and for databases (whose texts hold no NUL).
RUNNABLE = f"^'*[{BLANKS}\"]*[{STARTERS}]"
_RUNNABLE = re.compile(f"'*[{BLANKS}\"]*[\x00{STARTERS}]")


def guard(text: str) -> str:
    """Put one more apostrophe in front of a text that a spreadsheet might run.

    Texts that already begin with apostrophes before such a character get one, too: taking exactly
    one away (`unguard`) gives every text back.
    """
    return f"'{text}" if _RUNNABLE.match(text) else text


def unguard(text: str) -> str:
    """Restore a text as it was before `guard`."""
    return text[1:] if text.startswith("'") and _RUNNABLE.match(text[1:]) else text
