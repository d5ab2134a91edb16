"""Addresses of those who need somebody now: the way in, and their own contact."""

from django.urls import path

from calls.views import survey
from calls.views.talk import button, contact, landing, page, returning

urlpatterns = [
    path("", landing.landing, name="landing"),
    path("contacts/return/<str:token>/", returning.come_back, name="contact_return"),
    path("talk/", landing.queues, name="queues"),
    path("talk/button.js", button.script, name="talk_button"),
    path("talk/<slug:slug>/", page.talk, name="talk"),
    path("talk/<slug:slug>/status.json", button.status, name="talk_status"),
    path("contacts/<uuid:pk>/", contact.contact, name="contact"),
    path("contacts/<uuid:pk>/callback/", contact.callback, name="contact_callback"),
    path("contacts/<uuid:pk>/write/", contact.write, name="contact_write"),
    path("contacts/<uuid:pk>/leave/", contact.leave, name="contact_leave"),
    path("contacts/<uuid:pk>/survey/", survey.survey, name="survey"),
]
