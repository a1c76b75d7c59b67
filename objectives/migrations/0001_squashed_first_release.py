import django.db.models.deletion
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """The tables of the first release at once, for databases that are new."""

    initial = True

    replaces = [
        ('objectives', '0001_initial'),
        ('objectives', '0002_goals'),
        ('objectives', '0003_carry_goals_over'),
        ('objectives', '0004_goals_constraints'),
    ]

    dependencies = [
        ('metrics', '0001_squashed_first_release'),
        ('teams', '0001_squashed_first_release'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='CheckIn',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('value', models.DecimalField(blank=True, decimal_places=15, max_digits=27, null=True)),
                ('confidence', models.PositiveSmallIntegerField()),
                ('reported', models.CharField(blank=True, choices=[('', 'not said'), ('on_track', 'On track'), ('behind', 'Behind'), ('at_risk', 'At risk')], max_length=8)),
                ('note', models.CharField(blank=True, max_length=280)),
                ('due_on', models.DateField()),
                ('made_at', models.DateTimeField()),
                ('token', models.UUIDField(unique=True)),
                ('is_retraction', models.BooleanField(default=False)),
                ('author', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('corrects', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='objectives.checkin')),
            ],
            options={
                'ordering': ['made_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('confidence__range', (0, 10))), name='check_in_confidence'), models.CheckConstraint(condition=models.Q(('reported__in', ['', 'on_track', 'behind', 'at_risk'])), name='check_in_reported_known'), models.CheckConstraint(condition=models.Q(('corrects', None), models.Q(('corrects', models.F('pk')), _negated=True), _connector='OR'), name='check_in_not_own_correction'), models.UniqueConstraint(condition=models.Q(('corrects__isnull', False)), fields=('corrects',), name='check_in_replaced_once'), models.CheckConstraint(condition=models.Q(('is_retraction', False), ('corrects__isnull', False), _connector='OR'), name='check_in_retracts_one')],
            },
        ),
        migrations.CreateModel(
            name='Cycle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('year', 'year'), ('quarter', 'quarter'), ('four_month', 'four months'), ('custom', 'own dates')], default='quarter', max_length=10)),
                ('name', models.CharField(max_length=40)),
                ('starts_on', models.DateField()),
                ('ends_on', models.DateField()),
                ('state', models.CharField(choices=[('prepare', 'in preparation'), ('active', 'active'), ('closing', 'closing'), ('closed', 'closed')], default='prepare', max_length=7)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='teams.organisation')),
            ],
            options={
                'ordering': ['starts_on', '-ends_on', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'kind', 'starts_on'), name='cycle_start_once', violation_error_message='A cycle of this kind already begins on this day.'), models.UniqueConstraint(fields=('organisation', 'kind', 'ends_on'), name='cycle_end_once', violation_error_message='A cycle of this kind already ends on this day.'), models.UniqueConstraint(fields=('organisation', 'name'), name='cycle_name_once', violation_error_message='Another cycle already has this name.'), models.CheckConstraint(condition=models.Q(('ends_on__gt', models.F('starts_on'))), name='cycle_ends_after_start', violation_error_message='The last day must come after the first.'), models.CheckConstraint(condition=models.Q(('state__in', ['prepare', 'active', 'closing', 'closed'])), name='cycle_state_known'), models.CheckConstraint(condition=models.Q(('kind__in', ['year', 'quarter', 'four_month', 'custom'])), name='cycle_kind_known'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state', 'closed')), models.Q(models.Q(('state', 'closed'), _negated=True), ('closed_at', None)), _connector='OR'), name='cycle_closed_has_moment')],
            },
        ),
        migrations.CreateModel(
            name='KeyResult',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField()),
                ('title', models.CharField(max_length=300)),
                ('kind', models.CharField(choices=[('increase', 'increase, from a baseline to a target'), ('decrease', 'decrease, from a baseline to a target'), ('at_least', 'at least, in every period'), ('at_most', 'at most, in every period'), ('range', 'within a range, in every period'), ('yes_no', 'yes or no'), ('milestones', 'milestones'), ('find_baseline', 'find the baseline first'), ('hold', 'on target, periods in a row'), ('open', 'driver still to be named')], default='increase', max_length=13)),
                ('baseline', models.DecimalField(blank=True, decimal_places=15, max_digits=27, null=True)),
                ('target', models.DecimalField(blank=True, decimal_places=15, max_digits=27, null=True)),
                ('low', models.DecimalField(blank=True, decimal_places=15, max_digits=27, null=True)),
                ('high', models.DecimalField(blank=True, decimal_places=15, max_digits=27, null=True)),
                ('original_baseline', models.DecimalField(blank=True, decimal_places=15, max_digits=27, null=True)),
                ('original_target', models.DecimalField(blank=True, decimal_places=15, max_digits=27, null=True)),
                ('unit', models.CharField(blank=True, max_length=20)),
                ('weight', models.DecimalField(decimal_places=2, default=Decimal('1'), max_digits=5)),
                ('ambition', models.CharField(blank=True, choices=[('committed', 'Committed, 1.0 expected'), ('aspirational', 'Aspirational, 0.7 is success')], max_length=12)),
                ('kpi_follows', models.BooleanField(default=False)),
                ('hold_periods', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('next_due_on', models.DateField(blank=True, null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('final_value', models.DecimalField(blank=True, decimal_places=15, max_digits=27, null=True)),
                ('final_progress', models.DecimalField(blank=True, decimal_places=15, max_digits=16, null=True)),
                ('suggested_grade', models.DecimalField(blank=True, decimal_places=1, max_digits=2, null=True)),
                ('grade', models.DecimalField(blank=True, decimal_places=1, max_digits=2, null=True)),
                ('grade_reason', models.CharField(blank=True, max_length=500)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
                ('withdrawn_reason', models.CharField(blank=True, max_length=500)),
                ('kpi', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='metrics.kpi')),
                ('latest', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='objectives.checkin')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['objective', 'position'],
                'indexes': [models.Index(condition=models.Q(('next_due_on__isnull', False)), fields=['owner', 'next_due_on'], name='kr_owed')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['increase', 'decrease']), _negated=True), models.Q(('kind', 'increase'), ('target__isnull', False), models.Q(('baseline', None), ('target__gt', models.F('baseline')), _connector='OR')), models.Q(('kind', 'decrease'), ('target__isnull', False), models.Q(('baseline', None), ('target__lt', models.F('baseline')), _connector='OR')), _connector='OR'), name='kr_change_has_a_way_to_go', violation_error_message='The target must lie beyond the start, the way it goes.'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['at_least', 'at_most']), _negated=True), models.Q(('baseline', None), ('target__isnull', False)), _connector='OR'), name='kr_standard_has_target'), models.CheckConstraint(condition=models.Q(models.Q(('high__gt', models.F('low')), ('kind', 'range'), ('low__isnull', False), ('target', None)), models.Q(models.Q(('kind', 'range'), _negated=True), ('high', None), ('low', None)), _connector='OR'), name='kr_range_has_bounds', violation_error_message='The upper bound must lie above the lower one.'), models.CheckConstraint(condition=models.Q(models.Q(('hold_periods__gte', 1), ('kind', 'hold'), ('kpi__isnull', False)), models.Q(('hold_periods', None), models.Q(('kind', 'hold'), _negated=True)), _connector='OR'), name='kr_hold_has_kpi_and_periods'), models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ['open', 'yes_no', 'milestones', 'find_baseline']), _negated=True), models.Q(('baseline', None), ('target', None)), _connector='OR'), name='kr_open_is_open'), models.CheckConstraint(condition=models.Q(('kpi_follows', False), ('kpi__isnull', False), _connector='OR'), name='kr_follows_a_kpi'), models.CheckConstraint(condition=models.Q(('kind__in', ['increase', 'decrease', 'at_least', 'at_most', 'range', 'yes_no', 'milestones', 'find_baseline', 'hold', 'open'])), name='kr_kind_known'), models.CheckConstraint(condition=models.Q(('ambition', ''), ('ambition__in', ['committed', 'aspirational']), _connector='OR'), name='kr_ambition_known'), models.CheckConstraint(condition=models.Q(('weight__gte', 0)), name='kr_weight'), models.CheckConstraint(condition=models.Q(('grade', None), models.Q(('grade__range', (0, 1)), models.Q(models.Q(('grade', models.F('suggested_grade')), ('suggested_grade__isnull', False)), models.Q(('grade_reason', ''), _negated=True), _connector='OR')), _connector='OR'), name='kr_own_grade_has_reason'), models.CheckConstraint(condition=models.Q(('final_progress', None), ('final_progress__range', (0, 1)), _connector='OR'), name='kr_final_progress'), models.CheckConstraint(condition=models.Q(models.Q(('withdrawn_at', None), ('withdrawn_reason', '')), models.Q(('withdrawn_at__isnull', False), models.Q(('withdrawn_reason', ''), _negated=True)), _connector='OR'), name='kr_withdrawn_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='Initiative',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=300)),
                ('due_on', models.DateField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('version', models.PositiveIntegerField(default=1)),
                ('form_token', models.UUIDField(blank=True, null=True, unique=True)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('key_result', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='initiatives', to='objectives.keyresult')),
            ],
            options={
                'ordering': ['position', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='initiative_has_title')],
            },
        ),
        migrations.CreateModel(
            name='Checkpoint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('on', models.DateField()),
                ('value', models.DecimalField(decimal_places=15, max_digits=27)),
                ('key_result', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='checkpoints', to='objectives.keyresult')),
            ],
            options={
                'ordering': ['on'],
                'constraints': [models.UniqueConstraint(fields=('key_result', 'on'), name='checkpoint_day_once', violation_error_message='There is already a step for this day.')],
            },
        ),
        migrations.AddField(
            model_name='checkin',
            name='key_result',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='check_ins', to='objectives.keyresult'),
        ),
        migrations.CreateModel(
            name='Blocker',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=300)),
                ('by_on', models.DateField(blank=True, null=True)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('deleted_at', models.DateTimeField(blank=True, null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('form_token', models.UUIDField(blank=True, null=True, unique=True)),
                ('created_at', models.DateTimeField()),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('remover', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('key_result', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='blockers', to='objectives.keyresult')),
            ],
            options={
                'ordering': ['created_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('what', ''), _negated=True), name='blocker_says_what')],
            },
        ),
        migrations.CreateModel(
            name='Milestone',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=200)),
                ('weight', models.DecimalField(decimal_places=2, default=Decimal('1'), max_digits=5)),
                ('due_on', models.DateField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('position', models.PositiveSmallIntegerField()),
                ('key_result', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='milestones', to='objectives.keyresult')),
            ],
            options={
                'ordering': ['position', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('weight__gt', 0)), name='milestone_weight'), models.UniqueConstraint(fields=('key_result', 'position'), name='milestone_position_once')],
            },
        ),
        migrations.CreateModel(
            name='Objective',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('level', models.CharField(choices=[('company', 'Company'), ('team', 'Team'), ('individual', 'Individual')], default='team', max_length=10)),
                ('title', models.CharField(max_length=300)),
                ('why', models.TextField(blank=True, max_length=1000)),
                ('ambition', models.CharField(choices=[('committed', 'Committed, 1.0 expected'), ('aspirational', 'Aspirational, 0.7 is success')], default='committed', max_length=12)),
                ('origin', models.CharField(choices=[('top_down', 'top-down'), ('bottom_up', 'bottom-up')], default='bottom_up', max_length=9)),
                ('rhythm', models.CharField(choices=[('weekly', 'every week'), ('monthly', 'every month')], default='weekly', max_length=7)),
                ('state', models.CharField(choices=[('draft', 'draft'), ('parked', 'parked'), ('active', 'active'), ('closed', 'closed'), ('withdrawn', 'withdrawn')], default='draft', max_length=9)),
                ('is_private', models.BooleanField(default=False)),
                ('position', models.PositiveIntegerField(default=0)),
                ('why_again', models.CharField(blank=True, max_length=500)),
                ('form_token', models.UUIDField(blank=True, null=True, unique=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('starts_on', models.DateField(blank=True, null=True)),
                ('created_at', models.DateTimeField()),
                ('published_at', models.DateTimeField(blank=True, null=True)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('grade', models.DecimalField(blank=True, decimal_places=1, max_digits=2, null=True)),
                ('closing_note', models.TextField(blank=True, max_length=1000)),
                ('withdrawn_from', models.CharField(blank=True, max_length=9)),
                ('copied_from', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='objectives.objective')),
                ('created_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('cycle', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='objectives.cycle')),
                ('owner', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('parent_key_result', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='objectives.keyresult')),
                ('parent_objective', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='objectives.objective')),
                ('signal', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='metrics.signal')),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='teams.team')),
            ],
            options={
                'ordering': ['position', 'pk'],
                'indexes': [models.Index(fields=['team', 'state'], name='objective_by_team'), models.Index(fields=['cycle', 'team'], name='objective_by_cycle')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('signal__isnull', False), ('state__in', ['draft', 'active'])), fields=('signal',), name='objective_answers_signal_once'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'parked', 'active', 'closed', 'withdrawn'])), name='objective_state_known'), models.CheckConstraint(condition=models.Q(('ambition__in', ['committed', 'aspirational'])), name='objective_ambition_known'), models.CheckConstraint(condition=models.Q(('level__in', ['company', 'team', 'individual'])), name='objective_level_known'), models.CheckConstraint(condition=models.Q(('origin__in', ['top_down', 'bottom_up'])), name='objective_origin_known'), models.CheckConstraint(condition=models.Q(('rhythm__in', ['weekly', 'monthly'])), name='objective_rhythm_known'), models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='objective_has_title'), models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', False), ('state__in', ['closed', 'withdrawn'])), models.Q(('closed_at', None), ('grade', None), ('state__in', ['draft', 'parked', 'active'])), _connector='OR'), name='objective_ended_has_moment'), models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'parked', 'withdrawn']), models.Q(('published_at__isnull', False), ('starts_on__isnull', False)), _connector='OR'), name='objective_active_has_start'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'withdrawn'), ('withdrawn_from__in', ['draft', 'parked', 'active'])), models.Q(models.Q(('state', 'withdrawn'), _negated=True), ('withdrawn_from', '')), _connector='OR'), name='objective_withdrawn_from'), models.CheckConstraint(condition=models.Q(('grade', None), ('grade__range', (0, 1)), _connector='OR'), name='objective_grade'), models.CheckConstraint(condition=models.Q(('parent_objective', None), ('parent_key_result', None), _connector='OR'), name='objective_one_parent', violation_error_message='An objective is aligned to one parent only.'), models.CheckConstraint(condition=models.Q(('parent_objective', None), models.Q(('parent_objective', models.F('pk')), _negated=True), _connector='OR'), name='objective_not_own_parent')],
            },
        ),
        migrations.AddField(
            model_name='keyresult',
            name='objective',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='key_results', to='objectives.objective'),
        ),
        migrations.CreateModel(
            name='Dependency',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(max_length=300)),
                ('needed_on', models.DateField(blank=True, null=True)),
                ('state', models.CharField(choices=[('asked', 'asked'), ('confirmed', 'confirmed'), ('declined', 'declined'), ('withdrawn', 'taken back')], default='asked', max_length=9)),
                ('version', models.PositiveIntegerField(default=1)),
                ('form_token', models.UUIDField(blank=True, null=True, unique=True)),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, max_length=500)),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('asked_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('team', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='teams.team')),
                ('objective', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='dependencies', to='objectives.objective')),
            ],
            options={
                'verbose_name_plural': 'dependencies',
                'ordering': ['asked_at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('what', ''), _negated=True), name='dependency_says_what'), models.CheckConstraint(condition=models.Q(('state__in', ['asked', 'confirmed', 'declined', 'withdrawn'])), name='dependency_state_known'), models.CheckConstraint(condition=models.Q(models.Q(('answered_at', None), ('state', 'asked')), models.Q(models.Q(('state', 'asked'), _negated=True), ('answered_at__isnull', False), ('answered_by__isnull', False)), _connector='OR'), name='dependency_answer_has_moment'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'declined'), _negated=True), models.Q(('reason', ''), _negated=True), _connector='OR'), name='dependency_declined_why')],
            },
        ),
        migrations.CreateModel(
            name='ObjectiveEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('type', models.CharField(max_length=24)),
                ('at', models.DateTimeField()),
                ('from_state', models.CharField(blank=True, max_length=9)),
                ('to_state', models.CharField(blank=True, max_length=9)),
                ('reason', models.TextField(blank=True)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('actor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('key_result', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='objectives.keyresult')),
                ('objective', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='objectives.objective')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'indexes': [models.Index(fields=['objective', 'at'], name='objective_event_by_time')],
            },
        ),
        migrations.CreateModel(
            name='Revision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('reason', models.CharField(max_length=500)),
                ('before', models.JSONField(default=dict)),
                ('after', models.JSONField(default=dict)),
                ('actor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('key_result', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='revisions', to='objectives.keyresult')),
            ],
            options={
                'ordering': ['at', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='revision_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='RuleSetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=4)),
                ('strictness', models.CharField(choices=[('off', 'off'), ('advise', 'advise'), ('reason', 'reason')], max_length=6)),
                ('changed_at', models.DateTimeField()),
                ('changed_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='teams.organisation')),
            ],
            options={
                'ordering': ['code'],
                'constraints': [models.UniqueConstraint(fields=('organisation', 'code'), name='rule_setting_once'), models.CheckConstraint(condition=models.Q(('strictness__in', ['off', 'advise', 'reason'])), name='rule_setting_known')],
            },
        ),
        migrations.CreateModel(
            name='Thanks',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField()),
                ('check_in', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='thanks', to='objectives.checkin')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name_plural': 'thanks',
                'ordering': ['at', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('check_in', 'person'), name='thanks_once')],
            },
        ),
        migrations.CreateModel(
            name='WeekItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('week_on', models.DateField()),
                ('kind', models.CharField(choices=[('priority', 'priority'), ('upcoming', 'coming up')], max_length=8)),
                ('position', models.PositiveSmallIntegerField(default=1)),
                ('text', models.CharField(max_length=200)),
                ('outcome', models.CharField(blank=True, choices=[('', 'open'), ('done', 'done'), ('not_done', 'not done')], max_length=8)),
                ('why', models.CharField(blank=True, max_length=300)),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.DateTimeField()),
                ('key_result', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='objectives.keyresult')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['week_on', 'position', 'pk'],
                'constraints': [models.UniqueConstraint(fields=('person', 'week_on', 'kind', 'position'), name='week_item_once'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'priority'), ('position__range', (1, 3))), models.Q(('kind', 'upcoming'), ('outcome', ''), ('position', 1)), _connector='OR'), name='week_item_position'), models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='week_item_has_text'), models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'done', 'not_done'])), name='week_item_outcome')],
            },
        ),
        migrations.CreateModel(
            name='WeekVisit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('seen_at', models.DateTimeField()),
                ('before_at', models.DateTimeField(blank=True, null=True)),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
        ),
        migrations.AddIndex(
            model_name='checkin',
            index=models.Index(fields=['key_result', 'made_at'], name='check_in_by_time'),
        ),
        migrations.AddConstraint(
            model_name='keyresult',
            constraint=models.UniqueConstraint(fields=('objective', 'position'), name='kr_position_once'),
        ),
    ]

