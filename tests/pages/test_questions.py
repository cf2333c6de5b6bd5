"""The questions of `docs/zh-Hans/questions.md` that are answered by clicks."""

import re
from functools import cache
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client

from tests.factories import MembershipFactory, ProjectFactory
from tests.page_requests import CHINESE, check_numbers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
HTML = {"accept": "text/html", **CHINESE}
DOCUMENT = Path("docs/zh-Hans/questions.md").read_text(encoding="utf-8")
# Of each question the page where it begins, what is clicked, what the address has, and the answer
QUESTIONS = [re.findall("`([^`]+)`", line) for line in DOCUMENT.splitlines() if "`→`" in line]


def click(page: str, text: str) -> str:
    """Return where the first link with this text leads."""
    links = re.findall(r'<a [^>]*href="([^"]+)"[^>]*>(.*?)</a>', page, re.DOTALL)
    found = [href for href, inner in links if strip(inner) == text]
    assert found, text
    return unescape(found[0])


def show(client: Client, address: str) -> str:
    response: Any = client.get(address.partition("#")[0], headers=HTML)
    assert response.status_code == 200, address
    return str(response.content.decode())


@cache
def show_once(address: str) -> str:
    """Return a page as everybody sees it; many questions begin on the same one."""
    return show(Client(), address)


def strip(text: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", text)).strip()


def test_there_are_thirty() -> None:
    assert len(QUESTIONS) == 30


@pytest.mark.slow
@pytest.mark.parametrize("steps", QUESTIONS, ids=range(len(QUESTIONS)))
def test_a_question_is_answered_by_clicks(steps: list[str]) -> None:
    address, *texts, reached, answer = steps
    for text in texts:
        address = click(show_once(address), text)
    assert reached in unquote(address)
    assert answer in strip(show_once(address))


@pytest.mark.slow
def test_numbers_behind_the_questions_are_those_of_the_api(client: Client) -> None:
    for address in ("/compare?signed_year=2018", "/parks/baodi-zgc", "/parks?brand=中关村"):
        assert check_numbers(client, address, **CHINESE) > 3


@pytest.mark.slow
def test_a_view_is_saved_shared_and_found_again(client: Client) -> None:
    assert client.get("/saved").headers["Location"] == "/sign-in?next=/saved"
    mine = MembershipFactory.create(role="editor")
    draft = ProjectFactory.create(park=mine.park, code="draft", name_zh="草稿项目")
    client.force_login(mine.user)
    view = f"/figures?park={mine.park.code}"
    form = show(client, click(show(client, view), "已存视图"))
    assert f'name="query" value="{view}"' in form
    sent = {"name": "本园区数据", "query": view, "park": mine.park.pk}
    assert client.post("/saved", sent).headers["Location"] == view
    for query, address in (
        ("stage=signed", "/admin/projects/project/?stage=signed"),
        ("//evil.example/", "/admin/projects/project/?//evil.example/"),
    ):
        answer = client.post("/saved", {"name": query, "query": query})
        assert answer.headers["Location"] == address
    show(client, f"/projects/{draft.code}")
    assert click(show(client, "/saved"), "草稿项目") == f"/projects/{draft.code}"
    others = ProjectFactory.create_batch(12, park=mine.park)
    for left, project in enumerate(others, start=1):
        show(client, f"/projects/{project.code}")
        assert ("草稿项目" in show(client, "/saved")) == (left < 12)  # of the twelve last
    # A colleague sees what is shared, and not what is one's own; others see nothing
    for role, park, saved in (("viewer", mine.park, True), ("editor", None, False)):
        place = {"park": park} if park else {}
        client.force_login(MembershipFactory.create(role=role, **place).user)
        page = show(client, "/saved")
        assert ("本园区数据" in page, "stage=signed" in page) == (saved, False)
        assert "草稿项目" not in page
    mine.delete()
    client.force_login(mine.user)
    assert "草稿项目" not in show(client, "/saved")
