"""Long polling at a real server: who may wait, and that a client that leaves waits no longer."""

import json
import select
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.http import HttpRequest

from api.load import place_to_wait, sleep_while_connected
from tests.answers import API
from tests.contract.servers import Answer, Server, address_of_database, environment, serving

pytestmark = pytest.mark.django_db  # for the tables, which are copied

ANN, BOB, EVE = "203.0.113.1", "203.0.113.2", "203.0.113.3"
PLACES = 2  # half of the threads


@pytest.fixture(scope="module")
def server(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A server of one process, whose clients are told apart by what a proxy says."""
    folder = tmp_path_factory.mktemp("waiting")
    variables = environment(
        folder, TRUSTED_PROXIES="1", WEB_THREADS=str(2 * PLACES), RATE_LIMIT_ANONYMOUS="0"
    )
    with django_db_blocker.unblock():
        variables["DATABASE_URL"] = address_of_database(folder)
    with serving(variables) as running:
        yield running


def test_half_of_the_threads_may_wait_and_half_of_these_for_one_client() -> None:
    with ExitStack() as held:
        clients = [ANN, ANN, BOB, BOB, "", EVE]
        waiting = [held.enter_context(place_to_wait(client)) for client in clients]
        assert waiting == [True, False, True, False, False, False]
    with place_to_wait(""), place_to_wait("") as is_free:  # this machine has all places
        assert is_free


def test_a_wait_ends_with_its_time_or_its_client() -> None:
    request, (here, there) = HttpRequest(), socket.socketpair()
    request.META["gunicorn.socket"] = here
    with here:
        assert sleep_while_connected(request, 0.001)
        there.close()
        assert not sleep_while_connected(request, 60)


def start_cursor(server: Server) -> str:
    answer = server.ask(f"{API}/changes?after=latest", X_Forwarded_For=EVE)
    return str(json.loads(answer.body)["after"])


def wait(server: Server, cursor: str, client: str, further: bytes = b"") -> socket.socket:
    """The connection of a client that waits for half a minute, once there is a place."""
    target = f"{API}/changes?after={cursor}&wait=30"
    headers = f"Host: 127.0.0.1\r\nX-Forwarded-For: {client}\r\n\r\n"
    for _time in range(20):
        connection = socket.create_connection(("127.0.0.1", server.port))
        connection.sendall(f"GET {target} HTTP/1.1\r\n{headers}".encode() + further)
        is_answered, _, _ = select.select([connection], [], [], 0.3)
        if not is_answered:
            return connection
        connection.close()
    raise AssertionError(server.log.read_text())


def ask_shortly(server: Server, cursor: str, client: str) -> Answer:
    return server.ask(f"{API}/changes?after={cursor}&wait=1", X_Forwarded_For=client)


def has_waited(answer: Answer) -> bool:
    assert answer.status == 200
    return "retry-after" not in answer.headers


def come_to_wait(server: Server, cursor: str, client: str, is_free: bool) -> None:
    """Ask until this client may wait, or may not: what others began or ended takes a moment."""
    for _time in range(20):
        if has_waited(ask_shortly(server, cursor, client)) is is_free:
            return
        time.sleep(0.1)
    raise AssertionError(server.log.read_text())


# With a second request behind the first one, the connection has something to read when it is closed
@pytest.mark.slow
@pytest.mark.parametrize("further", [b"", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"])
def test_a_place_is_free_again_once_its_client_disconnects(server: Server, further: bytes) -> None:
    cursor = start_cursor(server)
    with wait(server, cursor, ANN, further) as leaving, wait(server, cursor, BOB):
        come_to_wait(server, cursor, EVE, is_free=False)
        leaving.close()
        come_to_wait(server, cursor, EVE, is_free=True)


@pytest.mark.slow
def test_one_client_leaves_room_for_others(server: Server) -> None:
    cursor = start_cursor(server)
    with wait(server, cursor, ANN):
        come_to_wait(server, cursor, ANN, is_free=False)
        assert has_waited(ask_shortly(server, cursor, BOB))


@pytest.mark.slow
def test_a_client_that_stays_is_answered_when_the_time_is_over(server: Server) -> None:
    answer = ask_shortly(server, start_cursor(server), ANN)
    assert has_waited(answer)
    assert 1 <= answer.seconds < 10
