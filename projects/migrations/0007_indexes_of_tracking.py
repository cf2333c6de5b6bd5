"""What tracking looks for in long tables is found by indexes."""

from django.db import migrations, models

from config.database.indexes import AddIndexBesideWriters


class Migration(migrations.Migration):
    atomic = False  # so that nobody waits while the indexes are built

    dependencies = [
        ('projects', '0006_rules_of_tracking'),
    ]

    operations = [
        AddIndexBesideWriters(
            'milestone',
            models.Index(condition=models.Q(('planned_on__isnull', False)), fields=['type', 'planned_on_end', 'planned_on', 'status', 'project', 'id'], name='milestone_by_plan'),
        ),
        AddIndexBesideWriters(
            'milestone',
            models.Index(condition=models.Q(('actual_on__isnull', False)), fields=['type', 'actual_on_end', 'actual_on', 'status', 'project', 'id', 'actual_on_precision'], name='milestone_by_day'),
        ),
        AddIndexBesideWriters(
            'milestone',
            models.Index(condition=models.Q(('promised_on__isnull', False)), fields=['status', 'promised_on', 'project'], name='milestone_by_promise'),
        ),
        AddIndexBesideWriters(
            'milestone',
            models.Index(condition=models.Q(('promise_source__isnull', False)), fields=['promise_source'], name='milestone_by_promise_source'),
        ),
        AddIndexBesideWriters(
            'projectfigure',
            models.Index(condition=models.Q(('is_withdrawn', False), ('superseded_by__isnull', True), models.Q(('scope_text', ''), ('scope_is_whole', True), _connector='OR'), ('origin__isnull', True), ('origin_group__isnull', True), ('place__isnull', True), ('sector__isnull', True), ('sector_group__isnull', True), ('size_floor_cny__isnull', True)), fields=['project', 'indicator', 'nature', 'investment_basis', 'currency', 'as_of', 'as_of_precision', 'period_from', 'period_to', 'adds_to', 'amount_cny', 'value'], name='project_figure_of_one_thing'),
        ),
        AddIndexBesideWriters(
            'projectfigure',
            models.Index(condition=models.Q(('period_from__isnull', False)), fields=['indicator', 'period_from', 'project'], name='project_figure_of_a_year'),
        ),
    ]
