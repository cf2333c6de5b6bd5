"""Rules of the columns that tracking added to stored rows."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('projects', '0005_tracking'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='assignment',
            constraint=models.CheckConstraint(condition=models.Q(('share_bp__isnull', True), models.Q(('share_bp__gte', 1), ('share_bp__lte', 10000), models.Q(('office', ''), _negated=True)), _connector='OR'), name='assignment_share_of_a_unit', violation_error_code='not_a_share', violation_error_message='A share is of a unit, between 1 and 10,000 basis points (100 %%).'),
        ),
        migrations.AddConstraint(
            model_name='funding',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('recognised_on__isnull', True), ('recognised_on_precision', '')), models.Q(('recognised_on__isnull', False), models.Q(('recognised_on_precision', ''), _negated=True)), _connector='OR'), name='funding_recognised_in_full', violation_error_message='A date and its precision must be given together.'),
        ),
        migrations.AddConstraint(
            model_name='funding',
            constraint=models.CheckConstraint(condition=models.Q(('recognised_cny__isnull', True), models.Q(('currency', ''), models.Q(('kind', 'foreign_agreed'), _negated=True)), _connector='OR'), name='funding_recognised_in_yuan', violation_error_message='Only an amount in yuan that was paid in, completed or used is recognised.'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('promised_on__isnull', True), ('promised_on_precision', '')), models.Q(('promised_on__isnull', False), models.Q(('promised_on_precision', ''), _negated=True)), _connector='OR'), name='milestone_promised_in_full', violation_error_message='A date and its precision must be given together.'),
        ),
        migrations.AddConstraint(
            model_name='milestone',
            constraint=models.CheckConstraint(condition=models.Q(('promise_source__isnull', True), ('promised_on__isnull', False), _connector='OR'), name='milestone_source_of_promise', violation_error_message='There is no promised day of which this is the source.'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('review_on__isnull', True), ('review_on_precision', '')), models.Q(('review_on__isnull', False), models.Q(('review_on_precision', ''), _negated=True)), _connector='OR'), name='project_review_in_full', violation_error_message='A date and its precision must be given together.'),
        ),
        migrations.AddConstraint(
            model_name='project',
            constraint=models.CheckConstraint(condition=models.Q(('floor_area_m2__isnull', True), ('floor_area_m2__gte', 0), _connector='OR'), name='project_floor_area_not_negative', violation_error_message='The floor area cannot be negative.'),
        ),
    ]
