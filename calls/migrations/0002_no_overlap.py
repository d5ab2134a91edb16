"""No two booked appointments of one agent overlap, held by the database itself."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

POSTGRES = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE calls_appointment ADD CONSTRAINT appointment_no_overlap EXCLUDE USING gist (
    agent_id WITH =, tstzrange(starts_at, ends_at) WITH &&
) WHERE (state = 'booked');
"""
# SQLite has one writer at a time, so a trigger sees every appointment that was committed before.
SQLITE = """
CREATE TRIGGER appointment_no_overlap_{event} BEFORE {event} ON calls_appointment
WHEN NEW.state = 'booked' AND EXISTS (
    SELECT 1 FROM calls_appointment AS other
    WHERE other.agent_id = NEW.agent_id AND other.state = 'booked' AND other.id <> NEW.id
      AND other.starts_at < NEW.ends_at AND other.ends_at > NEW.starts_at
)
BEGIN SELECT RAISE(ABORT, 'appointment_no_overlap'); END;
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
        editor.execute("ALTER TABLE calls_appointment DROP CONSTRAINT appointment_no_overlap")
    else:
        for event in EVENTS:
            editor.execute(f"DROP TRIGGER appointment_no_overlap_{event}")


class Migration(migrations.Migration):
    dependencies = [("calls", "0001_initial")]

    operations = [migrations.RunPython(hold, release)]
