"""What is refused, and what is not there, is said as a page in the language of who reads it."""

import re
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import MembershipFactory, ParkFactory, ProjectFactory
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db

PAGE = {"Accept": "text/html"}
TITLES = {
    (403, "zh-hans"): "没有权限",
    (404, "zh-hans"): "未找到",
    (403, "en"): "Not allowed",
    (404, "en"): "Not found",
}
# Names of the product and of formats, and what pages call the other language
NO_ENGLISH = {"Park", "Ledger", "English", "API", "Excel", "CSV"}


@kept_rows
def projects() -> dict[str, Any]:
    """A project of the clerk's park, a draft of another one, and the clerk."""
    member = MembershipFactory.create(role="editor", user__is_staff=True)
    theirs = ParkFactory.create(code="t-0", publication="draft")
    return {
        "clerk": member.user,
        "mine": ProjectFactory.create(park=member.park),
        "theirs": ProjectFactory.create(code="t-1", park=theirs, publication="draft"),
    }


def read(answer: Any) -> str:
    """The texts of a page."""
    unread = re.compile(r"<(style|script|title)\b.*?</\1>|<!--.*?-->", re.DOTALL)
    body = unread.sub(" ", answer.content.decode())
    return unescape(re.sub(r"<[^>]+>", " ", body))


def list_places(projects: dict[str, Any]) -> list[tuple[str, int]]:
    """Addresses of the admin and of pages, each with what it answers to the clerk."""
    theirs = projects["theirs"]
    return [
        ("/admin/auth/user/", 403),
        ("/admin/parks/membership/add/", 403),
        (reverse("admin:parks_park_delete", args=[projects["mine"].park_id]), 403),
        (reverse("admin:projects_project_merge", args=[theirs.pk]), 403),
        *[("/admin/nothing/", 404), ("/admin/projects/nothing/1/change/", 404), ("/nothing", 404)],
        *[("/projects/t-1", 404), ("/parks/t-0", 404), ("/events/t-2", 404)],
    ]


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_what_is_refused_is_said_in_the_language_of_the_reader(
    client: Client, projects: dict[str, Any], language: str
) -> None:
    client.force_login(projects["clerk"])
    headers = {**PAGE, "Accept-Language": language}
    for place, status in list_places(projects):
        answer = client.get(place, headers=headers)
        assert answer.status_code == status, place
        text = read(answer)
        assert TITLES[status, language] in text, (place, text)
        has_header = 'id="user-tools"' in answer.content.decode()
        assert has_header is place.startswith("/admin/"), place
        if language == "zh-hans":
            found = {*re.findall(r"(?<![\w./-])[A-Za-z]{3,}(?![\w./-])", text)} - NO_ENGLISH
            assert found == set(), place
        assert projects["theirs"].name not in text


def test_a_form_without_its_token_is_refused_in_chinese(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/admin/login/", headers={**PAGE, "Accept-Language": "zh-hans"})
    assert answer.status_code == 403
    assert re.search("[\u4e00-\u9fff]{4}", read(answer))


def test_another_parks_project_is_never_said_to_be_deleted(
    client: Client, projects: dict[str, Any]
) -> None:
    client.force_login(projects["clerk"])
    change = reverse("admin:projects_project_change", args=[projects["theirs"].pk])
    headers = {**PAGE, "Accept-Language": "zh-hans"}
    text = read(client.get(change, headers=headers, follow=True))
    assert "可能已经被删除" not in text
    assert "为 null" not in text
