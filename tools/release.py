"""`python -m tools.release 1.0.0` writes all that the number of a release is in, or depends on.

That is the version itself, the heading in the changelog, the OpenAPI document with what it promises
to clients, and for each database a backup of a small ledger of this version: every later one has to
make a ledger of its own from it (`tests/parks/test_backups.py`). Nothing is committed. The steps
before and after stand in docs/how-to/release.md.
"""

import os
import re
import secrets
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from config import __version__

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from parks.backups.databases import new_cluster  # noqa: E402 they read settings
from parks.backups.files import ENDINGS  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent
RELEASED = Path("tests", "data", "released")
_NUMBER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
_UNRELEASED = "\n## Unreleased\n"
# What `fixtures/` have no rows of
_FURTHER = {
    "fundings": "project,month,kind,reported_cny\namer-equipment,2023-11,paid_in,1000000\n",
    "plans": "project,year,planned_cny\namer-equipment,2024,5000000\n",
    "obstacles": "project,problem,raised_on\namer-equipment,未供地,2024-03-01\n",
    "excuses": "project,reason,approved_by,from_on,until_on\n"
    "amer-equipment,未供地,管委会,2024-03-01,2024-06-01\n",
    "targets": "park,year,measure,value\nbaodi-zgc,2024,agreed_cny,1000000000\n",
    "project_people": "project,role,name\namer-equipment,sponsor,王某\n",
}


def main(arguments: list[str]) -> int:
    """Write what a release changes; ends with 2 for a number that is not the next one."""
    version = arguments[0] if len(arguments) == 1 else ""
    try:
        date = datetime.now(UTC).astimezone().date().isoformat()
        replace_once(ROOT / "CHANGELOG.md", _UNRELEASED, f"\n## {check_next(version)}, {date}\n")
    except ValueError as error:
        sys.stderr.write(f"{error}\nusage: python -m tools.release 1.0.0\n")
        return 2
    said = '__version__ = "{}"\n'
    replace_once(ROOT / "config" / "__init__.py", said.format(__version__), said.format(version))
    client = ROOT / "clients/python/pyproject.toml"
    replace_once(client, f'version = "{__version__}"', f'version = "{version}"')
    run("make", "--no-print-directory", "openapi")
    run(sys.executable, "-m", "tests.contract.promises")
    (ROOT / RELEASED).mkdir(exist_ok=True)
    keep_ledger(RELEASED / f"{version}.{ENDINGS['sqlite']}", "")
    with new_cluster() as url:
        keep_ledger(RELEASED / f"{version}.{ENDINGS['postgresql']}", url)
    sys.stdout.write(f"Written for {version}: go on in docs/how-to/release.md.\n")
    return 0


def check_next(version: str, now: str = __version__) -> str:
    """Give the number back if it is one, and that of now is of before it; ValueError otherwise."""
    if not _NUMBER.fullmatch(version):
        raise ValueError(f"“{version}” is no number of a release.")
    if _split(version) < _split(now) or version == now:
        raise ValueError(f"{version} does not follow {now}.")
    return version


def is_stable(version: str = __version__) -> bool:
    """Tell whether what a version promises holds: from 1.0.0 on."""
    return _split(version) >= (1, 0, 0)


def _split(version: str) -> tuple[int, ...]:
    # 1.2.0.dev0 is what becomes 1.2.0
    return tuple(map(int, version.partition(".dev")[0].split(".")))


def replace_once(path: Path, before: str, after: str) -> None:
    """Replace what stands in a file just once; ValueError otherwise."""
    text = path.read_text(encoding="utf-8")
    if text.count(before) != 1:
        raise ValueError(f"{path.name} has not just one place with “{before.strip()}”.")
    path.write_text(text.replace(before, after), encoding="utf-8")


def run(*command: str, **variables: str) -> None:
    """Run a program in our folder, with these variables besides; CalledProcessError if it fails."""
    subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, check=True)  # noqa: S603


def keep_ledger(path: Path, url: str) -> None:
    """Make a ledger with the fixtures and a row or two of most other kinds; keep a backup of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        variables = {
            **{"ENV_FILE": os.devnull, "VAR_DIR": f"{folder}/var", "DATABASE_URL": url},
            "SECRET_KEY": secrets.token_urlsafe(50),
        }
        manage = (sys.executable, "manage.py")
        for command in ("migrate --verbosity 0", "load_fixtures", "ensure_admin"):
            run(*manage, *command.split(), **variables)
        run(*manage, *"create_token admin --name release".split(), **variables)
        for resource, text in _FURTHER.items():
            file = folder / f"{resource}.csv"
            file.write_text(text, encoding="utf-8")
            run(*manage, "import_projects", str(file), "--resource", resource, **variables)
        run(*manage, "settle", **variables)
        run(*manage, "backup", str(folder / "backups"), **variables)
        (manifest,) = folder.glob("backups/*.json")
        for made, kept in ((manifest.with_suffix(""), path), (manifest, Path(f"{path}.json"))):
            (ROOT / kept).write_bytes(made.read_bytes())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
