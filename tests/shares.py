"""Which files each of several processes runs, so that all end at about the same time."""

from collections.abc import Iterable
from pathlib import Path

from tests.paths import TESTS
from tests.where import DEAREST

BYTES_A_SECOND = 5000  # of the processor, for files that DEAREST does not name


def share_out(files: Iterable[Path], parts: int) -> list[set[Path]]:
    """Hand out files, the dearest first, each to the part that has least so far."""
    shares: list[set[Path]] = [set() for _part in range(parts)]
    seconds = [0.0] * parts
    for file in sorted(files, key=lambda file: (-weigh(file), file)):
        least = seconds.index(min(seconds))
        shares[least].add(file)
        seconds[least] += weigh(file)
    return shares


def weigh(file: Path) -> float:
    """Take a file for so many seconds of processor: as measured, or as its length says."""
    measured = DEAREST.get(file.relative_to(TESTS).as_posix())
    return measured or file.stat().st_size / BYTES_A_SECOND
