"""`python -m benchmarks`: measures on throw-away databases, and prints what meets its target."""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg

from benchmarks import directus, reports
from benchmarks.drawn.verdict import find_missed
from tests.postgres import find_programs, stoppable_cluster
from tests.templates import BARE, copy_database, make_database, make_file

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("BENCH_CACHE") or ROOT / "var" / "bench")  # of what is installed
DATABASES = ("postgresql", "sqlite")
LARGE = 100_000  # from here on the platform, and the curve of growth
SMALLEST = 10_000
# As docs/how-to/deploy.md has it for a machine with an SSD; what is written is kept
SERVER_OPTIONS = (
    *("fsync=on", "full_page_writes=on", "synchronous_commit=on", "autovacuum=on"),
    *("shared_buffers=2GB", "work_mem=64MB", "maintenance_work_mem=512MB", "max_wal_size=8GB"),
    *("random_page_cost=1.1", "max_connections=200"),
)


def main() -> int:
    options = read_options()
    peers = None if options.without_peers else make_peers()
    platform = None
    if not options.without_peers and (options.projects >= LARGE or options.directus):
        platform = directus.install(CACHE / "directus")
    measured: dict[str, reports.Measured] = {}
    for name in [options.only] if options.only else DATABASES:
        sizes = [options.projects]
        if options.projects >= LARGE and not options.without_growth:
            sizes += [size for size in (LARGE, SMALLEST) if size < options.projects]
        for size in sizes:
            found = measure(name, size, options, peers, platform)
            key = name if size == options.projects else f"{name} {size}"
            if found is not None:
                measured[key] = found
    report = reports.write_report(measured, options.projects, DATABASES)
    print("\n" + report)
    if options.keep:
        reports.keep_report(report, measured)
    missed = find_missed(reports.complete_facts(measured, DATABASES)) if options.drawn else []
    for target in missed:
        print(f"missed: {target}")
    return 0 if measured and not missed else 1


def read_options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--projects", type=int, default=SMALLEST, metavar="N")
    parser.add_argument("--rounds", type=int, default=9, metavar="R")
    parser.add_argument("--only", choices=DATABASES, help="measure on this database alone")
    parser.add_argument("--without-peers", action="store_true", help="install nothing")
    parser.add_argument("--without-growth", action="store_true", help="measure this size alone")
    parser.add_argument("--curve", action="store_true", help="only what the curve of growth has")
    parser.add_argument("--directus", action="store_true", help="also below 100,000 projects")
    parser.add_argument("--part", default="", help="only the kinds whose names have this word")
    parser.add_argument("--drawn", action="store_true", help="draw requests; 1 for a missed target")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="of what is drawn")
    parser.add_argument("--keep", action="store_true", help="add the results to RESULTS.md")
    return parser.parse_args()


def measure(
    name: str, size: int, options: argparse.Namespace, peers: Path | None, platform: Path | None
) -> reports.Measured | None:
    """Measure one size on one database; None where that failed altogether."""
    growing = options.curve or size != options.projects
    with (
        tempfile.TemporaryDirectory(prefix="ledger-bench-") as folder,
        serving(name, folder) as url,
    ):
        out = Path(folder) / "facts.json"
        command = [sys.executable, "-m", "benchmarks.run", "--projects", str(size)]
        command += ["--rounds", str(options.rounds), "--out", str(out)]
        command += ["--growing"] if growing else ["--part", options.part]
        command += ["--peers", str(peers)] if peers and not growing else []
        command += ["--directus", str(platform)] if platform and not growing else []
        command += ["--seed", str(options.seed)] if options.drawn else []
        ended = subprocess.run(command, env=environment(folder, url), cwd=ROOT, check=False)
        if ended.returncode:
            print(f"{name}, {size:,} projects: ended with {ended.returncode}", flush=True)
        return reports.read(out)


def environment(folder: str, url: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": url,
        "DEBUG": "",
        "ENV_FILE": os.devnull,  # measured as it is shipped
        "LOG_LEVEL": "WARNING",
        "SECRET_KEY": secrets.token_urlsafe(32),
        "VAR_DIR": folder,
    }


@contextmanager
def serving(name: str, folder: str) -> Iterator[str]:
    """The URL of an empty database that is thrown away afterwards."""
    if name == "sqlite":
        shutil.copy(make_file(BARE), f"{folder}/bench.sqlite3")
        yield f"sqlite:///{folder}/bench.sqlite3"
        return
    with stoppable_cluster(find_programs()) as cluster:
        cluster.start(*SERVER_OPTIONS)
        with psycopg.connect(cluster.url, autocommit=True) as server:
            copy_database(server, make_database(BARE, cluster.url), "bench")
        yield f"{cluster.url.rpartition('/')[0]}/bench"


def make_peers() -> Path | None:
    """Make an environment with what the ledger is measured beside, which sees the ledger's own."""
    folder, wanted = CACHE / "peers", ROOT / "benchmarks" / "requirements.txt"
    python, mark = folder / "bin" / "python", folder / "requirements.txt"
    if mark.exists() and mark.read_bytes() == wanted.read_bytes():
        share_packages(folder)
        return python
    try:
        run([sys.executable, "-m", "venv", "--clear", str(folder)])
        share_packages(folder)
        run([str(python), "-m", "pip", "install", "--quiet", "-r", str(wanted)])
    except (subprocess.SubprocessError, OSError) as error:
        print(f"Peers are left out: they could not be installed ({error}).", flush=True)
        return None
    mark.write_bytes(wanted.read_bytes())
    return python


def share_packages(folder: Path) -> None:
    """Let an environment find the packages of ours, too."""
    (packages,) = folder.glob("lib/*/site-packages")
    own = next(Path(path) for path in sys.path if path.endswith("site-packages"))
    (packages / "ledger.pth").write_text(f"{own}\n", "utf-8")


def run(command: Sequence[str]) -> None:
    subprocess.run(command, check=True, timeout=900)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
