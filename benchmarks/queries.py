"""Times the SQL of a page of 100 for thirteen typical combinations of filters, in this process."""

import time
from statistics import median
from typing import Any

from django.db import connection

from benchmarks.questions import API, LIMIT, TYPICAL
from benchmarks.site import Site

from parks.models import Park  # isort: skip (after the site is set up)

ROUNDS = 7


class Watch:
    """Adds up what statements take, rows and all."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.seconds += time.perf_counter() - start


def main() -> None:
    site = Site()
    park = Park.objects.order_by("pk").first()
    worst = 0.0
    for query in TYPICAL:
        asked = query.format(park=park.code if park else "")
        times = []
        for _round in range(ROUNDS):
            watch = Watch()
            with connection.execute_wrapper(watch):
                site.get(f"{API}/projects?limit={LIMIT}&{asked}")
            times.append(watch.seconds * 1000)
        worst = max(worst, median(times))
        print(f"{asked:70}{median(times):>9.1f} ms", flush=True)
    print(f"worst {worst:.1f} ms")


if __name__ == "__main__":
    main()
