"""Put small faults into modules and report which of them the tests notice.

    python -m tools.mutate --seed 7 [--count 60] [--only amounts,dates] [--jobs 2]

`tests/mutants.toml` names the modules of each capability and the tests that should fail when there
is a fault in one of them; `tests/bounds.toml` adds the tests of a number that is a bound. The seed
draws a sample of faults for each capability; the tests run on SQLite, once for each fault.
`tests/survivors.toml` explains faults that no test needs to notice.
Exits with 1 if the tests notice fewer than 85 % over all, or fewer than 75 % of one capability.
"""

import argparse
import ast
import os
import random
import sys
import time
import tomllib
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from typing import NamedTuple

from tests.templates import BARE, SHIPPED, make_file
from tools import bounds
from tools.faults import find_faults
from tools.faulty_runs import FOLDER, ROOT, Trial, run_apart, run_cold, run_warm

TABLE = ROOT / "tests" / "mutants.toml"
SURVIVORS = ROOT / "tests" / "survivors.toml"
KILLED_OVER_ALL = 85  # percent
KILLED_IN_EACH = 75  # percent
# Libraries that the tests of most capabilities load; none of them may load a module with faults.
LIBRARIES = "django.test django.contrib.admin openpyxl psycopg xlsxwriter"


class Capability(NamedTuple):
    """Modules that do one thing, and the tests that notice if they do not."""

    name: str
    modules: list[str]
    tests: list[str]


def read_table(only: Sequence[str] = ()) -> list[Capability]:
    """Read the capabilities, or only those named."""
    table = tomllib.loads(TABLE.read_text(encoding="utf-8"))
    unknown = sorted({*only} - {*table})
    if unknown:
        raise SystemExit(f"{TABLE.name} has no {', '.join(unknown)}.")
    return [
        Capability(name, row["modules"].split(), row["tests"].split())
        for name, row in table.items()
        if not only or name in only
    ]


def read_survivors(kind: str) -> dict[tuple[str, str, str], str]:
    """Read the reasons of a kind of survivors, by module, source line and fault."""
    modules = tomllib.loads(SURVIVORS.read_text(encoding="utf-8")).get(kind, {})
    return {
        (module, line, fault): reason
        for module, rows in modules.items()
        for line, fault, reason in rows
    }


def list_trials(capability: Capability) -> list[Trial]:
    """List all faults that the modules of a capability can have."""
    trials = []
    for name in capability.modules:
        text = (ROOT / name).read_text(encoding="utf-8")
        tree, lines = ast.parse(text), text.splitlines()
        trials += [
            Trial(name, lines[fault.line - 1].strip(), tree, fault) for fault in find_faults(tree)
        ]
    return trials


def find_bounds(modules: Sequence[str]) -> dict[tuple[str, int, int], list[str]]:
    """Find the tests of each number of a bound, by its module, line and column."""
    rows, found = bounds.read_table(), {}
    for name in modules:
        body = ast.parse((ROOT / name).read_text(encoding="utf-8")).body
        for bound in bounds.find_bounds(ROOT / name, body):
            for number in (node for each in bound.numbers for node in ast.walk(each.node)):
                if isinstance(number, ast.Constant) and str(bound) in rows:
                    found[name, number.lineno, number.col_offset] = rows[str(bound)]
    return found


def draw_trials(capability: Capability, seed: int, count: int) -> list[Trial]:
    """Draw faults of a capability, always the same for one seed.

    None is equivalent, or in a number that `tests/bounds.toml` says is no bound.
    """
    trials, equivalent = list_trials(capability), read_survivors("equivalent")
    tests = find_bounds(capability.modules)
    random.Random(f"{seed} {capability.name}").shuffle(trials)
    drawn = (each for each in trials if each.key not in equivalent)
    return [trial for trial in drawn if tests.get(trial.place) != []][:count]


def prepare(capabilities: Sequence[Capability]) -> None:
    """Load libraries and make the databases of the tests, once for all processes."""
    os.environ |= {"ENV_FILE": os.devnull, "DATABASE_URL": "", "LEDGER_LONG": ""}
    os.environ |= {"LEDGER_SLOW": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
    FOLDER.mkdir(parents=True, exist_ok=True)
    for kind in (BARE, SHIPPED):
        make_file(kind)
    for name in LIBRARIES.split():
        import_module(name)
    faulty = {
        name.removesuffix(".py").replace("/", ".") for c in capabilities for name in c.modules
    }
    if early := sorted(faulty & {*sys.modules}):
        raise SystemExit(f"Loaded before any fault is in it: {', '.join(early)}.")


def try_faults(capability: Capability, trials: Sequence[Trial]) -> int | None:
    """Count the faults that the tests notice, and print the others; None if tests fail anyway."""
    log, harmless = FOLDER / f"{capability.name}.txt", read_survivors("harmless")
    log.unlink(missing_ok=True)
    ((_, noticed),) = run_apart([partial(run_warm, capability.tests, trials, log)])
    if noticed is None:
        print(f"{capability.name}: the tests fail without any fault, see {log}", flush=True)
        return None
    killed, tests = 0, find_bounds(capability.modules)
    for trial, is_noticed in zip(trials, noticed, strict=True):
        wanted = [*capability.tests, *tests.get(trial.place, ())]
        if is_noticed or run_cold(wanted, trial, log):
            killed += 1
        else:
            reason = harmless.get(trial.key, "")
            print(f"survived  {capability.name}: {trial}  {reason}".rstrip(), flush=True)
    return killed


def report(tried: dict[str, int], killed: dict[str, int]) -> bool:
    """Print the share of faults noticed in each capability; return whether that is enough."""
    enough = True
    for name, count in tried.items():
        share = 100 * killed[name] / max(count, 1)
        enough &= share >= KILLED_IN_EACH
        print(f"{name:24} {killed[name]:4} of {count:4}  {share:3.0f} %")
    everything, noticed = sum(tried.values()), sum(killed.values())
    share = 100 * noticed / max(everything, 1)
    print(f"{'over all':24} {noticed:4} of {everything:4}  {share:3.0f} %")
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
    drawn = [draw_trials(c, options.seed, options.count) for c in capabilities]
    tasks = [partial(try_faults, c, trials) for c, trials in zip(capabilities, drawn, strict=True)]
    found = dict(run_apart(tasks, options.jobs))
    if any(killed is None for killed in found.values()):
        return 1
    names = [capability.name for capability in capabilities]
    enough = report(
        dict(zip(names, map(len, drawn), strict=True)),
        {name: found[index] for index, name in enumerate(names)},
    )
    spent = sum(os.times()[:4])
    minutes = (time.monotonic() - began) / 60
    print(f"seed {options.seed}: {minutes:.0f} minutes, {spent:.0f} seconds of processor")
    return 0 if enough else 1


if __name__ == "__main__":
    sys.exit(main())
