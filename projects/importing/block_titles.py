"""What the title of one of several tables on a sheet says of its rows: their stage and park."""

import re
from collections.abc import Sequence

from config.reading.files import SheetBlock
from config.reading.units import narrow
from parks.cell_lookup import Finder
from projects.importing.cells.words import find_word
from projects.lifecycle.words import Stage

Fill = dict[str, str]  # texts by column
_LEFT_OUT = re.compile(
    r"\([^()]*\)|^\(?[一二三四五六七八九十\d]{1,3}[)、.]|^表\d{1,3}[:. ]?"
    r"|(?:19|20)\d\d年(?:度|\d{1,2}月)?|\s"
)
# An intention or a promise is none of the steps that are done
_HEDGE = re.compile(
    "意向|拟|框架|备忘|计划|预|待|承诺|约定|目标|mou|loi|intent|proposed|planned", re.IGNORECASE
)
_HEDGED_STAGES = (Stage.LEAD, Stage.NEGOTIATING, Stage.INTENDED)
LONGEST_TITLE = 200


def read_titles(blocks: Sequence[SheetBlock], finder: Finder) -> list[tuple[int, Fill]]:
    """Read the titles of several tables on a sheet, each with its first line."""
    if len({block.titles for block in blocks}) < 2:
        return []
    return [(block.first_line, _read_titles(block.titles, finder)) for block in blocks]


def _read_titles(titles: Sequence[str], finder: Finder) -> Fill:
    fill: Fill = {}
    for title in (each for each in titles if len(each) <= LONGEST_TITLE):
        park, name = finder.find_mentioned_park(title)
        stage = _find_stage(title.replace(name, "") if name else title)
        said = {"park": park, "stage": stage}
        fill = {column: text for column, text in said.items() if text} | fill
    return fill


def _find_stage(title: str) -> str:
    words = _LEFT_OUT.sub("", narrow(title)).partition("项目")[0]
    found = find_word("stage", words) if words else None
    return "" if found is None or (_HEDGE.search(title) and found not in _HEDGED_STAGES) else found
