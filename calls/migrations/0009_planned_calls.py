"""A call knows its service, its agent and its plan; an appointment is a place in a call."""

from importlib import import_module

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


no_overlap = import_module("calls.migrations.0002_no_overlap")


def copy_plans(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Each call gets what its appointment says, and the appointment gets its call."""
    CallSession = apps.get_model("calls", "CallSession")
    Appointment = apps.get_model("calls", "Appointment")
    for call in CallSession.objects.filter(appointment__isnull=False).select_related("appointment").iterator():
        planned = call.appointment
        taken = 0 if planned.state == "cancelled" else 1
        CallSession.objects.filter(pk=call.pk).update(
            service_id=planned.service_id,
            agent_id=planned.agent_id,
            starts_at=planned.starts_at,
            ends_at=planned.ends_at,
            seats_taken=taken,
        )
        Appointment.objects.filter(pk=planned.pk).update(place_id=call.pk)
    for planned in Appointment.objects.filter(place__isnull=True).iterator():
        call = CallSession.objects.create(
            service_id=planned.service_id,
            agent_id=planned.agent_id,
            starts_at=planned.starts_at,
            ends_at=planned.ends_at,
            state="ended",
            ended_at=planned.ends_at,
        )
        Appointment.objects.filter(pk=planned.pk).update(place_id=call.pk)


def copy_back(apps: StateApps, editor: BaseDatabaseSchemaEditor) -> None:
    """Each call gets its first appointment; the others of a group lose theirs."""
    CallSession = apps.get_model("calls", "CallSession")
    Appointment = apps.get_model("calls", "Appointment")
    for planned in Appointment.objects.order_by("created_at").iterator():
        CallSession.objects.filter(pk=planned.place_id, appointment__isnull=True).update(
            appointment_id=planned.pk
        )


class Migration(migrations.Migration):
    dependencies = [("calls", "0008_spools")]

    operations = [
        # A remade table of SQLite has no triggers; 0011 holds the rule in another table.
        migrations.RunPython(no_overlap.release, no_overlap.hold),
        migrations.AddField(
            "callsession",
            "service",
            models.ForeignKey(
                null=True,
                blank=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="calls",
                to="calls.service",
            ),
        ),
        migrations.AddField(
            "callsession",
            "agent",
            models.ForeignKey(
                null=True,
                blank=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="led_calls",
                to=settings.AUTH_USER_MODEL,
                help_text="Who answers for the visit.",
            ),
        ),
        migrations.AddField(
            "callsession",
            "starts_at",
            models.DateTimeField(verbose_name="starts", null=True, blank=True),
        ),
        migrations.AddField(
            "callsession",
            "ends_at",
            models.DateTimeField(verbose_name="ends", null=True, blank=True),
        ),
        migrations.AddField(
            "callsession",
            "capacity",
            models.PositiveSmallIntegerField(verbose_name="places for patients", default=1),
        ),
        migrations.AddField(
            "callsession",
            "seats_taken",
            models.PositiveSmallIntegerField(verbose_name="places taken", default=0),
        ),
        migrations.AddField(
            "appointment",
            "place",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appointments",
                to="calls.callsession",
            ),
        ),
        migrations.RunPython(copy_plans, copy_back),
        migrations.RemoveField("callsession", "appointment"),
        migrations.RenameField("appointment", "place", "call"),
        migrations.AlterField(
            "appointment",
            "call",
            models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appointments",
                to="calls.callsession",
            ),
        ),
    ]
