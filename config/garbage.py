"""When Python looks for circles of objects that nobody holds any more."""

import gc


def collect_seldom() -> None:
    """Spare the garbage collector what is loaded already, and let it look a tenth as often.

    Otherwise each full collection would walk through all that is loaded, and a page of a hundred
    rows would set off a dozen small ones, for rows that are freed without them: a sixth of its
    time. What lies in circles is kept a little longer, some megabytes at most.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
