"""manage.py export_projects: the files of the API without a server."""

import io
import os
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from projects.views import ProjectViewSet
from tests.answers import API
from tests.factories import ParkFactory, ProjectFactory
from tests.seeded import kept_rows

pytestmark = pytest.mark.django_db


@kept_rows(autouse=True)
def ledger(vocabularies: None) -> None:
    town = ParkFactory.create(code="town")
    ProjectFactory.create(code="big", park=town, investment=3 * 10**8, met=["signed"])
    ProjectFactory.create(code="small", park=town, investment=1)
    ProjectFactory.create(code="draft", park=town, publication="draft")


def export(*arguments: str, **options: Any) -> str:
    said = io.StringIO()
    call_command("export_projects", *arguments, stdout=said, **options)
    return said.getvalue()


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_file_is_that_of_the_api(tmp_path: Path, api: APIClient, ending: str) -> None:
    path = tmp_path / f"projects.{ending}"
    said = export(
        *("park=town", "--public", "--columns", "code,investment_cny", "--unit", "yi"),
        *("--ordering=-investment_cny", "--output", str(path)),
    )
    asked = {"park": "town", "columns": "code,investment_cny", "unit": "yi"}
    served = api.get(f"{API}/projects.{ending}", {**asked, "ordering": "-investment_cny"})
    assert path.read_bytes() == served.getvalue()
    assert "2 rows in" in said
    assert os.listdir(tmp_path) == [path.name]
    assert path.stat().st_mode & 0o777 == 0o666 & ~os.umask(os.umask(0o022))


def test_without_a_file_it_goes_to_standard_output(capfdbinary: Any) -> None:
    assert export("reached=signed", "--columns", "code", "--no-bom") == ""
    assert capfdbinary.readouterr().out == b"code\r\nbig\r\n"


def test_whoever_reads_only_its_beginning_gets_no_error(monkeypatch: Any) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(os.dup(write), "w") as output:
        os.close(write)
        monkeypatch.setattr("sys.stdout", output)
        assert export("--columns", "code") == ""


def test_whoever_runs_the_server_sees_drafts_unless_public_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "p.xlsx"
    for options, expected in (([], ["big", "draft", "small"]), (["--public"], ["big", "small"])):
        export("--columns", "code", "--output", str(path), *options)
        page = openpyxl.load_workbook(path).worksheets[0]
        assert [row[0].value for row in page.iter_rows(min_row=2)] == expected


def test_a_file_that_fails_leaves_the_old_one_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "p.csv"
    path.write_text("old")

    def full(self: Any, file: Any) -> None:
        file.write(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(ProjectViewSet, "write_csv", full)
    with pytest.raises(CommandError, match="No space left"):
        export("--output", str(path))
    assert (os.listdir(tmp_path), path.read_text()) == (["p.csv"], "old")
