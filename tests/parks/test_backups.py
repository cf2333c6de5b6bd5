"""Backups: one state of a ledger in use, restored only with proof; as an operator does it."""

import io
import json
import re
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, connections
from django.db.migrations.loader import MigrationLoader

from config.examinations import find_pending_migrations
from parks.backups.files import ENDINGS, digest_file, list_backups, read_manifest
from parks.models import Organisation, Park
from parks.recording.recording import recorded
from projects.models import Project
from tests.contract.servers import environment
from tests.factories import ParkFactory
from tests.paths import DATA, DOCS, ROOT
from tests.samples import HERE, sample
from tests.seeded import address_of, close_connection, name_database

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def ledger(database_in_a_file: None, tmp_path: Path, settings: Any) -> None:
    """A ledger with a park, whose folder is the test's."""
    settings.VAR_DIR = tmp_path / "var"
    settings.VAR_DIR.mkdir()
    ParkFactory.create(code="baodi")


def back_up(folder: Path, **options: Any) -> Path:
    """The newest backup, made now."""
    call_command("backup", str(folder), stdout=io.StringIO(), **options)
    return list_backups(folder, datetime.now(UTC))[0][1]


@pytest.fixture
def new_database(tmp_path: Path) -> Iterator[str]:
    """The name of an empty database."""
    if connection.vendor == "sqlite":
        yield f"{tmp_path}/new.sqlite3"
        return
    name = f"new_{secrets.token_hex(4)}"
    with psycopg.connect(address_of("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE template0")
        yield name
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def url_of(name: str) -> str:
    """What DATABASE_URL says of a database."""
    return address_of(name) if connection.vendor == "postgresql" else f"sqlite:///{name}"


@contextmanager
def connected_to(name: str) -> Iterator[None]:
    """Work on another database, as a process would that is started with its address."""
    before = connection.settings_dict["NAME"]
    close_connection()
    name_database(name)
    try:
        yield
    finally:
        close_connection()
        name_database(before)


def restore(name: str, path: Path, **options: Any) -> str:
    """What the operator is told who restores a backup in a database."""
    told = io.StringIO()
    with connected_to(name):
        call_command("restore", str(path), stdout=told, **options)
    return told.getvalue()


def count_rows(name: str, model: Any) -> int:
    with connected_to(name):
        return int(model.objects.count())


PAGE = DOCS / "how-to/backup.md"


@pytest.mark.long("starts a program for each line of a page")
def test_the_commands_of_the_page_work_as_they_are_typed(tmp_path: Path, new_database: str) -> None:
    """Each block of the page, in its order; paths and names of services are the test's.

    What follows them, for Compose and pgBackRest, is typed by deploy/try-compose.sh and
    deploy/try-on-debian.sh.
    """
    page = PAGE.read_text(encoding="utf-8").partition("## With Docker Compose")[0]
    script = "\n".join(re.findall(r"```sh\n(.*?)```", page, re.DOTALL))
    for said, meant in {
        "/var/backups/park-ledger": str(tmp_path / "backups"),
        "/root/": f"{tmp_path}/",
        ".venv/bin/python": sys.executable,
        "sudo systemctl stop park-ledger": "export DATABASE_URL=$NEW_DATABASE",
        "sudo systemctl start park-ledger": "",
        "protect_history ledger_application": "check",
    }.items():
        assert said in script, said
        script = script.replace(said, meant)
    url = url_of(connection.settings_dict["NAME"])
    done = subprocess.run(
        ["bash", "-e", "-u", "-c", script],
        cwd=ROOT,
        env=environment(tmp_path, DATABASE_URL=url, NEW_DATABASE=url_of(new_database)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("Restored in") == 2
    assert "It was a drill" in done.stdout


@contextmanager
def writing() -> Iterator[list[str]]:
    """Somebody who writes two rows at a time, for as long as this lasts; lists their codes."""
    is_over = threading.Event()
    written: list[str] = []

    def write() -> None:
        while not is_over.is_set():
            pair = [f"firm-{len(written)}", f"firm-{len(written) + 1}"]
            try:
                with recorded():
                    for code in pair:
                        Organisation.objects.create(code=code, name_en=code)
                written.extend(pair)
            except OperationalError:  # SQLite was busy for two seconds
                pass
        connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        yield written
    finally:
        is_over.set()
        writer.join()


@pytest.mark.slow
@pytest.mark.both_databases
def test_a_backup_made_while_others_write_is_one_state_and_restores_whole(
    tmp_path: Path, new_database: str
) -> None:
    with writing() as written:
        for number in range(3):
            before = len(written)
            path = back_up(tmp_path / f"backups-{number}")
        after = len(written)
    assert "the history whole" in restore(new_database, path)
    rows = count_rows(new_database, Organisation)
    assert before <= rows <= after + 2
    assert rows % 2 == 0
    assert (
        json.loads(path.with_name(f"{path.name}.json").read_text())["tables"]["parks_organisation"]
        == rows
    )
    with connected_to(new_database), connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # its planner knows what came
            cursor.execute("SELECT count(*) FROM pg_stats WHERE tablename = 'parks_organisation'")
            assert cursor.fetchone()[0] > 0


@pytest.mark.slow
def test_an_encrypted_backup_is_opened_by_its_key_alone(
    tmp_path: Path, new_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    key = tmp_path / "key"
    call_command("backup", make_key=key)
    recipient = capsys.readouterr().out.strip()
    path = back_up(tmp_path / "backups", recipient=recipient)
    assert path.suffix == ".age"
    assert path.read_bytes().startswith(b"age-encryption.org/v1")
    assert {each.stat().st_mode & 0o777 for each in (path, key)} == {0o600}
    with pytest.raises(CommandError, match="--key-file"):
        restore(new_database, path)
    call_command("backup", make_key=tmp_path / "other")
    with pytest.raises(CommandError, match="does not open it"):
        restore(new_database, path, key_file=tmp_path / "other")
    assert "the history whole" in restore(new_database, path, key_file=key)
    if connection.vendor == "sqlite":  # on PostgreSQL a drill makes a cluster: see the page
        call_command("restore", str(path), verify=True, key_file=key)
        assert "It was a drill" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.both_databases
def test_what_is_in_the_database_is_replaced_only_if_that_is_said(
    tmp_path: Path, new_database: str
) -> None:
    first = back_up(tmp_path / "first")
    ParkFactory.create(code="wuqing")
    second = back_up(tmp_path / "second")
    restore(new_database, second)
    assert count_rows(new_database, Park) == 2
    with pytest.raises(CommandError, match="--replace"):
        restore(new_database, first)
    assert count_rows(new_database, Park) == 2
    restore(new_database, first, replace=True)
    assert count_rows(new_database, Park) == 1


def note(path: Path, **members: Any) -> None:
    """Let what is noted beside a backup say something else."""
    noted = path.with_name(f"{path.name}.json")
    noted.write_text(json.dumps({**json.loads(noted.read_text()), **members}))


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"sha256": "0" * 64}, "its SHA-256 differs"),
    ({"vendor": "oracle"}, "It is a backup of oracle"),
    ({"migrations": ["parks.9999_later"]}, "newer than this one"),
]


def test_a_file_that_is_altered_or_not_for_this_ledger_is_refused_before_anything_is_done(
    tmp_path: Path,
) -> None:
    path = back_up(tmp_path / "backups")
    noted = path.with_name(f"{path.name}.json")
    right = json.loads(noted.read_text())
    for members, said in REFUSED:
        note(path, **right | members)
        with pytest.raises(CommandError, match=said):
            call_command("restore", str(path), replace=True)
    noted.unlink()
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("restore", str(path), verify=True)


def test_rows_and_the_end_of_the_feed_are_compared(tmp_path: Path, new_database: str) -> None:
    path = back_up(tmp_path / "backups")
    tables = json.loads(path.with_name(f"{path.name}.json").read_text())["tables"]
    ledger = {"identity": "", "number": 7, "digest": ""}
    note(path, tables={**tables, "parks_park": 7}, ledger=ledger)
    with pytest.raises(CommandError) as refused:
        restore(new_database, path)
    assert "parks_park has 1 rows in place of 7" in str(refused.value)
    assert "The ledger ends with" in str(refused.value)


@pytest.mark.slow
@pytest.mark.both_databases
def test_a_damaged_backup_leaves_what_is_there(tmp_path: Path, new_database: str) -> None:
    """Also where the digest fits: it was damaged before it was written."""
    path = back_up(tmp_path / "backups")
    restore(new_database, path)
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    note(path, sha256=digest_file(path))
    with pytest.raises(CommandError):
        restore(new_database, path, replace=True)
    assert count_rows(new_database, Park) == 1


SCHEMA = {
    "sqlite": "SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'",
    "postgresql": """
        SELECT 'column', table_name, concat_ws(
            ' ', column_name, data_type, character_maximum_length, is_nullable, column_default,
            generation_expression, collation_name)
        FROM information_schema.columns WHERE table_schema = 'public'
        UNION ALL SELECT 'index', indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
        UNION ALL SELECT 'constraint', conname, pg_get_constraintdef(oid) FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT 'trigger', tgname, pg_get_triggerdef(oid) FROM pg_trigger
        WHERE NOT tgisinternal
        UNION ALL SELECT 'function', proname, prosrc FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
        UNION ALL SELECT 'options', relname, reloptions::text FROM pg_class
        WHERE reloptions IS NOT NULL AND relnamespace = 'public'::regnamespace""",
}


ROWS = {"parks": "parks_park", "sources": "parks_source", "regions": "parks_region"}


def read_schema() -> set[tuple[str, ...]]:
    """Every table or column, index, constraint, trigger and function."""
    with connection.cursor() as cursor:
        cursor.execute(SCHEMA[connection.vendor])
        return {*cursor.fetchall()}


def list_releases() -> list[Path]:
    """A backup of a ledger of each version that was released: `tools.release` makes them."""
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    versions = re.findall(r"^## (\d+\.\d+\.\d+)", changelog, re.MULTILINE)
    return [DATA / "released" / f"{each}.{ENDINGS[connection.vendor]}" for each in versions]


@pytest.mark.slow
@pytest.mark.both_databases
def test_a_ledger_of_each_release_becomes_one_of_this_version(
    tmp_path: Path, new_database: str, client: Any
) -> None:
    """The same tables as of a new ledger: what was released of migrations is never altered."""
    schemas = []
    releases = sample(list_releases(), 2, HERE)
    for number, path in enumerate([back_up(tmp_path / "backups"), *releases]):
        restore(new_database, path, replace=True)
        with connected_to(new_database):
            assert not find_pending_migrations()
            answers = [client.get(f"/api/v1/{name}?count=exact").json() for name in ROWS]
            told = {name: answer["count"] for name, answer in zip(ROWS, answers, strict=True)}
            kept = read_manifest(path).tables
            assert told == {name: kept[table] for name, table in ROWS.items()}, path.name
            again = back_up(tmp_path / str(number))
        if connection.vendor == "postgresql":  # conditions are written otherwise once dumped
            restore(new_database, again, replace=True)
        with connected_to(new_database):
            schemas.append(read_schema())
        assert len(schemas[0]) > 100
        assert schemas[-1] == schemas[0], path.name


@pytest.mark.both_databases
def test_code_of_the_last_release_writes_what_this_version_has_migrated() -> None:
    """While machines are upgraded one after the other: what it does not know fills itself."""
    loader = MigrationLoader(None)
    known = {tuple(each.split(".")) for each in read_manifest(list_releases()[0]).migrations}
    former = loader.project_state([*known & loader.disk_migrations.keys()]).apps
    for model in former.get_models():
        columns = {field.column for field in model._meta.local_fields}
        fields = apps.get_model(model._meta.label)._meta.local_concrete_fields
        new = [field for field in fields if field.column not in columns]
        assert columns <= {field.column for field in fields}, model
        fills_itself = [each.null or each.has_db_default() or each.generated for each in new]
        assert all(fills_itself), [str(each) for each in new]
    rows = former.get_model("projects", "Project")._default_manager
    rows.create(code="old", name_zh="旧", park_id=Park.objects.get().pk)
    assert Project.objects.get(code="old").building == ""


def test_a_folder_must_be_named(settings: Any) -> None:
    settings.BACKUP_DIR = ""
    with pytest.raises(CommandError, match="BACKUP_DIR"):
        call_command("backup")
    with pytest.raises(CommandError, match="no public key"):
        call_command("backup", "unused", recipient="age1nonsense")
