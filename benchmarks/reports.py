"""The report of a run: its tables of targets. RESULTS.md keeps it with the slowest requests."""

import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import takewhile
from pathlib import Path

from benchmarks.drawn.verdict import DRAWN, SLOWEST_ARE, SPEED
from benchmarks.targets import print_table

RESULTS = Path(__file__).with_name("RESULTS.md")
HEAD = "# Results\n\nThe newest first; each is one run of the command that it names.\n"
SMALLEST = 10_000
KEPT_LENGTH = 200  # of a line about a slow request
# The facts whose growth has a target
GROWTH = {"growth.list": "list.broad", "growth.csv": "csv.row", "growth.import": "import.row"}
GROWTH[f"{DRAWN}growth.lists"] = f"{DRAWN}lists.p50"


@dataclass(frozen=True)
class Measured:
    """What a run of one database and size gave: its facts, and all that it printed."""

    facts: dict[str, float]
    lines: list[str]


def read(path: Path) -> Measured | None:
    if not path.exists():
        return None
    found = json.loads(path.read_text("utf-8"))
    return Measured(found["facts"], found["lines"])


def complete_facts(
    measured: Mapping[str, Measured], databases: Sequence[str]
) -> dict[str, dict[str, float]]:
    """The facts of each database, with growth from the smallest size and the worst by Directus."""
    facts = {name: dict(measured[name].facts) for name in databases if name in measured}
    for name, found in facts.items():
        smallest = measured.get(f"{name} {SMALLEST}")
        for growth, fact in GROWTH.items():
            if smallest and fact in found and fact in smallest.facts:
                found[growth] = found[fact] / smallest.facts[fact]
        if beside := [value for name, value in found.items() if name.endswith(":directus")]:
            found[f"{DRAWN}directus"] = max(beside)
    return facts


def write_report(measured: Mapping[str, Measured], projects: int, databases: Sequence[str]) -> str:
    """The targets with what was measured, those of drawn requests first; the curve of growth."""
    facts = complete_facts(measured, databases)
    lines = [f"{projects:,} projects, {describe_machine()}", ""]
    if any(name.startswith(DRAWN) for found in facts.values() for name in found):
        lines += [*print_table(facts, SPEED), "", "The questions that are the same each time:", ""]
    lines += print_table(facts)
    return "\n".join([*lines, *print_growth(measured, projects, databases)])


def print_growth(
    measured: Mapping[str, Measured], projects: int, databases: Sequence[str]
) -> list[str]:
    """Lines of the curve: each fact at each size."""
    shown = {"list.broad": "ms", "list.selective": "ms", "summary.live": "ms"}
    shown |= {"csv.row": "µs", "import.row": "µs"}
    lines: list[str] = []
    for name in databases:
        sizes = {
            int(key.rpartition(" ")[2]) if key != name else projects: each.facts
            for key, each in measured.items()
            if key.split(" ")[0] == name
        }
        if len(sizes) < 2:
            continue
        ordered = sorted(sizes)
        lines += ["", f"| {name}, projects | {' | '.join(f'{size:,}' for size in ordered)} |"]
        lines.append("|---" * (len(ordered) + 1) + "|")
        for fact, unit in shown.items():
            cells = [
                f"{sizes[size][fact]:,.1f} {unit}" if fact in sizes[size] else "-"
                for size in ordered
            ]
            lines.append(f"| {fact} | {' | '.join(cells)} |")
    return lines


def describe_machine() -> str:
    memory = Path("/proc/meminfo")
    size = int(memory.read_text("ascii").split()[1]) // 2**20 if memory.exists() else 0
    processors = len(os.sched_getaffinity(0))
    return f"{processors} processors, {size} GB, {platform.system()} {platform.machine()}"


def keep_report(report: str, measured: Mapping[str, Measured]) -> None:
    """Put a run at the head of RESULTS.md, with its day, commit, command and slowest requests."""
    day = datetime.now(UTC).date().isoformat()
    command = f"python -m benchmarks {' '.join(sys.argv[1:])}"
    slowest = [line for each in measured.values() for line in find_slowest(each.lines)]
    entry = f"""
## {day}, {read_commit()}

    {command}

{report}
"""
    if slowest:
        entry += "\n```text\n" + "\n".join(slowest) + "\n```\n"
    older = RESULTS.read_text("utf-8").removeprefix(HEAD) if RESULTS.exists() else ""
    RESULTS.write_text(HEAD + entry + older, "utf-8")


def find_slowest(lines: Sequence[str]) -> Iterator[str]:
    """Yield the lines about the slowest requests, each with its longest statement."""
    starts = [n for n, line in enumerate(lines) if line.endswith(SLOWEST_ARE)]
    for start in starts:
        yield lines[start]
        is_longest = False  # a request is followed by its statements, the longest first
        for line in takewhile(lambda line: not line.startswith("  ("), lines[start + 1 :]):
            is_request = " ms  " in line
            if is_request or is_longest or "  in all " in line:
                yield line[:KEPT_LENGTH]
            is_longest = is_request


def read_commit() -> str:
    done = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or "no commit"
