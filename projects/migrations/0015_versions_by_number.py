"""Versions are found by row and number; the index of rows alone, which that begins with, goes."""

from django.db import migrations, models

from config.indexes import AddIndexBesideWriters

REPLACED = [
    "eventfigure_id_ae0fb1f2",
    "funding_id_89d508f1",
    "investor_id_1374af71",
    "milestone_id_58ea3297",
    "participation_id_804ef347",
    "project_id_4cae6a18",
    "projectfigure_id_32fb571b",
    "signingevent_id_2ca362bc",
]


def drop(apps, schema_editor):
    for name in REPLACED:
        schema_editor.execute(f'DROP INDEX IF EXISTS "projects_historical{name}"')


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('parks', '0008_versions_by_number'),
        ('projects', '0014_texts_by_index'),
    ]

    operations = [
        AddIndexBesideWriters(
            model_name='historicaleventfigure',
            index=models.Index(fields=['id', 'version'], name='projects_hi_id_7b0a38_idx'),
        ),
        AddIndexBesideWriters(
            model_name='historicalfunding',
            index=models.Index(fields=['id', 'version'], name='projects_hi_id_0dcfc1_idx'),
        ),
        AddIndexBesideWriters(
            model_name='historicalinvestor',
            index=models.Index(fields=['id', 'version'], name='projects_hi_id_474230_idx'),
        ),
        AddIndexBesideWriters(
            model_name='historicalmilestone',
            index=models.Index(fields=['id', 'version'], name='projects_hi_id_62c0b2_idx'),
        ),
        AddIndexBesideWriters(
            model_name='historicalparticipation',
            index=models.Index(fields=['id', 'version'], name='projects_hi_id_7f2118_idx'),
        ),
        AddIndexBesideWriters(
            model_name='historicalproject',
            index=models.Index(fields=['id', 'version'], name='projects_hi_id_c06e62_idx'),
        ),
        AddIndexBesideWriters(
            model_name='historicalprojectfigure',
            index=models.Index(fields=['id', 'version'], name='projects_hi_id_56e6e5_idx'),
        ),
        AddIndexBesideWriters(
            model_name='historicalsigningevent',
            index=models.Index(fields=['id', 'version'], name='projects_hi_id_109651_idx'),
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunPython(drop, migrations.RunPython.noop)],
            [
            migrations.AlterField(
                model_name='historicaleventfigure',
                name='id',
                field=models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID'),
            ),
            migrations.AlterField(
                model_name='historicalfunding',
                name='id',
                field=models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID'),
            ),
            migrations.AlterField(
                model_name='historicalinvestor',
                name='id',
                field=models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID'),
            ),
            migrations.AlterField(
                model_name='historicalmilestone',
                name='id',
                field=models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID'),
            ),
            migrations.AlterField(
                model_name='historicalparticipation',
                name='id',
                field=models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID'),
            ),
            migrations.AlterField(
                model_name='historicalproject',
                name='id',
                field=models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID'),
            ),
            migrations.AlterField(
                model_name='historicalprojectfigure',
                name='id',
                field=models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID'),
            ),
            migrations.AlterField(
                model_name='historicalsigningevent',
                name='id',
                field=models.BigIntegerField(auto_created=True, blank=True, verbose_name='ID'),
            ),
            ],
        ),
    ]
