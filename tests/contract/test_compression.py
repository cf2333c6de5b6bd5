"""JSON, SVG and CSV are coded by gzip for who takes it, and mean the same as plain ones."""

import gzip
from typing import Any

import pytest
from django.test import Client
from rest_framework.test import APIClient

from api.caching import takes_gzip
from tests.answers import API, read_file, read_through
from tests.factories import ParkFactory, ProjectFactory
from tests.seeded import kept_rows
from tests.together import together

pytestmark = pytest.mark.django_db

LIST = f"{API}/projects"
GZIP = {"HTTP_ACCEPT_ENCODING": "gzip, deflate, br"}


@kept_rows(autouse=True)
def projects() -> None:
    park = ParkFactory.create(code="town")
    ProjectFactory.create(code="fab", park=park, note="有待核实。" * 200)
    ProjectFactory.create_batch(12, park=park)


@together("address", ["projects?limit=12", "projects/fab", "projects.csv", "projects.jsonl"])
def test_who_takes_it_gets_less_and_the_same(api: APIClient, address: str) -> None:
    plain = api.get(f"{API}/{address}")
    coded = api.get(f"{API}/{address}", **GZIP)
    assert "Content-Encoding" not in plain.headers
    assert coded.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in plain.headers["Vary"]
    sent, whole = read_through(coded), read_through(plain)
    assert int(coded.headers["Content-Length"]) == len(sent) < len(whole) / 2
    assert gzip.decompress(sent) == whole


def test_the_digest_is_of_what_is_sent(api: APIClient) -> None:
    coded = api.get(f"{LIST}.csv", **GZIP)
    assert read_file(coded)
    assert coded.headers["X-Row-Count"] == "13"


def test_it_has_a_tag_of_its_own_that_is_known_again(api: APIClient) -> None:
    plain, coded = api.get(LIST).headers["ETag"], api.get(LIST, **GZIP).headers["ETag"]
    assert coded == f'{plain[:-1]}-gzip"'
    same = api.get(LIST, HTTP_IF_NONE_MATCH=coded, **GZIP)
    assert (same.status_code, same.headers["ETag"]) == (304, coded)
    assert api.get(LIST, HTTP_IF_NONE_MATCH=plain, **GZIP).headers["ETag"] == plain
    assert api.get(LIST, HTTP_IF_NONE_MATCH=coded).status_code == 304


def test_the_tag_of_a_coded_row_is_good_for_an_edit(admin_api: APIClient) -> None:
    tag = admin_api.get(f"{LIST}/fab", **GZIP).headers["ETag"]
    assert tag.endswith('-gzip"')
    edit = {"note": "Seen on site."}
    edited = admin_api.patch(f"{LIST}/fab", edit, headers={"If-Match": tag}, **GZIP)
    assert edited.status_code == 200
    assert not edited.headers["ETag"].endswith('-gzip"')
    stale = admin_api.patch(f"{LIST}/fab", edit, headers={"If-Match": tag})
    assert stale.status_code == 412


def test_a_page_is_compressed_with_random_bytes_and_known_again(client: Client) -> None:
    coded, again = (client.get("/about", HTTP_ACCEPT="text/html", **GZIP) for _time in range(2))
    assert coded.content != again.content
    plain = client.get("/about", HTTP_ACCEPT="text/html").content
    assert gzip.decompress(coded.content) == gzip.decompress(again.content) == plain
    known = client.get("/about", HTTP_IF_NONE_MATCH=coded.headers["ETag"], **GZIP)
    assert known.status_code == 304


@together("address", ["projects?limit=1&fields=code", "projects.xlsx", "projects/nowhere"])
def test_what_is_short_or_compressed_already_is_not_coded(api: APIClient, address: str) -> None:
    response = api.get(f"{API}/{address}", **GZIP)
    assert read_through(response)
    assert "Content-Encoding" not in response.headers


def test_a_file_for_which_there_is_no_room_is_sent_plain(
    api: APIClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_arguments: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("api.caching.copyfileobj", refuse)
    response = api.get(f"{LIST}.csv", **GZIP)
    assert "Content-Encoding" not in response.headers
    assert len(read_through(response).splitlines()) == 14


@together(
    ("accepted", "is_taken"),
    [
        ("gzip", True),
        ("br, GZIP", True),
        ("*", True),
        ("gzip;q=0.5", True),
        ("gzip; q=0", False),
        ("gzip;q=0.000, br", False),
        ("identity", False),
        ("x-gzipped", False),
        ("", False),
    ],
)
def test_who_takes_it(accepted: str, is_taken: bool) -> None:
    assert takes_gzip(accepted) is is_taken
