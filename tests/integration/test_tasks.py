"""`docs/explanation/integration-tasks.md` says in how many requests each task is done.

`WRITE_DOCS=1 pytest tests/integration` writes the page anew.
"""

import os
from collections.abc import Callable, Iterator
from itertools import groupby
from typing import Any, NamedTuple

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

What programs that live on the API do in their first weeks, and how many requests each task takes.
A test does all of them in the ledger that comes with the product, counts, and checks what came
out (`tests/integration`); it writes this page: `WRITE_DOCS=1 make test ARGS=tests/integration`.
*Before* is the ledger at commit `dcead41`, counted in the same way; there, milestones and claims
were written one by one after their project, and read one by one to know which of them a lost
answer had brought; a milestone that was dropped came back as another one.

| Task | Before | Now | Asked, below `/api/v1/` |
| --- | --- | --- | --- |
"""
NEVER = "not possible"


class Task(NamedTuple):
    """What a program does, and how many requests it took before."""

    do: Callable[[Program], None]
    before: int | str


TASKS = (
    Task(reading.read_every_project, 2),
    Task(reading.find_by_origin_sector_and_size, 1),
    Task(reading.find_a_code_by_its_name, 1),
    Task(reading.sum_by_two_dimensions, NEVER),
    Task(reading.open_a_cell, 2),
    Task(reading.read_the_past, 2),
    Task(reading.take_a_file_for_excel, 1),
    Task(reading.put_a_picture_into_a_report, 1),
    Task(reading.read_compressed, 1),
    Task(reading.ask_again, 2),
    Task(reading.read_from_a_page, 1),
    Task(reading.learn_from_a_mistake, 2),
    Task(reading.see_what_is_to_be_done, NEVER),
    Task(writing.write_a_whole_project, 4),
    Task(writing.write_again, 2),
    Task(writing.edit_what_was_read, 2),
    Task(writing.edit_beside_another, 4),
    Task(writing.change_the_rows_of_a_project, 6),
    Task(writing.upsert, 42),
    Task(writing.upsert_again, 21),
    Task(writing.take_back_an_edit, 3),
    Task(writing.bring_back_what_was_deleted, NEVER),
    Task(writing.import_a_sheet, 4),
    Task(reading.copy_the_ledger, 151),
    Task(reading.keep_the_copy_in_step, 31),
)


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
        task.do(program)
        transaction.set_rollback(True)
    asked = "<br>".join(print_times(program.asked))
    return f"| {print_title(task)} | {task.before} | {len(program.asked)} | {asked} |\n"


def print_title(task: Task) -> str:
    """The first sentence of the task's docstring, without its end."""
    return " ".join((task.do.__doc__ or "").split()).removesuffix(".")


def print_times(asked: list[str]) -> Iterator[str]:
    """Each address once, with how often it was asked in a row."""
    for address, times in groupby(asked):
        number = len([*times])
        yield f"`{address}`{f' ({number} times)' if number > 1 else ''}"
