"""Addresses of visits: home, booking, appointments, hours, recordings, invitations."""

from django.urls import path

from calls.views import (
    appointments,
    arranged,
    call,
    day,
    guests,
    health,
    home,
    hours,
    next_step,
    notices,
    readiness,
    sharing,
    visit_control,
)
from calls.views.booking import for_patient, people, steps, taking, waiting
from calls.views.cut_outs import recording_cut_out
from calls.views.flight import call_flight
from calls.views.recording_files import (
    recording_download,
    recording_export,
    recording_files,
    recording_purpose,
)
from calls.views.recording_media import recording_media
from calls.views.recordings import recording, recordings

urlpatterns = [
    path("home/", home.home, name="home"),
    path("home/waiting/", home.home_waiting, name="home_waiting"),
    path("next-step/not-now/", next_step.next_step_not_now, name="next_step_not_now"),
    path("book/", steps.book, name="book"),
    path("book/for/", for_patient.book_for, name="book_for_whom"),
    path("book/for/<uuid:pk>/", for_patient.book_for_patient, name="book_for"),
    path("book/<uuid:pk>/", steps.book_person, name="book_person"),
    path("book/<uuid:pk>/time/", steps.book_time, name="book_time"),
    path("book/<uuid:pk>/confirm/", steps.book_confirm, name="book_confirm"),
    path("book/<uuid:pk>/series/", taking.book_series, name="book_series"),
    path("book/<uuid:pk>/waiting/", waiting.waiting_join, name="waiting_join"),
    path("waiting/<uuid:pk>/leave/", waiting.waiting_leave, name="waiting_leave"),
    path("offers/<uuid:pk>/", waiting.offer, name="offer"),
    path("account/people/", people.people, name="people"),
    path("account/people/<uuid:pk>/", people.person, name="person"),
    path("appointments/<uuid:pk>/", appointments.appointment, name="appointment"),
    path(
        "appointments/<uuid:pk>/cancel/", appointments.appointment_cancel, name="appointment_cancel"
    ),
    path(
        "appointments/<uuid:pk>/consent/",
        appointments.appointment_consent,
        name="appointment_consent",
    ),
    path(
        "appointments/<uuid:pk>/calendar.ics", appointments.appointment_ics, name="appointment_ics"
    ),
    path("appointments/<uuid:pk>/arranged/", arranged.arranged, name="arranged"),
    path(
        "appointments/<uuid:pk>/arranged/cancel/", arranged.arranged_cancel, name="arranged_cancel"
    ),
    path("appointments/<uuid:pk>/test/", readiness.device_test, name="device_test"),
    path("appointments/<uuid:pk>/check-in/", readiness.check_in, name="check_in"),
    path(
        "appointments/<uuid:pk>/outcome/",
        visit_control.appointment_outcome,
        name="appointment_outcome",
    ),
    path(
        "appointments/<uuid:pk>/policy/",
        visit_control.appointment_policy,
        name="appointment_policy",
    ),
    path("appointments/<uuid:pk>/form/", sharing.visit_form, name="visit_form"),
    path("appointments/<uuid:pk>/notes/add/", sharing.note_write, name="note_write"),
    path("appointments/<uuid:pk>/files/add/", sharing.file_add, name="file_add"),
    path("notes/<int:pk>/remove/", sharing.note_take_back, name="note_take_back"),
    path("files/<uuid:pk>/", sharing.file_open, name="file_open"),
    path("files/<uuid:pk>/remove/", sharing.file_remove, name="file_remove"),
    path("hours/", hours.hours, name="hours"),
    path("hours/<uuid:pk>/", hours.hours_of, name="hours_of"),
    path("hours/<uuid:pk>/week/", hours.week_save, name="week_save"),
    path("hours/<uuid:pk>/days/", hours.day_save, name="day_save"),
    path("hours/<uuid:pk>/days/forget/", hours.day_forget, name="day_forget"),
    path("hours/<uuid:pk>/time-off/", hours.time_off_take, name="time_off_take"),
    path("hours/<uuid:pk>/holidays/", hours.holidays_save, name="holidays_save"),
    path("time-off/<uuid:pk>/give-back/", hours.time_off_give_back, name="time_off_give_back"),
    path("day/", day.day, name="day"),
    path("day/late/", day.late, name="late"),
    path("calls/<uuid:pk>/late/", day.call_late, name="call_late"),
    path("recordings/", recordings, name="recordings"),
    path("recordings/<uuid:pk>/", recording, name="recording"),
    path("recordings/<uuid:pk>/media/<uuid:artifact>/", recording_media, name="recording_media"),
    path("recordings/<uuid:pk>/purpose/", recording_purpose, name="recording_purpose"),
    path("recordings/<uuid:pk>/files/", recording_files, name="recording_files"),
    path(
        "recordings/<uuid:pk>/files/<uuid:artifact>/",
        recording_download,
        name="recording_download",
    ),
    path("recordings/<uuid:pk>/export/", recording_export, name="recording_export"),
    path("recordings/<uuid:pk>/cut-out/", recording_cut_out, name="recording_cut_out"),
    path("appointments/<uuid:pk>/guests/", guests.invite, name="invite"),
    path("invitations/<uuid:pk>/renew/", guests.renew, name="invitation_renew"),
    path("invitations/<uuid:pk>/revoke/", guests.revoke, name="invitation_revoke"),
    path("join/<str:token>/", guests.join, name="join"),
    path("notices/", notices.notices, name="notices"),
    path("account/notifications/", notices.notifications, name="notifications"),
    path("account/calendar/", notices.calendar_feed, name="calendar_feed"),
    path("calendar/<str:token>.ics", notices.feed, name="feed"),
    path("guest/", guests.guest, name="guest"),
    path("calls/<uuid:pk>/", call.call, name="call"),
    path("calls/<uuid:pk>/flight/", call_flight, name="call_flight"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
