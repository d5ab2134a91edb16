"""A supervisor sits in a call: listens, speaks with agents only, or takes part."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0015_hold")]

    operations = [
        migrations.AddField(
            model_name="participant",
            name="manner",
            field=models.CharField(
                blank=True,
                choices=[
                    ("listen", "Listens"),
                    ("whisper", "Speaks with agents only"),
                    ("join", "Takes part"),
                ],
                default="",
                max_length=8,
                verbose_name="manner of supervising",
            ),
            preserve_default=False,
        ),
        migrations.AlterField(
            model_name="participant",
            name="role",
            field=models.CharField(
                choices=[
                    ("patient", "Patient"),
                    ("agent", "Agent"),
                    ("guest", "Guest"),
                    ("recorder", "Recorder"),
                    ("supervisor", "Supervisor"),
                ],
                max_length=16,
                verbose_name="role",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(role="supervisor", manner__in=("listen", "whisper", "join"))
                | (~models.Q(role="supervisor") & models.Q(manner="")),
                name="participant_supervisor_has_manner",
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
                    ("supervised", "supervised"),
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
