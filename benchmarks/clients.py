"""Asks servers, one after the other or many at once, and takes the time."""

import http.client
import time
from collections.abc import Callable, Mapping
from threading import Thread
from typing import Any
from urllib.parse import quote

SAFE = "/?&=:,%+-._~"


class RefusedError(Exception):
    """An answer that is none: its status, and what it says."""


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
            raise RefusedError(f"{status} {address}: {body[:200].decode(errors='replace')}")
        return body

    def asks(self, address: str) -> Callable[[], bytes]:
        """What asks for this address."""
        return lambda: self.get(address)


def take_time(do: Callable[[], Any]) -> float:
    """Seconds that it takes."""
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def count_together(port: int, address: str, clients: int, seconds: float, **headers: str) -> float:
    """Requests a second that so many clients get answered, one after the other each."""
    done, failed = [0] * clients, [0] * clients
    start = time.perf_counter()

    def ask(place: int) -> None:
        client = Client(port, **headers)
        while time.perf_counter() - start < seconds:
            status, _headers, _body = client.send("GET", address)
            (done if status == 200 else failed)[place] += 1

    threads = [Thread(target=ask, args=(place,)) for place in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if sum(failed):
        raise RefusedError(f"{sum(failed)} of {sum(done) + sum(failed)} were refused: {address}")
    return sum(done) / (time.perf_counter() - start)
