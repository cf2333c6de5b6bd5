"""Hostile headers: each is ignored, understood or refused, never a 500.

In a long run they are sent to a real server, too.
"""

import socket
from collections.abc import Iterator
from typing import Any

import pytest

from tests.answers import API
from tests.contract.servers import Server, address_of_database, environment, serving
from tests.contract.test_hostile_values import every_address, hostile  # noqa: F401 fixtures
from tests.hostile import CalmClient
from tests.samples import sample
from tests.together import together

pytestmark = pytest.mark.django_db  # for the tables, which are copied

NAMES = [
    *("Accept", "Accept-Language", "Accept-Encoding", "Accept-Charset", "Authorization", "Cookie"),
    *("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range", "Range"),
    *("Content-Type", "Content-Length", "Content-Encoding", "Transfer-Encoding", "Expect", "TE"),
    *(
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "X-Forwarded-Host",
        "X-Forwarded-Prefix",
        "Forwarded",
    ),
    *("X-Forwarded-Ssl", "X-Forwarded-Protocol", "X-Real-Ip", "X-Request-Id", "X-CSRFToken"),
    *("Host", "Origin", "Referer", "User-Agent", "Connection", "Upgrade", "Change-Reason"),
    *("SCRIPT_NAME", "PATH_INFO", "REMOTE_USER", "REMOTE_ADDR", "X-HTTP-Method-Override", "Prefer"),
    *("Sec-Fetch-Site", "Idempotency-Key", "Accept-Datetime", "Via", "Max-Forwards", "Date"),
]
DIGITS = b"9" * 5_000
VALUES = [
    *(b"", b" ", b"-1", b"0", b"1e400", b"NaN", b"inf", b"9" * 40, DIGITS, b"0" * 5_000 + b"1"),
    *(b"\x00", b"a\x00b", b"\x7f", b"\xff\xfe", b"\xed\xa0\x80", b"\xb1\xa6", "中".encode(), b"\t"),
    *("🏗️".encode(), "\u202eabc".encode(), "１２".encode(), "١٢".encode(), b"%00", b"%ED%A0%80"),
    *(b"%s", b"%(x)s", b"{0}", b"[]", b"{}", b'"', b"'", b'"a', b'W/"', b'"' + DIGITS + b'"', b"*"),
    *(
        b"../",
        b"http://[",
        b"[::1",
        b"a:b:c",
        b"a:99999",
        b"-",
        b";",
        b",,,",
        b"=",
        b"a=b; c",
        b"/",
    ),
    *(
        b"bytes=0-",
        b"bytes=-" + DIGITS,
        b"bytes=5-1",
        b"bytes=a-b",
        b"bytes=0-0," * 500,
        b"lines=1",
    ),
    *(b"Bearer", b"Bearer \xff", b"Bearer pl_", b"Basic \xff", b"Basic ====", b"Token a b c"),
    *(
        b"sessionid=\xff",
        b"sessionid=" + b"a" * 5_000,
        b"csrftoken=%00; sessionid=[]",
        b"messages=a",
    ),
    *(b"text/html;q=" + DIGITS, b"*/*;q=nan", b"a/b;c", b"zh;q=1e400", b"zh-" * 1_000, b"gzip;q=x"),
    *(
        b"application/json; charset=\xff",
        b"application/json; charset=nothing",
        b"multipart/form-data",
    ),
    *(
        b"multipart/form-data; boundary=",
        b"multipart/form-data; boundary=\xff",
        b"chunked, chunked",
    ),
    *(b"0000-00-00", b"Mon, 32 Foo 99999 25:61:61 GMT", b"Thu, 01 Jan 0001 00:00:00 GMT", b"https"),
]
TARGETS = [
    *(("GET", f"{API}/projects"), ("GET", f"{API}/projects/fab"), ("GET", f"{API}/projects.csv")),
    *(("PATCH", f"{API}/projects/fab"), ("POST", f"{API}/sources"), ("POST", f"{API}/imports")),
    *(("GET", f"{API}/changes"), ("GET", "/"), ("GET", "/projects/fab"), ("GET", "/admin/")),
    *(("POST", "/sign-in"), ("GET", "/healthz"), ("GET", "/static/admin/css/base.css")),
]


@pytest.fixture(scope="module")
def server(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server that believes one proxy, as deployed ones do."""
    folder = tmp_path_factory.mktemp("headers")
    variables = environment(
        folder,
        **{"TRUSTED_PROXIES": "1", "RATE_LIMIT_ANONYMOUS": "0", "RATE_LIMIT_ACCOUNT": "0"},
        DATABASE_STATEMENT_TIMEOUT="60",  # a busy machine is not what is tested
    )
    with django_db_blocker.unblock():
        variables["DATABASE_URL"] = address_of_database(folder)
    with serving(variables) as running:
        yield running


def ask(server: Server, method: str, target: str, name: str, value: bytes) -> bytes:
    """The status line of the answer; nothing where the connection was closed without one."""
    head = f"{method} {target} HTTP/1.1\r\nConnection: close\r\n"
    sent = {"Host": "127.0.0.1", "Accept": "*/*", "If-Match": "*"}
    if method != "GET":
        sent |= {"Content-Type": "application/json", "Content-Length": "2"}
    sent.pop(name, None)
    lines = "".join(f"{each}: {text}\r\n" for each, text in sent.items())
    with socket.create_connection(("127.0.0.1", server.port), timeout=10) as connection:
        named = name.encode() + b": " + value + b"\r\n"
        body = b"{}" if method != "GET" else b""
        connection.sendall((head + lines).encode() + named + b"\r\n" + body)
        connection.shutdown(socket.SHUT_WR)  # a length that is not kept ends here
        return connection.recv(16)


CASES = [
    (place, name, value) for place, name in enumerate(NAMES) for value in sample(VALUES, 18, place)
]


@pytest.mark.usefixtures("every_address")
@together(("method", "target"), TARGETS)
def test_no_header_breaks_the_site(hostile: CalmClient, method: str, target: str) -> None:  # noqa: F811
    for _place, name, value in CASES[TARGETS.index((method, target)) :: len(TARGETS)]:
        if b"\x00" not in value:  # which no server passes on
            key = name.upper().replace("-", "_")
            is_own = key in ("CONTENT_TYPE", "CONTENT_LENGTH")
            header = {key if is_own else f"HTTP_{key}": value.decode("latin-1")}
            data = {"data": "{}", "content_type": "application/json"} if method != "GET" else {}
            hostile.generic(method, target, **data, **header)


@pytest.mark.long("starts a server of its own")
@together(("method", "target"), TARGETS)
def test_no_header_breaks_the_server(server: Server, method: str, target: str) -> None:
    turn = TARGETS.index((method, target))
    broken = []
    for _place, name, value in sample(CASES, 4, turn):
        status = ask(server, method, target, name, value)
        is_unknown_coding = name == "Transfer-Encoding" and status.startswith(b"HTTP/1.1 501")
        if status.startswith(b"HTTP/1.1 5") and not is_unknown_coding:
            broken.append((status, name, value[:80]))
    assert not broken, server.log.read_text()[-3000:]
