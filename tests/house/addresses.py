"""The names of all addresses by who may open them, and one real address of each."""

from datetime import timedelta
from typing import Any

from django.urls import reverse
from django.utils import timezone

from accounts.models import Dependant, Role
from calls.archive.keys import make_recording_key
from calls.models import (
    Alert,
    Artifact,
    Attachment,
    CannedReply,
    Handling,
    Invitation,
    Participant,
    QueueOffer,
    Recording,
    SlotOffer,
    TimeOff,
    VisitNote,
    WaitingListEntry,
)
from calls.services.desk import agents
from tests.desk import house as desk
from tests.support.cast import make_cast, person

ANYONE = {
    "landing",
    "queues",
    "talk",
    "talk_button",
    "healthz",
    "readyz",
    "choose_language",
    "account_login",
    "account_signup",
    "account_inactive",
    "account_email_verification_sent",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_logout",
    "mfa_authenticate",
    "mfa_login_webauthn",
}
# Pages about the person who asks: everyone who signed in has their own.
SIGNED_IN = {
    "home",
    "next_step_not_now",
    "recordings",
    "profile",
    "choose_time_zone",
    "people",
    "guest",
    "notices",
    "notifications",
    "calendar_feed",
    "account_reauthenticate",
    "account_email",
    "account_change_password",
    "account_set_password",
    "mfa_index",
    "mfa_reauthenticate",
    "mfa_activate_totp",
    "mfa_deactivate_totp",
    "mfa_view_recovery_codes",
    "mfa_generate_recovery_codes",
    "mfa_download_recovery_codes",
    "mfa_list_webauthn",
    "mfa_add_webauthn",
    "mfa_reauthenticate_webauthn",
    "mfa_remove_webauthn",
    "mfa_edit_webauthn",
}
PATIENTS = {
    "book",
    "book_person",
    "book_time",
    "book_confirm",
    "book_series",
    "waiting_join",
}
# Of staff who arrange visits for others.
ARRANGED = {"arranged", "arranged_cancel"}
AGENTS = {
    "home_waiting",
    "book_for_whom",
    "book_for",
    "day",
    "late",
    "hours",
    "reports",
    "reports_export",
}
# The whole desk, for those who lead it.
SUPERVISION = {"wallboard", "wallboard_live"}
# Of one contact or agent at the desk, for the same people.
OF_THE_DESK = {
    "wallboard_contact",
    "wallboard_move",
    "wallboard_assign",
    "wallboard_recall",
    "wallboard_sit_in",
    "wallboard_agent",
    "wallboard_state",
    "wallboard_acknowledge",
}
# The desk of whoever asks: agents, and the supervisors who lead them.
DESK = {"desk", "desk_line", "desk_state"}
# Of one contact at the desk, for the agent who has it.
IN_HAND = {
    "ring_accept",
    "ring_decline",
    "contact_card",
    "contact_invite",
    "contact_reply_used",
    "contact_transfer",
    "contact_consult",
    "contact_consult_stop",
    "contact_hand_over",
    "contact_send_on",
    "contact_note",
    "contact_wrap_up",
    "contact_letter",
}
# Of one agent, and of administrators.
HOURS = {
    "hours_of",
    "week_save",
    "day_save",
    "day_forget",
    "time_off_take",
    "time_off_give_back",
    "holidays_save",
}
# Of one patient alone.
OF_THE_PATIENT = {
    "waiting_leave",
    "offer",
    "person",
    "invitation_renew",
    "invitation_revoke",
    "join",
    "feed",
    "contact",
    "contact_callback",
    "contact_write",
    "contact_leave",
    "survey",
    "contact_return",
}
# For pages of other sites that the house allows, whoever reads them.
EMBEDDED = {"talk_status"}
CONTACT = {"contact", "contact_callback", "contact_write", "contact_leave"}
# Things of one patient and one agent: nobody else may learn that they exist.
OF_THE_VISIT = {
    "appointment",
    "appointment_cancel",
    "appointment_consent",
    "appointment_ics",
    "invite",
    "device_test",
    "file_add",
    "check_in",
    "call",
    "call_late",
}
OF_THE_RECORDING = {
    "recording",
    "recording_media",
    "recording_purpose",
    "recording_files",
    "recording_download",
    "recording_export",
    "recording_cut_out",
}
# Of the visit, for its agent alone.
OF_THE_AGENT = {"appointment_outcome", "appointment_policy", "note_write"}
# Of one person of the visit, or of a file that both may read.
OF_THE_AUTHOR = {"visit_form", "note_take_back", "file_open", "file_remove"}
# About a visit, for its agent and those above, not for its patient.
OF_THE_STAFF = {"call_flight"}
KNOWN = (
    ANYONE
    | SIGNED_IN
    | PATIENTS
    | AGENTS
    | HOURS
    | ARRANGED
    | OF_THE_PATIENT
    | EMBEDDED
    | OF_THE_VISIT
    | OF_THE_RECORDING
    | OF_THE_AGENT
    | OF_THE_AUTHOR
    | OF_THE_STAFF
    | SUPERVISION
    | OF_THE_DESK
    | DESK
    | IN_HAND
)

# How the addresses end that only take POST.
POSTED = (
    "/accept/",
    "/consult/",
    "/decline/",
    "/hand-over/",
    "/note/",
    "/send-on/",
    "/sit-in/",
    "/stop/",
    "/days/",
    "/days/forget/",
    "/give-back/",
    "/holidays/",
    "/time-off/",
    "/week/",
    "/assign/",
    "/cancel/",
    "/check-in/",
    "/consent/",
    "/acknowledge/",
    "/add/",
    "/leave/",
    "/move/",
    "/not-now/",
    "/outcome/",
    "/policy/",
    "/purpose/",
    "/recall/",
    "/remove/",
    "/renew/",
    "/revoke/",
    "/state/",
    "/used/",
)


def every_address() -> dict[str, str]:
    """One real address for every name of KNOWN, all about the visit of Mei with Dr. Ada."""
    cast = make_cast()
    person("ines@example.com", "Ines Falk", Role.SUPERVISOR)
    person("kai@example.com", "Kai Admin", Role.ADMINISTRATOR)
    ada = Participant.objects.get(call=cast.call, user=cast.ada)
    recording = Recording.objects.create(
        call=cast.call,
        asked_by=ada,
        asked_at=timezone.now(),
        started_at=timezone.now(),
        state="ready",
    )
    make_recording_key(recording)
    artifact = Artifact.objects.create(
        recording=recording, participant=ada, kind="media", name="none", size_bytes=1
    )
    child = Dependant.objects.create(keeper=cast.mei, display_name="Lily", relation="child")
    today = timezone.now().date()
    entry = WaitingListEntry.objects.create(
        service=cast.service, patient=cast.mei, from_date=today, until_date=today
    )
    offer = SlotOffer.objects.create(
        entry=entry,
        agent=cast.ada,
        starts_at=cast.appointment.starts_at,
        ends_at=cast.appointment.ends_at,
        expires_at=cast.appointment.starts_at,
    )
    invitation = Invitation.objects.create(
        call=cast.call, name="May", kind="relative", token_digest="x", created_by=cast.mei
    )
    note = VisitNote.objects.create(appointment=cast.appointment, author=cast.ada, text="Rest.")
    file = Attachment.objects.create(
        appointment=cast.appointment, added_by=cast.mei, name="a.pdf", size_bytes=1
    )
    billing = desk.queue()
    waits = desk.come(billing, person=cast.mei)
    start = timezone.now() + timedelta(days=300)
    away = TimeOff.objects.create(
        agent=cast.ada, starts_at=start, ends_at=start + timedelta(days=1), created_by=cast.ada
    )
    agents.desk_of(cast.ada)
    handling = Handling.objects.create(entry=waits, agent=cast.ada)
    rings = QueueOffer.objects.create(
        entry=waits, agent=cast.ada, kind="routed", rings_until=timezone.now()
    )
    special: dict[str, dict[str, Any]] = {
        "account_confirm_email": {"key": "unknown"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "unknown"},
        "mfa_remove_webauthn": {"pk": 1},
        "mfa_edit_webauthn": {"pk": 1},
        "recording_media": {"pk": recording.pk, "artifact": artifact.pk},
        "recording_download": {"pk": recording.pk, "artifact": artifact.pk},
        "recording_purpose": {"pk": recording.pk},
        "recording_files": {"pk": recording.pk},
        "recording_export": {"pk": recording.pk},
        "recording_cut_out": {"pk": recording.pk},
        "recording": {"pk": recording.pk},
        "book_for": {"pk": cast.mei.pk},
        "person": {"pk": child.pk},
        "waiting_leave": {"pk": entry.pk},
        "offer": {"pk": offer.pk},
        "invitation_renew": {"pk": invitation.pk},
        "invitation_revoke": {"pk": invitation.pk},
        "talk": {"slug": billing.slug},
        "talk_status": {"slug": billing.slug},
        **{name: {"pk": waits.pk} for name in CONTACT},
        "contact_return": {"token": "unknown"},
        "join": {"token": "unknown"},
        "feed": {"token": "unknown"},
        "call": {"pk": cast.call.pk},
        "call_flight": {"pk": cast.call.pk},
        "call_late": {"pk": cast.call.pk},
        "note_take_back": {"pk": note.pk},
        "file_open": {"pk": file.pk},
        "file_remove": {"pk": file.pk},
    }
    special |= {
        name: {"pk": cast.appointment.pk}
        for name in (OF_THE_VISIT | OF_THE_AGENT | {"visit_form"}) - {"call", "call_late"}
    }
    special |= {name: {"pk": cast.ada.pk} for name in HOURS}
    special |= {name: {"pk": cast.appointment.pk} for name in ARRANGED}
    special |= {name: {"pk": waits.pk} for name in OF_THE_DESK | {"survey"}}
    special["wallboard_acknowledge"] = {"pk": Alert.objects.create(key="1", kind="waiting").pk}
    special["wallboard_agent"] = special["wallboard_state"] = {"pk": cast.ada.pk}
    special |= {name: {"pk": waits.pk} for name in IN_HAND}
    for name in ("contact_note", "contact_wrap_up", "contact_letter"):
        special[name] = {"pk": handling.pk}
    hello = CannedReply.objects.create(title="Hello", text="Good day.")
    special["contact_reply_used"] = {"pk": waits.pk, "reply": hello.pk}
    special["ring_accept"] = special["ring_decline"] = {"pk": rings.pk}
    special["time_off_give_back"] = {"pk": away.pk}
    special |= {name: {"pk": cast.service.pk} for name in PATIENTS - {"book"}}
    return {name: reverse(name, kwargs=special.get(name)) for name in KNOWN}
