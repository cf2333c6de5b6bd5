"""The page for people in a browser: resources, closed until one opens, in the reader's language."""

from typing import Any

import pytest
from django.utils.translation import override
from rest_framework.test import APIClient

from tests.answers import API
from tests.browsers import PATIENCE, by_turns, opened

LABEL = {"en-US": "Create one project", "zh-CN": "新建单个项目"}


@pytest.mark.django_db
def test_the_document_is_asked_for_again_by_its_tag(api: APIClient) -> None:
    asked = {"Accept": "application/json", "Accept-Language": "zh-hans"}
    first = api.get(f"{API}/schema", headers=asked)
    assert b"\n" not in first.content  # blanks are half of it
    tag = first.headers["ETag"]
    again = api.get(f"{API}/schema", headers={**asked, "If-None-Match": tag})
    assert (again.status_code, again.headers["ETag"], again.content) == (304, tag, b"")
    english = api.get(f"{API}/schema?lang=en", headers={**asked, "If-None-Match": tag})
    assert english.status_code == 200
    coded = {**asked, "Accept-Encoding": "gzip"}
    own = api.get(f"{API}/schema", headers=coded).headers["ETag"]
    assert own != tag
    again = api.get(f"{API}/schema", headers={**coded, "If-None-Match": own})
    assert (again.status_code, again.headers["ETag"]) == (304, own)


@by_turns(5)
@pytest.mark.django_db(transaction=True)
def test_an_operation_is_found_and_opened(live_server: Any, locale: str) -> None:
    with opened() as browser, override(None):
        page = browser.new_page(locale=locale)
        page.set_default_timeout(PATIENCE)
        complaints: list[str] = []
        page.on("pageerror", lambda wrong: complaints.append(str(wrong)))
        page.goto(f"{live_server.url}{API}/docs")
        tags = page.locator(".opblock-tag")
        tags.first.wait_for()
        assert page.locator("html").get_attribute("lang") == locale.lower()[:2].replace(
            "zh", "zh-hans"
        )
        assert (tags.count() > 10, page.locator(".opblock").count()) == (True, 0)
        page.get_by_placeholder("Filter by tag").fill("projects")
        page.locator("#operations-tag-projects").click()
        page.get_by_text(LABEL[locale], exact=True).click()
        # What the operation refers to: a parameter, the example and the schema of its body
        assert page.locator('[data-param-name="confirm"]').is_visible()
        assert "baodi-zgc" in page.locator(".opblock-section-request-body").inner_text()
        page.locator(".opblock-section-request-body").get_by_text("Schema", exact=True).click()
        assert "ProjectDetailRequest" in page.locator(".opblock-section-request-body").inner_text()
        assert complaints == []
