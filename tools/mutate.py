"""Put small faults into modules and report which of them the tests notice.

    python -m tools.mutate --seed 7 [--count 60] [--only amounts,dates] [--jobs 2]

`tests/mutants.toml` names for each capability its modules and the tests that should notice a fault
there. Of each capability a sample drawn by the seed is tried, each fault in a process of its own,
on SQLite. A fault is killed if a test fails, or does not end. Exits with 1 if fewer than 85 % are
killed over all, or fewer than 75 % in one capability.
"""

import argparse
import ast
import os
import random
import resource
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

from tools.faults import Fault, find_faults

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "tests" / "mutants.toml"
KILLED_OVER_ALL = 85  # percent
KILLED_IN_EACH = 75  # percent
SECONDS_OF_PROCESSOR = 120  # of one run of the tests
PASSED, FAILED = 0, 1  # exit codes of pytest


class Capability(NamedTuple):
    """What some modules do, and the tests that notice if they do not."""

    name: str
    modules: list[str]
    tests: list[str]


class Trial(NamedTuple):
    """A fault of a module, and where its text comes from."""

    capability: Capability
    path: Path
    tree: ast.Module
    fault: Fault

    def __str__(self) -> str:
        place = self.path.relative_to(ROOT).as_posix()
        return f"{self.capability.name}: {place}:{self.fault.line}: {self.fault.text}"


class FaultyLoader(SourceFileLoader):
    """Loads a module with a fault."""

    def __init__(self, fullname: str, path: str, tree: ast.Module) -> None:
        super().__init__(fullname, path)
        self.tree = tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.tree, self.path, "exec")


@dataclass
class FaultyFinder:
    """Finds one module with a fault in it, before Python finds it without."""

    name: str
    tree: ast.Module

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        spec = PathFinder.find_spec(fullname, path) if fullname == self.name else None
        if spec and spec.origin:
            spec.loader = FaultyLoader(fullname, spec.origin, self.tree)
        return spec


def read_table(only: Sequence[str] = ()) -> list[Capability]:
    """Read the capabilities, or only some of them by name."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    unknown = sorted({*only} - {*table})
    if unknown:
        raise SystemExit(f"{TABLE.name} has no {', '.join(unknown)}.")
    return [
        Capability(name, row["modules"].split(), row["tests"].split())
        for name, row in table.items()
        if not only or name in only
    ]


def draw_trials(capability: Capability, seed: int, count: int) -> list[Trial]:
    """Draw faults from all that the modules of a capability can have, the same for one seed."""
    trials = []
    for name in capability.modules:
        path = ROOT / name
        tree = ast.parse(path.read_text(encoding="utf-8"))
        trials += [Trial(capability, path, tree, fault) for fault in find_faults(tree)]
    draw = random.Random(f"{seed} {capability.name}")
    return draw.sample(trials, min(count, len(trials)))


def run_tests(tests: Sequence[str], finder: FaultyFinder | None) -> int:
    """Fork a process that runs tests, with a fault if there is a finder; return its id."""
    if process := os.fork():
        return process
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_OF_PROCESSOR, SECONDS_OF_PROCESSOR + 5))
    os.setsid()
    with tempfile.TemporaryFile() as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
        if finder:
            sys.meta_path.insert(0, finder)  # type: ignore[arg-type] a finder by its methods
        code = FAILED
        try:
            code = PYTEST.main(["-x", "-q", "-o", "cache_dir=var/cache/pytest-mutants", *tests])
        finally:
            os._exit(code)
    raise AssertionError("a forked process does not return")


def start_trial(trial: Trial) -> int:
    name = ".".join(trial.path.relative_to(ROOT).with_suffix("").parts)
    with trial.fault.put_in():
        return run_tests(trial.capability.tests, FaultyFinder(name, trial.tree))


def prepare(capabilities: Sequence[Capability]) -> None:
    """Import what the tests need of libraries once, for all processes; nothing that has faults."""
    os.environ |= {"ENV_FILE": os.devnull, "DATABASE_URL": "", "LEDGER_LONG": ""}
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    for name in (
        "django.test",
        "django.contrib.admin",
        "numpy",
        "openpyxl",
        "psycopg",
        "xlsxwriter",
    ):
        import_module(name)
    faulty = {
        name.removesuffix(".py").replace("/", ".") for c in capabilities for name in c.modules
    }
    if early := sorted(faulty & {*sys.modules}):
        raise SystemExit(f"Imported before any fault is in it: {', '.join(early)}.")


def check_tests(capabilities: Sequence[Capability], jobs: int) -> None:
    """Stop if a test fails without any fault, which would count as noticed."""
    failed = [
        capability.name
        for capability, code in run_all(
            [
                (capability, lambda c=capability: run_tests(c.tests, None))
                for capability in capabilities
            ],
            jobs,
        )
        if code != PASSED
    ]
    if failed:
        raise SystemExit(f"Tests fail without any fault: {', '.join(failed)}.")


def run_all(tasks: Sequence[tuple[Any, Any]], jobs: int) -> Iterator[tuple[Any, int]]:
    """Start tasks, some at a time; yield each key with the exit code of its process."""
    waiting, running = [*reversed(tasks)], {}
    while waiting or running:
        while waiting and len(running) < jobs:
            key, start = waiting.pop()
            running[start()] = key
        process, status = os.wait()
        if process in running:
            yield running.pop(process), os.waitstatus_to_exitcode(status)


def report(outcomes: dict[str, list[bool]]) -> bool:
    """Print what share was killed of each; return whether that is enough."""
    enough = True
    for name, killed in outcomes.items():
        share = 100 * sum(killed) / max(len(killed), 1)
        enough &= share >= KILLED_IN_EACH
        print(f"{name:24} {sum(killed):4} of {len(killed):4}  {share:3.0f} %")
    everything = [each for killed in outcomes.values() for each in killed]
    share = 100 * sum(everything) / max(len(everything), 1)
    print(f"{'over all':24} {sum(everything):4} of {len(everything):4}  {share:3.0f} %")
    return enough and share >= KILLED_OVER_ALL


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, default=60, help="faults of each capability")
    parser.add_argument("--only", default="", help="names of capabilities, with commas")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    began = time.monotonic()
    capabilities = read_table([name for name in options.only.split(",") if name])
    prepare(capabilities)
    check_tests(capabilities, options.jobs)
    trials = [t for c in capabilities for t in draw_trials(c, options.seed, options.count)]
    outcomes: dict[str, list[bool]] = {capability.name: [] for capability in capabilities}
    for trial, code in run_all([(t, lambda t=t: start_trial(t)) for t in trials], options.jobs):
        outcomes[trial.capability.name].append(code != PASSED)
        if code == PASSED:
            print(f"survived  {trial}", flush=True)
    enough = report(outcomes)
    print(f"seed {options.seed}, {(time.monotonic() - began) / 60:.0f} minutes")
    return 0 if enough else 1


PYTEST = import_module("pytest")

if __name__ == "__main__":
    sys.exit(main())
