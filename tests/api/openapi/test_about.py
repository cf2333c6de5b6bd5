"""What the API says of itself, as it is served: its document, and the page to try it out on."""

import gzip
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import override_settings
from django.utils.translation import override
from drf_spectacular.drainage import GENERATOR_STATS
from rest_framework.test import APIClient

from api.openapi.about import digest_code, read_document
from api.serializers import LedgerSerializer
from tests.answers import API
from tests.browsers import by_turns, opened
from tests.costs import costs_less
from tests.openapi import SNAPSHOT
from tests.pages.test_pages_in_browser import open_window
from tests.paths import ROOT

SCHEMA = f"{API}/schema"
LANGUAGES = [code for code, _name in settings.LANGUAGES]
LABEL = {"en-US": "Create one project", "zh-CN": "新建单个项目"}


CASES = [(form, lang) for form in ("application/json", "application/yaml") for lang in LANGUAGES]


@pytest.fixture(scope="module", autouse=True)
def released(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """What a release has built: this process may have built documents of other settings."""
    folder = tmp_path_factory.mktemp("released")
    with pytest.MonkeyPatch.context() as patch, override_settings(VAR_DIR=folder):
        patch.setattr(LedgerSerializer, "built", {})
        GENERATOR_STATS.reset()
        call_command("build_openapi")
        assert not GENERATOR_STATS._warn_cache
        read_document.cache_clear()
        yield folder / "openapi"
    read_document.cache_clear()


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.parametrize(("form", "lang"), CASES)
def test_a_new_process_answers_what_was_built_within_100_ms(
    api: APIClient, form: str, lang: str
) -> None:
    api.get("/healthz")

    def ask_anew() -> Any:
        for known in (digest_code, read_document):
            known.cache_clear()
        headers = {"Accept": form, "Accept-Encoding": "gzip"}
        return api.get(f"{SCHEMA}?lang={lang}", headers=headers)

    assert costs_less(0.1, ask_anew)
    answer = ask_anew()
    assert answer.headers["Content-Type"] == f"{form}; charset=utf-8"
    assert len(gzip.decompress(answer.content)) > 1_000_000


@pytest.mark.long("starts another process, which builds a document")
@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_document_does_not_depend_on_what_was_built_before(released: Path, lang: str) -> None:
    command = [sys.executable, "manage.py", "spectacular", "--lang", lang]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    assert done.stdout.strip() == next(released.glob(f"*.{lang}.yaml")).read_bytes().strip()


@pytest.mark.slow
def test_documents_of_other_code_or_settings_are_not_served(tmp_path: Path) -> None:
    module = tmp_path / "room/module.py"
    module.parent.mkdir()
    (tmp_path / "requirements.txt").touch()
    (tmp_path / "room/__init__.py").touch()
    digests = set()
    for text, is_public in (("one", True), ("other", True), ("other", False)):
        module.write_text(text)
        with override_settings(BASE_DIR=tmp_path, PUBLIC_READ=is_public):
            digests.add(digest_code.__wrapped__())
    assert len(digests) == 3


@pytest.mark.slow
@pytest.mark.both_databases  # of which one may hold larger numbers
@pytest.mark.django_db
def test_the_served_document_is_the_snapshot_whoever_asked_before(api: APIClient) -> None:
    asked = {"Accept": "application/json", "Accept-Language": "zh-hans"}
    told = {*find_told(json.loads(api.get(SCHEMA, headers=asked).content))}
    assert len(told) > 700
    # Words of programs are listed as they are: * `create` - create
    told -= {each for each in told if re.fullmatch(r"(\* `([^`]*)` - \2\n?)+", each)}
    assert sorted(each for each in told if not re.search("[\u4e00-\u9fff]", each)) == []
    served, snapshot = api.get(SCHEMA).content.decode(), SNAPSHOT.read_text(encoding="utf-8")
    is_same = served.strip() == snapshot.strip()  # to print how they differ takes minutes
    assert is_same, (
        "The API has changed: run `make openapi`, and read what the change does to clients."
    )


def find_told(described: Any) -> Iterator[str]:
    """All that a part of the document says to people."""
    if isinstance(described, dict):
        for name, part in described.items():
            if isinstance(part, str) and name in ("summary", "description", "title"):
                yield part
            elif name not in ("example", "examples", "properties"):
                yield from find_told(part)
        for part in described.get("properties", {}).values():
            yield from find_told(part)
    elif isinstance(described, list):
        for part in described:
            yield from find_told(part)


@pytest.mark.slow
@pytest.mark.django_db
def test_the_document_is_asked_for_again_by_its_tag(api: APIClient) -> None:
    asked = {"Accept": "application/json", "Accept-Language": "zh-hans"}
    first = api.get(SCHEMA, headers=asked)
    assert b"\n" not in first.content  # blanks are half of it
    tag = first.headers["ETag"]
    again = api.get(SCHEMA, headers={**asked, "If-None-Match": tag})
    assert (again.status_code, again.headers["ETag"], again.content) == (304, tag, b"")
    english = api.get(f"{SCHEMA}?lang=en", headers={"If-None-Match": tag})
    assert english.status_code == 200
    coded = {**asked, "Accept-Encoding": "gzip"}
    short = api.get(SCHEMA, headers=coded)
    own = short.headers["ETag"]
    assert own != tag
    assert gzip.decompress(short.content) == first.content
    again = api.get(SCHEMA, headers={**coded, "If-None-Match": own})
    assert (again.status_code, again.headers["ETag"]) == (304, own)


@pytest.mark.slow
@pytest.mark.django_db
def test_the_page_for_people_asks_nobody_else(api: APIClient) -> None:
    page = api.get("/api/v1/docs", HTTP_ACCEPT="text/html")
    assert page.status_code == 200
    assert "swagger-ui" in page.content.decode()
    assert "//cdn" not in page.content.decode()


@pytest.mark.long("starts several programs")
@by_turns(5)
@pytest.mark.django_db(transaction=True)
def test_an_operation_is_found_and_opened_and_nothing_is_blocked(
    live_server: Any, locale: str
) -> None:
    complaints: list[str] = []
    with opened() as browser, override(None):
        page = open_window(browser, complaints, locale=locale)
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
    # What is asked of this server is no complaint, whatever it is called
    assert [said for said in complaints if not said.startswith(live_server.url)] == []
