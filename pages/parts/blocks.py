"""What pages are made of: blocks of numbers that open lists, with files and pictures."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from html import escape
from typing import Any

from django.utils import formats, timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from api.asking import build_call
from pages.addresses import find_page, find_row_page, join_address
from pages.charts.table import CHART_MEASURES, NO_AMOUNT, ChartUnit, choose_unit
from pages.charts.theme import USUAL_WIDTH
from pages.language import find_other_language, is_chinese, label_word, say_name
from parks.access import Publication
from sheets.amounts import active_language, round_half_up, say_money


def choose_money_unit(amounts: Iterable[float | None]) -> ChartUnit:
    """Choose the unit of a column of yuan, as charts do: 亿元, or billions."""
    return choose_unit(CHART_MEASURES["investment_cny"], amounts, active_language())


def write_count(number: int | None) -> str:
    return NO_AMOUNT if number is None else f"{number:,}"


def write_percent(number: float | None) -> str:
    """Write a percentage without its sign, which stands in the head of the column."""
    return NO_AMOUNT if number is None else str(round_half_up(number))


def write_ratio(part: float | None, whole: float | None) -> str:
    """Write a part in percent of a whole, rounded once: 6 of 11 is 54.5, not 54.6."""
    return write_percent(100 * part / whole if whole and part is not None else None)


def write_sum(yuan: int | None) -> str:
    """Write a sum of money with its unit, with about three digits: 4,177亿元."""
    if yuan is None:
        return NO_AMOUNT
    return choose_money_unit([yuan]).write_with_unit(yuan)


def write_flow(row: Mapping[str, Any]) -> str:
    """Write a payment as it was reported: 1.5亿元, or 300万美元."""
    if row["currency"]:
        return say_money(row["amount_value"], row["currency"])
    return write_amount(row["amount_cny"])


def write_amount(yuan: int | None, qualifier: str | None = None) -> str:
    """Write an amount as it was reported, never rounded: 超1.5亿元."""
    if yuan is None:
        return NO_AMOUNT
    return say_money(yuan, "", qualifier or "exact")


def write_flows(yuan: int | None, others: Iterable[tuple[str, int]]) -> str:
    """Write a sum in yuan and those in other currencies, none converted: 2亿元; 300万美元."""
    known = [] if yuan is None else [write_amount(yuan)]
    return "; ".join([*known, *(say_money(value, code) for code, value in others)]) or NO_AMOUNT


def write_measure(name: str, number: float | None) -> str:
    """Write a number of a column: an amount if its name says so."""
    if isinstance(number, float):
        return str(number)
    if number is not None and name.endswith("_usd"):
        return say_money(number, "USD")
    return write_amount(number) if name.endswith("_cny") else write_count(number)


_FILE_NAMES = {
    **{"csv": "CSV", "xlsx": "Excel", "png": "PNG", "geojson": "GeoJSON"},
    **{"docx": "Word", "pdf": "PDF"},
}
PAPER_FILES = ("docx", "pdf")
TABLE_FILES = ("xlsx", "csv")
SUM_FILES = (*TABLE_FILES, "png")
WITH_POINTS = (*TABLE_FILES, "geojson")  # of lists whose rows stand somewhere


@dataclass(frozen=True)
class PageColumn:
    """A column: its label, its unit where it has numbers, and the cell of each row."""

    label: str
    unit: str = ""
    kind: str = ""  # as that of its cells
    make_cell: Callable[[Any], "PageCell"] = field(
        default=lambda row: PageCell(), compare=False, repr=False
    )
    order: str = ""  # what a list is asked to be sorted by
    href: str = ""  # of the same list in the order of this column
    sorted: str = ""  # ascending or descending, if the list is sorted by it


@dataclass(frozen=True)
class PageCell:
    """A cell: a text, its link, and a note in small print.

    `lang` is that of a name which is not in the language of the page. `value` is what a number is
    exactly, and `measure` what of the list that it opens it adds up: `count`, or a field of the
    rows.
    """

    text: str = ""
    href: str = ""
    note: str = ""
    lang: str = ""
    colour: str = ""  # of its mark: a class of the stylesheet
    kind: str = ""  # number, day, or blank for a text
    value: float | str | None = None
    measure: str = ""
    is_struck: bool = False  # it holds no more
    badge: str = ""  # what sets its row apart: that it is not public

    @property
    def html(self) -> SafeString:
        """Write the cell as HTML. A page has a thousand: a template takes ten times as long."""
        shown = _write_text(self)
        if self.colour:
            shown = f'<mark class="{_escape(self.colour)}">{shown}</mark>'
        if self.badge:
            shown = f"{shown} <mark>{_escape(self.badge)}</mark>"
        if self.note:
            language = find_other_language(self.note)
            mark = f' lang="{language}"' if language else ""
            shown = f"{shown} <small{mark}>{_escape(self.note)}</small>"
        return SafeString(shown)


def _escape(value: Any) -> str:
    """Escape as Django does; its own way looks at each text for what is not translated yet."""
    return value.__html__() if hasattr(value, "__html__") else escape(str(value))


def _write_text(cell: PageCell) -> str:
    """Write what a cell says, in its language, and what it opens."""
    shown = _escape(cell.text)
    if cell.value is not None:
        measure = f' data-measure="{_escape(cell.measure)}"' if cell.measure else ""
        value = str(formats.localize(cell.value))
        shown = f'<data value="{_escape(value)}"{measure}>{shown}</data>'
    if cell.is_struck:
        shown = f"<del>{shown}</del>"
    language = f' lang="{_escape(cell.lang)}" class="other"' if cell.lang else ""
    if cell.href:
        return f'<a href="{_escape(cell.href)}"{language}>{shown}</a>'
    return f"<span{language}>{shown}</span>" if language else shown


@dataclass(frozen=True)
class PageTable:
    """A table: its caption, its heads, and cells in rows, of which the first heads its row."""

    caption: str
    columns: Sequence[PageColumn]
    rows: Sequence[Sequence[PageCell]]
    total: Sequence[PageCell] = ()
    is_list: bool = False  # whose rows a phone shows as cards

    @property
    def labelled(self) -> list[list[tuple[str, PageCell]]]:
        """Pair the cells of each row with the labels of their columns."""
        labels = [column.label for column in self.columns]
        return [list(zip(labels, row, strict=True)) for row in self.rows]

    @property
    def pairs(self) -> list[tuple[PageColumn, PageCell]]:
        """Pair the heads with the cells of the only row, for a table that is shown as a list."""
        (row,) = self.rows
        return list(zip(self.columns, row, strict=True))


def fill_table(caption: str, columns: Sequence[PageColumn], rows: Iterable[Any]) -> PageTable:
    return PageTable(caption, columns, [[each.make_cell(row) for each in columns] for row in rows])


def fill_known_columns(
    caption: str, columns: Sequence[PageColumn], rows: Iterable[Any]
) -> PageTable:
    """Build a table without the columns in which no row has anything; the first stays."""
    table = fill_table(caption, columns, rows)
    known = [
        place
        for place in range(len(columns))
        if place == 0 or any(row[place].text or row[place].note for row in table.rows)
    ]
    kept = [[row[place] for place in known] for row in table.rows]
    return PageTable(caption, [columns[place] for place in known], kept, is_list=True)


@dataclass(frozen=True)
class Tool:
    """A file or picture of what is shown."""

    text: str
    href: str


@dataclass(frozen=True)
class BlockShare:
    """What is done with a block elsewhere: its address, and what reads, cites and embeds it.

    `program` is a line of Python; `cite` and `embed` are addresses, blank where there is none.
    """

    address: str
    program: str = ""
    cite: str = ""
    embed: str = ""
    frame: str = ""  # HTML that shows it on another site


PICTURE_WIDTHS = (340, USUAL_WIDTH)  # pixels, on a phone and elsewhere
_PHONE = "(max-width: 48rem)"


@dataclass(frozen=True)
class Picture:
    """A chart above a table: its title, what it asks the API, its height in each of the widths.

    `root` is the address below which it is drawn for a page; `measures` are those that it can
    show, with their labels.
    """

    title: str
    root: str
    resource: str
    query: Mapping[str, Any]
    heights: Sequence[int]
    measures: Mapping[str, str] = field(default_factory=dict)

    @property
    def sources(self) -> list[tuple[str, str, int, int]]:
        """List the pictures by the medium for which they are; the last is for all others."""
        narrow, wide = zip(PICTURE_WIDTHS, self.heights, strict=True)
        dark = "(prefers-color-scheme: dark)"
        media = ((f"{_PHONE} and {dark}", "dark", narrow), (_PHONE, "light", narrow))
        return [
            (medium, self.write_address(theme=theme, width=size[0]), *size)
            for medium, theme, size in (*media, (dark, "dark", wide), ("", "light", wide))
        ]

    @property
    def choices(self) -> list[Tool]:
        """List the links to the picture of each measure; none if there is one measure."""
        links = [Tool(label, self.write_address(measures=n)) for n, label in self.measures.items()]
        return links if len(links) > 1 else []

    @property
    def png(self) -> str:
        """Return the path of the picture for reports, and for previews of a link."""
        return build_call(f"{self.resource}.png", self.query)

    def write_address(self, **changes: Any) -> str:
        return join_address(f"{self.root}/{self.resource}.svg", {**self.query, **changes})


def frame_picture(
    root: str,
    resource: str,
    question: Mapping[str, Any],
    specs: Sequence[Mapping[str, Any]],
    measures: Mapping[str, str] | None = None,
) -> Picture | None:
    """Plan the picture of specs, one for each of `PICTURE_WIDTHS`; None if there are none."""
    if not specs:
        return None
    heights, query = [spec["height"] for spec in specs], {**question, "lang": active_language()}
    return Picture(specs[0]["description"], root, resource, query, heights, measures or {})


@dataclass(frozen=True)
class Block:
    """A part of a page: a table with what it means, its files, and its address in the API."""

    title: str
    table: PageTable | None = None
    anchor: str = ""
    lead: str = ""
    notes: Sequence[str] = ()
    definitions: Sequence[str] = ()
    tools: Sequence[Tool] = ()
    call: str = ""  # the URL that answers the same
    is_cut: bool = False  # whether the list has more rows than its table
    picture: Picture | None = None
    more: Sequence[Tool] = field(default_factory=list)
    share: BlockShare | None = None  # every page gives it to its blocks


def keep_filled(blocks: Iterable[Block]) -> list[Block]:
    """Keep the blocks whose table has rows."""
    return [block for block in blocks if block.table and block.table.rows]


def name_cell(
    row: Mapping[str, Any], href: str = "", prefix: str = "name", note: str = ""
) -> PageCell:
    """Make a cell of a name, which says so where it is not in the language of the page."""
    cell = text_cell(say_name(row, prefix), href, note)
    return replace(cell, badge=say_publication(row)) if prefix == "name" else cell


def say_publication(row: Mapping[str, Any]) -> str:
    """Write why the public does not see a row; blank for what it sees."""
    word = row.get("publication")
    return "" if word in (None, "", Publication.PUBLISHED) else label_word(Publication, word)


def text_cell(text: str, href: str = "", note: str = "") -> PageCell:
    """Make a cell of a text that somebody has written, in whichever language."""
    return PageCell(text, href, note, find_other_language(text))


def note_cell(text: str) -> PageCell:
    """Make a cell of the lines of a note in the language of the page.

    Without any, an English page shows the others, and a Chinese page nothing.
    """
    own = [line for line in text.splitlines() if not find_other_language(line)]
    return text_cell(" ".join(own) if own or is_chinese() else text)


def count_cell(number: int | None, url: str | None = "", note: str = "") -> PageCell:
    """Make a cell of a count that opens the page of the API's list at `url`."""
    return number_cell(write_count(number), url, note, number, "count")


def number_cell(
    text: str, url: str | None = "", note: str = "", value: float | None = None, measure: str = ""
) -> PageCell:
    """Make a cell of a number that is written already, and opens the page of a list."""
    href = find_page(url) if url else ""
    return PageCell(text, href, note, kind="number", value=value, measure=measure)


def day_cell(day: str | None) -> PageCell:
    return PageCell(day or "", kind="day")


_WITH_CODES = ("regions", "sectors")  # which are official, and stand beside the names in lists


def name_column(label: str, resource: str, name: str = "code", prefix: str = "name") -> PageColumn:
    """Build the column of the names of rows of a list, each opening its page."""

    def make_cell(row: Mapping[str, Any]) -> PageCell:
        code = row[name] if resource in _WITH_CODES and prefix == "name" else ""
        return name_cell(row, find_row_page(resource, row[name]), prefix, code)

    titled = "title" if prefix == "name" and resource == "sources" else ""
    order = titled or f"{prefix}_{'zh' if is_chinese() else 'en'}"
    return PageColumn(label, order=order, make_cell=make_cell)


def text_column(label: str, *names: str, note: str = "") -> PageColumn:
    """Build the column of a written text: the first of the fields that has one, and a note."""
    return PageColumn(
        label, make_cell=lambda row: text_cell(pick_first(row, names), note=pick_first(row, [note]))
    )


def note_column() -> PageColumn:
    return PageColumn(_("Note"), make_cell=lambda row: note_cell(row.get("note", "")))


def pick_first(row: Mapping[str, Any], names: Iterable[str]) -> str:
    """Return the first of the fields that is not blank, or a blank text."""
    return next(filter(None, map(row.get, names)), "")


def period_column(label: str, *names: str, kind: str = "") -> PageColumn:
    """Build the column of a day: the first of the fields that has one."""
    return PageColumn(
        label, kind=kind, order=names[0], make_cell=lambda row: day_cell(pick_first(row, names))
    )


def word_column(label: str, name: str, choices: Any) -> PageColumn:
    return PageColumn(label, make_cell=lambda row: PageCell(label_word(choices, row[name])))


def code_column(label: str, name: str = "code") -> PageColumn:
    return PageColumn(label, make_cell=lambda row: PageCell(row[name] or ""))


def find_local_day(moment: str) -> str:
    """Find the day of a moment, as it is here: the API gives moments in UTC."""
    return timezone.localdate(datetime.fromisoformat(moment)).isoformat()


def build_tools(
    resource: str, question: Mapping[str, Any], endings: Sequence[str] = TABLE_FILES
) -> list[Tool]:
    """Build the links to the files and pictures of an answer, in the language of the page.

    A file has all rows: it takes neither a limit nor a cursor.
    """
    language, asked = active_language(), flatten_query(question)
    for name in ("limit", "cursor"):
        asked.pop(name, None)
    own = {"geojson": {}, **dict.fromkeys(("png", *PAPER_FILES), {"lang": language})}
    calls = [
        build_call(f"{resource}.{ending}", {**asked, **own.get(ending, {"header": language})})
        for ending in endings
    ]
    return [Tool(_FILE_NAMES[ending], call) for ending, call in zip(endings, calls, strict=True)]


def flatten_query(question: Mapping[str, Any]) -> dict[str, Any]:
    lists = getattr(question, "lists", None)
    return dict(lists()) if lists else dict(question)


def list_neighbours(page: Mapping[str, Any]) -> list[Tool]:
    """List the links to the previous and the next page of a list."""
    texts = (("previous", _("Previous page")), ("next", _("Next page")))
    return [Tool(text, find_page(page[name])) for name, text in texts if page[name]]


def list_definitions(answer: Mapping[str, Any]) -> list[str]:
    return [*answer.get("definitions", {}).values()]
