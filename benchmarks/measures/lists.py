"""Lists: beside raw SQL, far pages, counts, searches, what has not changed."""

from collections.abc import Callable
from typing import Any

import orjson

from benchmarks.bench import Bench
from benchmarks.clients import Client, RefusedError
from benchmarks.directus import DIRECTUS_LISTS, PROJECTS
from benchmarks.questions import API, BROAD, COMMON, COUNT, LIMIT, LISTS, RARE, Case

FAR_PAGE = 9_000
WALKED_AT_ONCE = 500


def measure_lists(bench: Bench) -> None:
    """Pages of 100: the same JSON from raw SQL, and a platform."""
    ledger, raw = bench.client("ledger"), bench.client("raw")
    for key, case in LISTS.items():
        say_differences(bench, case, ledger, raw)
        contestants = {"ledger": ledger.asks(case.list_address), "raw": raw.asks(f"/list?{key}")}
        if bench.has("directus"):
            contestants["directus"] = bench.client("directus").asks(DIRECTUS_LISTS[key])
        bench.results.compare(f"list.{key}", f"list of {LIMIT}, {key}", contestants, bench.rounds)


def say_differences(bench: Bench, case: Case, ledger: Client, raw: Client) -> None:
    """Say in which fields raw SQL answers otherwise: then the comparison is not quite one."""
    one = orjson.loads(ledger.get(case.list_address))["results"]
    other = orjson.loads(raw.get(f"/list?{case.key}"))["results"]
    names = {
        name
        for mine, theirs in zip(one, other, strict=False)
        for name in {*mine, *theirs}
        if mine.get(name) != theirs.get(name)
    }
    if names or len(one) != len(other):
        counts = f"{len(one)} and {len(other)} rows"
        bench.results.say(f"raw answers {case.key} otherwise: {counts}, {sorted(names)}")


def measure_far_pages(bench: Bench) -> None:
    """Page 9,000 (or the last but a few) beside page 1."""
    client = bench.client("ledger")
    first = LISTS["all"].list_address
    rows = min(FAR_PAGE * LIMIT, int(bench.count * 0.9))
    step = min(WALKED_AT_ONCE, rows // 2)
    address = f"{API}/projects?ordering=code&fields=code&limit={step}"
    for _step in range(rows // step):
        address = strip(orjson.loads(client.get(address))["next"])
    far = f"{first}&cursor={address.partition('cursor=')[2].partition('&')[0]}"
    contestants = {"ledger": client.asks(far), "first": client.asks(first)}
    if bench.has("directus"):
        page = f"{PROJECTS}&sort=code&page={rows // LIMIT}"
        contestants["directus"] = bench.client("directus").asks(page)
    title = f"page {rows // LIMIT:,}"
    bench.results.compare("list.deep", title, contestants, bench.rounds)


def strip(url: str) -> str:
    """The path and query of a URL."""
    return url.partition("://")[2].partition("/")[1] + url.partition("://")[2].partition("/")[2]


def measure_unchanged(bench: Bench) -> None:
    """A 304 beside the full answer."""
    client = bench.client("ledger")
    _status, headers, _body = client.send("GET", BROAD.list_address)
    tag = headers["ETag"]

    def revalidate() -> None:
        status, _headers, _body = client.send("GET", BROAD.list_address, If_None_Match=tag)
        if status != 304:
            raise RefusedError(f"{status} where nothing has changed")

    contestants: dict[str, Callable[[], Any]] = {
        "ledger": revalidate,
        "full": client.asks(BROAD.list_address),
    }
    bench.results.compare("list.304", "304", contestants, bench.rounds)


def measure_counts(bench: Bench) -> None:
    """The count of all, and words that are nowhere and everywhere."""
    client = bench.client("ledger")
    asked = {
        "count.all": ("count=exact of all", COUNT, f"{PROJECTS}&aggregate[count]=*"),
        "q.rare": ("q, two characters that are nowhere", RARE, f"{PROJECTS}&search=龘龘"),
        "q.common": ("q, two characters that are common", COMMON, f"{PROJECTS}&search=技术"),
    }
    for name, (title, address, theirs) in asked.items():
        contestants = {"ledger": client.asks(address)}
        if bench.has("directus"):
            contestants["directus"] = bench.client("directus").asks(theirs)
        bench.results.compare(name, title, contestants, bench.few)
