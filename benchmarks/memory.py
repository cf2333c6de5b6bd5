"""How much memory one file takes: asked in a process of its own, and thrown away as it comes."""

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

from benchmarks.site import Site

STATUS = Path("/proc/self/status")
SECONDS = 0.02
MEGABYTE = 1024  # in the unit of STATUS


def used() -> int:
    """The memory of this process in megabytes, without what is mapped of files.

    SQLite maps its database (`mmap_size`): those pages are the system's cache, not the program's.
    """
    (found,) = re.findall(r"RssAnon:\s*(\d+) kB", STATUS.read_text())
    return int(found) // MEGABYTE


@contextmanager
def watching_memory() -> Iterator[list[int]]:
    """Watch what is used within a block: how much at first, and again and again."""
    seen = [used()]
    ended = Event()

    def watch() -> None:
        while not ended.wait(SECONDS):
            seen.append(used())

    watching = Thread(target=watch)
    watching.start()
    try:
        yield seen
    finally:
        ended.set()
        watching.join()


def main(address: str) -> None:
    """Print how much it was once the site had answered, and the most while the file was made."""
    site = Site()
    site.get("/api/v1/projects?limit=1")
    with watching_memory() as seen:
        response: Any = site.answer(address)
        for _block in response:
            pass
        response.close()
    print(seen[0], max(seen))


if __name__ == "__main__":
    main(sys.argv[1])
