"""No two stretches of one person's taken time overlap, held by the database itself."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

POSTGRES = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE calls_takentime ADD CONSTRAINT taken_time_no_overlap EXCLUDE USING gist (
    person_id WITH =, tstzrange(starts_at, ends_at) WITH &&
);
"""
# SQLite has one writer at a time, so a trigger sees every row that was committed before.
SQLITE = """
CREATE TRIGGER taken_time_no_overlap_{event} BEFORE {event} ON calls_takentime
WHEN EXISTS (
    SELECT 1 FROM calls_takentime AS other
    WHERE other.person_id = NEW.person_id AND other.id IS NOT NEW.id
      AND other.ends_at > NEW.starts_at AND other.starts_at < NEW.ends_at
)
BEGIN SELECT RAISE(ABORT, 'taken_time_no_overlap'); END;
"""
EVENTS = ("INSERT", "UPDATE")


def hold(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute(POSTGRES)
    else:
        for event in EVENTS:
            editor.execute(SQLITE.format(event=event))


def release(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE calls_takentime DROP CONSTRAINT taken_time_no_overlap")
    else:
        for event in EVENTS:
            editor.execute(f"DROP TRIGGER taken_time_no_overlap_{event}")


def take(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """What is booked and not over takes the time of both people."""
    Appointment = apps.get_model("calls", "Appointment")
    TakenTime = apps.get_model("calls", "TakenTime")
    booked = Appointment.objects.filter(state="booked").exclude(call__state="ended")
    rows = []
    for one in booked.iterator():
        span = {"starts_at": one.starts_at, "ends_at": one.ends_at}
        rows.append(TakenTime(person_id=one.agent_id, call_id=one.call_id, **span))
        rows.append(TakenTime(person_id=one.patient_id, appointment_id=one.pk, **span))
    TakenTime.objects.bulk_create(rows, batch_size=500)


class Migration(migrations.Migration):
    dependencies = [("calls", "0010_booking")]

    operations = [
        migrations.RunPython(take, migrations.RunPython.noop),
        migrations.RunPython(hold, release),
    ]
