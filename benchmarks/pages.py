"""Measures what pages and sums of many projects cost, in five states of what is kept.

Processor time of this process; the median of the rounds, in each of which everything is asked in
turn. The database is filled up to as many synthetic projects as are wanted; it has to be one of
synthetic projects alone, of which a note is changed each time.
"""

import argparse
from collections.abc import Callable, Sequence
from statistics import median
from time import process_time

from benchmarks.site import Site  # isort: skip (sets Django up for those below)

from django.core.cache import caches  # isort: skip

from benchmarks.generate import fill  # isort: skip
from parks.models import Park  # isort: skip
from projects.models import Project, SigningEvent  # isort: skip
from projects.summaries.by_columns import forget_columns  # isort: skip

SUMMARY = "/api/v1/projects/summary?group_by="
PAGES = [
    *("/", "/projects", "/projects?counts_in_totals=true&view=charts", "/projects?view=tiles"),
    *("/parks", "/parks/{park}", "/compare?signed_year=2023,2024", "/regions/330000"),
    *("/events", "/events/{event}", "/figures"),
    *("/api/v1/projects/facets", "/api/v1/projects/cohorts", f"{SUMMARY}stage"),
    *(f"{SUMMARY}event", f"{SUMMARY}origin_province,sector_section,signed_year"),
]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.pages", description=__doc__)
    parser.add_argument("--projects", type=int, default=100_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=5, metavar="R")
    options = parser.parse_args(arguments)
    fill(options.projects)
    measure(options.rounds)


def measure(rounds: int) -> None:
    """Print a line for each address: milliseconds in each state."""
    site = Site()
    park = Park.objects.visible_to(None).order_by("pk")[0].code
    event = SigningEvent.objects.visible_to(None).order_by("pk")[0].code
    states: dict[str, Callable[[], None]] = {
        "first of all": forget_all,
        "never asked": forget_answers,
        "restarted": caches["default"].clear,
        "written to": write_note,
        "again": lambda: None,
    }
    print("| milliseconds |", " | ".join(states), "|\n| --- |", "---: | " * len(states))
    for address in (page.format(park=park, event=event) for page in PAGES):
        site.get(address)
        times: dict[str, list[float]] = {state: [] for state in states}
        for _round in range(rounds):
            for state, prepare in states.items():
                prepare()
                begun = process_time()
                site.get(address)
                times[state].append(1000 * (process_time() - begun))
        cells = " | ".join(f"{median(times[state]):.0f}" for state in states)
        print(f"| `{address}` | {cells} |", flush=True)


def forget_all() -> None:
    """Forget what columns hold, too: nothing was ever asked of this process."""
    forget_answers()
    forget_columns()


def forget_answers() -> None:
    for kept in caches.all():
        kept.clear()


def write_note() -> None:
    """Write to one project, and so to one park."""
    project = Project.objects.order_by("pk")[0]
    project.note = "" if project.note else "written"
    project.save()


if __name__ == "__main__":
    main()
