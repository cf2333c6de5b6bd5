"""The cache in local memory holds no more bytes than it may, and keeps what is asked for."""

import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.caching import BoundedMemoryCache

MAX_BYTES = 100_000


def open_cache() -> BoundedMemoryCache:
    return BoundedMemoryCache("bounded", {"OPTIONS": {"MAX_BYTES": MAX_BYTES}})


@pytest.fixture
def memory() -> Iterator[BoundedMemoryCache]:
    cache = open_cache()
    yield cache
    cache.clear()


def count_bytes(memory: BoundedMemoryCache) -> int:
    with memory.memory.lock:
        return sum(len(entry.value) for entry in memory.memory.entries.values())


def test_what_was_asked_for_longest_ago_goes_first(memory: BoundedMemoryCache) -> None:
    for name in "abcd":
        memory.set(name, b"-" * 20_000)
    assert memory.get("a")
    memory.set("e", b"-" * 20_000)
    assert [name for name in "abcde" if memory.get(name)] == ["a", "c", "d", "e"]


def test_it_gives_what_is_kept_itself_while_it_is_not_too_old(memory: BoundedMemoryCache) -> None:
    value = (b"-" * 20_000, {"Content-Type": "text/plain"})
    memory.set("a", value)
    assert memory.get("a") is value
    memory.set("b", value, timeout=0)
    assert memory.get("b", "nothing") == "nothing"


def test_many_small_entries_stay_beside_one_large(memory: BoundedMemoryCache) -> None:
    memory.set("large", b"-" * 30_000)
    for number in range(70):
        memory.set(f"small-{number}", b"-")
    assert memory.get("large")
    assert all(memory.get(f"small-{number}") for number in range(70))


def test_what_is_larger_than_all_of_it_is_not_kept(memory: BoundedMemoryCache) -> None:
    memory.set("small", b"-")
    memory.set("huge", b"-" * MAX_BYTES)
    assert memory.get("huge") is None
    assert count_bytes(memory) == 0
    memory.set("small", b"-")
    assert memory.get("small")


def use_at_random(seed: int) -> None:
    chance, memory = random.Random(seed), open_cache()
    for _step in range(400):
        name = str(chance.randrange(60))
        kind = chance.random()
        if kind < 0.6:
            memory.set(name, b"-" * chance.choice([10, 1_000, 9_000]), chance.choice([0, 60]))
        elif kind < 0.7:
            memory.delete(name)
        else:
            memory.get(name)
        assert count_bytes(memory) <= MAX_BYTES


def test_its_bytes_are_counted_right_in_many_threads(memory: BoundedMemoryCache) -> None:
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(use_at_random, seed) for seed in range(4)]:
            done.result()
    for number in range(60):
        memory.delete(str(number))
    assert count_bytes(memory) == 0
    memory.set("a", b"-" * (MAX_BYTES - 1_000))
    assert memory.get("a")
