"""One device test of each person and visit is kept, the newest."""

from django.db import migrations, models
from django.db.models import Exists, OuterRef


def keep_newest(apps, schema_editor):
    tests = apps.get_model("calls", "DeviceTest").objects
    same = tests.filter(appointment=OuterRef("appointment"), person=OuterRef("person"))
    older = tests.filter(Exists(same.filter(at__gt=OuterRef("at"))))
    tests.filter(pk__in=list(older.values_list("pk", flat=True))).delete()


class Migration(migrations.Migration):
    dependencies = [("calls", "0013_not_held_notice")]

    operations = [
        migrations.RunPython(keep_newest, migrations.RunPython.noop),
        migrations.RemoveIndex(model_name="devicetest", name="device_test_of_visit"),
        migrations.AddConstraint(
            model_name="devicetest",
            constraint=models.UniqueConstraint(
                fields=("appointment", "person"), name="device_test_once"
            ),
        ),
    ]
