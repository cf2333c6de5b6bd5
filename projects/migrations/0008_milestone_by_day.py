"""Steps are found by the day on which they were taken by an index."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

from config.database.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False  # so that nobody waits while the index is built

    dependencies: ClassVar = [("projects", "0007_targets_of_steps")]

    operations: ClassVar = [
        AddIndexBesideWriters(
            "milestone",
            models.Index(
                fields=[
                    *("type", "actual_on_end", "actual_on", "status", "project", "id"),
                    "actual_on_precision",
                ],
                condition=Q(actual_on__isnull=False),
                name="milestone_by_day",
            ),
        ),
    ]
