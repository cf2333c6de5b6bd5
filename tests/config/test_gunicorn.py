"""The server as `make run` starts it: what its own layer adds to Django's."""

import json
import re
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.contract.servers import Server, environment, serving


def find_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def metrics_port() -> int:
    return find_port()


@pytest.fixture(scope="module")
def server(metrics_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A running server, which needs no database for what is asked here."""
    folder = tmp_path_factory.mktemp("gunicorn")
    given = {"METRICS_ADDRESS": f"127.0.0.1:{metrics_port}", "TRUSTED_PROXIES": "1"}
    with serving(environment(folder, **given)) as running:
        yield running


@pytest.fixture
def log(server: Server) -> Path:
    return server.log


@pytest.fixture
def port(server: Server) -> int:
    return server.port


def ask(
    port: int, target: str, method: str = "GET", body: str = "", **headers: str
) -> tuple[str, dict[str, str], str]:
    """Status line, headers (lower case) and body; `target` is sent byte for byte as it is."""
    sent = {"Host": "127.0.0.1", "Connection": "close", **headers}
    if body:
        sent |= {"Content-Type": "application/json", "Content-Length": str(len(body.encode()))}
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in sent.items())
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(f"{method} {target} HTTP/1.1\r\n{lines}\r\n{body}".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    head, body = answer.split("\r\n\r\n", 1)
    status, *lines = head.split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in lines)
    return status, headers, body


def line_of(log: Path, request_id: str) -> str:
    """The line of the access log with this id: written just after the answer."""
    for _ in range(100):
        lines = [line for line in log.read_text().splitlines() if "gunicorn.access" in line]
        if found := [line for line in lines if request_id in line]:
            return found[0]
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def test_chinese_in_an_address_may_come_as_it_is_typed(port: int, log: Path) -> None:
    status, _, body = ask(port, "/api/v1?investment_min=1亿&园区=宝坻")
    # Understood as far as Django, which names the parameters that the index does not take.
    assert status.startswith("HTTP/1.1 400")
    assert "investment_min" in body
    assert "园区" in body


def problem(port: int, request: bytes) -> tuple[int, dict[str, Any]]:
    """The problem with which the server answers what it does not hand on to Django."""
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    head, body = answer.split("\r\n\r\n", 1)
    document = json.loads(body)
    assert "Content-Type: application/problem+json" in head
    assert f"X-Request-Id: {document['request_id']}" in head
    assert int(head.split(" ")[1]) == document["status"]
    return document["status"], document


@pytest.mark.parametrize(
    ("request_line", "status", "slug"),
    [
        (b"GET /?%s HTTP/1.1\r\n" % (b"a" * 66_000), 414, "address-too-long"),
        (b"GET / HTTP/1.1\r\nX-Long: %s\r\n" % (b"a" * 9000), 431, "headers-too-large"),
        (b"GET / HTTP/1.1\r\nno header\r\n", 400, "validation-failed"),
        (b"nonsense\r\n", 400, "validation-failed"),
    ],
)
def test_what_the_server_itself_refuses_is_a_problem_that_the_log_knows(
    port: int, log: Path, request_line: bytes, status: int, slug: str
) -> None:
    found, document = problem(port, request_line + b"\r\n")
    assert (found, document["type"]) == (status, f"/problems/{slug}")
    assert document["request_id"] in log.read_text()


def test_a_long_address_is_refused_as_whoever_asks_reads_it(port: int, log: Path) -> None:
    """A form of a page sends 3,000 letters that somebody pasted as 27,000 bytes."""
    address = "/projects?q=" + "%E5%9B%AD" * 3000
    status, headers, body = ask(port, address)
    assert status.startswith("HTTP/1.1 414")
    assert headers["content-type"] == "application/problem+json"
    assert '"/problems/address-too-long"' in body
    status, headers, body = ask(port, address, Accept="text/html", Accept_Language="zh-hans")
    assert status.startswith("HTTP/1.1 414")
    assert headers["content-type"].startswith("text/html")
    assert "地址太长" in body
    assert "%E5%9B%AD" not in body
    assert headers["x-request-id"] in line_of(log, headers["x-request-id"])


def test_the_access_log_has_the_request_id_and_no_value_of_what_was_asked_for(
    port: int, log: Path
) -> None:
    _, headers, _ = ask(port, "/healthz?q=%E5%8C%97&park=baodi-zgc&%71=secret")
    line = line_of(log, headers["x-request-id"])
    assert "GET /healthz?q=-&park=-&%71=-" in line
    assert re.search(r'" 200 3 bytes \d+ ms', line)
    forwarded = {"X_Forwarded_For": "198.51.100.9, 203.0.113.7"}
    _, headers, _ = ask(port, "/healthz", **forwarded)
    assert ' 203.0.113.7 "GET /healthz"' in line_of(log, headers["x-request-id"])


CANARY = "canary-4711"


def test_no_filter_body_or_credential_is_in_the_log(port: int, log: Path) -> None:
    """What was sent is named nowhere, whether it is taken, refused, or fails for want of tables."""
    ask(port, f"/api/v1/projects?origin={CANARY}&q={CANARY}&nonsense={CANARY}")
    ask(port, "/api/v1/projects?investment_min=1", Authorization=f"Bearer pl_{CANARY}")
    ask(port, "/api/v1/projects", Cookie=f"sessionid={CANARY}; csrftoken={CANARY}")
    for body in (f'{{"name_zh": "{CANARY}"}}', f'{{"name_zh": "{CANARY}'):
        ask(port, "/api/v1/projects", "POST", body)
    ask(port, "/admin/login/", "POST", f'{{"password": "{CANARY}"}}')
    _, headers, _ = ask(port, f"/healthz?last={CANARY}")
    assert line_of(log, headers["x-request-id"])
    assert [line for line in log.read_text().splitlines() if CANARY in line] == []


OF_EVERY_ANSWER = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "deny",
    "referrer-policy": "same-origin",
}


@pytest.mark.parametrize(
    ("method", "target"),
    [
        *(("GET", "/healthz"), ("GET", "/nowhere"), ("GET", "/api/v1/nowhere"), ("GET", "/")),
        *(("TRACE", "/admin/"), ("TRACE", "/api/v1/projects"), ("POST", "/healthz")),
        *(("TRACE", "/"), ("FOO", "/"), ("FOO", "/api/v1/projects")),
        *(("GET", "/static/admin/css/base.css"), ("GET", "/admin/"), ("GET", "/a b")),
        ("GET", "/api/v1/projects"),  # fails: there are no tables
        ("GET", f"/?{'a' * 9000}"),  # refused by the server
    ],
)
def test_every_answer_has_the_headers_that_protect_its_reader(
    port: int, method: str, target: str
) -> None:
    status, headers, _ = ask(port, target, method)
    assert {name: headers.get(name) for name in OF_EVERY_ANSWER} == OF_EVERY_ANSWER, status
    policy = {*headers["content-security-policy"].split("; ")}
    assert policy >= {"default-src 'none'", "frame-ancestors 'none'"}
    assert "unsafe" not in headers["content-security-policy"]
    assert ("405" in status) is (method in ("TRACE", "FOO")), status
    assert "x-request-id" in headers
    assert headers.get("server", "gunicorn") == "gunicorn"  # without a version


def test_metrics_are_answered_at_their_own_address_alone(port: int, metrics_port: int) -> None:
    for _time in range(5):
        ask(port, "/healthz")
    status, headers, body = ask(metrics_port, "/metrics")
    assert status == "HTTP/1.1 200 OK"
    assert headers["content-type"].startswith("text/plain")
    (counted,) = re.findall(
        r'^ledger_requests_total\{method="GET",route="healthz",status="200"\} (\S+)$', body, re.M
    )
    assert float(counted) >= 5  # of both processes
    assert re.search(r"^ledger_spool_free_bytes \d+", body, re.M)
    assert 'ledger_request_seconds_bucket{le="0.1",method="GET",route="healthz"}' in body
    assert ask(metrics_port, "/healthz")[0] == "HTTP/1.1 404 Not Found"
    assert ask(port, "/metrics")[0] == "HTTP/1.1 404 Not Found"


@pytest.mark.slow
def test_a_line_end_in_an_address_forges_no_line_of_the_log(port: int, log: Path) -> None:
    _, headers, _ = ask(port, "/healthz%0Aforged")
    assert "/healthz%0Aforged" in line_of(log, headers["x-request-id"])
    assert not re.search("^forged", log.read_text(), re.MULTILINE)


@pytest.mark.slow
def test_static_files_are_served_without_collecting_them(port: int) -> None:
    status, headers, _ = ask(port, "/static/admin/css/base.css")
    assert status == "HTTP/1.1 200 OK"
    assert headers["content-type"].startswith("text/css")


@pytest.mark.slow
@pytest.mark.parametrize("prefix", ["", "/", "/nowhere", "/healthz", "中", "a" * 5000])
@pytest.mark.parametrize("name", ["SCRIPT_NAME", "Script_Name", "PATH_INFO"])
def test_no_header_changes_the_address_that_is_asked_for(port: int, name: str, prefix: str) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        head = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n{name}: {prefix}\r\n"
        connection.sendall(f"{head}Connection: close\r\n\r\n".encode())
        answer = b"".join(iter(lambda: connection.recv(65536), b"")).decode()
    assert answer.startswith("HTTP/1.1 200 OK"), answer
