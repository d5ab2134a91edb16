"""Guests are told by mail too. Backwards, what they were told is forgotten."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def forget_guests(apps, schema_editor):
    apps.get_model("calls", "Notice").objects.filter(invitation__isnull=False).delete()


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("calls", "0011_taken_time"),
    ]

    operations = [
        migrations.AddField(
            model_name="notice",
            name="invitation",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to="calls.invitation",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="notices",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(person__isnull=False, invitation__isnull=True)
                | models.Q(person__isnull=True, invitation__isnull=False),
                name="notice_to_one",
            ),
        ),
        migrations.RunPython(migrations.RunPython.noop, forget_guests),
    ]
