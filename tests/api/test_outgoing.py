"""Addresses that people enter: what is not public is not reached, whatever its name says."""

import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from api import outgoing
from config.mistakes import Mistake
from tests.receivers import receiving
from tests.together import together

PUBLIC = "93.184.216.34"


@together(
    ("address", "is_public"),
    [
        (PUBLIC, True),
        ("2606:2800:220:1::1", True),
        ("10.0.0.1", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("127.0.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 nothing listens
        ("100.64.0.1", False),
        ("169.254.169.254", False),
        ("224.0.0.1", False),
        ("240.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00:ec2::254", False),
        ("::ffff:127.0.0.1", False),
        ("64:ff9b::a9fe:a9fe", False),
        (f"64:ff9b::{int.from_bytes(socket.inet_aton(PUBLIC)) >> 16:x}:1", True),
        ("2002:7f00:1::", False),
    ],
)
def test_only_addresses_of_the_internet_are_public(address: str, is_public: bool) -> None:
    assert outgoing.is_public_address(address) is is_public


@pytest.fixture
def resolved(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Any]]:
    """Let names resolve to given addresses, one answer after the other; list the connections."""
    made: list[Any] = []

    def resolve(*answers: list[str]) -> list[Any]:
        left = [*answers]

        def look_up(host: str, port: int, **about: Any) -> list[Any]:
            return [(0, 0, 0, "", (address, port)) for address in left.pop(0)]

        def connect(address: Any, timeout: float) -> Any:
            made.append((address, timeout))
            raise ConnectionRefusedError("refused")

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        monkeypatch.setattr(socket, "create_connection", connect)
        return made

    return resolve


@together("found", [["127.0.0.1"], [PUBLIC, "10.0.0.1"], ["169.254.169.254"]])
def test_a_host_with_an_address_that_is_not_public_is_not_connected_to(
    resolved: Any, found: list[str]
) -> None:
    made = resolved(found)
    with pytest.raises(Mistake, match="PUSH_ALLOWED_HOSTS"):
        outgoing.post("https://inner.example.org/", b"", {})
    assert not made


def test_the_connection_goes_to_the_address_that_was_checked(resolved: Any) -> None:
    made = resolved([PUBLIC], ["127.0.0.1"])  # a second look-up would be rebound
    with pytest.raises(OSError, match="refused"):
        outgoing.post("https://example.org:8443/", b"", {})
    assert made == [((PUBLIC, 8443), outgoing.EXCHANGE_SECONDS)]


def test_private_hosts_are_reached_only_if_they_are_allowed(settings: Any) -> None:
    with receiving() as receiver:
        with pytest.raises(Mistake, match="https"):
            outgoing.post(receiver.url, b"{}", {})
        settings.PUSH_ALLOWED_HOSTS = ["127.0.0.1:1", "localhost"]
        with pytest.raises(Mistake, match="https"):
            outgoing.post(receiver.url, b"{}", {})
        settings.PUSH_ALLOWED_HOSTS = ["127.0.0.1"]
        for size, read in ((outgoing.MOST_ANSWER, 0), (outgoing.MOST_ANSWER + 1, 1)):
            receiver.body = b"x" * size
            answer = outgoing.post(receiver.url, b"{}", {})
            assert len(answer.body) == size - read
        assert receiver.came[0][1]["Host"] == receiver.host


def test_an_answer_that_drips_is_cut_off(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoing, "EXCHANGE_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as server:
        host = f"127.0.0.1:{server.getsockname()[1]}"
        settings.PUSH_ALLOWED_HOSTS = [host]
        begun = time.monotonic()
        with pytest.raises(TimeoutError, match="whole answer"):
            outgoing.post(f"http://{host}/", b"{}", {})
        assert time.monotonic() - begun < 5
