from django.db import migrations, models

PROJECTS = ("project", "historicalproject")
CHOICES = [
    ("umbrella", "umbrella agreement"),
    ("duplicate", "duplicate of another project"),
    ("merged", "merged into another project"),
    ("part", "part of another project"),
    ("no_contract", "no contract yet"),
]
FROM_SIGNED = ["signed", "registered", "approved", "started", "completed", "operating"]


def totals_exclusion(**is_part):
    return models.GeneratedField(
        db_persist=True,
        expression=models.Case(
            models.When(is_umbrella=True, then=models.Value("umbrella")),
            models.When(duplicate_of__isnull=False, then=models.Value("duplicate")),
            models.When(standing="merged", then=models.Value("merged")),
            models.When(**is_part, then=models.Value("part")),
            models.When(
                models.Q(("stage__in", [*FROM_SIGNED, "full_capacity"]), _negated=True),
                then=models.Value("no_contract"),
            ),
            default=models.Value(""),
            output_field=models.CharField(),
        ),
        output_field=models.CharField(blank=True, choices=CHOICES, max_length=11),
    )


def generate_again(apps, schema_editor):
    """Have the database work out `totals_exclusion` by its new expression, in its old place."""
    for name in PROJECTS:
        model = apps.get_model("projects", name)
        if schema_editor.connection.vendor == "sqlite":
            schema_editor._remake_table(model)
            continue
        field = model._meta.get_field("totals_exclusion")
        schema_editor.remove_field(model, field)
        schema_editor.add_field(model, field)


class Migration(migrations.Migration):
    dependencies = [("projects", "0008_reduction_with_reason")]

    operations = [
        *(
            migrations.AddField(
                name,
                "counts_apart",
                models.BooleanField(
                    editable=False, null=True, verbose_name="counts apart from what it is a part of"
                ),
            )
            for name in PROJECTS
        ),
        migrations.RunPython(migrations.RunPython.noop, generate_again),  # for the way back
        # Django alters no generated field, and one that is added again would stand last
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    name,
                    "totals_exclusion",
                    totals_exclusion(part_of__isnull=False, counts_apart__isnull=True),
                )
                for name in PROJECTS
            ]
        ),
        migrations.RunPython(generate_again, migrations.RunPython.noop),
    ]
