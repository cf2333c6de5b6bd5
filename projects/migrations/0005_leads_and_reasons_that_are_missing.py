from django.db import migrations
from django.db.models import Min

from parks.recording.recording import recorded
from projects.models import Investor, Project

ONE_LEAD = "A project has one lead investor; those after the first are co-investors"
NOT_RECORDED = "原因未记录 (reason not recorded)"
WITH_REASON = "What is not active has a reason; that it was not recorded is said where it was not"


def leave_one_lead(apps, schema_editor):
    """Make co-investors of the leads of a project after its first.

    It is written as everything is: as a revision, with a new version of each investor and project.
    One that is a co-investor already is not one twice: its row as lead goes, and its share stays.
    """
    leads = apps.get_model("projects", "Investor").objects.filter(role="lead").order_by()
    first = leads.values("project").annotate(first=Min("pk")).values("first")
    found = list(leads.exclude(pk__in=list(first.values_list("first", flat=True))).values())
    if not found:
        return
    with recorded(reason=ONE_LEAD):
        for row in found:
            of_project = Investor.objects.filter(project_id=row["project_id"], role="co")
            twin = of_project.filter(organisation_id=row["organisation_id"]).first()
            if twin is None:
                Investor.objects.filter(pk=row["id"]).update(role="co")
                continue
            if twin.share_bp is None and row["share_bp"] is not None:
                of_project.filter(pk=twin.pk).update(share_bp=row["share_bp"])
            Investor.objects.get(pk=row["id"]).delete()
        Project.objects.filter(pk__in={row["project_id"] for row in found}).touch()


def say_that_reasons_are_missing(apps, schema_editor):
    """Say of projects that are not active and have no reason that it was not recorded."""
    rows = apps.get_model("projects", "Project").objects.filter(standing_reason="")
    if keys := list(rows.exclude(standing="active").values_list("pk", flat=True)):
        with recorded(reason=WITH_REASON):
            Project.objects.filter(pk__in=keys).update(standing_reason=NOT_RECORDED)


class Migration(migrations.Migration):
    # On its own: PostgreSQL adds no constraint in the transaction that has written rows
    dependencies = [("projects", "0004_roles_at_events")]

    operations = [
        migrations.RunPython(leave_one_lead, migrations.RunPython.noop),
        migrations.RunPython(say_that_reasons_are_missing, migrations.RunPython.noop),
    ]
