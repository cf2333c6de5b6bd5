"""Which files each of several processes runs, so that all end at about the same time."""

from collections.abc import Iterable
from pathlib import Path

from tests.paths import TESTS
from tests.where import DEAREST, TOGETHER

BYTES_A_SECOND = 8000  # of the processor, for files that DEAREST does not name


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
    measured = DEAREST.get(file.relative_to(TESTS).as_posix())
    return measured or file.stat().st_size / BYTES_A_SECOND
