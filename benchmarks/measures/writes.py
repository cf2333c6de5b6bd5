"""Writes: a PATCH with its history beside the plainest update there is."""

from itertools import count
from urllib.parse import quote

import orjson

from benchmarks.bench import Bench
from benchmarks.clients import RefusedError
from benchmarks.questions import API


def measure_writes(bench: Bench) -> None:
    """One client that edits the same few projects, each time with another note."""
    ledger = bench.client("ledger")
    listed = orjson.loads(ledger.get(f"{API}/projects?limit=20&fields=code"))["results"]
    addresses = [f"{API}/projects/{quote(row['code'])}" for row in listed]
    tags = {address: read_tag(bench, address) for address in addresses}
    numbers = count()

    def patch() -> None:
        number = next(numbers)
        address = addresses[number % len(addresses)]
        body = orjson.dumps({"note": f"edited {number} times"})
        status, headers, told = ledger.send(
            *("PATCH", address, body),
            **{"Authorization": f"Bearer {bench.token}", "If-Match": tags[address]},
            Content_Type="application/json",
        )
        if status != 200:
            raise RefusedError(f"{status}: {told[:200].decode(errors='replace')}")
        tags[address] = headers["ETag"]

    contestants = {"ledger": patch}
    if bench.has("stock"):
        stock = bench.client("stock")

        def update() -> None:
            number = next(numbers)
            status, _headers, told = stock.send("POST", f"/notes/{number % 20 + 1}", b"edited")
            if status != 200:
                raise RefusedError(f"{status}: {told[:200].decode(errors='replace')}")

        contestants["plain"] = update
    # A connection that is new has its statements planned anew for some edits
    bench.results.compare("patch", "PATCH of a note", contestants, 10 * bench.rounds)


def read_tag(bench: Bench, address: str) -> str:
    _status, headers, _body = bench.client("ledger").send("GET", address)
    return headers["ETag"]
