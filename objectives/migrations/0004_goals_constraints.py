from django.db import migrations, models


class Migration(migrations.Migration):
    """What holds once the rows of the first release are carried over."""

    dependencies = [
        ("objectives", "0003_carry_goals_over"),
    ]

    operations = [
        migrations.AlterField(
            model_name="checkin", name="due_on", field=models.DateField()
        ),
        migrations.AddConstraint(
            model_name='keyresult',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['increase', 'decrease']), _negated=True), models.Q(('kind', 'increase'), ('target__isnull', False), models.Q(('baseline', None), ('target__gt', models.F('baseline')), _connector='OR')), models.Q(('kind', 'decrease'), ('target__isnull', False), models.Q(('baseline', None), ('target__lt', models.F('baseline')), _connector='OR')), _connector='OR'), name='kr_change_has_a_way_to_go', violation_error_message='The target must lie beyond the start, the way it goes.'),
        ),
        migrations.AddConstraint(
            model_name='keyresult',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['increase', 'decrease', 'at_least', 'at_most', 'range', 'yes_no', 'milestones', 'find_baseline', 'hold', 'open'])), name='kr_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='objective',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'withdrawn'), ('withdrawn_from__in', ['draft', 'parked', 'active'])), models.Q(models.Q(('state', 'withdrawn'), _negated=True), ('withdrawn_from', '')), _connector='OR'), name='objective_withdrawn_from'),
        ),
    ]
