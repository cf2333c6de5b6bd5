"""What was signed in a year in a sector is found by an index, on PostgreSQL."""

from typing import ClassVar

from django.db import migrations

from config.database.indexes import AddIndexBesideWriters, IndexOnPostgreSQL

INCLUDED = ("publication", "park", "investment_cny", "investment_rank", "code_key", "id")


class Migration(migrations.Migration):
    atomic = False  # so that nobody waits while the index is built

    dependencies: ClassVar = [("projects", "0003_vacuum_early")]

    operations: ClassVar = [
        AddIndexBesideWriters(
            "project",
            IndexOnPostgreSQL(
                fields=["signed_year", "sector"], include=INCLUDED, name="project_by_signing_year"
            ),
        )
    ]
