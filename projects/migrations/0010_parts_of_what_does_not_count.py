from django.db import migrations

from parks.recording.recording import recorded
from projects.lifecycle.parts import settle_parts

COUNT_APART = "A part is left out of totals only while what it is a part of counts itself"


def count_parts_apart(apps, schema_editor):
    """Say of parts of what does not count that they count apart from it, in a revision."""
    parts = apps.get_model("projects", "Project").objects.filter(part_of__isnull=False)
    if keys := list(parts.values_list("pk", flat=True)):
        with recorded(reason=COUNT_APART):
            settle_parts(keys)


class Migration(migrations.Migration):
    # On its own: PostgreSQL alters no table in the transaction that has written its rows
    dependencies = [("projects", "0009_parts_that_count_apart")]

    operations = [migrations.RunPython(count_parts_apart, migrations.RunPython.noop)]
