"""Makes many projects in a moment: a few are drawn, the others copied in SQL with other amounts."""

from django.core.management import call_command
from django.db import connection
from django.db.models import Model

from projects.models import Investor, Participation, Project

DRAWN = 400
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


def make_many_projects(count: int) -> None:
    """Make so many projects with their investors and participations, and let the planner know."""
    call_command("make_demo", projects=DRAWN, only_drawn=True, verbosity=0)
    copies = count // DRAWN - 1
    changes = {
        "code": f"original.code || '-' || {N}",
        "investment_cny": f"original.investment_cny + copy.n * {STEP_CNY}",
        "part_of_id": "NULL",
        "duplicate_of_id": "NULL",
    }
    # All at once: of the statement's own rows none is seen as an original.
    copy_rows(Project, copies, "original", changes, "")
    for model in (Investor, Participation):
        joins = JOINS.format(table=model._meta.db_table, n=N)
        copy_rows(model, copies, "child", {"project_id": "made.id"}, joins)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET random_page_cost = 1.1")  # as docs/how-to/deploy.md has it
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def copy_rows(
    model: type[Model], copies: int, alias: str, changes: dict[str, str], joins: str
) -> None:
    """Copy each row so many times, with other values in some columns."""
    columns = [
        field.column
        for field in model._meta.local_concrete_fields
        if not field.primary_key and not field.generated
    ]
    values = [changes.get(column, f'{alias}."{column}"') for column in columns]
    statement = COPY.format(
        copies=copies,
        table=model._meta.db_table,
        columns=", ".join(f'"{column}"' for column in columns),
        values=", ".join(values),
        joins=joins,
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
