"""`make audit ADVISORIES=all.zip`: compares what runs with published advisories, and says no more.

The file is OSV's export of PyPI, which whoever asks has downloaded: a zip of one JSON file for each
advisory. How old it is, is told by its newest advisory; from more than 30 days on, and for a
package whose advisory cannot be read, it is said that nothing was audited. Exits with 0 only if
all was compared with a recent file and nothing was found; with 1 for findings, 2 for no audit.
"""

import json
import sys
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from tools.sbom import ROOT, find_needed

OLDEST = timedelta(days=30)
USAGE = "usage: make audit ADVISORIES=all.zip (docs/explanation/security.md says from where)"


def main(arguments: list[str]) -> int:
    """Say what was compared with what, and what was found."""
    if len(arguments) != 1 or not Path(arguments[0]).is_file():
        sys.stderr.write(f"Not audited. {USAGE}\n")
        return 2
    installed = {name: metadata.version(name) for name in find_needed(ROOT / "requirements.txt")}
    read, newest, found, unread = compare(Path(arguments[0]), installed)
    for line in sorted(found):
        sys.stdout.write(f"{line}\n")
    age = datetime.now(UTC) - newest
    sys.stdout.write(
        f"{len(installed)} packages compared with {read} advisories, the newest of "
        f"{newest.date()} ({age.days} days ago); {len(found)} concern what is installed.\n"
    )
    if found:
        return 1
    if age > OLDEST or unread or not read:
        why = f"could not read {', '.join(sorted(unread))}" if unread else "the file is too old"
        sys.stdout.write(f"Not audited: {why}.\n")
        return 2
    return 0


def compare(path: Path, installed: Mapping[str, str]) -> tuple[int, datetime, list[str], set[str]]:
    """Compare packages with a file of advisories.

    Returns how many it has, when the newest was changed, a line for each that concerns a version
    that is installed, and the ids of those that concern a package but could not be read.
    """
    newest, read = datetime.min.replace(tzinfo=UTC), 0
    found: list[str] = []
    unread: set[str] = set()
    for advisory in _read_advisories(path):
        read += 1
        newest = max(newest, datetime.fromisoformat(advisory["modified"]))
        if advisory.get("withdrawn"):
            continue
        for name, affected in _list_affected(advisory):
            if name not in installed:
                continue
            try:
                if is_affected(installed[name], affected):
                    said = advisory.get("summary", "")
                    found.append(f"{name} {installed[name]}: {advisory['id']} {said}".strip())
            except (InvalidVersion, KeyError):
                unread.add(advisory["id"])
    return read, newest, sorted({*found}), unread


def _read_advisories(path: Path) -> Iterator[dict[str, Any]]:
    with zipfile.ZipFile(path) as file:
        for name in file.namelist():
            if name.endswith(".json"):
                yield json.loads(file.read(name))


def _list_affected(advisory: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for affected in advisory.get("affected", ()):
        package = affected.get("package", {})
        if package.get("ecosystem") == "PyPI":
            yield canonicalize_name(package["name"]), affected


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Tell whether a version is among those that are affected: named, or within a range.

    InvalidVersion or KeyError for what cannot be read.
    """
    if version in affected.get("versions", ()):
        return True
    ranges = [each for each in affected.get("ranges", ()) if each["type"] == "ECOSYSTEM"]
    return any(_is_within(Version(version), each["events"]) for each in ranges)


def _is_within(version: Version, events: list[Mapping[str, str]]) -> bool:
    """Whether a version lies between an event that begins and one that ends, in their order."""
    is_inside = False
    for event in sorted(events, key=_place):
        at = _place(event)[0]
        if "introduced" in event:
            is_inside = is_inside or version >= at
        elif "fixed" in event:
            is_inside = is_inside and version < at
        elif "last_affected" in event:
            is_inside = is_inside and version <= at
    return is_inside


def _place(event: Mapping[str, str]) -> tuple[Version, bool]:
    """The version of an event; what begins there stands after what ends there."""
    ((kind, value),) = event.items()
    return Version(value), kind == "introduced"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
