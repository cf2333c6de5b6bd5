"""What many tests start from: people, clients, and a small vocabulary with all its traps."""

import gc
import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.http import HttpRequest, HttpResponseBase
from django.template import Template
from django.test import Client, TestCase, TransactionTestCase, override_settings
from django.test.client import ClientHandler
from django.utils import timezone
from rest_framework.test import APIClient

from parks.models import (
    Indicator,
    Region,
    RegionGroup,
    RegionGroupMember,
    RegionName,
    Sector,
    SectorGroup,
    SectorGroupMember,
)
from parks.recording.recording import OF_TERMS, leave_marks, recorded
from tests.answers import CarefulClient
from tests.browsers import browser  # noqa: F401 pytest finds it here
from tests.factories import IndicatorFactory, UserFactory
from tests.factory_values import first_day
from tests.paths import FIXTURES, TESTS
from tests.processor import (  # noqa: F401 pytest finds them here
    pytest_runtest_logreport,
    pytest_runtest_makereport,
    pytest_runtest_setup,
    pytest_terminal_summary,
)
from tests.samples import IS_LONG, LEFT_OUT
from tests.seeded import (
    copy_template,
    forget_statistics,
    kept_rows,
    loaded_fixtures,
    name_database,
    own_database,
    put_together,
    save_database,
    undo_unasked,
)
from tests.templates import BARE
from tests.together import forget_requests

# Tests make and drop rows by the thousand: to look for circles so often takes a sixth of the time.
gc.set_threshold(100_000, 50, 100)


# The mark of tests that are not about the database of this run; whether any was named
ELSEWHERE = f"only_{'sqlite' if connection.vendor == 'postgresql' else 'postgresql'}"
IS_ELSEWHERE = pytest.StashKey[bool]()
# What `make test` asks pytest for on PostgreSQL, and the files that have such tests
ON_POSTGRESQL = "both_databases or only_postgresql"
_ON_POSTGRESQL = re.compile(r"\bmark\.(?:both_databases|only_postgresql)\b")
TOGETHER = {TESTS / "projects/oracle"}
_LEFT_OUT = re.compile(rf"^pytestmark = .*\bmark\.(?:{'|'.join(LEFT_OUT)})\b", re.MULTILINE)
# One of each kind, and whatever is easily taken for another.
REGIONS = {
    *("110000", "110105", "110108"),  # a municipality; its Chaoyang is not Changchun's
    *("120000", "120105", "120115"),  # Hebei is a province, and a district of Tianjin
    *("130000", "130600", "130629", "131000"),
    *("220000", "220100", "220104", "220200", "220202"),  # Jilin is a province and a city
    *("310000", "310115"),
    *("320000", "320500", "320505", "340000", "341300", "341302"),  # two cities written Suzhou
    *("330000", "330100", "330106", "330300", "330302"),
    *("420000", "420100", "429004"),  # a county with no city above it
    *("440000", "440100", "440300", "440305", "440500"),  # Shantou: not in the Pearl River Delta
    *("710000", "810000"),  # provinces by their codes, never countries
    *("DE", "US"),
}
REGION_GROUPS = ("jjj", "yrd", "prd", "gba", "beijing-six", "xiongan")
SECTORS = {
    *("C", "C27", "C271", "C2710", "C34", "C341", "C3411", "C3415", "C35", "C351"),
    *("C39", "C397", "C3972", "C3973"),
    *("I", "I65", "I651", "I6513", "I652", "I6520"),
    *("M", "M73", "M732", "M7320"),
}
SECTOR_GROUPS = ("ic", "zgc-equipment")


# In memory: each test begins with nothing kept
settings.CACHES["sums"] = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}


def read_fixture(name: str) -> list[dict[str, Any]]:
    """The rows of a file in `fixtures/`."""
    return [dict(row) for row in _rows_of_file(name)]


@cache
def _rows_of_file(name: str) -> list[dict[str, Any]]:
    lines = (FIXTURES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def chosen_rows(name: str, codes: Collection[str]) -> list[dict[str, Any]]:
    """The rows of a file in `fixtures/` that have these codes: new copies of them."""
    return [dict(row) for row in _rows_of_file(name) if row["code"] in codes]


def make_regions() -> None:
    """The regions of `REGIONS` and their names, as `fixtures/` has them."""
    rows = chosen_rows("regions", REGIONS)
    for row in rows:
        row["parent_id"] = row.pop("parent", None)
        row["valid_from"] = first_day(row.get("valid_from"))
        row["valid_to"] = first_day(row.get("valid_to"))
    RegionName.rebuild(Region.objects.bulk_create([Region(**row) for row in rows]))


def make_region_groups() -> None:
    """The groups of `REGION_GROUPS` with those members that are in `REGIONS`.

    The group `left-and-joined` has a member of the past, one of today and one of the future.
    """
    rows = chosen_rows("region_groups", REGION_GROUPS)
    members: list[dict[str, Any]] = [
        {"group_id": row["code"], **member} for row in rows for member in row.pop("members")
    ]
    code = "left-and-joined"
    rows.append({"code": code, "name_zh": "有进有出", "name_en": "Left and joined"})
    members += [
        {"group_id": code, "region": "320500", "valid_to": "2020-12-31"},
        {"group_id": code, "region": "330100"},
        {"group_id": code, "region": "440300", "valid_from": "2100-01-01"},
    ]
    RegionGroup.objects.bulk_create([RegionGroup(**row) for row in rows])
    RegionGroupMember.objects.bulk_create(
        RegionGroupMember(
            group_id=member["group_id"],
            region_id=member["region"],
            valid_from=first_day(member.get("valid_from")),
            valid_to=first_day(member.get("valid_to")),
        )
        for member in members
        if member["region"] in REGIONS
    )


def make_sectors() -> None:
    """The sectors of `SECTORS`, and the groups of `SECTOR_GROUPS` with those members."""
    rows = chosen_rows("sectors", SECTORS)
    for row in rows:
        row["parent_id"] = row.pop("parent", None)
    Sector.objects.bulk_create([Sector(**row) for row in rows])
    groups = chosen_rows("sector_groups", SECTOR_GROUPS)
    members = [(row["code"], member) for row in groups for member in row.pop("members")]
    SectorGroup.objects.bulk_create([SectorGroup(**row) for row in groups])
    SectorGroupMember.objects.bulk_create(
        SectorGroupMember(
            group_id=code, sector_id=member["sector"], excluded=member.get("excluded", False)
        )
        for code, member in members
        if member["sector"] in SECTORS
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    told = "run one of so many parts of all files: 2/3"
    parser.addoption("--share", type=parse_share, default=(1, 1), help=told)


def parse_share(text: str) -> tuple[int, int]:
    number, parts = map(int, text.split("/"))
    return number, parts


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Import only files of this part of which something would run, and what is named.

    Faults take long and need root: they run only if they are named.
    """
    if collection_path.is_relative_to(TESTS / "faults"):
        return None if any("faults" in argument for argument in config.args) else True
    is_test = collection_path.name.startswith("test_") and collection_path.suffix == ".py"
    if not is_test or is_named(collection_path, config):
        return None
    return collection_path not in find_chosen(config.option.markexpr, *config.option.share) or None


@cache
def find_chosen(marks: str, number: int, parts: int) -> set[Path]:
    """Find the files of a part of which something would run: to import all takes seconds."""
    chosen = {*TESTS.rglob("test_*.py")} - {*(TESTS / "faults").rglob("*")}
    texts = {path: path.read_text(encoding="utf-8") for path in chosen}
    if not IS_LONG:
        chosen = {path for path in chosen if not _LEFT_OUT.search(texts[path])}
    if marks == ON_POSTGRESQL:
        chosen = {path for path in chosen if _ON_POSTGRESQL.search(texts[path])}
    return share_out(chosen, parts)[number - 1]


def share_out(files: Iterable[Path], parts: int) -> list[set[Path]]:
    """Assign files to parts, the largest first, each to the part with the fewest bytes so far.

    Size predicts cost: the parts take equal time within two percent. Files of a folder in TOGETHER
    share rows and stay in one part.
    """
    lots: dict[Path, set[Path]] = {}
    for file in files:
        lots.setdefault(file.parent if file.parent in TOGETHER else file, set()).add(file)
    sizes = {lot: sum(file.stat().st_size for file in of_lot) for lot, of_lot in lots.items()}
    shares: list[set[Path]] = [set() for _part in range(parts)]
    taken = [0] * parts
    for lot in sorted(lots, key=lambda lot: (-sizes[lot], lot)):
        least = taken.index(min(taken))
        shares[least] |= lots[lot]
        taken[least] += sizes[lot]
    return shares


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is about another database, and what is left to longer runs if not named."""
    chosen = [item for item in items if item.get_closest_marker(ELSEWHERE) is None]
    config.stash[IS_ELSEWHERE] = len(chosen) < len(items)
    chosen = [
        item
        for item in chosen
        if not any(map(item.get_closest_marker, LEFT_OUT)) or is_named(item.path, config)
    ]
    config.hook.pytest_deselected(items=list({*items} - {*chosen}))
    items[:] = put_together(chosen)


def is_named(path: Path, config: pytest.Config) -> bool:
    """Whether the command names a file of tests."""
    return path in {Path(argument.partition("::")[0]).resolve() for argument in config.args}


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Let a run pass for which nothing was left, if what was named is about another database."""
    is_elsewhere = session.config.stash.get(IS_ELSEWHERE, False)
    if exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and is_elsewhere:
        session.exitstatus = pytest.ExitCode.OK


def call_in_one_chunk(function: Callable[..., Any], *arguments: Any) -> Any:
    """Call it with room for all that it calls.

    CPython keeps frames in chunks of 16 KiB. Where one ends in the midst of a loop, each call maps
    and frees a page, which took half of the time that tests spent in the kernel. A frame that
    claims a large stack gets a chunk of that size, in which those of its callees lie as well.
    """
    return function(*arguments)


call_in_one_chunk.__code__ = call_in_one_chunk.__code__.replace(co_stacksize=250_000)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> bool:
    """Run a test as pytest itself does, but in one chunk."""
    told = {"nodeid": item.nodeid, "location": item.location}
    item.ihook.pytest_runtest_logstart(**told)
    call_in_one_chunk(runtestprotocol, item, True, nextitem)
    undo_unasked(nextitem)
    if nextitem is None or nextitem.path != item.path:
        forget_statistics()
    item.ihook.pytest_runtest_logfinish(**told)
    return True


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """The database of the tests, a copy of one that was made before, in place of migrating."""
    with django_db_blocker.unblock(), own_database():
        yield


@pytest.fixture(scope="session", autouse=True)
def settings_of_tests() -> Iterator[None]:
    """What all tests are spared, or have more of than a ledger that is served."""
    with override_settings(
        WHITENOISE_AUTOREFRESH=True,  # each client would look at every static file first
        DATABASE_STATEMENT_TIMEOUT=60,  # how long a request takes here says more of the machine
        # Making a person must not cost what a thief is to pay for guessing: a sixth of a second
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def no_spying_on_templates() -> Iterator[None]:
    """Django's tests note each template that is rendered: a quarter of the time of a form."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", lambda self, context: self.nodelist.render(context))
        yield


@pytest.fixture(scope="session", autouse=True)
def no_checking_of_links() -> Iterator[None]:
    """Check foreign keys on SQLite in long runs only: it scans all tables, three ms a test.

    PostgreSQL checks the deferred rows only, so it always does.
    """
    with pytest.MonkeyPatch.context() as patch:
        if connection.vendor == "sqlite" and not IS_LONG:
            patch.setattr(TestCase, "_should_check_constraints", lambda self, database: False)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_emptying_of_tables() -> Iterator[None]:
    """Django empties each table after a test that commits; to copy the database takes less."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: copy_template(BARE))
        yield


@pytest.fixture(autouse=True)
def nothing_of_another_test() -> None:
    """Begin in the language of the site, with no answer kept."""
    forget_requests()


def make_vocabularies() -> None:
    """Regions, sectors, their groups, and all indicators: the real rows, a small choice of them."""
    with recorded():
        make_regions()
        make_region_groups()
        make_sectors()
        Indicator.objects.bulk_create(Indicator(**row) for row in read_fixture("indicators"))
        leave_marks([OF_TERMS])  # by which what is kept of them is told from none


@kept_rows
def vocabularies() -> None:
    """What `make_vocabularies` makes."""
    make_vocabularies()


@pytest.fixture(scope="module")
def shipped(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Load `fixtures/` for the tests of a file; each undoes what it does."""
    with loaded_fixtures(django_db_blocker):
        yield


@pytest.fixture
def database_in_a_file(transactional_db: None, tmp_path: Path) -> Iterator[None]:
    """SQLite as it is deployed: in memory, where tests have it, nobody waits for another's lock."""
    if connection.vendor != "sqlite":
        yield
        return
    path = tmp_path / "ledger.sqlite3"
    save_database(path)
    name, in_memory = connection.settings_dict["NAME"], connection.connection
    connection.connection = None
    name_database(str(path))
    try:
        yield
    finally:
        connection.close()
        name_database(name)
        connection.connection = in_memory


@kept_rows
def investment_indicator() -> Indicator:
    """The indicator under which investments are claimed."""
    return IndicatorFactory.create()


@pytest.fixture(scope="session", autouse=True)
def every_error_is_a_problem() -> Iterator[None]:
    """Whatever a test asks of the API: an error is a problem document, and names its request."""
    answer = ClientHandler.get_response

    def checked_answer(handler: ClientHandler, request: HttpRequest) -> HttpResponseBase:
        response = answer(handler, request)
        if response.status_code >= 400 and request.path.startswith("/api/"):
            assert response.headers["Content-Type"] == "application/problem+json"
            document = json.loads(response.getvalue())
            assert document["status"] == response.status_code
            assert document["request_id"] == response.headers["X-Request-Id"] != ""
        return response

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ClientHandler, "get_response", checked_answer)
        yield


@pytest.fixture(scope="module")
def mid_june() -> Iterator[None]:
    """Today is Monday, 15 June 2026, for rows that stand for several tests as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(timezone, "localdate", lambda *args: date(2026, 6, 15))
        yield


@pytest.fixture
def api() -> APIClient:
    """A client that nobody has signed in with."""
    return APIClient()


@kept_rows
def superuser() -> User:
    """A person who may do everything."""
    return UserFactory.create(superuser=True)


@kept_rows
def session_of_superuser(superuser: User) -> str:
    """The key of that person's session."""
    client = Client()
    client.force_login(superuser)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def admin_api(db: None, session_of_superuser: str) -> CarefulClient:
    """A client with a superuser's session."""
    client = CarefulClient()
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of_superuser
    return client


@pytest.fixture
def desk(db: None, session_of_superuser: str) -> Client:
    """A browser at the desk of a superuser, for the admin."""
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session_of_superuser
    return client
