"""Edits so many projects once, as the ledger records it: `python -m benchmarks.editing COUNT`."""

import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.db import connection  # noqa: E402

from parks.recording.recording import recorded  # noqa: E402
from projects.models import Project  # noqa: E402

AT_ONCE = 10_000


def edit(count: int) -> None:
    """Edit every tenth project, in revisions of AT_ONCE."""
    time.sleep(1.1)  # so that a moment in whole seconds lies before
    keys = list(Project.objects.order_by("pk").values_list("pk", flat=True))[::10][:count]
    for start in range(0, len(keys), AT_ONCE):
        with recorded(reason="benchmark"):
            Project.objects.filter(pk__in=keys[start : start + AT_ONCE]).update(note="edited once")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    edit(int(sys.argv[1]))
