"""`docs/explanation/integration-tasks.md` says in how many requests each task is done.

`WRITE_DOCS=1 pytest tests/integration` writes the page anew.
"""

import os
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import transaction
from rest_framework.test import APIClient

from parks.models import ApiToken
from tests.contract.test_cors import serve
from tests.integration import reading, writing
from tests.integration.program import Program
from tests.paths import DOCS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shipped")]

PAGE = DOCS / "explanation" / "integration-tasks.md"
BEGIN = """# What a task takes over REST

How many requests common tasks of client programs take. A test does each task in the shipped
ledger, counts, checks the result, and writes this page:
`WRITE_DOCS=1 make test ARGS=tests/integration`.

| Task | Requests | Below `/api/v1/` |
| --- | --- | --- |
"""
Task = Callable[[Program], None]

TASKS = (
    reading.read_every_project,
    reading.find_by_origin_sector_and_size,
    reading.find_a_code_by_its_name,
    reading.sum_by_two_dimensions,
    reading.open_a_cell,
    reading.read_the_past,
    reading.take_a_file_for_excel,
    reading.put_a_picture_into_a_report,
    reading.read_compressed,
    reading.ask_again,
    reading.read_from_a_page,
    reading.learn_from_a_mistake,
    reading.see_what_is_to_be_done,
    writing.write_a_whole_project,
    writing.write_again,
    writing.edit_what_was_read,
    writing.edit_beside_another,
    writing.change_the_rows_of_a_project,
    writing.upsert,
    writing.upsert_again,
    writing.take_back_an_edit,
    writing.bring_back_what_was_deleted,
    writing.import_a_sheet,
    reading.copy_the_ledger,
    reading.keep_the_copy_in_step,
)


@pytest.mark.slow
def test_every_task_is_done_in_as_many_requests_as_the_page_says(settings: Any) -> None:
    serve(settings, "*")  # pages of other sites may read, where the operator says so
    ann = User.objects.create_superuser("ann")
    _token, secret = ApiToken.issue(ann, "tasks", scope="write", days=1)
    others = APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}")
    others.default_format = "json"
    page = BEGIN + "".join(build_row(task, secret, others) for task in TASKS)
    if os.environ.get("WRITE_DOCS"):
        PAGE.write_text(page, encoding="utf-8")
    assert PAGE.read_text(encoding="utf-8") == page


def build_row(task: Task, secret: str, others: APIClient) -> str:
    """Do a task, take back what it wrote, and say what it asked."""
    program = Program(APIClient(HTTP_AUTHORIZATION=f"Bearer {secret}"), others)
    with transaction.atomic():
        task(program)
        transaction.set_rollback(True)
    asked = "<br>".join(print_times(program.asked))
    return f"| {print_title(task)} | {len(program.asked)} | {asked} |\n"


def print_title(task: Task) -> str:
    """The first sentence of the task's docstring, without its end."""
    return " ".join((task.__doc__ or "").split()).removesuffix(".")


def print_times(asked: list[str]) -> Iterator[str]:
    """Each address once, with how often it was asked in a row."""
    for address, times in groupby(asked):
        number = len([*times])
        yield f"`{address}`{f' ({number} times)' if number > 1 else ''}"
