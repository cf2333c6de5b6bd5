"""Results of years are found by an index."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

from config.database.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False  # so that nobody waits while the index is built

    dependencies: ClassVar = [("projects", "0012_promised_results")]

    operations: ClassVar = [
        AddIndexBesideWriters(
            "projectfigure",
            models.Index(
                fields=["indicator", "period_from", "project"],
                condition=Q(period_from__isnull=False),
                name="project_figure_of_a_year",
            ),
        ),
    ]
