"""Hostile texts go out as files and come back as they were, or are refused where they stand."""

import re
from typing import Any
from unicodedata import normalize

import pytest
from rest_framework.test import APIClient

from parks.recording.records import Change
from projects.models import Project
from tests.answers import API, Row, error, made, problem, walk
from tests.factories import ParkFactory
from tests.paths import read_hostile_texts
from tests.projects.importing.imports import applied, checked, faults, line, send, table, workbook
from tests.samples import sample

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("vocabularies")]

CORPUS = read_hostile_texts()
REFUSED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # control characters
GOOD = [text for text in CORPUS if not REFUSED.search(text)]
BAD = [text for text in CORPUS if REFUSED.search(text)]
KINDS = ["csv", "xlsx"]
OF_LINES = ("note", "open_issues")  # texts of projects; the others are of one line
OF_ONE_LINE = ("origin_text", "sector_text", "standing_reason", "responsible_unit")


def bulk(client: APIClient, texts: list[str]) -> Any:
    """Projects of which each has one of the texts in every column that takes any text."""
    rows = [
        {
            **{"code": f"p{number}", "park": "town", "name_en": "A"},
            "standing": "suspended" if text.strip() else "active",  # which needs a reason or none
            **dict.fromkeys(OF_LINES, text),
            **dict.fromkeys(OF_ONE_LINE, re.sub(r"[\t\r\n]", " ", text)),
            "further_columns": {"栏": re.sub(r"[\t\r\n]", " ", text)} if text.strip() else {},
        }
        for number, text in enumerate(texts)
    ]
    return client.post(f"{API}/projects/bulk?confirm=duplicates", {"projects": rows}, format="json")


def export(client: APIClient, resource: str, kind: str, **options: str) -> bytes:
    response = client.get(f"{API}/{resource}.{kind}", {"columns": "all", **options})
    assert response.status_code == 200, response.getvalue()[:500]
    return response.getvalue()


def texts_in(client: APIClient) -> dict[str, Row]:
    """What the API says of every project, without what each writing changes.

    Of texts that look the same an import writes one: its line ends and signs in their one form.
    """
    moving = {"version", "updated_at"}
    return {
        row["code"]: {
            name: re.sub("\r\n?", "\n", normalize("NFC", value))
            if isinstance(value, str)
            else value
            for name, value in [*row.items(), ("栏", row.pop("further_columns").get("栏", ""))]
            if name not in moving
        }
        for row in walk(client, "projects", limit=500)
    }


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_each_hostile_text_comes_back_through_a_file_as_the_api_had_it(
    admin_api: APIClient, kind: str
) -> None:
    ParkFactory.create(code="town")
    # A quarter of the texts in each kind of file; in the long run all in both
    texts = sample(GOOD, 4, KINDS.index(kind))
    answer = bulk(admin_api, texts)
    assert answer.status_code == 200, answer.content.decode()[:1500]
    before = texts_in(admin_api)
    assert len({row["note"] for row in before.values()}) > 0.9 * len(texts) > 50
    data = export(admin_api, "projects", kind)
    changes = Change.objects.count()
    answer = applied(admin_api, data, f"a.{kind}", blank="clear")
    assert answer["counts"]["same"] == len(texts)
    assert Change.objects.count() == changes
    # And where something else is there now, the file brings it back
    Project.objects.update(**dict.fromkeys(OF_LINES + OF_ONE_LINE, "等待"))
    answer = applied(admin_api, data, f"a.{kind}", blank="clear", overwrite="true")
    assert answer["counts"]["update"] == len(texts)
    assert texts_in(admin_api) == before


def test_what_the_api_refuses_is_refused_in_a_file_where_it_stands(admin_api: APIClient) -> None:
    ParkFactory.create(code="town")
    assert len(BAD) >= 5
    errors = problem(bulk(admin_api, BAD), 400)["errors"]
    assert {error["pointer"].split("/")[2] for error in errors} == {*map(str, range(len(BAD)))}
    header, *rows = [
        ["code", "park", "name_en", "note"],
        *([f"q{number}", "town", "A", text] for number, text in enumerate(BAD)),
    ]
    for row in rows:
        answer = send(admin_api, table(header, ["q", "town", "A", "甲"], row))
        if row[3] == "\x85=1":  # blank to Unicode: trimmed as any blank
            assert line(made(answer), 3)["changes"]["note"] == ["", "=1"]
        else:
            wrong = error(answer)
            assert (wrong["code"], wrong["line"]) == ("not_text", 3)
    report = checked(admin_api, workbook(header, *rows), "a.xlsx")
    assert faults(report) == {
        (number, "note"): "control_character"
        for number, text in enumerate(BAD, 2)
        if REFUSED.search(text.strip())
    }
