"""Measures what a request costs before it does anything, beside a plain view of Django.

Processor time of this process, with the same middleware around all; prints times and ratios.
"""

import argparse
import os
from collections.abc import Sequence
from statistics import median
from time import process_time

from django.conf import settings
from django.core.management import call_command
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

os.environ["CACHE_MAX_BYTES"] = "0"  # what is asked again is worked out again

from benchmarks.site import Site  # isort: skip (sets Django up for those below)

from config.environment import collect_seldom  # isort: skip
from config.urls import api  # isort: skip
from parks.models import Region  # isort: skip

PLAIN = "/api/v1/plain"
FILTERS = "sector=C&investment_min=1000万"
# What is asked, and the most that it may cost as a multiple of the plain view
QUESTIONS: dict[str, tuple[str, float | None]] = {
    "health": ("/healthz", None),
    "plain view, one query": (PLAIN, None),
    "small row": ("/api/v1/regions/110000", 1.5),
    "small list of one": ("/api/v1/regions?limit=1", None),
    "one project": ("/api/v1/projects?limit=1", None),
    "one project, three filters": (f"/api/v1/projects?limit=1&origin=110000&{FILTERS}", 2.5),
    "the same, origin by name": (f"/api/v1/projects?limit=1&origin=北京&{FILTERS}", None),
    "page of 100": ("/api/v1/projects?limit=100", 4),
    "summary by one dimension": ("/api/v1/projects/summary?group_by=origin_province", None),
    "detail of a project": ("/api/v1/projects/{code}", None),
}


def plain(request: HttpRequest) -> JsonResponse:
    """One query and its row as JSON: the least that a view of Django does."""
    return JsonResponse(Region.objects.values().get(code="110000"))


# Where the list of projects is found, so that to look for it takes as long
_place = [each.name for each in api].index("project-list")
urlpatterns = [
    path("api/v1/", include([*api[:_place], path("plain", plain), *api[_place:]])),
    path("", include("config.urls")),
]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.floor", description=__doc__)
    parser.add_argument("--rounds", type=int, default=100, metavar="R")
    options = parser.parse_args(arguments)
    call_command("migrate", verbosity=0)
    call_command("load_fixtures", verbosity=0)
    measure(options.rounds)


def measure(rounds: int) -> None:
    """Ask everything in turn, `rounds` times; a ratio is the median of each round's own."""
    settings.ROOT_URLCONF = __name__
    settings.CACHE_MAX_BYTES = 0  # what is asked again is worked out again
    site = Site()
    code = site.get("/api/v1/projects?limit=1&fields=code").decode().split('"')[5]
    addresses = [address.format(code=code) for address, _target in QUESTIONS.values()]
    for address in addresses * 3:
        site.get(address)
    collect_seldom()  # as the server does once it is loaded
    times = [[_seconds(site, address) for address in addresses] for _round in range(rounds)]
    plain_place = addresses.index(PLAIN)
    print(f"{settings.DATABASES['default']['ENGINE'].rpartition('.')[2]}, processor time")
    for place, (title, (_address, target)) in enumerate(QUESTIONS.items()):
        cost = median(row[place] for row in times) * 1000
        ratio = median(row[place] / row[plain_place] for row in times)
        wanted = f"   at most {target}x" if target else ""
        print(f"{title:28}{cost:>7.2f} ms{ratio:>7.2f}x{wanted}", flush=True)


def _seconds(site: Site, address: str) -> float:
    start = process_time()
    site.get(address)
    return process_time() - start


if __name__ == "__main__":
    main()
