"""What a document holds: the facts and tables of a page, as plain texts, with its pictures.

Each number is the text that the page shows, which is what the API answers. `papers.word` and
`papers.pdf` write the same document; neither computes anything that it shows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, QueryDict
from django.urls import resolve
from django.utils import formats, timezone
from django.utils.functional import Promise
from django.utils.text import Truncator, capfirst
from django.utils.translation import gettext as _, gettext_lazy

from api.asking import API_ROOT, ask_api, ask_for_bytes, derive_request
from config.texts import measure_width
from pages.addresses import date_address
from pages.charts.text import clean
from pages.language import is_chinese, say_name
from pages.lists.list_blocks import build_listed_block
from pages.lists.work_pages import ResultListView
from pages.parts.blocks import Block, PageCell, PageColumn, PageTable, number_cell, write_flows
from pages.parts.sharing import list_blocks
from pages.records.park_pages import ParkPageView, build_flow_block
from pages.records.project_page import ProjectPageView
from pages.views import PageView
from projects.models import Funding

_LONGEST_TEXT = 160  # characters of a cell in a document
_LONGEST_TITLE = 240
_WIDEST = 36  # half-width letters of a column
_ROOM, _GAP = 78, 3  # of a line, and of what is around a cell, in half-width letters
_UNBROKEN = 8  # of a Chinese word, which may break anywhere
_PICTURE_CM = (12, 8)  # its width, in a long document and on one page
_MOST_CARDS = 4
_SEPARATOR = " · "
FACTS = "facts"  # in tags of templates
OF_MONEY = "funding_quarter,funding_kind"  # dimensions


@dataclass(frozen=True)
class PaperForm:
    """What a document takes from its page: blocks by their anchors, each with so many rows.

    One of one page has the first picture among them.
    """

    heading: str | Promise
    blocks: Mapping[str, int]
    is_one_page: bool = True


@dataclass(frozen=True)
class PaperTable:
    """A table of a document: heads, cells of a text and a note in small print, and widths.

    Its letters are smaller by `scale`, so that no word is cut.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[tuple[str, str]]]
    total: Sequence[tuple[str, str]] = ()
    numbers: Sequence[bool] = ()  # which columns are numbers
    widths: Sequence[float] = ()  # in proportion to each other
    scale: float = 1


@dataclass(frozen=True)
class PaperPart:
    """A part of a document: a heading, a picture, a table, and sentences around it."""

    anchor: str
    title: str
    table: PaperTable | None = None
    lead: str = ""
    notes: Sequence[str] = ()
    picture: str = ""  # as SVG
    picture_cm: float = 0  # its width


@dataclass(frozen=True)
class Paper:
    """A document; `made_at` is the moment that it shows, `address` where that is looked up."""

    heading: str
    title: str
    badge: str
    language: str
    made_at: datetime
    address: str
    is_one_page: bool
    park: str = ""  # its code, if it is of one
    lead: str = ""
    facts: Sequence[Sequence[tuple[str, str]]] = ()  # one or two a row
    parts: Sequence[PaperPart] = field(default_factory=list)

    @property
    def source(self) -> str:
        """Say where and of which moment the document is."""
        moment = formats.date_format(timezone.localtime(self.made_at), "Y-m-d H:i")
        params = {"ledger": _("Park Ledger"), "moment": moment, "address": self.address}
        return _("%(ledger)s, as of %(moment)s: %(address)s") % params

    @property
    def count(self) -> int:
        """Count the rows of its tables."""
        return sum(len(part.table.rows) for part in self.parts if part.table)


def write_flow_sum(row: Mapping[str, Any]) -> str:
    """Write what a row of a sum of money has, in each currency."""
    others = [(each["currency"], each["value"]) for each in row["other_currencies"]]
    return write_flows(row["amount_cny"], others)


class ResultsOfOneView(ResultListView):
    """The results of one project."""

    shown = "indicator year promised actual difference"


class ProjectBriefView(ProjectPageView):
    """The page of a project, with its money by kind and over time, and its results."""

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        shown, question = super().build(**kwargs), {"code": kwargs["code"]}
        asked = {**question, "measures": "amount_cny"}
        kinds = self.ask("fundings/summary", {**asked, "group_by": "funding_kind"})["rows"]
        amounts = [
            (say_name(row["funding_kind"]), number_cell(write_flow_sum(row)))
            for row in kinds
            if row["funding_kind"]["value"] != Funding.Kind.PAID_IN  # which the page has
        ]
        blocks = [build_listed_block(self, ResultsOfOneView, question, "results")]
        if kinds:
            flows = self.ask("fundings/summary", {**asked, "group_by": OF_MONEY})
            blocks.append(build_flow_block(self, flows))
        amounts, blocks = [*shown["amount"], *amounts], [*shown["blocks"], *blocks]
        park = self.ask(self.resource, {"fields": "park"})["park"]
        return {**shown, "park": park, "amount": amounts, "blocks": blocks}


class ParkBriefView(ParkPageView):
    """The page of a park, whose documents have the templates of the park."""

    def build(self, **kwargs: str) -> Mapping[str, Any]:
        return {**super().build(**kwargs), "park": kwargs["code"]}


BRIEFS: Mapping[str, PaperForm] = {
    "projects": PaperForm(
        gettext_lazy("Project brief"),
        {"milestones": 10, "claims": 4, "results": 3, "flows": 4, "work": 6},
    ),
    "parks": PaperForm(
        gettext_lazy("Park brief"), {"follow-through": 4, "stages": 10, "projects": 4}
    ),
    "events": PaperForm(
        gettext_lazy("Brief of a signing event"),
        {"declared": 4, "follow-through": 6, "stages": 10, "projects": 8},
    ),
    "organisations": PaperForm(
        gettext_lazy("Investor brief"), {"stage": 10, "projects": 8, "figures": 5}
    ),
}


_INSTEAD = {ProjectPageView: ProjectBriefView, ParkPageView: ParkBriefView}


def open_shown_page(request: HttpRequest, path: str, question: Mapping[str, str]) -> PageView:
    """Open a page as the user of the request, in the language that is active."""
    asked = derive_request(request, path, question)
    match = resolve(asked.path_info)
    view: Any = match.func
    page: PageView = _INSTEAD.get(view.view_class, view.view_class)()
    page.setup(asked, *match.args, **match.kwargs)
    return page


def build_paper(page: PageView, form: PaperForm, moment: datetime | None) -> Paper:
    """Build the document of a page, which shows now or a moment."""
    shown = page.look()
    if moment is None:
        moment = datetime.fromisoformat(page.moment) if page.moment else timezone.now()
    blocks = {block.anchor: block for block in list_blocks(shown)}
    chosen = [(blocks[anchor], most) for anchor, most in form.blocks.items() if anchor in blocks]
    stated = moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    address = date_address(page.request.get_full_path(), stated)
    return Paper(
        heading=str(form.heading or shown["heading"]),
        title=cut_text(str(shown["title"]), _LONGEST_TITLE),
        badge=str(shown.get("badge", "")),
        language="zh" if is_chinese() else "en",
        made_at=moment,
        address=page.request.build_absolute_uri(address),
        is_one_page=form.is_one_page,
        park=str(shown.get("park", "")),
        lead=clean(str(shown.get("lead", ""))),
        facts=list(pair_facts(list_paper_facts(shown))),
        parts=[
            *list_cards(shown),
            *build_parts(page.request, chosen, is_one_page=form.is_one_page),
        ],
    )


def cut_text(text: str, most: int = _LONGEST_TEXT) -> str:
    """Shorten a text that somebody wrote, without what files cannot hold."""
    return Truncator(clean(text)).chars(most)


def list_paper_facts(shown: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """List what is known of the row of a page: amounts first, then its facts."""
    # On the page the number is before its label: 16个签约项目
    tiles = [
        (tile["label"].removeprefix("个"), tile["cell"], *tile["notes"])
        for tile in shown.get("tiles", ())
    ]
    for label, cell, *notes in (*shown.get("amount", ()), *tiles, *shown.get("facts", ())):
        texts = [cell.text, cell.note, *(note.text for note in notes)]
        if cell.text:
            yield capfirst(label), cut_text(_SEPARATOR.join(filter(None, texts)))


def pair_facts(facts: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    """Put facts in rows: two short ones, or one that is long."""
    waiting: list[tuple[str, str]] = []
    for fact in facts:
        if measure_width(fact[1]) > _WIDEST:
            yield [fact]
        elif waiting:
            yield [waiting.pop(), fact]
        else:
            waiting.append(fact)
    if waiting:
        yield waiting


def list_cards(shown: Mapping[str, Any]) -> Iterator[PaperPart]:
    """Build the table of the claims of a park: value with hedge, day, and source."""
    cards = list(shown.get("cards", ()))[:_MOST_CARDS]
    if cards:
        heads = [PageColumn(text) for text in (_("Figure"), _("Value"), _("When"), _("Source"))]
        rows = [
            [
                card["label"],
                PageCell(card["value"], note=card["scope"].text),
                PageCell(card["said"]),
                card["source"],
            ]
            for card in cards
        ]
        yield PaperPart("cards", _("Figures"), build_table(PageTable("", heads, rows), _MOST_CARDS))


def build_parts(
    request: HttpRequest, blocks: Iterable[tuple[Block, int]], *, is_one_page: bool
) -> Iterator[PaperPart]:
    """Build the parts of blocks; on one page a picture stands for the first table with one."""
    has_picture = False
    for block, most in blocks:
        table, notes, svg = block.table, list(block.notes), ""
        if block.picture and not (has_picture and is_one_page):
            has_picture = True
            svg = ask_for_bytes(
                request, f"{block.picture.resource}.svg", block.picture.query
            ).decode()
            table = None if is_one_page else table
        if table and len(table.rows) > most:
            params = {"count": count_listed(request, block) - most}
            notes.append(_("%(count)d more rows are at the address below.") % params)
        if svg or (table and table.rows):
            yield PaperPart(
                block.anchor,
                capfirst(clean(block.title)),
                build_table(table, most) if table and table.rows else None,
                clean(block.lead),
                [cut_text(note) for note in notes],
                svg,
                _PICTURE_CM[is_one_page],
            )


def count_listed(request: HttpRequest, block: Block) -> int:
    """Count the rows of a block's list, of which its table may have only the first."""
    if block.is_cut:
        path, _mark, query = block.call.partition("?")
        question = {**QueryDict(query).dict(), "limit": "1", "count": "exact"}
        return int(ask_api(request, path.partition(f"{API_ROOT}/")[2], question)["count"])
    return len(block.table.rows) if block.table else 0


def build_table(table: PageTable, most: int) -> PaperTable:
    """Build the table of a document from that of a page; its total counts all rows."""
    heads = [f"{each.label} ({each.unit})" if each.unit else each.label for each in table.columns]
    rows = [
        [(cut_text(cell.text), cut_text(cell.note)) for cell in row] for row in table.rows[:most]
    ]
    total = [(cell.text, cell.note) for cell in table.total]
    lines = [[(head, "") for head in heads], *rows, *([total] if total else [])]
    columns = [*zip(*lines, strict=True)]
    least = [max(map(measure_word, column)) + _GAP for column in columns]
    spare = [
        max(min(max(map(measure_cell, column)), _WIDEST) + _GAP - word, 0)
        for word, column in zip(least, columns, strict=True)
    ]
    share = max(min((_ROOM - sum(least)) / max(sum(spare), 1), 1), 0)
    widths = [word + share * more for word, more in zip(least, spare, strict=True)]
    numbers = [each.kind == "number" for each in table.columns]
    return PaperTable(heads, rows, total, numbers, widths, min(_ROOM / sum(least), 1))


def measure_word(cell: tuple[str, str]) -> int:
    """Measure the longest word of a cell, in half-width letters."""
    words = " ".join(cell).split() or [""]
    return max(min(measure_width(word), _WIDEST if word.isascii() else _UNBROKEN) for word in words)


def measure_cell(cell: tuple[str, str]) -> int:
    """Measure a cell in half-width letters; its note may break."""
    text, note = cell
    return max(measure_width(text), measure_width(note) // 2)
