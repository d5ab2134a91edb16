"""Alerts: their rules, what was raised, the risk words, and a notice that mails them."""

import calls.desk.alerts
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0019_letters'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name='notice',
            name='kind',
            field=models.CharField(choices=[('booked', 'Booked'), ('moved', 'Moved'), ('cancelled', 'Cancelled'), ('reminder', 'Reminder'), ('offer', 'A time became free'), ('shared', 'Something was shared with you'), ('missed', 'Missed'), ('not_held', 'Did not take place'), ('answer', 'Your message was answered'), ('call_now', 'We call you back now'), ('alert', 'The desk needs you')], max_length=16, verbose_name='kind'),
        ),
        migrations.CreateModel(
            name='AlertRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[(calls.desk.alerts.AlertKind['LONGEST_WAIT'], 'Somebody waits for longer than seconds'), (calls.desk.alerts.AlertKind['SERVICE_LEVEL'], 'The service level today is under percent'), (calls.desk.alerts.AlertKind['IDLE'], 'An agent is idle for longer than minutes'), (calls.desk.alerts.AlertKind['WAITING'], 'More people wait than'), (calls.desk.alerts.AlertKind['RISK_WORD'], 'Somebody writes a risk word')], max_length=16, verbose_name='when')),
                ('threshold', models.PositiveIntegerField(default=60, help_text='Seconds, percent, minutes or people; not used for risk words.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(86400)], verbose_name='limit')),
                ('is_active', models.BooleanField(default=True, verbose_name='watched')),
                ('queue', models.ForeignKey(blank=True, help_text='Empty: for each queue by itself.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='calls.queue')),
                ('told', models.ManyToManyField(blank=True, help_text='On the wallboard everybody who leads the desk sees it.', related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='told by e-mail')),
            ],
            options={
                'verbose_name': 'alert rule',
                'verbose_name_plural': 'alert rules',
                'ordering': ('kind', 'threshold'),
            },
        ),
        migrations.CreateModel(
            name='Alert',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(editable=False, max_length=120)),
                ('kind', models.CharField(choices=[(calls.desk.alerts.AlertKind['LONGEST_WAIT'], 'Somebody waits for longer than seconds'), (calls.desk.alerts.AlertKind['SERVICE_LEVEL'], 'The service level today is under percent'), (calls.desk.alerts.AlertKind['IDLE'], 'An agent is idle for longer than minutes'), (calls.desk.alerts.AlertKind['WAITING'], 'More people wait than'), (calls.desk.alerts.AlertKind['RISK_WORD'], 'Somebody writes a risk word')], max_length=16, verbose_name='kind')),
                ('value', models.PositiveIntegerField(default=0, verbose_name='measured')),
                ('threshold', models.PositiveIntegerField(default=0, verbose_name='limit')),
                ('raised_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='raised')),
                ('cleared_at', models.DateTimeField(blank=True, null=True, verbose_name='passed')),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True, verbose_name='acknowledged')),
                ('acknowledged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='acknowledged by')),
                ('agent', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('call', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='calls.callsession')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('queue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='calls.queue')),
                ('rule', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='alerts', to='calls.alertrule')),
            ],
            options={
                'verbose_name': 'alert',
                'verbose_name_plural': 'alerts',
                'ordering': ('-raised_at',),
            },
        ),
        migrations.CreateModel(
            name='RiskWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('words', models.CharField(help_text='Found as whole words, whatever the case; in Chinese anywhere in a text.', max_length=80, verbose_name='word')),
                ('language', models.CharField(blank=True, choices=[('en', 'English'), ('zh-hans', 'Simplified Chinese')], max_length=16, verbose_name='language')),
                ('is_active', models.BooleanField(default=True, verbose_name='watched')),
            ],
            options={
                'verbose_name': 'risk word',
                'verbose_name_plural': 'risk words',
                'ordering': ('words',),
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('words'), name='risk_word_once')],
            },
        ),
        migrations.AddConstraint(
            model_name='alertrule',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['longest_wait', 'service_level', 'idle', 'waiting', 'risk_word'])), name='alert_rule_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='alertrule',
            constraint=models.CheckConstraint(condition=models.Q(('threshold__gte', 1)), name='alert_rule_has_threshold'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['longest_wait', 'service_level', 'idle', 'waiting', 'risk_word'])), name='alert_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.UniqueConstraint(condition=models.Q(('cleared_at__isnull', True)), fields=('key',), name='alert_one_open'),
        ),
        migrations.AddConstraint(
            model_name='alert',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('acknowledged_at__isnull', True), ('acknowledged_by__isnull', True)), models.Q(('acknowledged_at__isnull', False), ('acknowledged_by__isnull', False)), _connector='OR'), name='alert_acknowledged_by_somebody'),
        ),
    ]
