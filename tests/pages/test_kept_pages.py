"""Pages of visitors, which are kept until a write."""

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from tests.factories import ProjectFactory
from tests.page_requests import CHINESE, ENGLISH

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]
HTML = {"accept": "text/html,*/*;q=0.8"}


@pytest.mark.parametrize(
    "address",
    [
        "/",
        "/projects/sany-wind",
        "/charts/projects/summary.svg?group_by=sector_section",
        "/embed/projects/summary?group_by=stage&lang=zh",
    ],
)
def test_a_visitor_gets_a_page_again_as_it_was(
    client: Client, django_assert_num_queries: Any, address: str
) -> None:
    first = client.get(address, headers=HTML)
    with django_assert_num_queries(1):  # whether anything was written
        again = client.get(address, headers=HTML)
    of_each = {"X-Request-Id": ""}
    assert {**again.headers, **of_each} == {**first.headers, **of_each}
    assert again.content == first.content
    known = {**HTML, "If-None-Match": first.headers["ETag"]}
    assert client.get(address, headers=known).status_code == 304


def test_a_page_is_another_after_a_write_in_another_language_and_for_others(
    client: Client, superuser: User, settings: Any
) -> None:
    def ask(**headers: str) -> Any:
        return client.get("/projects?q=Kept", headers={**HTML, **headers})

    first = ask(**ENGLISH)
    assert ask(**CHINESE).content != first.content
    shown = f">{ProjectFactory.create(name_en='Kept').name_en}</a>"
    assert shown in ask(**ENGLISH).content.decode()
    client.force_login(superuser)
    for _time in range(2):
        own = ask(**ENGLISH)
        assert "Sign out" in own.content.decode()
        assert own.headers["Cache-Control"] == "private, no-cache"
    client.logout()
    assert "Sign out" not in ask(**ENGLISH).content.decode()
    settings.PUBLIC_READ = False
    assert ask(**ENGLISH).status_code == 302
