"""Versions are found by row and number; the index of rows alone, which that begins with, goes."""

from django.db import migrations, models

from config.indexes import AddIndexBesideWriters

REPLACED = [
    "figure_id_ac74ed1b",
    "organisation_id_738187d3",
    "park_id_8ea2aef7",
]


def drop(apps, schema_editor):
    for name in REPLACED:
        schema_editor.execute(f'DROP INDEX IF EXISTS "parks_historical{name}"')


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('parks', '0007_texts_by_index'),
    ]

    operations = [
        AddIndexBesideWriters(
            model_name='historicalfigure',
            index=models.Index(fields=['id', 'version'], name='parks_histo_id_26f362_idx'),
        ),
        AddIndexBesideWriters(
            model_name='historicalorganisation',
            index=models.Index(fields=['id', 'version'], name='parks_histo_id_79ef12_idx'),
        ),
        AddIndexBesideWriters(
            model_name='historicalpark',
            index=models.Index(fields=['id', 'version'], name='parks_histo_id_0cd8d7_idx'),
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(drop, migrations.RunPython.noop)],
            [
            migrations.AlterField(
                model_name='historicalfigure',
                name='id',
                field=models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID'),
            ),
            migrations.AlterField(
                model_name='historicalorganisation',
                name='id',
                field=models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID'),
            ),
            migrations.AlterField(
                model_name='historicalpark',
                name='id',
                field=models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID'),
            ),
            ],
        ),
    ]
