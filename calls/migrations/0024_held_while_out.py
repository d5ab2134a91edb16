"""Somebody on hold may leave and come back, and is on hold still."""

from django.db import migrations, models


def end_hold_of_who_left(apps, schema_editor):
    people = apps.get_model("calls", "Participant").objects
    people.filter(state="left", held_at__isnull=False).update(held_at=None)


class Migration(migrations.Migration):
    dependencies = [("calls", "0023_one_place_in_line")]

    operations = [
        migrations.RemoveConstraint(
            model_name="participant", name="participant_held_is_admitted"
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(held_at__isnull=True)
                | models.Q(state__in=("admitted", "left"), role__in=("patient", "guest")),
                name="participant_held_is_admitted",
            ),
        ),
        # The last one here is the first on the way back, where the check is narrower.
        migrations.RunPython(migrations.RunPython.noop, end_hold_of_who_left),
    ]
