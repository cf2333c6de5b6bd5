"""Fills the current database with N projects: some are drawn, the others copied in SQL."""

from math import ceil

from django.core.management import call_command
from django.db import connection
from django.db.models import Model

from projects.models import Investor, Milestone, Participation, Project, ProjectFigure

MOST_DRAWN = 20_000
# Copies differ from what they were copied from, so that sorting by amount is no long tie.
STEP_CNY = 10_000
COPY = """
    WITH RECURSIVE copy(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < {copies})
    INSERT INTO {table} ({columns})
    SELECT {values} FROM copy CROSS JOIN projects_project AS original {joins}
"""
# The rows of a project go to the copy of that project.
JOINS = """
    JOIN projects_project AS made ON made.code_key = original.code_key || '-' || {n}
    JOIN {table} AS child ON child.project_id = original.id
"""
N = "CAST(copy.n AS VARCHAR(9))"


def fill(count: int) -> int:
    """Make `count` projects or a few more in an empty database; returns how many."""
    call_command("migrate", verbosity=0)
    call_command("load_fixtures", vocabularies_only=True, verbosity=0)
    times = ceil(count / MOST_DRAWN)
    call_command("make_demo", projects=ceil(count / times))
    if times > 1:
        copy_projects(times - 1)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return Project.objects.count()


def copy_projects(copies: int) -> None:
    """Copy every project `copies` times, with all that belongs to it."""
    changes = {
        "code": f"original.code || '-' || {N}",
        "investment_cny": f"original.investment_cny + copy.n * {STEP_CNY}",
        "part_of_id": "NULL",
        "duplicate_of_id": "NULL",
    }
    # All at once: of the statement's own rows none is seen as an original.
    _copy(Project, copies, "original", changes, "")
    changes = {
        "project_id": "made.id",
        "code": f"child.code || '-' || {N}",
        "amount_cny": f"child.amount_cny + copy.n * {STEP_CNY}",
        "superseded_by_id": "NULL",
    }
    for model in (Milestone, ProjectFigure, Investor, Participation):
        table = model._meta.db_table
        _copy(model, copies, "child", changes, JOINS.format(table=table, n=N))


def _copy(model: type[Model], copies: int, alias: str, changes: dict[str, str], joins: str) -> None:
    columns = [
        field.column
        for field in model._meta.local_concrete_fields
        if not field.primary_key and not field.generated
    ]
    values = [changes.get(column, f'{alias}."{column}"') for column in columns]
    with connection.cursor() as cursor:
        cursor.execute(
            COPY.format(
                copies=copies,
                table=model._meta.db_table,
                columns=", ".join(f'"{column}"' for column in columns),
                values=", ".join(values),
                joins=joins,
            )
        )
