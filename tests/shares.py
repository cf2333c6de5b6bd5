"""Which files each of several processes runs, so that all end at about the same time."""

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from tests.paths import DATA, TESTS

TOGETHER = {"projects/oracle"}  # folders whose files need the same rows, and run in one process
WEIGHTS = DATA / "processor.json"  # seconds of processor of each file on SQLite
BYTES_A_SECOND = 8000  # of the processor, for files that nobody has measured


def share_out(files: Iterable[Path], parts: int) -> list[set[Path]]:
    """Hand out files, the dearest first, each to the part that has least so far.

    Those of a folder in TOGETHER stay together.
    """
    shares: list[set[Path]] = [set() for _part in range(parts)]
    seconds = [0.0] * parts
    lots: dict[Path, set[Path]] = {}
    for file in files:
        folder = file.parent.relative_to(TESTS).as_posix()
        lots.setdefault(file.parent if folder in TOGETHER else file, set()).add(file)
    weights = {lot: sum(map(weigh, of_lot)) for lot, of_lot in lots.items()}
    for lot in sorted(lots, key=lambda lot: (-weights[lot], lot)):
        least = seconds.index(min(seconds))
        shares[least] |= lots[lot]
        seconds[least] += weights[lot]
    return shares


def weigh(file: Path) -> float:
    """Take a file for so many seconds of processor: as measured, or as its length says."""
    measured = read_weights().get(file.relative_to(TESTS).as_posix())
    return measured or file.stat().st_size / BYTES_A_SECOND


@cache
def read_weights() -> dict[str, float]:
    """Read what files of tests took when they were measured, by their place in `tests/`."""
    weights: dict[str, float] = json.loads(WEIGHTS.read_text(encoding="utf-8"))
    return weights


def write_weights(spent: Mapping[str, float]) -> None:
    """Write what files took just now in place of what they took before."""
    measured = {file.removeprefix("tests/"): max(round(spent[file], 1), 0.1) for file in spent}
    there = {file: took for file, took in read_weights().items() if (TESTS / file).is_file()}
    text = json.dumps(there | measured, indent=0, sort_keys=True)
    WEIGHTS.write_text(f"{text}\n", encoding="utf-8")
