"""The page of a bureau's week, in both languages: each address answers what the page says.

`WRITE_DOCS=1` writes the tables of the pages again, below the headers that they have.
"""

import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from parks.models import Park
from tests import factories
from tests.answers import Row, found, sign_in
from tests.paths import DOCS
from tests.seeded import kept_rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("mid_june")]
PAGES = [DOCS / "how-to/monday-meeting.md", DOCS / "zh-Hans/monday-meeting.md"]
SECTION = re.compile(r"^## \d+\. .+?(?=^## |\Z)", re.MULTILINE | re.DOTALL)
ADDRESS = re.compile(r"^`(/api/v1/[^`]+)`$", re.MULTILINE)
TABLE = re.compile(r"^\|.+?(?=\n\n|\n?\Z)", re.MULTILINE | re.DOTALL)


@kept_rows
def park(mid_june: None, vocabularies: None) -> Park:
    """The park of the page as `make demo` makes it, on a Monday in June."""
    call_command("make_demo", projects=5, verbosity=0)
    return Park.objects.get(code="demo-meeting")


@pytest.fixture
def bureau(park: Park) -> APIClient:
    return sign_in(factories.MembershipFactory.create(park=park).user)


def show(value: Any) -> str:
    """What the page prints of a value: of a dimension its code, of nothing nothing."""
    if isinstance(value, dict):
        value = "unknown" if value["value"] is None else value["value"]
    return "" if value is None else str(value)


def read_path(row: Row, path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def build_table(answer: Any, header: str) -> str:
    names = [cell.strip(" `") for cell in header.strip("|").split("|")]
    rows = answer.get("rows", answer.get("results")) if isinstance(answer, dict) else answer
    lines = [[show(read_path(row, name)) for name in names] for row in rows]
    divider = "| " + " | ".join("---" for _name in names) + " |"
    return "\n".join([header, divider, *("| " + " | ".join(line) + " |" for line in lines)])


@pytest.mark.slow
@pytest.mark.both_databases
def test_questions_have_the_answers_that_both_pages_print(bureau: APIClient) -> None:
    addresses = [*list_addresses()]
    assert len(addresses) == 20
    answers = {address: found(bureau.get(address)) for address in addresses}
    for page in PAGES:
        text, asked = page.read_text(encoding="utf-8"), []
        for section in SECTION.findall(text):
            (address,) = ADDRESS.findall(section)
            asked.append(address)
            table = TABLE.search(section)
            assert table, section
            expected = build_table(answers[address], table[0].splitlines()[0])
            assert expected.count("\n") > 1, f"{address} answers nothing"
            if os.environ.get("WRITE_DOCS"):
                text = text.replace(section, section.replace(table[0], expected))
            else:
                assert table[0] == expected, address
        assert asked == addresses
        page.write_text(text, encoding="utf-8")


def list_addresses() -> Iterator[str]:
    for section in SECTION.findall(PAGES[0].read_text(encoding="utf-8")):
        yield from ADDRESS.findall(section)


@pytest.mark.slow
def test_each_list_is_a_file_and_each_number_a_picture(bureau: APIClient) -> None:
    kinds = set()
    for address in list_addresses():
        path, _mark, query = address.partition("?")
        query = re.sub(r"&?fields=[^&]*", "", query)
        is_sum = path.endswith(("/summary", "/targets"))
        for ending in ("csv", "xlsx", *(["svg"] if is_sum else [])):
            answer = bureau.get(f"{path}.{ending}?{query}")
            assert answer.status_code == 200, f"{path}.{ending}?{query}"
            assert answer.getvalue(), address
            kinds.add(ending)
    assert kinds == {"csv", "xlsx", "svg"}
