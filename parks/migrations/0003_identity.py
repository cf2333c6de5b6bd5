"""A new ledger has its identity from the start."""

from typing import ClassVar

from django.db import migrations


def name_the_ledger(apps, schema_editor):
    apps.get_model("parks", "Identity").objects.create()


class Migration(migrations.Migration):
    dependencies: ClassVar = [("parks", "0002_texts_by_index")]

    operations: ClassVar = [
        migrations.RunPython(name_the_ledger, migrations.RunPython.noop),
    ]
