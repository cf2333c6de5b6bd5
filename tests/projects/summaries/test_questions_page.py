"""The pages of fifteen questions: each address answers, with what the page says and shows."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from tests.answers import Row, found
from tests.paths import DOCS
from tools.docs.pictures import list_pictures

PAGE = DOCS / "how-to/questions.md"
CHINESE_PAGE = DOCS / "zh-Hans/questions.md"
ADDRESS = re.compile(r"^`(/api/v1/[^`]+)`$", re.MULTILINE)
MOST_BYTES = 40_000  # of a picture in the repository
LINK = "{http://www.w3.org/1999/xlink}href"
TABLE = re.compile(r"\A\n\n(\|.+?)(?:\n\n|\Z)", re.DOTALL)
FILES = (".csv", ".xlsx")

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]


def of_today(address: str) -> str:
    """The page leaves the day open: a ledger knows nothing of the time before it was made."""
    return address.replace("{DAY}", timezone.localdate().isoformat())


def printed() -> Iterator[tuple[str, list[list[str]]]]:
    """Every address of the page, with the cells of the table that follows it."""
    text = PAGE.read_text(encoding="utf-8")
    for match in ADDRESS.finditer(text):
        table = TABLE.match(text[match.end() :])
        lines = table[1].splitlines() if table else []
        cells = [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]
        yield match[1], [row for row in cells if set(row[0]) != {"-"}]


def shown(row: Row, path: str) -> str:
    """What the page prints of a row: numbers as they are, the value of a dimension by its code."""
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, dict):
        value = value["value"]
        return "unknown" if value is None else str(value)
    if path == "signed_year" and value is None:
        return "unknown"
    return "" if value is None else str(value)


def rows_of(answer: Row) -> list[Row]:
    """The rows of an answer; one that is not a list is a row itself, and so is a bare total."""
    if answer.get("group_by") == []:
        return [answer["total"]]
    return answer.get("rows", answer.get("results", [answer]))


@pytest.mark.parametrize("page", [PAGE, CHINESE_PAGE], ids=["English", "Chinese"])
def test_there_are_fifteen_questions_and_each_has_its_address(page: Path) -> None:
    sections = re.split(r"^## ", page.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    questions = [section for section in sections if section[0].isdigit()]
    assert [int(section.split(".")[0]) for section in questions] == [*range(1, 16)]
    assert all(ADDRESS.search(section) for section in questions)


def test_the_addresses_of_the_chinese_page_answer(api: APIClient) -> None:
    text = CHINESE_PAGE.read_text(encoding="utf-8")
    for address in ADDRESS.findall(text):
        response = api.get(of_today(address))
        assert response.status_code == 200, address
        if response.streaming:
            assert b"".join(response.streaming_content)


@pytest.mark.parametrize(("address", "table"), [*printed()], ids=[a for a, _ in printed()])
def test_the_answer_is_what_the_page_says(
    api: APIClient, address: str, table: list[list[str]]
) -> None:
    response = api.get(of_today(address))
    if any(f"{ending}?" in address for ending in FILES):
        assert response.status_code == 200
        assert len(b"".join(response.streaming_content)) == int(response["Content-Length"])
        return
    answer = found(response)
    if not table:
        return
    names, *said = table
    rows = rows_of(answer)
    is_cut = any(row[0] == "..." for row in said)
    listed = [row for row in said if row[0] not in ("...", "total")]
    assert [[shown(row, name) for name in names] for row in rows[: len(listed)]] == listed
    assert is_cut == (len(rows) > len(listed)) or "limit=" in address
    for row in said:
        if row[0] == "total":
            dimensions = {*answer["group_by"]} if "measures" in answer else {"signed_year"}
            total = [
                "" if name in dimensions else shown(answer["total"], name) for name in names[1:]
            ]
            assert row[1:] == total


def shown_by(svg: bytes) -> list[tuple[str, str]]:
    """What a picture shows, in any language: the list and the number of each mark."""
    return [
        (urlsplit(link.attrib[LINK])._replace(scheme="", netloc="").geturl(), said[1])
        for link in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}a")
        for mark in link
        if (said := re.search(r": ([\d,.–]+)", mark.attrib["aria-label"]))
    ]


@pytest.mark.parametrize(
    ("file", "address"), [*list_pictures()], ids=[f.name for f, _ in list_pictures()]
)
def test_each_picture_of_a_page_shows_what_its_address_draws(
    api: APIClient, file: Path, address: str
) -> None:
    assert file.stat().st_size < MOST_BYTES
    drawn = api.get(address)
    assert drawn.status_code == 200
    assert shown_by(file.read_bytes()) == shown_by(drawn.content) != []


def test_most_questions_have_a_picture() -> None:
    assert sum(file.parent.parent.name == "how-to" for file, _address in list_pictures()) >= 10
