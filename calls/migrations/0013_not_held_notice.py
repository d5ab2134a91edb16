"""A patient who came and was not let in is told so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0012_guest_notices")]

    operations = [
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
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
    ]
