"""Tables and fields of booking: services, hours, waiting list, invitations, notices, forms."""

import calls.models.service
import calls.states
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0002_portal'),
        ('calls', '0009_planned_calls'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AdvanceConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('granted', models.BooleanField(verbose_name='agreed')),
                ('text_version', models.CharField(max_length=32, verbose_name='text version')),
                ('language', models.CharField(max_length=16, verbose_name='language')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='said')),
            ],
            options={
                'verbose_name': 'consent before the visit',
                'verbose_name_plural': 'consents before the visit',
            },
        ),
        migrations.CreateModel(
            name='Answer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=200, verbose_name='question')),
                ('text', models.TextField(blank=True, verbose_name='answer')),
                ('position', models.PositiveSmallIntegerField(default=1, verbose_name='position')),
            ],
            options={
                'verbose_name': 'answer before the visit',
                'verbose_name_plural': 'answers before the visit',
                'ordering': ('position', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='Attachment',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('added_at', models.DateTimeField(auto_now_add=True, verbose_name='added')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('media_type', models.CharField(max_length=64, verbose_name='kind')),
                ('size_bytes', models.PositiveBigIntegerField(verbose_name='size')),
                ('sha256', models.CharField(max_length=64)),
                ('wrapped_key', models.BinaryField(default=bytes)),
            ],
            options={
                'verbose_name': 'file of a visit',
                'verbose_name_plural': 'files of visits',
                'ordering': ('added_at',),
            },
        ),
        migrations.CreateModel(
            name='CalendarFeed',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_on', models.BooleanField(default=True, verbose_name='switched on')),
                ('serial', models.PositiveIntegerField(default=1)),
                ('made_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='made')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='last read')),
            ],
            options={
                'verbose_name': 'calendar feed',
                'verbose_name_plural': 'calendar feeds',
            },
        ),
        migrations.CreateModel(
            name='DayHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField(verbose_name='date')),
                ('starts', models.TimeField(blank=True, null=True, verbose_name='from')),
                ('ends', models.TimeField(blank=True, null=True, verbose_name='until')),
            ],
            options={
                'verbose_name': 'hours of a single day',
                'verbose_name_plural': 'hours of single days',
                'ordering': ('agent', 'date', 'starts'),
            },
        ),
        migrations.CreateModel(
            name='DeviceTest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='tested')),
                ('outcome', models.CharField(choices=[('ready', 'Ready'), ('problem', 'Problem')], max_length=8, verbose_name='outcome')),
                ('parts', models.JSONField(default=dict)),
            ],
            options={
                'verbose_name': 'device test',
                'verbose_name_plural': 'device tests',
                'ordering': ('-at',),
            },
        ),
        migrations.CreateModel(
            name='Invitation',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('kind', models.CharField(choices=[('relative', 'Relative or friend'), ('interpreter', 'Interpreter'), ('colleague', 'Colleague')], max_length=16, verbose_name='who')),
                ('email', models.EmailField(blank=True, max_length=254, verbose_name='e-mail')),
                ('token_digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='invited')),
                ('opened_at', models.DateTimeField(blank=True, null=True, verbose_name='opened')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='withdrawn')),
            ],
            options={
                'verbose_name': 'invitation',
                'verbose_name_plural': 'invitations',
                'ordering': ('created_at',),
            },
        ),
        migrations.CreateModel(
            name='Notice',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('key', models.CharField(editable=False, max_length=160, unique=True)),
                ('kind', models.CharField(choices=[('booked', 'Booked'), ('moved', 'Moved'), ('cancelled', 'Cancelled'), ('reminder', 'Reminder'), ('offer', 'A time became free'), ('shared', 'Something was shared with you'), ('missed', 'Missed')], max_length=16, verbose_name='kind')),
                ('facts', models.JSONField(default=dict, editable=False)),
                ('created_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='made')),
                ('read_at', models.DateTimeField(blank=True, null=True, verbose_name='read')),
                ('mail_state', models.CharField(choices=[(calls.states.MailState['NONE'], 'No mail'), (calls.states.MailState['DUE'], 'To be sent'), (calls.states.MailState['SENT'], 'Sent'), (calls.states.MailState['FAILED'], 'Failed')], default=calls.states.MailState['NONE'], max_length=8, verbose_name='mail')),
                ('mail_attempts', models.PositiveSmallIntegerField(default=0, verbose_name='attempts')),
                ('mail_next_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='sent again at')),
                ('mailed_at', models.DateTimeField(blank=True, null=True, verbose_name='mailed')),
            ],
            options={
                'verbose_name': 'notice',
                'verbose_name_plural': 'notices',
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.PositiveSmallIntegerField(default=1, verbose_name='position')),
                ('label', models.CharField(max_length=200, verbose_name='question')),
                ('help_text', models.CharField(blank=True, max_length=300, verbose_name='help')),
                ('kind', models.CharField(choices=[('text', 'Text'), ('choice', 'Choice'), ('file', 'File')], default='text', max_length=8, verbose_name='kind')),
                ('choices', models.TextField(blank=True, help_text='One on each line.', verbose_name='choices')),
                ('is_required', models.BooleanField(default=False, verbose_name='must be answered')),
            ],
            options={
                'verbose_name': 'question before the visit',
                'verbose_name_plural': 'questions before the visit',
                'ordering': ('position', 'pk'),
            },
        ),
        migrations.CreateModel(
            name='RunningLate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('minutes', models.PositiveSmallIntegerField(verbose_name='minutes late')),
                ('said_at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='said')),
                ('until', models.DateTimeField(verbose_name='until')),
            ],
            options={
                'verbose_name': 'running late',
                'verbose_name_plural': 'running late',
            },
        ),
        migrations.CreateModel(
            name='SlotOffer',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField(verbose_name='starts')),
                ('ends_at', models.DateTimeField(verbose_name='ends')),
                ('made_at', models.DateTimeField(auto_now_add=True, verbose_name='offered')),
                ('expires_at', models.DateTimeField(verbose_name='kept until')),
                ('state', models.CharField(choices=[(calls.states.OfferState['OPEN'], 'Open'), (calls.states.OfferState['TAKEN'], 'Taken'), (calls.states.OfferState['DECLINED'], 'Declined'), (calls.states.OfferState['EXPIRED'], 'Expired')], default=calls.states.OfferState['OPEN'], max_length=16, verbose_name='state')),
            ],
            options={
                'verbose_name': 'offered time',
                'verbose_name_plural': 'offered times',
                'ordering': ('-made_at',),
            },
        ),
        migrations.CreateModel(
            name='StandingConsent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text_version', models.CharField(max_length=32, verbose_name='text version')),
                ('language', models.CharField(max_length=16, verbose_name='language')),
                ('at', models.DateTimeField(default=django.utils.timezone.now, verbose_name='said')),
            ],
            options={
                'verbose_name': 'standing consent',
                'verbose_name_plural': 'standing consents',
            },
        ),
        migrations.CreateModel(
            name='TakenTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='until')),
            ],
            options={
                'verbose_name': 'taken time',
                'verbose_name_plural': 'taken times',
            },
        ),
        migrations.CreateModel(
            name='TimeOff',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('starts_at', models.DateTimeField(verbose_name='from')),
                ('ends_at', models.DateTimeField(verbose_name='until')),
                ('note', models.CharField(blank=True, max_length=120, verbose_name='note')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='entered')),
            ],
            options={
                'verbose_name': 'time off',
                'verbose_name_plural': 'time off',
                'ordering': ('starts_at',),
            },
        ),
        migrations.CreateModel(
            name='VisitNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(max_length=10000, verbose_name='note')),
                ('written_at', models.DateTimeField(auto_now_add=True, verbose_name='written')),
            ],
            options={
                'verbose_name': 'note of a visit',
                'verbose_name_plural': 'notes of visits',
                'ordering': ('written_at',),
            },
        ),
        migrations.CreateModel(
            name='WaitingListEntry',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('from_date', models.DateField(verbose_name='from')),
                ('until_date', models.DateField(verbose_name='until')),
                ('state', models.CharField(choices=[(calls.states.WaitingState['WAITING'], 'Waiting'), (calls.states.WaitingState['BOOKED'], 'Booked'), (calls.states.WaitingState['LEFT'], 'Left'), (calls.states.WaitingState['OVER'], 'Over')], default=calls.states.WaitingState['WAITING'], max_length=16, verbose_name='state')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='since')),
            ],
            options={
                'verbose_name': 'waiting list entry',
                'verbose_name_plural': 'waiting list',
                'ordering': ('created_at',),
            },
        ),
        migrations.RemoveConstraint(
            model_name='appointment',
            name='appointment_state_known',
        ),
        migrations.AddField(
            model_name='appointment',
            name='planned_at',
            field=models.DateTimeField(default=django.utils.timezone.now, verbose_name='planned at'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='booked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='appointment',
            name='booked_offset_minutes',
            field=models.SmallIntegerField(default=0, verbose_name='minutes ahead of UTC when it was booked'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='checked_in_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='checked in'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='dependant',
            field=models.ForeignKey(blank=True, help_text="Whom the visit is for, where the patient's account books for somebody else.", null=True, on_delete=django.db.models.deletion.PROTECT, related_name='visits', to='accounts.dependant'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='follow_up_of',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='follow_ups', to='calls.appointment'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='reason',
            field=models.TextField(blank=True, validators=[django.core.validators.MaxLengthValidator(500)], verbose_name='reason for the visit'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='recording_policy',
            field=models.CharField(blank=True, choices=[('never', 'Never recorded'), ('ask', 'Ask in the visit'), ('booking', 'Ask when it is booked')], help_text='Empty: as the service says.', max_length=8, verbose_name='recording'),
        ),
        migrations.AddField(
            model_name='appointment',
            name='series',
            field=models.UUIDField(blank=True, db_index=True, null=True, verbose_name='series'),
        ),
        migrations.AddField(
            model_name='service',
            name='buffer_after_minutes',
            field=models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(120)], verbose_name='minutes kept free after'),
        ),
        migrations.AddField(
            model_name='service',
            name='buffer_before_minutes',
            field=models.PositiveSmallIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(120)], verbose_name='minutes kept free before'),
        ),
        migrations.AddField(
            model_name='service',
            name='capacity',
            field=models.PositiveSmallIntegerField(default=1, help_text='More than one makes it a group: several patients book the same time.', validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(3)], verbose_name='patients in one visit'),
        ),
        migrations.AddField(
            model_name='service',
            name='change_notice_minutes',
            field=models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(86400)], verbose_name='patients may change or cancel until, minutes before'),
        ),
        migrations.AddField(
            model_name='service',
            name='horizon_days',
            field=models.PositiveSmallIntegerField(default=60, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(365)], verbose_name='booked at the earliest, days before'),
        ),
        migrations.AddField(
            model_name='service',
            name='language',
            field=models.CharField(blank=True, choices=[('en', 'English'), ('zh-hans', 'Simplified Chinese')], help_text='Empty: any.', max_length=16, verbose_name='language of the visit'),
        ),
        migrations.AddField(
            model_name='service',
            name='media',
            field=models.CharField(choices=[('video', 'By video'), ('audio', 'By voice'), ('text', 'In writing')], default='video', max_length=8, verbose_name='how people meet'),
        ),
        migrations.AddField(
            model_name='service',
            name='no_show_minutes',
            field=models.PositiveSmallIntegerField(default=15, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(240)], verbose_name='a patient who has not come counts as absent after minutes'),
        ),
        migrations.AddField(
            model_name='service',
            name='notice_minutes',
            field=models.PositiveIntegerField(default=0, validators=[django.core.validators.MaxValueValidator(86400)], verbose_name='booked at the latest, minutes before'),
        ),
        migrations.AddField(
            model_name='service',
            name='reminder_minutes',
            field=models.JSONField(blank=True, default=calls.models.service.default_reminders, validators=[calls.models.service.check_reminders], verbose_name='reminders, minutes before'),
        ),
        migrations.AlterField(
            model_name='appointment',
            name='state',
            field=models.CharField(choices=[(calls.states.AppointmentState['BOOKED'], 'Booked'), (calls.states.AppointmentState['CANCELLED'], 'Cancelled'), (calls.states.AppointmentState['COMPLETED'], 'Completed'), (calls.states.AppointmentState['NO_SHOW'], 'Missed'), (calls.states.AppointmentState['NOT_HELD'], 'Did not take place')], default=calls.states.AppointmentState['BOOKED'], max_length=16, verbose_name='state'),
        ),
        migrations.AlterField(
            model_name='participant',
            name='role',
            field=models.CharField(choices=[('patient', 'Patient'), ('agent', 'Agent'), ('guest', 'Guest'), ('recorder', 'Recorder')], max_length=16, verbose_name='role'),
        ),
        migrations.AlterField(
            model_name='recording',
            name='asked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='calls.participant'),
        ),
        migrations.AlterField(
            model_name='service',
            name='recording_policy',
            field=models.CharField(choices=[('never', 'Never recorded'), ('ask', 'Ask in the visit'), ('booking', 'Ask when it is booked')], default='ask', max_length=8, verbose_name='recording'),
        ),
        migrations.AddIndex(
            model_name='appointment',
            index=models.Index(condition=models.Q(('state', calls.states.AppointmentState['BOOKED'])), fields=['starts_at'], name='appointment_booked'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['booked', 'cancelled', 'completed', 'no_show', 'not_held'])), name='appointment_state_known'),
        ),
        migrations.AddConstraint(
            model_name='appointment',
            constraint=models.UniqueConstraint(condition=models.Q(('state', calls.states.AppointmentState['BOOKED'])), fields=('call', 'patient'), name='appointment_once_per_call'),
        ),
        migrations.AddConstraint(
            model_name='callsession',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ends_at__isnull', True), ('starts_at__isnull', True)), models.Q(('ends_at__gt', models.F('starts_at')), ('starts_at__isnull', False)), _connector='OR'), name='call_planned_has_length'),
        ),
        migrations.AddConstraint(
            model_name='callsession',
            constraint=models.CheckConstraint(condition=models.Q(('seats_taken__lte', models.F('capacity'))), name='call_not_overbooked'),
        ),
        migrations.AddConstraint(
            model_name='service',
            constraint=models.CheckConstraint(condition=models.Q(('buffer_after_minutes__lte', 120), ('buffer_before_minutes__lte', 120), ('horizon_days__gte', 1), ('horizon_days__lte', 365)), name='service_times_sane'),
        ),
        migrations.AddConstraint(
            model_name='service',
            constraint=models.CheckConstraint(condition=models.Q(('capacity__gte', 1), ('capacity__lt', 4)), name='service_capacity_sane'),
        ),
        migrations.AddField(
            model_name='advanceconsent',
            name='appointment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='advance_consents', to='calls.appointment'),
        ),
        migrations.AddField(
            model_name='advanceconsent',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='advance_consents', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='answer',
            name='appointment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='answers', to='calls.appointment'),
        ),
        migrations.AddField(
            model_name='attachment',
            name='added_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='attachment',
            name='appointment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='attachments', to='calls.appointment'),
        ),
        migrations.AddField(
            model_name='answer',
            name='attachment',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='answer', to='calls.attachment'),
        ),
        migrations.AddField(
            model_name='calendarfeed',
            name='person',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='calendar_feed', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='dayhours',
            name='agent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='day_hours', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='devicetest',
            name='appointment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='device_tests', to='calls.appointment'),
        ),
        migrations.AddField(
            model_name='devicetest',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='device_tests', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='call',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='invitations', to='calls.callsession'),
        ),
        migrations.AddField(
            model_name='invitation',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='invitation',
            name='guest',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitation', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='notice',
            name='appointment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='notices', to='calls.appointment'),
        ),
        migrations.AddField(
            model_name='notice',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notices', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='question',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='calls.service'),
        ),
        migrations.AddField(
            model_name='answer',
            name='question',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='calls.question'),
        ),
        migrations.AddField(
            model_name='runninglate',
            name='agent',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='running_late', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='slotoffer',
            name='agent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='notice',
            name='offer',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='calls.slotoffer'),
        ),
        migrations.AddField(
            model_name='standingconsent',
            name='person',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='standing_consent', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='takentime',
            name='appointment',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='taken_time', to='calls.appointment'),
        ),
        migrations.AddField(
            model_name='takentime',
            name='call',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='taken_time', to='calls.callsession'),
        ),
        migrations.AddField(
            model_name='takentime',
            name='offer',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='taken_time', to='calls.slotoffer'),
        ),
        migrations.AddField(
            model_name='takentime',
            name='person',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='taken_times', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='timeoff',
            name='agent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='time_off', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='timeoff',
            name='created_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='takentime',
            name='time_off',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='taken_time', to='calls.timeoff'),
        ),
        migrations.AddField(
            model_name='visitnote',
            name='appointment',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='notes', to='calls.appointment'),
        ),
        migrations.AddField(
            model_name='visitnote',
            name='author',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='waitinglistentry',
            name='agent',
            field=models.ForeignKey(blank=True, help_text='Empty: whoever is free first.', null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='waitinglistentry',
            name='dependant',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='accounts.dependant'),
        ),
        migrations.AddField(
            model_name='waitinglistentry',
            name='patient',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='waiting_list', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='waitinglistentry',
            name='service',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='waiting_list', to='calls.service'),
        ),
        migrations.AddField(
            model_name='slotoffer',
            name='entry',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='offers', to='calls.waitinglistentry'),
        ),
        migrations.AddConstraint(
            model_name='advanceconsent',
            constraint=models.UniqueConstraint(fields=('appointment', 'person'), name='advance_consent_once'),
        ),
        migrations.AddConstraint(
            model_name='dayhours',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ends__isnull', True), ('starts__isnull', True)), models.Q(('ends__gt', models.F('starts')), ('starts__isnull', False)), _connector='OR'), name='day_hours_have_length'),
        ),
        migrations.AddConstraint(
            model_name='dayhours',
            constraint=models.UniqueConstraint(fields=('agent', 'date', 'starts'), name='day_hours_once'),
        ),
        migrations.AddIndex(
            model_name='devicetest',
            index=models.Index(fields=['appointment', '-at'], name='device_test_of_visit'),
        ),
        migrations.AddConstraint(
            model_name='answer',
            constraint=models.UniqueConstraint(fields=('appointment', 'question'), name='answer_once'),
        ),
        migrations.AddConstraint(
            model_name='runninglate',
            constraint=models.CheckConstraint(condition=models.Q(('minutes__gte', 1), ('minutes__lte', 240)), name='running_late_sane'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['person', '-created_at'], name='notice_of_person'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('mail_state', calls.states.MailState['DUE'])), fields=['mail_next_at'], name='notice_mail_due'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('mail_state__in', ['none', 'due', 'sent', 'failed'])), name='notice_mail_state_known'),
        ),
        migrations.AddConstraint(
            model_name='timeoff',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='time_off_has_length'),
        ),
        migrations.AddIndex(
            model_name='takentime',
            index=models.Index(fields=['person', 'ends_at'], name='taken_time_of_person'),
        ),
        migrations.AddConstraint(
            model_name='takentime',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='taken_time_has_length'),
        ),
        migrations.AddConstraint(
            model_name='takentime',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('appointment__isnull', True), ('call__isnull', False), ('offer__isnull', True), ('time_off__isnull', True)), models.Q(('appointment__isnull', False), ('call__isnull', True), ('offer__isnull', True), ('time_off__isnull', True)), models.Q(('appointment__isnull', True), ('call__isnull', True), ('offer__isnull', True), ('time_off__isnull', False)), models.Q(('appointment__isnull', True), ('call__isnull', True), ('offer__isnull', False), ('time_off__isnull', True)), _connector='OR'), name='taken_time_for_one_thing'),
        ),
        migrations.AddIndex(
            model_name='waitinglistentry',
            index=models.Index(fields=['service', 'state', 'created_at'], name='waiting_list_turn'),
        ),
        migrations.AddConstraint(
            model_name='waitinglistentry',
            constraint=models.CheckConstraint(condition=models.Q(('until_date__gte', models.F('from_date'))), name='waiting_list_dates'),
        ),
        migrations.AddConstraint(
            model_name='waitinglistentry',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['waiting', 'booked', 'left', 'over'])), name='waiting_list_state_known'),
        ),
        migrations.AddConstraint(
            model_name='waitinglistentry',
            constraint=models.UniqueConstraint(condition=models.Q(('state', calls.states.WaitingState['WAITING'])), fields=('service', 'patient'), name='waiting_list_once'),
        ),
        migrations.AddConstraint(
            model_name='slotoffer',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('starts_at'))), name='offer_has_length'),
        ),
        migrations.AddConstraint(
            model_name='slotoffer',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['open', 'taken', 'declined', 'expired'])), name='offer_state_known'),
        ),
        migrations.AddConstraint(
            model_name='slotoffer',
            constraint=models.UniqueConstraint(condition=models.Q(('state', calls.states.OfferState['OPEN'])), fields=('entry',), name='offer_one_open_per_entry'),
        ),
        migrations.AddConstraint(
            model_name='slotoffer',
            constraint=models.UniqueConstraint(fields=('entry', 'agent', 'starts_at'), name='offer_once'),
        ),
    ]
