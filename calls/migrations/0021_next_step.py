"""Uses of ready texts, and next steps that were put aside."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0020_alerts'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='NotNow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='at')),
                ('person', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='not_now', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'next step put aside',
                'verbose_name_plural': 'next steps put aside',
            },
        ),
        migrations.CreateModel(
            name='CannedUse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='at')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('entry', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='calls.queueentry')),
                ('reply', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='uses', to='calls.cannedreply')),
            ],
            options={
                'verbose_name': 'use of a canned reply',
                'verbose_name_plural': 'uses of canned replies',
                'constraints': [models.UniqueConstraint(fields=('entry', 'reply', 'agent'), name='canned_use_once')],
            },
        ),
    ]
