"""Packages of npm that tests use: installed once for as long as their lock file is the same."""

import shutil
import subprocess
import tempfile
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from tests.paths import ROOT


def install_packages(wanted: Path) -> Path:
    """The folder of the packages that a folder's `package-lock.json` names."""
    digest = sha256((wanted / "package-lock.json").read_bytes()).hexdigest()
    kept = ROOT / "var/cache" / f"npm-{digest[:12]}"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(dir=kept.parent))
        shutil.copytree(wanted, folder, dirs_exist_ok=True)
        run(folder, "npm", "ci", "--no-audit", "--ignore-scripts", "--loglevel", "error")
        folder.chmod(0o755)
        with suppress(OSError):  # another run was faster
            folder.rename(kept)
    return kept / "node_modules"


def run(folder: Path, *command: str | Path) -> str:
    """What a program says, which has nothing to complain about."""
    assert shutil.which(str(command[0])), (
        "No Node.js is installed: `apt-get install npm` brings it."
    )
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return done.stdout
