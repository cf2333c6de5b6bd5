"""Bytes to text: BOM, UTF-8 or GB 18030, strictly, and never by a silent guess."""

import codecs
import re
from itertools import islice

from django.utils.translation import gettext as _

from config.reading.errors import FileError

ENCODINGS = ("utf-8", "utf-16", "gb18030")
BOMS = [
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, ""),  # begins like the next one; nobody saves spreadsheets so
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
]
# All that XML does not allow either; a tab or a line end is text.
NO_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_NOT_STORED = re.compile("[\x00\ud800-\udfff]")
_ESCAPED = re.compile("[\udc80-\udcff]")
_BEYOND_ASCII = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")


def decode(data: bytes, encoding: str = "") -> tuple[str, str]:
    """Decode a text; returns it and its encoding, one of ENCODINGS; raises FileError.

    A BOM decides; else the whole file must be UTF-8, else the whole file GB 18030. `encoding`
    takes the place of that search.
    """
    marked = next((name for bom, name in BOMS if data.startswith(bom)), None)
    if marked is not None and encoding and encoding != marked:
        detail = _("The first bytes of the file say that it is %(marked)s, not %(asked)s.")
        asked = {"marked": marked or "UTF-32", "asked": encoding}
        raise FileError("contradicting_encoding", detail % asked)
    if marked == "":
        raise FileError("unknown_encoding", _("UTF-32 cannot be read; save the file as UTF-8."))
    chosen = marked or encoding or ("utf-8" if _is_utf8(data) else "gb18030")
    text = _strictly(data, chosen)
    odd = NO_TEXT.search(text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        raise FileError(
            "not_text",
            _("Line %(line)d contains a control character: this is not a text file.")
            % {"line": line},
            line=line,
        )
    return text, chosen


def replace_unstored(text: str) -> str:
    """Replace half characters, and null characters, which PostgreSQL does not store, by U+FFFE.

    No text may hold that one: its cell is refused.
    """
    return _NOT_STORED.sub("\ufffe", text)


def _is_utf8(data: bytes) -> bool:
    """Whether the file is UTF-8; raises FileError where it nearly is.

    A UTF-8 file with a few broken bytes would often pass for GB 18030, as gibberish.
    """
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        escaped = data.decode("utf-8", errors="surrogateescape")
        broken = sum(1 for _match in _ESCAPED.finditer(escaped))
        whole = sum(1 for _match in islice(_BEYOND_ASCII.finditer(escaped), broken + 1))
        if whole > broken:
            raise _undecodable("utf-8", data, error.start) from error
        return False
    return True


def _strictly(data: bytes, encoding: str) -> str:
    codec = {"utf-8": "utf-8-sig", "utf-16": "utf-16", "gb18030": "gb18030"}[encoding]
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise _undecodable(encoding, data, error.start) from error


def _undecodable(encoding: str, data: bytes, offset: int) -> FileError:
    line = data.count(b"\n", 0, offset) + 1
    detail = _(
        "Byte %(offset)d, in line %(line)d, is not %(encoding)s. Save the file again as UTF-8."
    ) % {"offset": offset, "line": line, "encoding": encoding.upper()}
    return FileError("undecodable", detail, line=line, offset=offset)
