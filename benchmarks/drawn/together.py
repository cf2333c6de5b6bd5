"""Measures what many ask at once, and what a server holds and takes after all of it."""

import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from threading import Thread

from django.conf import settings

from benchmarks import servers
from benchmarks.clients import Client
from benchmarks.drawn import asking
from benchmarks.drawn.asking import Asked, Asker
from benchmarks.drawn.measures import FLOORS, UNLIMITED, UNSEEN, Trial, serving_raw
from benchmarks.drawn.writing import Writer, Written

TOGETHER, WRITERS = 8, 8
LARGE = 100_000  # from here on clients and writers go on for as long as the targets say
MIX = ("lists",) * 7 + ("summaries",) * 2 + ("pages",)


def measure_writers(trial: Trial) -> None:
    """Have eight clients write at once, each as soon as it is answered."""
    written: list[Written] = []
    seconds = 10.0 if trial.bench.count >= LARGE else 2.0
    writers = [make_writer(trial, place) for place in range(WRITERS)]
    start = time.perf_counter()

    def write(writer: Writer) -> None:
        while time.perf_counter() - start < seconds:
            written.append(writer.patch_any(writer.dice.choice(writer.fields)))

    run_together([partial(write, each) for each in writers])
    taken = sum(each.is_taken for each in written) / (time.perf_counter() - start)
    refused = sum(each.status >= 409 for each in written)
    for told in {f"{each.status} {each.told[:120]}" for each in written if not each.is_taken}:
        trial.say([f"not taken: {told}"])
    trial.keep("writers", taken, f"{WRITERS} writers together: writes a second", "")
    trial.keep("writers.refused", refused, f"refused of {len(written)} writes", "")


def make_writer(trial: Trial, place: int) -> Writer:
    asker = Asker(trial.shipped.server, trial.bench.token)
    return Writer(asker, trial.values, trial.drawing.seed + 100 + place)


def measure_clients(trial: Trial) -> None:
    """Have eight clients read what was never asked while one writes; beside raw SQL."""
    seconds = 60.0 if trial.bench.count >= LARGE else 3.0
    found: list[Asked] = []
    start = time.perf_counter()

    def read(place: int) -> None:
        asker = Asker(trial.shipped.server, trial.bench.token)
        drawing = trial.drawing.again(UNSEEN + 100 + place)
        while time.perf_counter() - start < seconds:
            asked = asker.ask(drawing.draw_one(drawing.dice.choice(MIX)))
            asked.body, asked.processor = b"", 0.0  # others were answered meanwhile
            found.append(asked)

    def write() -> None:
        writer = make_writer(trial, TOGETHER)
        while time.perf_counter() - start < seconds:
            writer.patch_any(writer.dice.choice(writer.fields))

    run_together([*(partial(read, place) for place in range(TOGETHER)), write])
    rate = len(found) / (time.perf_counter() - start)
    trial.say(asking.write_table(f"{TOGETHER} clients and a writer, {seconds:.0f} s", found))
    trial.keep_times("clients", f"{TOGETHER} clients", [each.seconds for each in found])
    refused = sum(each.is_refused for each in found)
    trial.keep("clients.refused", refused, f"refused of {len(found)}", "")
    trial.keep("clients.rate", rate, "requests a second", "")
    trial.keep("clients:raw", rate / find_raw_rate(trial, seconds / 3), "ledger / raw SQL", "x")


def find_raw_rate(trial: Trial, seconds: float) -> float:
    """Requests a second of the same kinds when their statements are run without our layers."""
    requests = trial.draw(FLOORS, UNSEEN + 99, MIX)
    taken = [trial.inside.ask(each) for each in requests]
    counts = [0] * TOGETHER
    with serving_raw(taken) as one:
        start = time.perf_counter()

        def read(place: int) -> None:
            client, dice = Client(one.port), random.Random(place)  # noqa: S311 nothing secret
            while time.perf_counter() - start < seconds:
                client.get(f"/statements?{dice.randrange(len(requests))}")
                counts[place] += 1

        run_together([partial(read, place) for place in range(TOGETHER)])
        return sum(counts) / (time.perf_counter() - start)


def run_together(tasks: Sequence[Callable[[], None]]) -> None:
    """Run each task in a thread of its own, until all have ended."""
    threads = [Thread(target=each) for each in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def measure_memory(trial: Trial) -> None:
    """What the server as it is shipped holds after all of it, above one that has just started."""
    held, processes = asking.read_memory(trial.shipped.server.pid)
    with servers.serving(servers.LEDGER, **UNLIMITED) as server:
        Client(server.port).get("/api/v1/projects?limit=1")
        before, _processes = asking.read_memory(server.pid)
    title = f"memory of {processes} processes above {before:,.0f} MB at the start, for each worker"
    trial.keep("memory", (held - before) / settings.WEB_CONCURRENCY, title, "MB")
