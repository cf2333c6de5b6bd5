"""What took a step in a period is found by indexes."""

from django.db import migrations, models

from config.database.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False  # so that nobody waits while the indexes are built

    dependencies = [
        ('projects', '0008_paper_templates'),
    ]

    operations = [
        AddIndexBesideWriters(
            'project',
            models.Index(condition=models.Q(('intended_on__isnull', False)), fields=['intended_on'], name='project_by_intent'),
        ),
        AddIndexBesideWriters(
            'project',
            models.Index(condition=models.Q(('started_on__isnull', False)), fields=['started_on'], name='project_by_start'),
        ),
        AddIndexBesideWriters(
            'project',
            models.Index(condition=models.Q(('completed_on__isnull', False)), fields=['completed_on'], name='project_by_completion'),
        ),
        AddIndexBesideWriters(
            'project',
            models.Index(condition=models.Q(('operating_on__isnull', False)), fields=['operating_on'], name='project_by_operation'),
        ),
    ]
