"""Indexes from which long lists are read in order."""

from django.db import migrations, models

from config.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('parks', '0008_versions_by_number'),
    ]

    operations = [
        AddIndexBesideWriters(
            model_name='organisation',
            index=models.Index(fields=['code', 'id'], name='organisation_by_code'),
        ),
        AddIndexBesideWriters(
            model_name='organisation',
            index=models.Index(fields=['name_zh', 'id'], name='organisation_by_chinese_name'),
        ),
        AddIndexBesideWriters(
            model_name='organisation',
            index=models.Index(fields=['name_en', 'id'], name='organisation_by_english_name'),
        ),
        AddIndexBesideWriters(
            model_name='organisation',
            index=models.Index(fields=['updated_at', 'id'], name='organisation_by_update'),
        ),
    ]
