"""The ZIP package of a workbook: hostile ones are refused before anything is unpacked."""

import io
import re
import zipfile
import zlib
from collections.abc import Callable
from typing import Any
from xml.parsers import expat

from django.utils.translation import gettext as _

from config.reading.errors import FileError, describe_broken, describe_encryption, describe_macros
from config.reading.rows import Limits

ZIP_MAGIC = b"PK"
_CHUNK = 1 << 16
SMALL = 1 << 20  # below this, however well something is packed, it does no harm
IS_ENCRYPTED = 0x1
_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # which the format allows
# Of Excel, or of LibreOffice, which may list libraries that are empty
_MACROS = re.compile(r"vbaproject\.bin$|^Basic/(?!.*script-l[bc]\.xml$)|^Scripts/", re.IGNORECASE)
_WHOLE = re.compile(r"\s*[0-9]{1,10}\s*")
_OUTSIDE = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:|\\|\x00")

# What reading a damaged part raises; LookupError is an encoding that nobody knows, RuntimeError a
# cipher, ValueError what a handler cannot read
_FAULTS = (
    *(expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(ValueError, LookupError, RuntimeError),
)

Start = Callable[[str, dict[str, str]], Any]


class StopReadingError(Exception):
    """Raised by a handler that has seen enough."""


class Package:
    """An opened package. Nothing is ever written to disk."""

    def __init__(self, data: bytes, limits: Limits) -> None:
        """Raises FileError for what is no harmless package."""
        try:
            self.zip = zipfile.ZipFile(io.BytesIO(data))
        except _FAULTS as error:
            raise describe_broken() from error
        self.names = {member.filename for member in self.zip.infolist()}
        self.check_members(limits)

    def check_members(self, limits: Limits) -> None:
        members = self.zip.infolist()
        unpacked = sum(member.file_size for member in members)
        packed = max(sum(member.compress_size for member in members), 1)
        if len(members) > limits.members or len(members) != len(self.names):
            raise FileError(
                "too_many_members", _("The file contains too many parts for a workbook.")
            )
        if unpacked > limits.unpacked_size or (
            unpacked > SMALL and unpacked / packed > limits.ratio
        ):
            raise FileError(
                "unpacked_too_large",
                _("Unpacked, the file would take %(size)d MB; this is refused.")
                % {"size": unpacked // 2**20},
            )
        if any(_OUTSIDE.search(member.orig_filename) for member in members):
            raise FileError(
                "path_outside", _("A part of the file has a path that leads out of it.")
            )
        if any(member.compress_type not in _PACKINGS for member in members):
            raise describe_broken()
        if any(member.flag_bits & IS_ENCRYPTED for member in members):
            raise describe_encryption()
        if any(_MACROS.search(name) for name in self.names):
            raise describe_macros()

    def parse(self, name: str, start: Start, end: Any = None, text: Any = None) -> None:
        """Hand the elements of a part to the handlers; raises FileError for what is no safe XML.

        A handler raises StopReadingError to end the reading.
        """
        if name not in self.names:
            raise describe_broken()
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = start
        if end:
            parser.EndElementHandler = end
        if text:
            parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = _refuse_doctype
        try:
            with self.zip.open(name) as part:
                while chunk := part.read(_CHUNK):
                    parser.Parse(chunk, False)
                parser.Parse(b"", True)
        except StopReadingError:
            pass
        except _FAULTS as error:
            raise describe_broken() from error


def local(name: str) -> str:
    """Cut the prefix from the name of an element or attribute."""
    return name.rpartition(":")[2]


def parse_whole(text: str) -> int:
    """Parse the number of a row, a style or repetitions; ValueError for what is none."""
    if not _WHOLE.fullmatch(text):
        raise ValueError(text)
    return int(text)


def _refuse_doctype(*_declared: Any) -> None:
    raise FileError("doctype", _("The workbook declares a DOCTYPE; no real one does."))
