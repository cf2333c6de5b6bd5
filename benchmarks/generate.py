"""Fills the current database with N synthetic projects, with their history, as imports write."""

from django.core.management import call_command
from django.db import connection

from projects.models import Project


def fill(count: int) -> int:
    """Make `count` projects in an empty database, or those that are missing; returns how many."""
    call_command("migrate", verbosity=0)
    call_command("load_fixtures", vocabularies_only=True, verbosity=0)
    call_command("make_demo", projects=count)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
    return Project.objects.count()
