"""The texts of organisations are found by an index; with the functions of PostgreSQL for it."""

from typing import ClassVar

from django.db import migrations

from config.database.searching import build_functions, drop_functions
from parks.models.vocabularies import ORGANISATION_TEXTS


class Migration(migrations.Migration):
    atomic = False  # so that nobody waits while the index is built

    dependencies: ClassVar = [("parks", "0001_initial")]

    operations: ClassVar = [
        migrations.RunPython(build_functions, drop_functions),
        migrations.RunPython(ORGANISATION_TEXTS.build, ORGANISATION_TEXTS.drop),
    ]
