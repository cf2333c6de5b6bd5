"""Each step may have targets."""

from typing import ClassVar

from django.db import migrations, models

MEASURES = [
    ("signed_count", "projects signed"),
    ("agreed_cny", "agreed investment"),
    ("registered_count", "projects registered"),
    ("approved_count", "projects approved"),
    ("land_granted_count", "projects granted land"),
    ("works_permit_count", "projects permitted to build"),
    ("started_count", "projects started"),
    ("completed_count", "projects completed"),
    ("in_statistics_count", "projects entered into the statistics"),
    ("operating_count", "projects put into operation"),
    ("paid_in_cny", "funds paid in"),
    ("completed_cny", "investment completed in the year"),
    ("foreign_agreed_cny", "foreign capital agreed in the year"),
    ("foreign_cny", "foreign capital used in the year"),
    ("foreign_agreed_usd", "foreign capital agreed in the year (US$)"),
    ("foreign_usd", "foreign capital used in the year (US$)"),
]


class Migration(migrations.Migration):
    dependencies: ClassVar = [("projects", "0006_plans_and_claims")]

    operations: ClassVar = [
        migrations.AlterField(
            model_name=model,
            name="measure",
            field=models.CharField(choices=MEASURES, max_length=19, verbose_name="measure"),
        )
        for model in ("historicaltarget", "target")
    ]
