"""Indexes from which long lists are read in order."""

from django.db import migrations, models

from config.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('parks', '0009_indexes_of_orders'),
        ('projects', '0015_versions_by_number'),
    ]

    operations = [
        AddIndexBesideWriters(
            model_name='funding',
            index=models.Index(fields=['month', 'id'], name='funding_by_month'),
        ),
        AddIndexBesideWriters(
            model_name='funding',
            index=models.Index(fields=['amount_cny', 'id'], name='funding_by_amount'),
        ),
        AddIndexBesideWriters(
            model_name='projectfigure',
            index=models.Index(fields=['code', 'id'], name='project_figure_by_code'),
        ),
        AddIndexBesideWriters(
            model_name='projectfigure',
            index=models.Index(fields=['as_of', 'id'], name='project_figure_by_day'),
        ),
        AddIndexBesideWriters(
            model_name='projectfigure',
            index=models.Index(fields=['updated_at', 'id'], name='project_figure_by_update'),
        ),
    ]
