"""Databases that tests copy: made once, and kept in `var/` as long as what they are made of.

`bare` has all tables and is empty; `shipped` has the ledger of `fixtures/` besides. On SQLite they
are files, on PostgreSQL databases of the server.
"""

import fcntl
import hashlib
import os
import re
import secrets
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

from tests.paths import FIXTURES, ROOT

FOLDER = ROOT / "var" / "cache" / "tests"
BARE, SHIPPED = "bare", "shipped"
COMMANDS = {BARE: ["migrate"], SHIPPED: ["load_fixtures"]}
# What begins the imports of all that a template is made by.
BEGINNINGS = {
    BARE: (
        *("*/migrations/*.py", "*/models/*.py", "config/settings.py", "config/sqlite/*.py"),
        "config/management/commands/migrate.py",
    ),
    SHIPPED: ("*/management/commands/load_fixtures.py",),
}

_IMPORTS = re.compile(r"^(?:from (\S+) )?import (\([^)]*\)|.*)", re.MULTILINE)
_NAMES = re.compile(r"[\w.]+")


# --- What they are made of -------------------------------------------------------------------


@cache
def name_of(kind: str) -> str:
    """The name of a template: another one as soon as anything differs that it is made by."""
    files = {path for pattern in BEGINNINGS[BARE] for path in ROOT.glob(pattern)}
    files |= {ROOT / "requirements.txt"}
    if kind == SHIPPED:
        files |= {path for pattern in BEGINNINGS[SHIPPED] for path in ROOT.glob(pattern)}
        files |= {path for path in FIXTURES.rglob("*") if path.is_file()}
    digest = hashlib.sha256(f"{sys.version} {sqlite3.sqlite_version}".encode())
    for path in sorted(with_imports(files)):
        digest.update(f"{path.relative_to(ROOT)} ".encode())
        digest.update(path.read_bytes())
    return f"{kind}_{digest.hexdigest()[:16]}"


def with_imports(files: set[Path]) -> set[Path]:
    """These files, and all modules of ours that they import, and those that these do."""
    waiting, found = [*files], set(files)
    while waiting:
        path = waiting.pop()
        if path.suffix == ".py":
            new = {*modules_in(path)} - found
            found |= new
            waiting += new
    return found


def modules_in(path: Path) -> Iterator[Path]:
    """The files of the modules of ours that a file imports."""
    for name in names_in(path.read_text(encoding="utf-8")):
        parts = name.split(".")
        if (ROOT / parts[0]).is_dir():
            for length in range(1, len(parts) + 1):
                place = ROOT.joinpath(*parts[:length])
                yield from filter(Path.is_file, (place.with_suffix(".py"), place / "__init__.py"))


@cache  # both templates are made of the same files
def names_in(code: str) -> list[str]:
    """Find what a module imports, by full names; further words do no harm.

    To parse the modules took half a second of each process.
    """
    return [
        f"{module}.{name}".lstrip(".")
        for module, names in _IMPORTS.findall(code)
        for name in _NAMES.findall(names)
    ]


# --- SQLite ----------------------------------------------------------------------------------


def make_file(kind: str) -> Path:
    """A template as a file of SQLite; it is made where it is missing."""
    path = FOLDER / f"{name_of(kind)}.sqlite3"
    if path.exists():
        return path
    basis = make_file(BARE) if kind == SHIPPED else None
    with one_at_a_time("sqlite"):
        if not path.exists():
            for older in FOLDER.glob(f"{kind}_*.sqlite3"):
                older.unlink()
            fill_file(path, kind, basis)
    return path


def fill_file(path: Path, kind: str, basis: Path | None) -> None:
    """Make a template's file, which appears when it is whole."""
    unfinished = path.with_suffix(".new")
    for rest in FOLDER.glob(f"{unfinished.name}*"):  # the log of one that was killed is malformed
        rest.unlink()
    if basis:
        shutil.copy(basis, unfinished)
    run(kind, f"sqlite:///{unfinished}")
    with closing(sqlite3.connect(unfinished)) as file:
        if kind == SHIPPED:
            file.execute("ANALYZE")
        # A copy in memory could not be opened in the mode of the files that are deployed.
        file.execute("PRAGMA journal_mode=DELETE")
    unfinished.rename(path)


# --- PostgreSQL ------------------------------------------------------------------------------


def make_database(kind: str, address: str) -> str:
    """A template as a database of the server at this address, where it is made if it is missing.

    Returns its name.
    """
    name = name_of(kind)
    basis = make_database(BARE, address) if kind == SHIPPED else "template0"
    with one_at_a_time("postgresql"), psycopg.connect(address, autocommit=True) as server:
        asked = "SELECT 1 FROM pg_database WHERE datname = %s"
        if server.execute(asked, [name]).fetchone() is None:
            unfinished = f"{name}_new"
            copy_database(server, basis, unfinished)
            fill_database(kind, urlunsplit(urlsplit(address)._replace(path=f"/{unfinished}")))
            names = (sql.Identifier(unfinished), sql.Identifier(name))
            server.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(*names))
    return name


def fill_database(kind: str, address: str) -> None:
    run(kind, address)
    if kind == SHIPPED:
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute("VACUUM ANALYZE")


def copy_database(server: "psycopg.Connection", basis: str, name: str) -> None:
    """Make a database that is a copy of another one, in place of what has its name."""
    drop_database(server, name)
    names = (sql.Identifier(name), sql.Identifier(basis))
    server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(*names))


def drop_database(server: "psycopg.Connection", name: str) -> None:
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
    server.execute(drop.format(sql.Identifier(name)))


# --- Both ------------------------------------------------------------------------------------


@contextmanager
def one_at_a_time(vendor: str) -> Iterator[None]:
    """Nobody else makes a template of this vendor meanwhile."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / f"{vendor}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def run(kind: str, address: str) -> None:
    """Let a command of ours fill a database."""
    command = [sys.executable, "manage.py", *COMMANDS[kind], "--verbosity", "0"]
    subprocess.run(command, cwd=ROOT, env=environment(address), check=True)


def environment(address: str) -> Mapping[str, str]:
    own = {"DATABASE_URL": address, "ENV_FILE": os.devnull}
    return {"SECRET_KEY": secrets.token_urlsafe(50), **os.environ, **own}
