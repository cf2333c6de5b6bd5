"""Indexes from which sums, counts and pages are read alone; those that they replace go."""

import config.indexes
import django.db.models.deletion
from django.db import migrations, models


REPLACED = [
    *("projects_project_park_id_ed4b8050", "projects_project_origin_id_1e680e2a"),
    *("projects_project_origin_id_1e680e2a_like", "projects_project_sector_id_3b50f4a1"),
    "projects_project_sector_id_3b50f4a1_like",
]


def drop(apps, schema_editor):
    for name in REPLACED:
        schema_editor.execute(f'DROP INDEX IF EXISTS "{name}"')


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('parks', '0006_marks'),
        ('projects', '0012_words_as_printed'),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name='project',
            name='project_by_amount',
        ),
        migrations.RemoveIndex(
            model_name='project',
            name='project_by_park_and_stage',
        ),
        migrations.RemoveIndex(
            model_name='project',
            name='project_by_origin',
        ),
        migrations.RemoveIndex(
            model_name='project',
            name='project_by_sector',
        ),
        migrations.RemoveIndex(
            model_name='project',
            name='project_by_signing',
        ),
        config.indexes.AddIndexBesideWriters(
            model_name='project',
            index=config.indexes.CoveringIndex(models.F('park'), models.OrderBy(models.F('investment_rank'), descending=True), models.OrderBy(models.F('id'), descending=True), include=('publication', 'stage', 'agreement_type', 'investment_cny', 'investment_qualifier', 'investment_basis', 'origin_province', 'sector_section', 'signed_year', 'standing', 'totals_exclusion', 'stage_rank', 'kind', 'function', 'site_mode', 'hitech', 'paid_in_cny', 'news_on', 'origin_city', 'sector_division', 'origin', 'sector', 'signed_on', 'signed_on_precision', 'intended_on', 'intended_on_precision', 'started_on', 'completed_on', 'operating_on'), name='project_by_park'),
        ),
        config.indexes.AddIndexBesideWriters(
            model_name='project',
            index=config.indexes.CoveringIndex(models.OrderBy(models.F('investment_rank'), descending=True), models.OrderBy(models.F('id'), descending=True), include=('publication', 'park', 'investment_cny', 'stage', 'standing', 'signed_year', 'origin', 'sector', 'signed_on', 'totals_exclusion', 'kind', 'hitech'), name='project_by_amount'),
        ),
        config.indexes.AddIndexBesideWriters(
            model_name='project',
            index=config.indexes.CoveringIndex(models.F('origin'), models.F('sector'), include=('publication', 'park', 'investment_cny', 'stage', 'standing', 'signed_year', 'investment_rank', 'code_key'), name='project_by_origin'),
        ),
        config.indexes.AddIndexBesideWriters(
            model_name='project',
            index=config.indexes.CoveringIndex(models.F('sector'), models.F('origin'), include=('publication', 'park', 'investment_cny', 'stage', 'standing', 'signed_year', 'investment_rank', 'code_key'), name='project_by_sector'),
        ),
        config.indexes.AddIndexBesideWriters(
            model_name='project',
            index=models.Index(fields=['signed_on', 'id'], name='project_by_signing'),
        ),
        config.indexes.AddIndexBesideWriters(
            model_name='project',
            index=models.Index(fields=['stage_on', 'id'], name='project_by_stage_date'),
        ),
        config.indexes.AddIndexBesideWriters(
            model_name='project',
            index=models.Index(fields=['name_zh', 'id'], name='project_by_chinese_name'),
        ),
        config.indexes.AddIndexBesideWriters(
            model_name='project',
            index=models.Index(fields=['name_en', 'id'], name='project_by_english_name'),
        ),
        config.indexes.AddIndexBesideWriters(
            model_name='project',
            index=models.Index(fields=['created_at', 'id'], name='project_by_creation'),
        ),
        # To alter the fields would copy the whole table on SQLite; all that changes are indexes
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(drop, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name='project',
                    name='origin',
                    field=models.ForeignKey(blank=True, db_index=False, help_text='Where the investor comes from.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.region', verbose_name='origin'),
                ),
                migrations.AlterField(
                    model_name='project',
                    name='park',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='projects', to='parks.park', verbose_name='park'),
                ),
                migrations.AlterField(
                    model_name='project',
                    name='sector',
                    field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='parks.sector', verbose_name='sector'),
                ),
            ],
        ),
    ]
