"""The portal's addresses below `/`."""

from django.urls import URLPattern, path

from calls.views import appointments, booking, call, health, home
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

urlpatterns: list[URLPattern] = [
    path("home/", home.home, name="home"),
    path("home/waiting/", home.home_waiting, name="home_waiting"),
    path("book/", booking.book, name="book"),
    path("book/<uuid:pk>/", booking.book_person, name="book_person"),
    path("book/<uuid:pk>/time/", booking.book_time, name="book_time"),
    path("book/<uuid:pk>/confirm/", booking.book_confirm, name="book_confirm"),
    path("appointments/<uuid:pk>/", appointments.appointment, name="appointment"),
    path(
        "appointments/<uuid:pk>/cancel/", appointments.appointment_cancel, name="appointment_cancel"
    ),
    path(
        "appointments/<uuid:pk>/calendar.ics", appointments.appointment_ics, name="appointment_ics"
    ),
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
    path("calls/<uuid:pk>/", call.call, name="call"),
    path("calls/<uuid:pk>/flight/", call_flight, name="call_flight"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
