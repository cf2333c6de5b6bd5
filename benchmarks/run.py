"""Measures one database: fills it, serves it beside its peers, asks all of them in turn."""

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import perf_counter

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.db import connection, connections  # noqa: E402

from benchmarks import servers  # noqa: E402
from benchmarks.bench import Bench  # noqa: E402
from benchmarks.directus import PACKAGE, serving_directus  # noqa: E402
from benchmarks.drawn.preparing import measure_drawn  # noqa: E402
from benchmarks.generate import fill  # noqa: E402
from benchmarks.measures import files, lists, programs, summaries  # noqa: E402
from benchmarks.results import Results  # noqa: E402
from parks.models import ApiToken  # noqa: E402

MEASURES: Sequence[Callable[[Bench], None]] = (
    lists.measure_lists,
    lists.measure_unchanged,
    lists.measure_far_pages,
    summaries.measure_summaries,
    lists.measure_counts,  # of which columns in memory tell by now, as in any server
    files.measure_files,
    summaries.measure_past,
    programs.measure_floor,
    programs.measure_import,
)
# Of a size beside the measured one, for the curve of growth
GROWING = (
    lists.measure_lists,
    summaries.measure_summaries,
    files.measure_files,
    programs.measure_import,
)
UNLIMITED = {"RATE_LIMIT_ANONYMOUS": "0", "RATE_LIMIT_ACCOUNT": "0"}


def main(arguments: Sequence[str]) -> None:
    options = read_options(arguments)
    start = perf_counter()
    count = options.projects if options.filled else fill(options.projects)
    results = Results(connection.vendor)
    results.say(f"\n{describe()}, {count:,} projects (made in {perf_counter() - start:.0f} s)\n")
    results.say(f"beside: {list_versions(options)}\n")
    bench = Bench(results, os.environ["DATABASE_URL"], count, options.rounds, peers=options.peers)
    bench.token = issue_token()
    connections.close_all()
    if options.seed is not None:
        measure_drawn(bench, options.seed, is_growing=options.growing)
        results.save(options.out)
    with serving_all(bench, options.directus):
        for measure in GROWING if options.growing else MEASURES:
            if options.part in measure.__name__:
                results.measure(measure, bench)
                results.save(options.out)


def read_options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.run", description=__doc__)
    parser.add_argument("--projects", type=int, default=10_000, metavar="N")
    parser.add_argument("--rounds", type=int, default=9, metavar="R")
    parser.add_argument("--filled", action="store_true", help="the database holds them already")
    parser.add_argument("--growing", action="store_true", help="only what the curve of growth has")
    parser.add_argument("--part", default="", help="only the kinds whose names have this word")
    parser.add_argument("--seed", type=int, help="of requests that are drawn, if any are")
    parser.add_argument("--peers", type=Path, help="the Python that has requirements.txt")
    parser.add_argument("--directus", type=Path, help="its program")
    parser.add_argument("--out", type=Path, required=True, help="where the facts are written")
    return parser.parse_args(arguments)


@contextmanager
def serving_all(bench: Bench, directus: Path | None) -> Iterator[None]:
    """Start the ledger and whatever of its peers is there."""
    with ExitStack() as stack:

        def serve(name: str, arguments: Sequence[str], **more: str) -> None:
            try:
                server = servers.serving(arguments, **{**UNLIMITED, **more})
                bench.ports[name] = stack.enter_context(server).port
            except Exception as error:
                bench.results.fail(f"the server of {name}", error)

        serve("ledger", servers.LEDGER, **programs.FRESH)
        serve("raw", servers.RAW)
        if bench.peers is not None:
            serve("duckdb", servers.DUCK, python=str(bench.peers))
        if directus is not None and bench.vendor == "postgresql":
            try:
                port, token = stack.enter_context(serving_directus(directus, bench.url))
                bench.ports["directus"] = port
                bench.headers["directus"] = {"Authorization": f"Bearer {token}"}
            except Exception as error:
                bench.results.fail("the server of Directus", error)
        yield


def list_versions(options: argparse.Namespace) -> str:
    """The versions of what it is measured beside."""
    named = Path(__file__).with_name("requirements.txt").read_text("utf-8").splitlines()
    peers = [line.split()[0] for line in named if line and not line.startswith("#")]
    found = [*(peers if options.peers else []), *([PACKAGE] if options.directus else [])]
    return ", ".join(found) or "raw SQL alone"


def issue_token() -> str:
    """A token with which everything may be written."""
    accounts = get_user_model().objects
    person = accounts.filter(username="bench").first()
    if person is None:
        person = accounts.create_superuser("bench", "bench@example.org", None)
    _token, secret = ApiToken.issue(person, "bench", scope=ApiToken.Scope.WRITE, days=30)
    return secret


def describe() -> str:
    """The versions of what is measured."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SHOW server_version")
            name = "PostgreSQL"
        else:
            cursor.execute("SELECT sqlite_version()")
            name = "SQLite"
        version = cursor.fetchone()[0].split()[0]
    return f"{name} {version}, Python {platform.python_version()}, Django {django.__version__}"


if __name__ == "__main__":
    main(sys.argv[1:])
