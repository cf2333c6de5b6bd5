from django.db import migrations
from django.db.models import Max

from config.dates import PartialDate, Precision
from parks.recording.recording import recorded
from projects.models import Funding, Project

NOT_RECORDED = "原因未记录 (reason not recorded)"
WITH_REASON = "A negative amount has a reason; that it was not recorded is said where it was not"
END_OF_MONTH = "A report of a month is news of its last day"


def say_that_reasons_are_missing(apps, schema_editor):
    """Say of negative flows without a note that their reason was not recorded, in a revision."""
    rows = apps.get_model("projects", "Funding").objects.filter(
        is_cumulative=False, reported_cny__lt=0, note=""
    )
    if keys := list(rows.values_list("pk", flat=True)):
        with recorded(reason=WITH_REASON):
            Funding.objects.filter(pk__in=keys).update(note=NOT_RECORDED)


def tell_news_at_the_end_of_months(apps, schema_editor):
    """Move the last news of projects to the end of the month of their newest flow, in a revision."""
    newest = apps.get_model("projects", "Funding").objects.order_by().values("project")
    projects = apps.get_model("projects", "Project").objects
    moved = {}
    for row in newest.annotate(month=Max("month")):
        last = PartialDate(row["month"], Precision.MONTH).last
        if projects.filter(pk=row["project"], news_on__lt=last).exists():
            moved.setdefault(last, []).append(row["project"])
    if moved:
        with recorded(reason=END_OF_MONTH):
            for last, keys in moved.items():
                Project.objects.filter(pk__in=keys).update(news_on=last)


class Migration(migrations.Migration):
    # On its own: PostgreSQL adds no constraint in the transaction that has written rows
    dependencies = [("projects", "0006_one_lead_and_reasons")]

    operations = [
        migrations.RunPython(say_that_reasons_are_missing, migrations.RunPython.noop),
        migrations.RunPython(tell_news_at_the_end_of_months, migrations.RunPython.noop),
    ]
