"""Templates of documents by offices: plain `{{tags}}` in a DOCX file, checked, then filled.

`{{title}}` is a text; `{{facts.阶段}}` a fact by its label; `{{steps}}`, alone in a paragraph, a
part by its anchor, and `{{body}}` all of them; a row of a table with `{{signed.项目}}` stands for
each row of that part, with the cells under these heads. Nothing else is looked at: no code runs.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from typing import Any

from django.utils.translation import gettext as _
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml.ns import qn
from docx.table import _Row

from config.mistakes import Mistake, nearest
from pages.papers.papers import FACTS, Paper, PaperForm, PaperTable

MOST_TEMPLATE_BYTES = 5 * 2**20
_MOST_UNPACKED = 50 * 2**20
_TAG = re.compile(r"\{\{\s*+([^{}\s]*+(?:\s++[^{}\s]++)*+)\s*+\}\}")
_TEXTS = ("heading", "title", "lead", "source", "address")
BODY_TAG = "body"
_FIELDS = {"PAGE", "NUMPAGES", "SECTIONPAGES"}  # which only count
_ACTIVE = re.compile("vbaproject|/embeddings/|/activex/", re.IGNORECASE)


def open_template(data: bytes, form: PaperForm) -> Any:
    """Open a template; raises Mistake if it is none, loads or runs something, or a tag is wrong."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as parts:
            size = sum(part.file_size for part in parts.infolist())
        if size > _MOST_UNPACKED or len(data) > MOST_TEMPLATE_BYTES:
            raise Mistake("too_large", _("The template is too large."))
        document = Document(io.BytesIO(data))
    except (ValueError, KeyError, OSError, SyntaxError, zipfile.BadZipFile) as error:
        raise Mistake("invalid", _("This is not a document of Word (.docx).")) from error
    check_active_parts(document)
    for place, paragraph in list_paragraphs(document):
        check_tags(place, paragraph.text, form)
    return document


def check_active_parts(document: Any) -> None:
    """Refuse macros, embedded objects, fields that do more than count, and what is elsewhere."""
    package = document.part.package
    linked = any(
        each.is_external and each.reltype != RELATIONSHIP_TYPE.HYPERLINK
        for each in package.iter_rels()
    )
    parts = [*package.iter_parts()]
    trees = [part.element for part in parts if hasattr(part, "element")]
    nodes = [node for tree in trees for node in tree.iter(qn("w:instrText"), qn("w:fldSimple"))]
    fields = {
        word for node in nodes for word in (node.text or node.get(qn("w:instr"), "")).split()[:1]
    }
    if linked or fields - _FIELDS or any(_ACTIVE.search(part.partname) for part in parts):
        text = _("A template has no macros, objects, linked files, or fields but page numbers.")
        raise Mistake("not_allowed", text)


def check_tags(place: str, text: str, form: PaperForm) -> None:
    """Refuse braces that are no tag, and tags that no document of this form has."""
    known = [*_TEXTS, BODY_TAG, FACTS, *form.blocks]
    for name in _TAG.findall(text):
        head, dot, label = name.partition(".")
        is_known = head in known and bool(label) if dot else name in known
        if not is_known or (dot and head in (*_TEXTS, BODY_TAG)):
            params = {"place": place, "tag": name}
            raise Mistake(
                "unknown_tag",
                _("%(place)s: there is no tag “%(tag)s”.") % params,
                nearest(head, known),
                known,
            )
    rest = _TAG.sub("", text)
    if "{{" in rest or "}}" in rest:
        params = {"place": place, "text": rest[:60]}
        raise Mistake("broken_tag", _("%(place)s: a tag is not closed in “%(text)s”.") % params)


def list_paragraphs(document: Any) -> Iterator[tuple[str, Any]]:
    """List the paragraphs of a document, each with where it is."""
    for number, paragraph in enumerate(document.paragraphs, 1):
        yield _("Paragraph %(number)d") % {"number": number}, paragraph
    for number, table in enumerate(document.tables, 1):
        for line, row in enumerate(table.rows, 1):
            for cell in row.cells:
                for paragraph in cell.paragraphs:
                    yield (
                        _("Table %(number)d, row %(line)d") % {"number": number, "line": line},
                        paragraph,
                    )
    for section in document.sections:
        for part in (
            section.header,
            section.footer,
            section.first_page_header,
            section.first_page_footer,
        ):
            for paragraph in part.paragraphs:
                yield _("Header or footer"), paragraph


def fill_template(
    document: Any, paper: Paper, add_parts: Mapping[str, Callable[[Any], None]]
) -> None:
    """Fill an open template; `add_parts` write the parts at the end, from where they are moved.

    Each paragraph is filled once, so a text of the ledger that looks like a tag stays a text.
    """
    texts = {name: getattr(paper, name) for name in _TEXTS}
    texts |= {f"{FACTS}.{label}": value for row in paper.facts for label, value in row}
    marked = [*find_marked_rows(document)]
    left_out = {
        each._p for row, _anchor in marked for cell in row.cells for each in cell.paragraphs
    }
    for _place, paragraph in [*list_paragraphs(document)]:
        if paragraph._p not in left_out:
            tag = _TAG.fullmatch(paragraph.text.strip())
            if tag and tag[1] not in texts and (add := add_parts.get(tag[1])):
                insert_before(document, paragraph, add)
            fill_tags(paragraph, texts)
    tables = {part.anchor: part.table for part in paper.parts if part.table}
    for row, anchor in marked:
        repeat_row(row, anchor, tables.get(anchor) or PaperTable((), ()), texts)


def insert_before(document: Any, paragraph: Any, add: Callable[[Any], None]) -> None:
    """Insert what a function adds at the end of a document before a paragraph."""
    body = document.element.body
    count = len(body) - 1  # the last element has the page
    add(document)
    for element in list(body)[count:-1]:
        paragraph._p.addprevious(element)


def fill_tags(paragraph: Any, texts: Mapping[str, str]) -> None:
    """Replace the tags of a paragraph, which may be in several runs, in the look of the first."""
    if _TAG.search(paragraph.text):
        filled = _TAG.sub(lambda tag: texts.get(tag[1], ""), paragraph.text)
        for place, run in enumerate(paragraph.runs):
            run.text = "" if place else filled


def find_marked_rows(document: Any) -> Iterator[tuple[Any, str]]:
    """Find the rows of tables that stand for the rows of a part, each with its anchor."""
    for table in document.tables:
        for row in table.rows:
            marks = _TAG.findall(" ".join(cell.text for cell in row.cells))
            anchors = [name.partition(".")[0] for name in marks if "." in name]
            if anchor := next((each for each in anchors if each != FACTS), ""):
                yield row, anchor


def repeat_row(row: Any, anchor: str, given: PaperTable, texts: Mapping[str, str]) -> None:
    """Replace a marked row by a copy for each row of a table."""
    for values in given.rows:
        own = {
            f"{anchor}.{head}": f"{text} {note}".strip()
            for head, (text, note) in zip(given.heads, values, strict=True)
        }
        copied = deepcopy(row._tr)
        row._tr.addprevious(copied)
        for cell in _Row(copied, row.table).cells:
            for paragraph in cell.paragraphs:
                fill_tags(paragraph, {**texts, **own})
    row._tr.getparent().remove(row._tr)
