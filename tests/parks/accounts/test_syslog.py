"""Sign-ins and exports as a receiver of syslog gets them at the SYSLOG_ADDRESS of the docs."""

import logging
import re
import socket
from logging.config import dictConfig
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.contrib.auth.models import User

from config.logs import build_syslog
from tests.answers import API
from tests.contract.servers import address_of_database, environment, serving
from tests.factories import PASSWORD


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_syslog_gets_sign_ins_and_exports(tmp_path: Path) -> None:
    User.objects.create(
        username="wang",
        is_superuser=True,
        password=PBKDF2PasswordHasher().encode(PASSWORD, "salt" * 6),  # as the server hashes
    )
    address = str(tmp_path / "log")  # a socket like that of the system
    given = {"DATABASE_URL": address_of_database(tmp_path), "SYSLOG_ADDRESS": address}
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.bind(address)
        receiver.settimeout(30)
        with serving(environment(tmp_path, **given)) as server:
            form = urlencode({"username": "wang", "password": PASSWORD, "code": ""}).encode()
            kind = "application/x-www-form-urlencoded"
            signed_in = server.ask("/sign-in", "POST", form, Content_Type=kind)
            session = signed_in.headers["set-cookie"].split(";")[0]
            server.ask(f"{API}/parks.csv", Cookie=session)
            server.ask(f"{API}/projects.xlsx")
            received = [receiver.recv(2048).decode().rstrip(" \0") for _each in range(3)]
    here = "from 127.0.0.1"
    assert received == [  # <86>: authpriv, informational
        f"<86>park-ledger: signed-in: account 1 {here}",
        f"<86>park-ledger: exported: account 1 {here} {API}/parks.csv (0)",
        f"<86>park-ledger: exported: account - {here} {API}/projects.xlsx (0)",
    ]


def test_syslog_is_sent_to_a_host_and_port_by_udp() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        receiver.settimeout(30)
        host, port = receiver.getsockname()
        handler: dict[str, Any] = build_syslog(f"{host}:{port}") | {"formatter": "plain"}
        sent = {"handlers": {"syslog": handler}, "formatters": {"plain": {}}}
        of_test = {"tests.syslog": {"handlers": ["syslog"], "level": "INFO", "propagate": False}}
        dictConfig({"version": 1, "disable_existing_loggers": False, "loggers": of_test, **sent})
        logger = logging.getLogger("tests.syslog")
        logger.info("signed-in")
        assert receiver.recv(2048).rstrip(b"\0") == b"<86>signed-in"
        logger.handlers[0].close()


@pytest.mark.parametrize("address", ["10.0.0.9", "log.example.org", "10.0.0.9:syslog", ":514"])
def test_an_address_that_would_lose_the_log_stops_the_server(address: str) -> None:
    with pytest.raises(SystemExit, match=re.escape(f"SYSLOG_ADDRESS is {address}: set /dev/log")):
        build_syslog(address)
