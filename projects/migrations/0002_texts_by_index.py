"""The texts of projects are found by an index."""

from typing import ClassVar

from django.db import migrations

from projects.models.naming import PROJECT_TEXTS


class Migration(migrations.Migration):
    atomic = False  # so that nobody waits while the index is built

    dependencies: ClassVar = [("projects", "0001_initial")]

    operations: ClassVar = [migrations.RunPython(PROJECT_TEXTS.build, PROJECT_TEXTS.drop)]
