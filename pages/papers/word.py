"""Documents as DOCX, for Word and WPS: real tables and pictures, in the fonts of offices."""

import io
from collections.abc import Sequence
from copy import deepcopy
from functools import partial
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.opc.oxml import parse_xml, serialize_part_xml
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from pages.charts.drawing import convert_svg
from pages.papers.filling import BODY_TAG, fill_template
from pages.papers.papers import FACTS, Paper, PaperPart, PaperTable
from pages.papers.pdf import find_size

# Fonts of official documents (GB/T 9704), and what stands in where they are missing
BODY, TITLE, HEADING, LATIN = "仿宋_GB2312", "方正小标宋简体", "黑体", "Times New Roman"
_INSTEAD = {
    BODY: "FangSong,仿宋,Noto Serif CJK SC",
    TITLE: "SimSun,宋体,Noto Serif CJK SC",
    HEADING: "SimHei,Noto Sans CJK SC",
}
_SIDE, _EDGE = Cm(2.2), Cm(1.8)
_WIDTH = Cm(21) - 2 * _SIDE
_SCALE = 3  # pixels of a picture per pixel of its SVG
_GREY, _SHADE = RGBColor(0x55, 0x55, 0x55), "EDEFF2"
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the day of the files in each DOCX: equal documents, equal bytes
_CELL = tuple[str, str]


def write_docx(paper: Paper, template: Any = None) -> bytes:
    """Write a document as DOCX, into an open template of the office if there is one.

    The same document is the same bytes.
    """
    document, size = template or Document(), find_size(paper)
    if template:
        copy_styles(document)
        adders = {part.anchor: partial(add_part, part=part, size=size) for part in paper.parts}
        adders |= {
            FACTS: partial(add_facts, facts=paper.facts, size=size),
            BODY_TAG: partial(add_body, paper=paper, size=size),
        }
        fill_template(document, paper, adders)
    else:
        set_up(document, paper, size)
        add_line(document, paper.heading, HEADING, 12, WD_ALIGN_PARAGRAPH.CENTER)
        title = document.add_paragraph(style="Title")
        title.add_run(paper.title + (f"（{paper.badge}）" if paper.badge else ""))
        add_body(document, paper, size)
    about = document.core_properties
    about.title, about.author, about.comments = paper.title, "", paper.source
    about.created = about.modified = paper.made_at.replace(tzinfo=None, microsecond=0)
    about.last_modified_by, about.revision = "", 1
    return pack_again(document)


def add_body(document: Any, paper: Paper, size: float) -> None:
    if paper.lead:
        add_line(document, paper.lead, BODY, size)
    add_facts(document, paper.facts, size)
    for part in paper.parts:
        add_part(document, part, size)


def copy_styles(document: Any) -> None:
    """Copy the styles that parts need into a template that lacks them."""
    for name in ("Heading 2", "Table Grid"):
        if name not in document.styles:
            style = deepcopy(Document().styles[name].element)
            document.styles.element.append(style)


def set_up(document: Any, paper: Paper, size: float) -> None:
    """Set the page, the fonts of styles, and the footer; `size` is of the letters of tables."""
    section = document.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = _SIDE
    section.top_margin = section.bottom_margin = _EDGE
    section.footer_distance = Cm(0.9)
    for name, font, points in (
        ("Normal", BODY, size),
        ("Title", TITLE, size * 1.7),
        ("Heading 2", HEADING, size + 1),
    ):
        style = document.styles[name]
        style.font.name, style.font.size = LATIN, Pt(points)
        style.font.color.rgb = RGBColor(0, 0, 0)
        style.font.bold = False
        fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
        for theme in [each for each in fonts.attrib if each.endswith("Theme")]:
            del fonts.attrib[theme]
        fonts.set(qn("w:eastAsia"), font)
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(0), Pt(3)
        for border in style.element.iter(qn("w:pBdr")):
            border.getparent().remove(border)
            break
    document.styles["Title"].paragraph_format.alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.styles["Heading 2"].paragraph_format.space_before = Pt(5)
    name_fonts(document)
    footer = section.footer.paragraphs[0]
    add_run(footer, paper.source, BODY, 8)
    if not paper.is_one_page:
        add_page_number(footer)


def name_fonts(document: Any) -> None:
    """Name what stands in for the fonts of offices where they are not installed."""
    (part,) = [
        each for each in document.part.package.parts if each.partname.endswith("fontTable.xml")
    ]
    fonts = parse_xml(part.blob)
    for name, instead in _INSTEAD.items():
        font, other = OxmlElement("w:font"), OxmlElement("w:altName")
        font.set(qn("w:name"), name)
        other.set(qn("w:val"), instead)
        font.append(other)
        fonts.append(font)
    part._blob = serialize_part_xml(fonts)


def add_run(paragraph: Any, text: str, font: str, size: float) -> Any:
    run = paragraph.add_run(text)
    run.font.size, run.font.name = Pt(size), LATIN
    run._element.rPr.rFonts.set(qn("w:eastAsia"), font)
    return run


def add_line(place: Any, text: str, font: str, size: float, alignment: Any = None) -> None:
    paragraph = place.add_paragraph()
    paragraph.alignment = alignment
    add_run(paragraph, text, font, size)


def add_page_number(paragraph: Any) -> None:
    """Add the number of the page, which Word counts."""
    run = add_run(paragraph, "  ", BODY, 8)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        element = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            element.set(qn("w:fldCharType"), kind)
        element.text = text
        run._element.append(element)


def add_facts(document: Any, facts: Sequence[Sequence[_CELL]], size: float) -> None:
    """Add a form of facts: label and value, twice a row, a long value in a row of its own."""
    if not facts:
        return
    table = start_table(document, (4, 7, 4, 7))
    for row in facts:
        cells = table.add_row().cells
        if len(row) == 1:
            cells[1].merge(cells[3])
        for place, (label, value) in enumerate(row):
            fill_cell(cells[2 * place], (label, ""), size, is_head=True)
            fill_cell(cells[2 * place + 1], (value, ""), size)


def start_table(document: Any, widths: Sequence[float]) -> Any:
    """Start a table of the width of the text; its columns are in proportion to the widths."""
    whole = measure_line(document)
    table = document.add_table(rows=0, cols=len(widths))
    table.style, table.autofit = "Table Grid", False
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for column, width in zip(table.columns, widths, strict=True):
        column.width = int(whole * width / sum(widths))
    return table


def measure_line(document: Any) -> int:
    """Measure the width of the text of a document, which a template may have narrower."""
    section = document.sections[0]
    width: int = section.page_width - section.left_margin - section.right_margin
    return width


def add_part(document: Any, part: PaperPart, size: float) -> None:
    document.add_paragraph(part.title, style="Heading 2")
    if part.lead:
        add_line(document, part.lead, BODY, size)
    if part.picture:
        paragraph, png = document.add_paragraph(), convert_svg(part.picture, _SCALE)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
        shape = paragraph.add_run().add_picture(io.BytesIO(png), width=Cm(part.picture_cm))
        shape._inline.docPr.set("descr", part.title)
    if part.table:
        add_table(document, part.table, size)
    for note in part.notes:
        add_line(document, note, BODY, size - 1)


def add_table(document: Any, table: PaperTable, size: float) -> None:
    """Add a table whose head is repeated on each page."""
    if table.scale < 1:
        size *= table.scale * min(measure_line(document) / _WIDTH, 1)
    made = start_table(document, table.widths)
    fill_row(made.add_row(), table, [(head, "") for head in table.heads], size, is_head=True)
    repeated = OxmlElement("w:tblHeader")
    made.rows[0]._tr.get_or_add_trPr().append(repeated)
    for row in table.rows:
        fill_row(made.add_row(), table, row, size)
    if table.total:
        fill_row(made.add_row(), table, table.total, size, is_head=True)


def fill_row(
    row: Any, table: PaperTable, cells: Sequence[_CELL], size: float, *, is_head: bool = False
) -> None:
    unbroken = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(unbroken)
    for cell, text, is_number in zip(row.cells, cells, table.numbers, strict=True):
        fill_cell(cell, text, size, is_head=is_head, is_number=is_number)


def fill_cell(
    cell: Any, text: _CELL, size: float, *, is_head: bool = False, is_number: bool = False
) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(1)
    if is_number:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    add_run(paragraph, text[0], HEADING if is_head else BODY, size)
    if text[1]:
        add_run(paragraph, f" {text[1]}", BODY, size - 1.5).font.color.rgb = _GREY
    if is_head:
        shade = OxmlElement("w:shd")
        shade.set(qn("w:val"), "clear")
        shade.set(qn("w:fill"), _SHADE)
        cell._tc.get_or_add_tcPr().append(shade)


def pack_again(document: Any) -> bytes:
    """Pack a document with files of a fixed day."""
    first, packed = io.BytesIO(), io.BytesIO()
    document.save(first)
    with ZipFile(first) as given, ZipFile(packed, "w") as made:
        for name in given.namelist():
            made.writestr(ZipInfo(name, _EPOCH), given.read(name), ZIP_DEFLATED)
    return packed.getvalue()
