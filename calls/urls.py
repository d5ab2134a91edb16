"""The portal's addresses below `/`."""

from django.urls import path

from calls.views.recording_media import recording_media
from calls.views.recordings import recording, recordings

urlpatterns = [
    path("recordings/", recordings, name="recordings"),
    path("recordings/<uuid:pk>/", recording, name="recording"),
    path("recordings/<uuid:pk>/media/<uuid:artifact>/", recording_media, name="recording_media"),
]
