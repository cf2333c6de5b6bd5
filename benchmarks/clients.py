"""Asks servers, one after the other or many at once, and takes the time."""

import http.client
import time
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

SAFE = "/?&=:,%+-._~"


class RefusedError(Exception):
    """An answer that is none: its status, and the beginning of what it says; or all, in `body`."""

    def __init__(self, said: str, body: bytes = b"") -> None:
        super().__init__(f"{said}: {body[:200].decode(errors='replace')}" if body else said)
        self.body = body


class Client:
    """One client with a connection that is kept, as programs have it."""

    def __init__(self, port: int, **headers: str) -> None:
        self.port, self.headers = port, headers
        self.connection = self.connect()

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=900)

    def send(
        self, method: str, address: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, Mapping[str, str], bytes]:
        """Send a request; its status, headers and body. `_` in a header's name stands for `-`."""
        sent = {name.replace("_", "-"): text for name, text in {**self.headers, **headers}.items()}
        try:
            self.connection.request(method, quote(address, SAFE), body, sent)
            answer = self.connection.getresponse()
        except (http.client.HTTPException, ConnectionError):  # it was closed meanwhile
            self.connection = self.connect()
            self.connection.request(method, quote(address, SAFE), body, sent)
            answer = self.connection.getresponse()
        return answer.status, answer.headers, answer.read()

    def get(self, address: str, **headers: str) -> bytes:
        """The body of an answer; `RefusedError` unless it is 200."""
        status, _headers, body = self.send("GET", address, **headers)
        if status != 200:
            raise RefusedError(f"{status} {address}", body)
        return body

    def asks(self, address: str) -> Callable[[], bytes]:
        """What asks for this address."""
        return lambda: self.get(address)


def take_time(do: Callable[[], Any]) -> float:
    """Seconds that it takes."""
    start = time.perf_counter()
    do()
    return time.perf_counter() - start
