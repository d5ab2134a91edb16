"""Letters hold no place in line and are answered by mail. Backwards, what was mailed is forgotten."""

import django.db.models.deletion
from django.db import migrations, models


def forget_letters(apps, schema_editor):
    apps.get_model("calls", "Notice").objects.filter(entry__isnull=False).delete()


class Migration(migrations.Migration):
    dependencies = [("calls", "0018_survey")]

    operations = [
        migrations.RemoveConstraint(model_name="notice", name="notice_to_one"),
        migrations.RemoveConstraint(model_name="queueentry", name="entry_one_place_in_line"),
        migrations.AddField(
            model_name="notice",
            name="entry",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="calls.queueentry",
            ),
        ),
        migrations.AddField(
            model_name="queueentry",
            name="answer",
            field=models.TextField(blank=True, max_length=4000, verbose_name="answer"),
        ),
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("booked", "Booked"),
                    ("moved", "Moved"),
                    ("cancelled", "Cancelled"),
                    ("reminder", "Reminder"),
                    ("offer", "A time became free"),
                    ("shared", "Something was shared with you"),
                    ("missed", "Missed"),
                    ("not_held", "Did not take place"),
                    ("answer", "Your message was answered"),
                    ("call_now", "We call you back now"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(person__isnull=False, invitation__isnull=True)
                | models.Q(person__isnull=True, invitation__isnull=False, entry__isnull=True)
                | models.Q(person__isnull=True, invitation__isnull=True, entry__isnull=False),
                name="notice_to_one",
            ),
        ),
        migrations.AddConstraint(
            model_name="queueentry",
            constraint=models.UniqueConstraint(
                condition=models.Q(state__in=["waiting", "ringing"]) & ~models.Q(kind="message"),
                fields=("queue", "person"),
                name="entry_one_place_in_line",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_letters),
    ]
