"""`tools/install.py REQUIREMENTS`: pip, with one line that says how far it is.

pip alone is silent for minutes with --quiet, and tells everything else without.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

_COLLECTED = re.compile(r"^(?:Collecting|Requirement already satisfied:) ([\w.-]+)")
_INSTALLING = re.compile(r"^Installing collected packages: (.*)")


def main(requirements: str) -> int:
    """Install them into this Python; returns pip's exit code, with what it said if it fails."""
    options = ("--disable-pip-version-check", "--progress-bar", "off")
    command = [sys.executable, "-m", "pip", "install", *options, "-r", requirements]
    if (wheels := Path(requirements).resolve().parent / "wheels").is_dir():  # of a bundle
        command += ["--no-index", "--find-links", str(wheels)]
    said: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as pip:
        assert pip.stdout is not None
        for line in follow(pip.stdout, said):
            # Over itself on a terminal; elsewhere, such as in a log, no line for each package
            if sys.stdout.isatty():
                sys.stdout.write(f"\r\033[K  {line[:70]}")
                sys.stdout.flush()
    if sys.stdout.isatty():
        sys.stdout.write("\r\033[K")
    if pip.returncode:
        sys.stderr.write("".join(said[-15:]))
    return pip.returncode


def follow(lines: Iterator[str], said: list[str]) -> Iterator[str]:
    """Tell of each package once, with how many there were; keeps all lines in `said`."""
    seen: set[str] = set()
    for line in lines:
        said.append(line)
        if (found := _COLLECTED.match(line)) and found[1] not in seen:
            seen.add(found[1])
            yield f"{len(seen)} packages found, now {found[1]}"
        elif found := _INSTALLING.match(line):
            yield f"installing {len(found[1].split(','))} packages ..."


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
