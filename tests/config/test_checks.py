"""System checks: each finds its fault, and is silent on a sound installation."""

import re
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import OperationalError, connection

from config import checks
from tests.paths import ROOT
from tests.together import together

SOUND_KEY = "wq0-Zs3hV7yBf2Lk9TnXc4RmDp6GjUa1EoQi8HsMbYt5KxWdNv"


def ids(found: Iterable[Any]) -> list[str]:
    messages = [*found]
    assert all(message.hint for message in messages)
    return [message.id for message in messages]


def test_a_number_of_a_check_is_given_in_one_module() -> None:
    places: dict[str, set[Path]] = {}
    for room in ("config", "sheets", "api", "parks", "projects", "pages"):
        for path in (ROOT / room).rglob("*.py"):
            for number in re.findall(r'id="(ledger\.\w+)"', path.read_text(encoding="utf-8")):
                places.setdefault(number, set()).add(path)
    assert len(places) > 40
    assert {number: found for number, found in places.items() if len(found) > 1} == {}


@pytest.mark.parametrize(
    ("debug", "hosts"), [(False, ["ledger.example.org"]), (True, ["localhost", "127.0.0.1"])]
)
def test_debug_pages_for_this_machine_alone_are_fine(
    settings: Any, debug: bool, hosts: list[str]
) -> None:
    settings.DEBUG = debug
    settings.ALLOWED_HOSTS = hosts
    assert ids(checks.check_debug(None)) == []


@together(
    ("header", "proxies", "found"),
    [
        (("HTTP_X_FORWARDED_PROTO", "https"), 0, ["ledger.W006"]),
        (("HTTP_X_FORWARDED_PROTO", "https"), 1, []),
        (None, 0, []),
    ],
)
def test_a_proxy_that_hides_the_clients_is_named(
    settings: Any, header: tuple[str, str] | None, proxies: int, found: list[str]
) -> None:
    settings.SECURE_PROXY_SSL_HEADER = header
    settings.TRUSTED_PROXIES = proxies
    assert ids(checks.check_proxies(None)) == found


def test_a_database_that_does_not_answer_is_an_error_and_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cursor() -> None:
        raise OperationalError("connection refused\n")

    monkeypatch.setattr(connection, "cursor", cursor)
    found = [*checks.check_databases(None, ["default"])]
    assert ids(found) == ["ledger.E003"]
    assert found[0].msg.endswith("connection refused")


def test_of_a_server_that_is_away_more_is_said_than_how_long_was_waited(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def cursor() -> None:
        raise OperationalError("couldn't get a connection after 2.00 sec")

    monkeypatch.setattr(connection, "cursor", cursor)
    monkeypatch.setattr(connection, "vendor", "postgresql")
    where = {"host": "127.0.0.1", "port": 1}
    monkeypatch.setattr(connection, "get_connection_params", lambda: where)
    (found,) = checks.check_databases(None, ["default"])
    assert "Connection refused" in found.msg
    assert "\n" not in found.msg


@together(
    ("vendor", "answer", "found"),
    [
        ("postgresql", "SQL_ASCII", ["ledger.E004"]),
        ("postgresql", "UTF8", []),
        ("sqlite", "delete", ["ledger.W005"]),
        ("sqlite", "wal", []),
    ],
)
def test_a_database_that_would_lose_text_or_make_readers_wait_is_named(
    monkeypatch: pytest.MonkeyPatch, vendor: str, answer: str, found: list[str]
) -> None:
    monkeypatch.setattr(checks, "read_value", lambda *_: answer)
    database: Any = SimpleNamespace(vendor=vendor)
    assert ids(checks._check_database(database)) == found
