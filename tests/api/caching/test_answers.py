"""A question asked again is answered from what was kept, and never by what is no longer so."""

import random
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import caches
from django.db import OperationalError, connection, connections
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from api import caching
from config.database import history
from parks.models import Organisation, Park
from tests.answers import API, found, sign_in
from tests.factories import MembershipFactory, ParkFactory, ProjectFactory, UserFactory
from tests.samples import IS_LONG
from tests.seeded import kept_rows
from tests.together import together

SUMMARY = "projects/summary?group_by=stage"
# One of each kind that is worked out, lists and files
ADDRESSES = [
    SUMMARY,
    "projects/summary.svg?group_by=stage",
    "projects/facets",
    "projects/cohorts",
    "projects?limit=100",
    "projects?count=exact&q=fab&ordering=-code&fields=code",
    "projects/fab",
    "parks/town/overview",
    "parks/compare?parks=town,bay",
    "figures",
    "projects.csv?park=town",
    "projects.xlsx",
]


@kept_rows
def ledger(vocabularies: None) -> None:
    ParkFactory.create(code="bay", region_id="330100")
    town = ParkFactory.create(code="town", region_id="330300")
    ProjectFactory.create(code="fab", park=town, origin_id="330300", met=["signed"])


@pytest.fixture
def repeated(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the answers that were found among those kept."""
    found_again: list[str] = []
    find_answer = caching.find_answer

    def noting(name: str) -> Any:
        if kept := find_answer(name):
            found_again.append(name)
        return kept

    monkeypatch.setattr(caching, "find_answer", noting)
    return found_again


# Each list once with commas and once repeated, before and after what takes one value
SPELLINGS = [
    (
        "projects/summary?group_by=stage,park&measures=count,share&stage=signed",
        "projects/summary?group_by=stage&measures=count&stage=signed&group_by=park&measures=share",
    ),
    (
        "projects?limit=1&ordering=-investment_cny,code&fields=code,park,stage&q=fab",
        "projects?limit=1&ordering=-investment_cny&fields=code,park&fields=stage&q=fab"
        "&ordering=code",
    ),
    (
        "projects/summary?group_by=size_band&bands=1,5亿",
        "projects/summary?group_by=size_band&%62ands=1&bands=5亿",
    ),
    (
        "projects/facets?facets=stage,hitech&park=town",
        "projects/facets?facets=stage&park=town&facets=hitech",
    ),
    ("parks/compare?parks=town,bay", "parks/compare?parks=town&parks=bay"),
]


def describe(response: Any) -> tuple[bytes, dict[str, str]]:
    """The whole answer: its body, and its headers but for the id of the request."""
    assert response.status_code == 200
    headers = {name: value for name, value in response.items() if name != "X-Request-Id"}
    return response.getvalue(), headers


@pytest.mark.django_db
@together("address", ADDRESSES)
def test_what_is_asked_again_costs_one_query_and_is_the_same_to_the_byte(
    api: APIClient, ledger: None, address: str
) -> None:
    first = describe(api.get(f"{API}/{address}"))
    with CaptureQueriesContext(connection) as queries:
        again = describe(APIClient().get(f"{API}/{address}"))
    assert again == first
    is_file = "X-Row-Count" in first[1]  # of which a record is written
    assert len(queries) == 1 + is_file
    assert describe(api.head(f"{API}/{address}"))[1] == first[1]


@pytest.mark.django_db
@pytest.mark.parametrize(("with_commas", "by_names"), SPELLINGS)
def test_a_list_that_is_repeated_is_the_one_with_commas_to_the_byte(
    api: APIClient, ledger: None, with_commas: str, by_names: str, repeated: list[str]
) -> None:
    ProjectFactory.create(code="fab-2", park_id=Park.objects.get(code="town").pk)
    first = describe(api.get(f"{API}/{with_commas}"))
    assert describe(api.get(f"{API}/{by_names}")) == first
    assert len(repeated) == 1
    tag = {"If-None-Match": first[1]["ETag"]}
    assert api.get(f"{API}/{by_names}", headers=tag).status_code == 304
    if with_commas.startswith("projects?"):
        following = found(api.get(f"{API}/{by_names}"))["next"]
        assert found(api.get(following)) == found(
            api.get(following.replace("_cny%2Ccode", "_cny&ordering=code"))
        )


@pytest.mark.django_db
def test_an_answer_as_of_a_day_says_again_which_moment_it_is_of(
    api: APIClient, ledger: None
) -> None:
    history.first_moment()
    day = found(api.get(f"{API}/projects/fab"))["updated_at"]
    first = describe(api.get(f"{API}/projects", {"as_of": day}))
    assert "Memento-Datetime" in first[1]
    assert describe(api.get(f"{API}/projects", {"as_of": day})) == first


@pytest.mark.django_db
def test_who_sees_other_rows_or_reads_another_language_gets_another_answer(
    api: APIClient, admin_api: APIClient, ledger: None, repeated: list[str]
) -> None:
    draft = ProjectFactory.create(code="draft", publication="draft")
    of_park = sign_in(MembershipFactory.create(park=draft.park).user)
    stranger = sign_in(UserFactory.create())
    for _round in range(2):
        seen = [
            {row["code"] for row in found(client.get(f"{API}/projects"))["results"]}
            for client in (api, stranger, of_park, admin_api)
        ]
        assert seen == [{"fab"}, {"fab"}, {"fab", "draft"}, {"fab", "draft"}]
    assert len(repeated) == 1 + 4  # a stranger sees what everybody sees
    told = [
        found(api.get(f"{API}/projects/fab/history", headers={"Accept-Language": language}))
        for language in ("en", "zh-hans", "en")
    ]
    assert told[0] == told[2] != told[1]


@pytest.mark.django_db
def test_the_role_of_who_asks_is_that_of_now(ledger: None) -> None:
    draft = ProjectFactory.create(code="draft", publication="draft")
    member = MembershipFactory.create(park=draft.park)
    client = sign_in(member.user)
    assert len(found(client.get(f"{API}/projects"))["results"]) == 2
    member.delete()
    assert len(found(client.get(f"{API}/projects"))["results"]) == 1


@pytest.mark.django_db
def test_refusals_and_what_is_too_large_are_not_kept(
    api: APIClient, ledger: None, repeated: list[str], settings: Any
) -> None:
    settings.CACHE_MAX_BYTES = 8 * 1_000
    for address, status in {
        "projects?nonsense=1": 400,
        "projects/none": 404,
        "projects.csv": 200,  # more than 1,000 bytes
        "regions": 200,
    }.items():
        for _time in range(2):
            response = api.get(f"{API}/{address}")
            assert (response.status_code, bool(response.getvalue())) == (status, True)
    assert repeated == []


@pytest.mark.django_db
def test_an_answer_is_not_kept_if_something_was_written_while_it_was_read(
    api: APIClient, ledger: None, monkeypatch: pytest.MonkeyPatch, repeated: list[str]
) -> None:
    known = history.ledger_version

    def and_then_somebody_writes() -> str:
        version = known()
        Park.objects.get(code="town").save()
        return version

    with monkeypatch.context() as patch:
        patch.setattr(history, "ledger_version", and_then_somebody_writes)
        found(api.get(f"{API}/{SUMMARY}"))
    assert repeated == []
    monkeypatch.setattr(caching, "keep_answer", None)
    with monkeypatch.context() as patch:
        patch.setattr(history, "ledger_version", and_then_somebody_writes)
        found(api.get(f"{API}/{SUMMARY}"))


@pytest.mark.django_db
def test_a_cache_that_fails_costs_nobody_an_answer(
    api: APIClient, ledger: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: Any) -> None:
        raise ConnectionError("refused")

    for name in ("get", "set"):
        monkeypatch.setattr(caches["default"], name, fail)
    assert describe(api.get(f"{API}/{SUMMARY}")) == describe(api.get(f"{API}/{SUMMARY}"))


@pytest.mark.django_db
def test_answers_are_kept_in_whatever_cache_is_set(
    api: APIClient, ledger: None, settings: Any, tmp_path: Path, repeated: list[str]
) -> None:
    backend = "django.core.cache.backends.filebased.FileBasedCache"
    settings.CACHES = {**settings.CACHES, "default": {"BACKEND": backend, "LOCATION": tmp_path}}
    first = describe(api.get(f"{API}/{SUMMARY}"))
    assert [*tmp_path.iterdir()]
    assert describe(api.get(f"{API}/{SUMMARY}")) == first
    assert len(repeated) == 1


# --- While others write --------------------------------------------------------------------------

WRITERS, WRITES = 3, 12 if IS_LONG else 4
PAUSE = 0.03  # seconds, of readers, who would else keep the processor from the writers
LISTED = f"{API}/organisations?limit=500&count=exact"
COUNTED = f"{API}/organisations?limit=1&count=exact"


def write(number: int, committed: dict[str, int]) -> None:
    """Create rows and change them; `committed` says which version of each is committed."""
    chance = random.Random(number)
    for step in range(WRITES):
        code = f"o-{number}-{step}"
        try:
            row = Organisation.objects.create(code=code, name_en=code)
            committed[code] = 1
            if chance.random() < 0.5:
                Organisation.objects.filter(pk=row.pk).update(note="changed")
                committed[code] = 2
        except OperationalError:  # SQLite was busy for two seconds
            continue
        time.sleep(chance.choice([0.01, 0.05]))
    connections.close_all()


def read(committed: dict[str, int], writers: list["Future[Any]"]) -> None:
    """Ask again and again; nothing is missing that was committed before it was asked for."""
    api = APIClient(raise_request_exception=False)
    while not all(writer.done() for writer in writers):
        before = dict(committed)
        page = api.get(LISTED)
        if page.status_code == 200:
            versions = {row["code"]: row["version"] for row in page.json()["results"]}
            late = {code for code in before if versions.get(code, 0) < before[code]}
            assert late == set()
        before = dict(committed)
        time.sleep(PAUSE)
        counted = api.get(COUNTED)
        assert counted.status_code != 200 or counted.json()["count"] >= len(before)
    connections.close_all()


def test_readers_beside_writers_never_get_what_was_before_the_last_commit(
    database_in_a_file: None, repeated: list[str]
) -> None:
    committed: dict[str, int] = {}
    with ThreadPoolExecutor(WRITERS + 3) as pool:
        writers = [pool.submit(write, number, committed) for number in range(WRITERS)]
        readers = [pool.submit(read, committed, writers) for _reader in range(3)]
        for each in (*writers, *readers):
            each.result()
    assert len(committed) > WRITERS
    assert repeated  # how many depends on who gets a turn
    for address in (LISTED, COUNTED):
        kept = APIClient().get(address).content
        caches["default"].clear()
        assert APIClient().get(address).content == kept
