"""People cared for, public holidays, choices of mail, and the guest's role."""

import accounts.holidays
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0001_initial'),
        ('auth', '0012_alter_user_first_name_max_length'),
    ]

    operations = [
        migrations.CreateModel(
            name='Dependant',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('display_name', models.CharField(max_length=120, verbose_name='name')),
                ('relation', models.CharField(choices=[('child', 'Child'), ('partner', 'Partner'), ('parent', 'Parent'), ('other', 'Somebody else in my care')], max_length=16, verbose_name='relation')),
                ('born_on', models.DateField(blank=True, null=True, verbose_name='date of birth')),
                ('is_active', models.BooleanField(default=True, verbose_name='can be booked for')),
            ],
            options={
                'verbose_name': 'person cared for',
                'verbose_name_plural': 'people cared for',
                'ordering': ('display_name',),
            },
        ),
        migrations.RemoveConstraint(
            model_name='user',
            name='user_role_known',
        ),
        migrations.AddField(
            model_name='user',
            name='holiday_place',
            field=models.CharField(blank=True, help_text='On these days nobody can be booked. Empty: as the house says.', max_length=16, validators=[accounts.holidays.check_holiday_place], verbose_name='public holidays of'),
        ),
        migrations.AddField(
            model_name='user',
            name='mails_bookings',
            field=models.BooleanField(default=True, verbose_name='e-mail when a visit is booked, moved or cancelled'),
        ),
        migrations.AddField(
            model_name='user',
            name='mails_offers',
            field=models.BooleanField(default=True, verbose_name='e-mail when an earlier time becomes free'),
        ),
        migrations.AddField(
            model_name='user',
            name='mails_reminders',
            field=models.BooleanField(default=True, verbose_name='e-mail before a visit'),
        ),
        migrations.AlterField(
            model_name='user',
            name='role',
            field=models.CharField(choices=[('patient', 'Patient'), ('agent', 'Agent'), ('supervisor', 'Supervisor'), ('administrator', 'Administrator'), ('guest', 'Guest')], default='patient', max_length=16, verbose_name='role'),
        ),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['patient', 'agent', 'supervisor', 'administrator', 'guest'])), name='user_role_known'),
        ),
        migrations.AddField(
            model_name='dependant',
            name='keeper',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='dependants', to=settings.AUTH_USER_MODEL),
        ),
    ]
