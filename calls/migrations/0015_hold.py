"""Somebody who was admitted can be put on hold."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0014_one_device_test")]

    operations = [
        migrations.AddField(
            model_name="participant",
            name="held_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="on hold since"),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(held_at__isnull=True)
                | models.Q(state="admitted", role__in=("patient", "guest")),
                name="participant_held_is_admitted",
            ),
        ),
        migrations.AlterField(
            model_name="callevent",
            name="kind",
            field=models.CharField(
                choices=[
                    ("entered", "entered"),
                    ("admitted", "admitted"),
                    ("joined", "joined"),
                    ("dropped", "dropped"),
                    ("left", "left"),
                    ("removed", "removed"),
                    ("held", "held"),
                    ("resumed", "resumed"),
                    ("chat", "chat"),
                    ("record_asked", "record_asked"),
                    ("consent_given", "consent_given"),
                    ("consent_refused", "consent_refused"),
                    ("consent_withdrawn", "consent_withdrawn"),
                    ("recording_queued", "recording_queued"),
                    ("recording_delayed", "recording_delayed"),
                    ("recording_started", "recording_started"),
                    ("recording_stopped", "recording_stopped"),
                    ("recording_failed", "recording_failed"),
                    ("ended", "ended"),
                ],
                max_length=32,
                verbose_name="kind",
            ),
        ),
    ]
