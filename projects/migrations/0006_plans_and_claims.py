"""Planned stages, and claims that contradict each other, are found by indexes."""

from typing import ClassVar

from django.db import migrations, models
from django.db.models import Q

from config.database.indexes import AddIndexBesideWriters

OF_ONE_THING = (
    *("project", "indicator", "nature", "investment_basis", "currency"),
    *("as_of", "as_of_precision", "period_from", "period_to", "adds_to"),
)
HOLDS = Q(superseded_by__isnull=True, is_withdrawn=False)
IS_WHOLE = Q(
    Q(scope_text="") | Q(scope_is_whole=True),
    origin__isnull=True,
    origin_group__isnull=True,
    sector__isnull=True,
    sector_group__isnull=True,
    place__isnull=True,
    size_floor_cny__isnull=True,
)


class Migration(migrations.Migration):
    atomic = False  # so that nobody waits while the indexes are built

    dependencies: ClassVar = [("projects", "0005_further_columns")]

    operations: ClassVar = [
        AddIndexBesideWriters(
            "milestone",
            models.Index(
                fields=["type", "planned_on_end", "planned_on", "status", "project", "id"],
                condition=Q(planned_on__isnull=False),
                name="milestone_by_plan",
            ),
        ),
        AddIndexBesideWriters(
            "projectfigure",
            models.Index(
                fields=[*OF_ONE_THING, "amount_cny", "value"],
                condition=HOLDS & IS_WHOLE,
                name="project_figure_of_one_thing",
            ),
        ),
    ]
