from django.db import migrations, models

from parks.recording.recording import recorded
from projects.models import Project

REASON = "A basis that nobody gave is unknown"


def empty_bases(apps, schema_editor):
    """Empty the basis "stated" that was filled in where nobody had said so.

    Nobody has, where neither a text nor a source stands beside it. It is written as everything is:
    as a revision, with a new version of each project; earlier versions stay as they are.
    """
    for column in ("origin", "sector"):
        filled_in = {f"{column}_basis": "stated", f"{column}_text": "", "source": None}
        # Asked of the model as this migration knows it: a new ledger has none, and later columns
        # are not there yet.
        rows = apps.get_model("projects", "Project").objects.filter(**filled_in)
        if keys := list(rows.values_list("pk", flat=True)):
            with recorded(reason=REASON):
                Project.objects.filter(pk__in=keys).update(**{f"{column}_basis": ""})


class Migration(migrations.Migration):
    dependencies = [
        ("parks", "0001_initial"),
        ("projects", "0002_names_and_distinct_pairs"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="project",
            name="project_origin_with_basis",
        ),
        migrations.RemoveConstraint(
            model_name="project",
            name="project_sector_with_basis",
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("origin__isnull", False), ("origin_basis", ""), _connector="OR"
                ),
                name="project_basis_of_an_origin",
                violation_error_code="basis_of_nothing",
                violation_error_message="There is no origin that could have this basis.",
            ),
        ),
        migrations.AddConstraint(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("sector__isnull", False), ("sector_basis", ""), _connector="OR"
                ),
                name="project_basis_of_a_sector",
                violation_error_code="basis_of_nothing",
                violation_error_message="There is no sector that could have this basis.",
            ),
        ),
        migrations.RunPython(empty_bases, migrations.RunPython.noop),
    ]
