"""Promised steps are found by an index."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

from config.database.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False  # so that nobody waits while the index is built

    dependencies: ClassVar = [("projects", "0015_plan_moves")]

    operations: ClassVar = [
        AddIndexBesideWriters(
            "milestone",
            models.Index(
                fields=["status", "promised_on", "project"],
                condition=Q(promised_on__isnull=False),
                name="milestone_by_promise",
            ),
        ),
        AddIndexBesideWriters(
            "milestone",
            models.Index(
                fields=["promise_source"],
                condition=Q(promise_source__isnull=False),
                name="milestone_by_promise_source",
            ),
        ),
    ]
