"""PostgreSQL clears projects up once a fiftieth of them was written, not a fifth.

Sums are read from an index alone where nothing of a page of the table was written since it was
cleared up; else the table is read, which takes twice as long.
"""

from typing import Any, ClassVar

from django.db import migrations

OPTIONS = ("autovacuum_vacuum_scale_factor", "autovacuum_vacuum_insert_scale_factor")


def clear_up_early(_apps: Any, schema_editor: Any) -> None:
    alter(schema_editor, f"SET ({', '.join(f'{name} = 0.02' for name in OPTIONS)})")


def clear_up_as_usual(_apps: Any, schema_editor: Any) -> None:
    alter(schema_editor, f"RESET ({', '.join(OPTIONS)})")


def alter(schema_editor: Any, how: str) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"ALTER TABLE projects_project {how}")


class Migration(migrations.Migration):
    dependencies: ClassVar = [("projects", "0002_texts_by_index")]

    operations: ClassVar = [migrations.RunPython(clear_up_early, clear_up_as_usual)]
