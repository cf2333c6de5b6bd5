"""Sign-ins and exports as a receiver of syslog gets them at the SYSLOG_ADDRESS of the docs."""

import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from config.logs import build_syslog
from tests.answers import API
from tests.contract.servers import environment, run, serving
from tests.factories import PASSWORD
from tests.templates import BARE, make_file


@pytest.fixture(scope="module")
def variables(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A ledger with one account."""
    folder = tmp_path_factory.mktemp("syslog")
    shutil.copy(make_file(BARE), folder / "ledger.sqlite3")
    given = environment(folder, DJANGO_SUPERUSER_PASSWORD=PASSWORD)
    run(["manage.py", "createsuperuser", "--no-input", "--username=wang", "--email="], given)
    return given


@pytest.fixture(params=["UDP", "/dev/log"])
def receiver(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[socket.socket]:
    """A receiver by UDP, or at a socket like that of the system."""
    is_udp = request.param == "UDP"
    family = socket.AF_INET if is_udp else socket.AF_UNIX
    with socket.socket(family, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0) if is_udp else str(tmp_path / "log"))
        bound.settimeout(30)
        yield bound


def test_syslog_gets_sign_ins_and_exports(
    variables: dict[str, str], receiver: socket.socket
) -> None:
    name = receiver.getsockname()
    address = name if isinstance(name, str) else f"{name[0]}:{name[1]}"
    with serving(variables | {"SYSLOG_ADDRESS": address}) as server:
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


@pytest.mark.parametrize("address", ["10.0.0.9", "log.example.org", "10.0.0.9:syslog", ":514"])
def test_an_address_that_would_lose_the_log_stops_the_server(address: str) -> None:
    with pytest.raises(SystemExit, match=re.escape(f"SYSLOG_ADDRESS is {address}: set /dev/log")):
        build_syslog(address)
