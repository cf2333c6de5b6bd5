"""Templates of documents: an office's letterhead with plain tags, checked when it is uploaded."""

import io
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import OxmlElement

from pages.papers import filling
from projects.models import PaperTemplate
from tests.answers import API, sign_in
from tests.factories import MembershipFactory, ParkFactory, ProjectFactory
from tests.pages.papers.test_briefs import read, write_cells
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db
ADD = "/admin/projects/papertemplate/add/"


@kept_rows
def town() -> Any:
    """A park with a project that was signed in May."""
    park = ParkFactory.create(code="town", publication="published")
    met = {"met": {"signed": "2026-05-04"}, "publication": "published"}
    ProjectFactory.create(code="works", park=park, name_zh="{{title}}厂", **met)
    return park


def write_template(change: Callable[[Any], Any] = lambda document: None) -> bytes:
    """A letterhead with a list of what was signed; `change` breaks it."""
    document = Document()
    document.add_paragraph("宝坻区招商局文件 {{heading}}")
    split = document.add_paragraph("关于")
    for text in ("{{ti", "tle", "}}的报告"):
        split.add_run(text)
    document.add_paragraph("{{steps}}")
    table = document.add_table(rows=2, cols=2)
    texts = ("项目", "阶段", "{{signed.项目}}", "{{signed.阶段}} {{facts.报告期}}")
    for cell, text in zip((*table.rows[0].cells, *table.rows[1].cells), texts, strict=True):
        cell.text = text
    document.add_paragraph("{{due}}")
    document.sections[0].footer.paragraphs[0].text = "{{source}}"
    change(document)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def upload(client: Client, data: bytes, **given: Any) -> Any:
    """What the form answers: a redirect, or the page with what is wrong."""
    file = SimpleUploadedFile("红头.docx", data)
    return client.post(ADD, {"kind": "bulletin", "file": file, **given})


def add_field(document: Any) -> None:
    """A field that would fetch a text from elsewhere."""
    code = OxmlElement("w:instrText")
    code.text = 'INCLUDETEXT "http://example.org/x"'
    document.paragraphs[0].add_run()._element.append(code)


def link_template(document: Any) -> None:
    document.part.relate_to("http://example.org/x.dotm", f"{RELATIONSHIP_TYPE.SETTINGS}/x", True)


@pytest.mark.slow
@pytest.mark.both_databases
def test_a_report_is_written_into_the_template_of_its_park(town: Any, client: Client) -> None:
    address = f"{API}/bulletin.docx?park=town&period=2026-05&lang=zh"
    editor = sign_in(MembershipFactory.create(park=town).user, Client)
    own = read(client.get(address))
    assert upload(editor, write_template(), park=town.pk).status_code == 302
    report = Document(io.BytesIO(read(client.get(address))))
    texts = [paragraph.text for paragraph in report.paragraphs]
    assert "关于招商引资和项目建设情况月报（2026年5月）的报告" in texts
    assert "签约、开工、竣工、投产情况" in texts
    assert not any("{{" in text for text in texts)
    row = next(each for each in report.tables if each.rows[0].cells[1].text == "阶段").rows[1]
    assert [cell.text for cell in row.cells] == ["{{title}}厂", row.cells[1].text]
    assert "正式签约" in row.cells[1].text
    assert "/bulletin?" in report.sections[0].footer.paragraphs[0].text
    listed = editor.get("/admin/projects/papertemplate/").content.decode()
    assert f"{PaperTemplate.objects.get().pk}/file" in listed
    # Without a file the ledger's own layout is used again; the first stays
    assert editor.post(ADD, {"kind": "bulletin", "park": town.pk}).status_code == 302
    again = Document(io.BytesIO(read(client.get(address))))
    assert write_cells(again) == write_cells(Document(io.BytesIO(own)))
    assert PaperTemplate.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda document: document.add_paragraph("{{titel}}"), "Paragraph 5: there is no tag"),
        (lambda document: document.add_paragraph("{{title"), "Paragraph 5: a tag is not closed"),
        (lambda document: document.add_paragraph("{{title.x}}"), "no tag “title.x”"),
        (lambda document: setattr(document.tables[0].rows[1].cells[0], "text", "{{x.y}}"), "row 2"),
        (lambda document: document.sections[0].header.paragraphs[0].add_run("}}"), "Header"),
        (add_field, "no macros"),
        (link_template, "no macros"),
    ],
)
def test_a_broken_template_changes_nothing_and_is_explained(
    town: Any, desk: Client, change: Any, said: str
) -> None:
    answer = upload(desk, write_template(change))
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert not PaperTemplate.objects.exists()


@pytest.mark.parametrize("data", [b"", b"PK", b"no document", None])
def test_what_is_no_document_is_refused(town: Any, desk: Client, data: bytes | None) -> None:
    if data is None:
        file = io.BytesIO()
        with ZipFile(file, "w") as parts:
            parts.writestr("word/document.xml", "<x/>")
        data = file.getvalue()
    answer = upload(desk, data)
    assert answer.status_code == 200
    assert not PaperTemplate.objects.exists()


def test_only_editors_of_a_park_upload_its_templates(town: Any, client: Client) -> None:
    viewer = sign_in(MembershipFactory.create(park=town, role="viewer").user, Client)
    for person in (viewer, client):
        assert upload(person, write_template(), park=town.pk).status_code in (302, 403)
        assert not PaperTemplate.objects.exists()
    neighbour = sign_in(MembershipFactory.create().user, Client)
    for given in ({"park": town.pk}, {}):
        assert upload(neighbour, write_template(), **given).status_code == 200
    assert not PaperTemplate.objects.exists()


@pytest.mark.parametrize(("name", "most"), [("MOST_TEMPLATE_BYTES", 0), ("_MOST_UNPACKED", 1)])
def test_a_template_has_at_most_five_megabytes(
    town: Any, desk: Client, monkeypatch: Any, name: str, most: int
) -> None:
    data = write_template()
    with ZipFile(io.BytesIO(data)) as parts:
        sizes = len(data), sum(part.file_size for part in parts.infolist())
    monkeypatch.setattr(filling, name, sizes[most] - 1)
    assert "too large" in upload(desk, data).content.decode()
    for room in (0, 1):
        monkeypatch.setattr(filling, name, sizes[most] + room)
        assert upload(desk, data).status_code == 302
