"""Looks for the floors of projects, in a copy of the tree that `test_new_field.py` makes."""

import io

import django
import openpyxl
from django.core.management import call_command
from django.test.utils import setup_test_environment

django.setup()

from django.contrib.auth.models import User  # noqa: E402 after the set-up
from rest_framework.test import APIClient  # noqa: E402

from tests.factories import ParkFactory, ProjectFactory  # noqa: E402
from tools.docs.pages import build_pages  # noqa: E402

API = "/api/v1"


def main() -> None:
    setup_test_environment()
    said = io.StringIO()
    call_command("makemigrations", "projects", name="floors", stdout=said)
    assert said.getvalue().count("Add field floors to") == 2, said.getvalue()  # its history, too
    call_command("migrate", verbosity=0)
    client = APIClient(HTTP_IF_MATCH="*")
    client.force_login(User.objects.create_superuser("admin", password="x"))
    town = ParkFactory.create(code="town")
    ProjectFactory.create(code="tower", park=town)
    see_json(client)
    see_files(client)
    see_admin(client)
    see_docs()


def see_json(client: APIClient) -> None:
    answer = client.patch(f"{API}/projects/tower", {"floors": 12}, format="json")
    assert answer.json().get("floors") == 12, answer.content
    wrong = client.patch(f"{API}/projects/tower", {"floors": -1}, format="json")
    assert wrong.status_code == 400, wrong.content
    assert listed(client) == {"tower": 12}
    assert listed(client, floors_min="12", floors_max="12") == {"tower": 12}
    assert listed(client, floors_min="13") == {}


def listed(client: APIClient, **query: str) -> dict[str, int]:
    answer = client.get(f"{API}/projects", query).json()
    return {row["code"]: row["floors"] for row in answer["results"]}


def see_files(client: APIClient) -> None:
    file = client.get(f"{API}/projects.csv", {"columns": "code,floors"}).getvalue()
    assert b"tower,12" in file, file
    upload = io.BytesIO("项目编码,层数\ntower,15\n".encode())
    upload.name = "floors.csv"
    answer = client.post(f"{API}/imports", {"file": upload, "dry_run": "false"}, format="multipart")
    assert listed(client) == {"tower": 15}, answer.content
    template = client.get(f"{API}/imports/template.xlsx").getvalue()
    headers = [cell.value for cell in openpyxl.load_workbook(io.BytesIO(template)).worksheets[0][1]]
    assert "floors" in headers, headers


def see_admin(client: APIClient) -> None:
    page = client.get("/admin/projects/project/add/")
    assert b'name="floors"' in page.content


def see_docs() -> None:
    texts = {path.name: text for path, text in build_pages().items()}
    assert "`floors`" in texts["columns.md"]
    assert "`floors_min`" in texts["parameters.md"]


main()
