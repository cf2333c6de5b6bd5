"""What costs little, on machines where others work too."""

from collections.abc import Callable
from time import process_time

RUNS = 5


def costs_less(seconds: float, act: Callable[[], object]) -> bool:
    """Tell whether an act takes less processor time than that; one run of some is enough.

    Whatever else the machine does may add to a run, and never takes from it.
    """
    for _run in range(RUNS):
        started = process_time()
        act()
        if process_time() - started < seconds:
            return True
    return False
