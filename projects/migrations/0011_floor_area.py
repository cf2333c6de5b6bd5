"""The floor area and the building of a project that rents."""

from typing import ClassVar

from django.core.validators import MinValueValidator
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies: ClassVar = [("projects", "0010_returns")]

    operations: ClassVar = [
        *(
            migrations.AddField(model_name=model, name=name, field=field)
            for model in ("historicalproject", "project")
            for name, field in (
                (
                    "floor_area_m2",
                    models.DecimalField(
                        blank=True,
                        decimal_places=2,
                        help_text="Of the rooms or workshops (载体) that it rents or uses.",
                        max_digits=10,
                        null=True,
                        validators=[MinValueValidator(0)],
                        verbose_name="floor area (m²)",
                    ),
                ),
                (
                    "building",
                    models.CharField(
                        blank=True,
                        help_text="By its name or number.",
                        max_length=200,
                        verbose_name="building",
                    ),
                ),
            )
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=Q(floor_area_m2__isnull=True) | Q(floor_area_m2__gte=0),
                name="project_floor_area_not_negative",
                violation_error_message="The floor area cannot be negative.",
            ),
        ),
    ]
