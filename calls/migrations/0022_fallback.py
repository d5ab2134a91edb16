"""Where the patients of a service go whose agent is missing, and after how many minutes."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('calls', '0021_next_step'),
    ]

    operations = [
        migrations.AddField(
            model_name='service',
            name='fallback_minutes',
            field=models.PositiveSmallIntegerField(default=5, help_text='Counted from the time that was booked.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(60)], verbose_name='after minutes'),
        ),
        migrations.AddField(
            model_name='service',
            name='fallback_queue',
            field=models.ForeignKey(blank=True, help_text='Patients who wait while their agent has not come are offered to the agents of this queue as well, who learn the name of the service and not the reason. Not for groups. Empty: they wait for their agent alone.', null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='calls.queue', verbose_name='queue when the agent is missing'),
        ),
        migrations.AddConstraint(
            model_name='service',
            constraint=models.CheckConstraint(condition=models.Q(('fallback_minutes__gte', 1), ('fallback_minutes__lte', 60)), name='service_fallback_sane'),
        ),
    ]
