"""Documents as PDF, set by Typst in this process: `paper.typ` lays out texts that it is given.

The document is data: nothing in it is markup, and the template reads no file and no package.
"""

from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

import orjson
import typst

from pages.papers.papers import Paper

_TEMPLATE = Path(__file__).with_name("paper.typ").read_bytes()
_ROOM, _ROOM_IN_WORD = 24.8, 21.0  # cm: fonts of other programs may be wider
PDF = "application/pdf"
_load_fonts = cache(typst.Fonts)  # to search the machine for them takes longer than to set a page


def write_pdf(paper: Paper) -> bytes:
    """Write a document as PDF. The same document is the same bytes."""
    made: bytes = typst.compile(
        _TEMPLATE,
        format="pdf",
        timestamp=int(paper.made_at.timestamp()),
        **build_options(paper, _ROOM),
    )
    return made


def find_size(paper: Paper) -> float:
    """Find the size of letters, in points, at which a document of one page fits it in Word."""
    options = build_options(paper, _ROOM_IN_WORD)
    found = typst.query(_TEMPLATE, "<size>", field="value", one=True, **options)
    return float(orjson.loads(found))


def build_options(paper: Paper, room_cm: float) -> dict[str, Any]:
    """Build what the template reads: fonts, the document as JSON, and the height of its page."""
    document = {**asdict(paper), "source": paper.source, "room_cm": room_cm}
    return {"font_paths": _load_fonts(), "sys_inputs": {"paper": orjson.dumps(document).decode()}}
