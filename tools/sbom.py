"""`make sbom`: a bill of materials (CycloneDX, JSON) of what runs, with versions and licences.

Of all that is installed in .venv only what requirements.txt needs is told, so that tools of tests
are not said to run on servers.
"""

import sys
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from config import __version__

# What these say in their files of licences alone, not in their metadata
LICENCES = {
    "pyrage": "MIT",
    "typst": "Apache-2.0",
    "uritemplate": "BSD-3-Clause OR Apache-2.0",
    "vl-convert-python": "BSD-3-Clause",
}
ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    """Write the bill to the file that is named, else to standard output."""
    bill = build_bill(find_needed(ROOT / "requirements.txt"))
    text = make_outputter(bill, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=1)
    if arguments:
        Path(arguments[0]).write_text(text + "\n", encoding="utf-8")
    else:
        sys.stdout.write(text + "\n")
    return 0


def find_needed(path: Path) -> set[str]:
    """Find the names of all packages that a file of requirements needs, directly or not."""
    lines = [line.partition("#")[0].strip() for line in path.read_text("utf-8").splitlines()]
    waiting = [Requirement(line) for line in lines if line]
    found: dict[str, set[str]] = {}
    while waiting:
        wanted = waiting.pop()
        name = canonicalize_name(wanted.name)
        extras = {"", *wanted.extras} - found.get(name, set())
        if extras:
            found.setdefault(name, set()).update(extras)
            needs = map(Requirement, metadata.requires(name) or ())
            waiting += [each for each in needs if _is_needed(each, extras)]
    return set(found)


def _is_needed(wanted: Requirement, extras: set[str]) -> bool:
    marker = wanted.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras)


def build_bill(names: set[str]) -> Bom:
    """Describe the packages of these names as they are installed, each with its licence."""
    bill = Bom()
    ours = Component(name="park-ledger", version=__version__, type=ComponentType.APPLICATION)
    bill.metadata.component = ours
    parts = {name: _describe(name) for name in sorted(names)}
    for part in parts.values():
        bill.components.add(part)
    bill.register_dependency(ours, parts.values())
    return bill


def _describe(name: str) -> Component:
    known = metadata.metadata(name)
    licence = LICENCES.get(name) or known.get("License-Expression") or _read_classifier(known)
    return Component(
        name=known["Name"],
        version=known["Version"],
        type=ComponentType.LIBRARY,
        purl=PackageURL("pypi", None, name, known["Version"]),
        licenses=[LicenseFactory().make_from_string(licence)],
    )


def _read_classifier(known: metadata.PackageMetadata) -> str:
    """Read the licence from where packages said it before there were expressions."""
    classifiers = known.get_all("Classifier") or []
    told = [each.rpartition(" :: ")[2] for each in classifiers if each.startswith("License ::")]
    licence = " OR ".join(told) or (known.get("License") or "").splitlines()[0]
    if not licence:
        raise SystemExit(f"{known['Name']} does not say its licence: look, and add it to LICENCES.")
    return licence


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
