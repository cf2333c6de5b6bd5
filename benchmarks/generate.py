"""Fills the current database with N synthetic projects, with their history, as imports write."""

from django.core.management import call_command
from django.db import connection

from benchmarks.multiply import WHOLE, multiply
from projects.models import Project

DRAWN = 50_000  # each a project of its own, written as imports write; beyond they are copied


def fill(count: int) -> int:
    """Make `count` projects in an empty database, or those that are missing; returns how many.

    Beyond `DRAWN` only its multiples, in a database without copies.
    """
    copies = count // DRAWN - 1
    if copies > 0 and count % DRAWN:
        raise ValueError(f"{count:,} projects: beyond {DRAWN:,} only its multiples")
    call_command("migrate", verbosity=0)
    call_command("load_fixtures", vocabularies_only=True, verbosity=0)
    call_command("make_demo", projects=min(count, DRAWN), only_drawn=True)
    if copies > 0:
        multiply(copies, is_whole=count <= WHOLE)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return Project.objects.count()
