"""Every limit: at it all is well, and one over it is refused with a reason."""

import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import RequestFactory
from rest_framework.test import APIClient

from api.load import WINDOW_SECONDS, CacheCounters, Count, SharedCounters
from api.requests import client_address
from api.strict import MultiPartParser, TooLarge
from parks.models import ApiToken
from tests.answers import API, found, mistakes, problem
from tests.contract.servers import environment, serving
from tests.factories import UserFactory
from tests.together import together

ADDRESS = "203.0.113.7"
LIST = f"{API}/regions"

pytestmark = pytest.mark.django_db


# --- The size of a question -------------------------------------------------------------------


def test_forty_parameters_and_no_more(api: APIClient) -> None:
    query = "&".join(f"p{number}=1" for number in range(40))
    errors = mistakes(api.get(f"{LIST}?{query}"))
    assert set(errors.values()) == {"unknown_parameter"}
    errors = mistakes(api.get(f"{LIST}?{query}&level=county"))
    assert errors == {"level": "too_many_parameters"}


def test_two_megabytes_of_json_and_no_more(admin_api: APIClient, settings: Any) -> None:
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert limit == 2 * 2**20
    body = b'{"qwertz": "%s"}'
    fits = body % (b"x" * (limit - len(body) + 2))
    assert len(fits) == limit
    response = admin_api.generic("POST", f"{API}/sources", fits, "application/json")
    assert mistakes(response)["#/qwertz"] == "unknown_field"
    response = admin_api.generic("POST", f"{API}/sources", fits + b" ", "application/json")
    assert problem(response, 413)["limit"] == limit


def test_an_upload_up_to_its_limit_and_no_more(settings: Any) -> None:
    assert settings.UPLOAD_MAX_BYTES == 20 * 2**20
    request = RequestFactory().post("/", {"file": BytesIO(b"x" * 5000)})
    context = {"request": request}
    settings.UPLOAD_MAX_BYTES = int(request.META["CONTENT_LENGTH"])
    read = MultiPartParser().parse(request, request.META["CONTENT_TYPE"], context)
    assert read.files["file"].size == 5000
    settings.UPLOAD_MAX_BYTES -= 1
    with pytest.raises(TooLarge) as caught:
        MultiPartParser().parse(request, request.META["CONTENT_TYPE"], context)
    assert caught.value.limit == settings.UPLOAD_MAX_BYTES


# --- How often --------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def one_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    """Count in one window, however long a test takes on a busy machine."""
    clock = SimpleNamespace(monotonic=lambda: 1_000.0)
    monkeypatch.setattr(f"{SharedCounters.__module__}.time", clock)


@pytest.fixture
def limited(settings: Any) -> None:
    settings.RATE_LIMIT_ANONYMOUS = 3
    settings.RATE_LIMIT_ACCOUNT = 5


def left(client: APIClient, address: str = ADDRESS, **headers: str) -> int:
    """How many requests are left after one more, and -1 if it is refused."""
    response = client.get(LIST, headers=headers, REMOTE_ADDR=address)
    if response.status_code == 429:
        document = problem(response, 429)
        assert document["type"] == "/problems/throttled"
        assert response.headers["RateLimit-Remaining"] == "0"
        assert response.headers["Retry-After"] == response.headers["RateLimit-Reset"]
        assert 1 <= int(response.headers["Retry-After"]) <= WINDOW_SECONDS
        return -1
    found(response)
    return int(response.headers["RateLimit-Remaining"])


def test_the_limits_are_a_hundred_and_twenty_and_six_hundred(
    api: APIClient, admin_api: APIClient
) -> None:
    for client, limit in ((api, "120"), (admin_api, "600")):
        response = client.get(LIST, REMOTE_ADDR=ADDRESS)
        assert response.headers["RateLimit-Limit"] == limit
        assert response.headers["RateLimit-Policy"] == f'"minute";q={limit};w=60'
        left = response.headers["RateLimit-Remaining"]
        assert re.fullmatch(rf'"minute";r={left};t=\d+', response.headers["RateLimit"])


def test_a_hundred_and_twenty_requests_and_no_more(api: APIClient) -> None:
    assert [left(api) for _number in range(121)] == [*range(119, -1, -1), -1]


@pytest.mark.usefixtures("limited")
def test_each_address_is_counted_by_itself(api: APIClient) -> None:
    assert [left(api) for _number in range(4)] == [2, 1, 0, -1]
    assert left(api, "203.0.113.8") == 2


@pytest.mark.usefixtures("limited")
def test_an_account_is_counted_by_itself_wherever_it_asks_from(
    api: APIClient, superuser: User
) -> None:
    assert [left(api) for _number in range(4)] == [2, 1, 0, -1]
    api.force_login(superuser)
    assert [left(api) for _number in range(3)] == [4, 3, 2]
    assert [left(api, "203.0.113.8") for _number in range(3)] == [1, 0, -1]
    api.force_login(UserFactory.create())
    assert left(api) == 4


@pytest.mark.usefixtures("limited")
def test_each_token_is_counted_by_itself(api: APIClient, superuser: User) -> None:
    secrets = [ApiToken.issue(superuser, f"no. {n}", scope="read", days=30)[1] for n in range(2)]
    for secret in secrets:
        assert [left(api, authorization=f"Bearer {secret}") for _number in range(2)] == [4, 3]
    api.force_login(superuser)
    assert left(api) == 4


@pytest.mark.usefixtures("limited")
def test_a_socket_file_is_counted_by_its_name(api: APIClient) -> None:
    assert [left(api, "unix:") for _number in range(2)] == [2, 1]
    assert "RateLimit-Limit" not in api.get(LIST, REMOTE_ADDR="").headers


@pytest.mark.usefixtures("limited")
def test_a_wrong_credential_is_counted_by_its_address(api: APIClient) -> None:
    for number in range(3):
        response = api.get(
            LIST, headers={"authorization": f"Bearer pl_{number}"}, REMOTE_ADDR=ADDRESS
        )
        assert response.status_code == 401
    assert left(api) == -1
    response = api.get(LIST, headers={"authorization": "Bearer pl_x"}, REMOTE_ADDR=ADDRESS)
    assert response.status_code == 429


@pytest.mark.usefixtures("limited")
def test_every_answer_of_the_api_counts_the_refused_ones_too(api: APIClient) -> None:
    for address in (f"{LIST}?x=1", f"{API}/nowhere", API):
        assert "RateLimit-Remaining" in api.get(address, REMOTE_ADDR=ADDRESS).headers
    assert left(api) == -1
    assert api.get(f"{API}/docs", REMOTE_ADDR=ADDRESS).status_code == 429
    assert api.get("/admin/login/", REMOTE_ADDR=ADDRESS).status_code == 429
    for address in ("/healthz", "/readyz"):
        assert api.get(address, REMOTE_ADDR=ADDRESS).status_code == 200


@pytest.mark.usefixtures("limited")
def test_this_machine_itself_is_not_counted(api: APIClient) -> None:
    for address in ("127.0.0.1", "::1", "::ffff:127.0.0.1"):
        response = api.get(LIST, REMOTE_ADDR=address)
        assert "RateLimit-Limit" not in response.headers


@pytest.mark.usefixtures("limited")
def test_a_network_of_ipv6_is_one_client(api: APIClient) -> None:
    hosts = (":", ":1", "8000::", "ffff:ffff:ffff:ffff")
    assert [left(api, f"2001:db8:0:1:{host}") for host in hosts] == [2, 1, 0, -1]
    assert left(api, "2001:db8:0:0:ffff::") == left(api, "2001:db8:0:2::") == 2


def test_the_limits_can_be_lifted(api: APIClient, settings: Any) -> None:
    settings.RATE_LIMIT_ANONYMOUS = 0
    response = api.get(LIST, REMOTE_ADDR=ADDRESS)
    assert "RateLimit-Limit" not in response.headers


@pytest.mark.usefixtures("limited")
def test_behind_a_proxy_only_what_it_adds_is_believed(api: APIClient, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1
    forged = [f"198.51.100.{number}, 203.0.113.7" for number in range(4)]
    assert [left(api, "10.0.0.1", x_forwarded_for=line) for line in forged] == [2, 1, 0, -1]
    assert left(api, "10.0.0.1", x_forwarded_for="203.0.113.8") == 2


@together(
    ("proxies", "line", "address"),
    [
        (0, "198.51.100.1", "10.0.0.1"),
        (1, "", "10.0.0.1"),
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "198.51.100.1, 2001:DB8::1", "2001:db8::1"),
        (2, "198.51.100.1, 198.51.100.2, 10.0.0.2", "198.51.100.2"),
        (2, "198.51.100.1", "10.0.0.1"),
        (1, "198.51.100.1, unknown", "10.0.0.1"),
    ],
)
def test_whose_address_it_is(settings: Any, proxies: int, line: str, address: str) -> None:
    settings.TRUSTED_PROXIES = proxies
    headers = {"x-forwarded-for": line} if line else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="10.0.0.1")
    assert client_address(request) == address


@pytest.mark.long("starts a server of its own")
def test_all_processes_of_a_server_count_together(tmp_path: Path) -> None:
    variables = environment(
        tmp_path, WEB_CONCURRENCY="3", TRUSTED_PROXIES="1", RATE_LIMIT_ANONYMOUS="10"
    )
    with serving(variables) as server:
        with ThreadPoolExecutor(6) as pool:
            asked = [
                pool.submit(server.ask, f"{API}/nowhere", X_Forwarded_For=ADDRESS)
                for _number in range(25)
            ]
        statuses = sorted(answer.result().status for answer in asked)
        assert statuses == [404] * 10 + [429] * 15


# --- The counts -------------------------------------------------------------------------------


def test_a_window_is_a_minute_from_the_first_time() -> None:
    counters = SharedCounters(16)
    assert counters.add("a", now=100.0).number == 1
    assert counters.add("a", now=159.5) == Count(number=2, seconds_left=1)
    assert counters.add("a", now=160.0).number == 1
    assert counters.add("a", now=160.0).seconds_left == WINDOW_SECONDS


def test_machines_count_together_in_a_shared_cache(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = "django.core.cache.backends.locmem.LocMemCache"
    settings.CACHES = {"default": {"BACKEND": memory, "LOCATION": "counts"}}
    moments = iter([59.0, 59.5, 60.0, 60.5, 61.0])
    monkeypatch.setattr(
        "api.load.timezone", SimpleNamespace(now=lambda: datetime.fromtimestamp(next(moments), UTC))
    )
    one, other = CacheCounters(), CacheCounters()
    assert one.add("a") == Count(number=1, seconds_left=1)
    assert other.add("a") == Count(number=2, seconds_left=1)
    assert one.add("a") == Count(number=1, seconds_left=60)  # of the next minute
    monkeypatch.setattr("api.load.cache", None)
    assert [other.add("a").number, other.add("a").number] == [1, 2]  # for itself, in memory


def test_what_does_not_fit_is_forgotten_and_never_confused() -> None:
    counters = SharedCounters(4)
    for number in range(100):
        counters.add(f"key {number}", now=float(number) / 10)
    assert counters.add("key 99", now=10.0).number == 2


def test_of_too_many_keys_the_one_that_ends_first_is_forgotten() -> None:
    counters = SharedCounters(1)  # all keys have the same eight places
    for number in range(8):
        assert counters.add(f"key {number}", now=100.0 + number).number == 1
    for number in (7, 0, 4):
        assert counters.add(f"key {number}", now=108.0).number == 2
    assert counters.add("key 8", now=109.0).number == 1
    assert [counters.add(f"key {number}", now=110.0).number for number in (8, 7, 1)] == [2, 3, 2]
    # The first key has no place any more, and takes that of the second
    assert [counters.add(f"key {number}", now=111.0).number for number in (0, 2)] == [1, 2]
    assert counters.add("key 1", now=112.0).number == 1


def test_processes_and_threads_lose_no_count() -> None:
    counters = SharedCounters()

    def count() -> None:
        for _number in range(500):
            counters.add("a")

    children = []
    for _process in range(3):
        child = os.fork()
        if child == 0:
            count()
            os._exit(0)
        children.append(child)
    threads = [threading.Thread(target=count) for _thread in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for child in children:
        os.waitpid(child, 0)
    assert counters.add("a").number == 3001
