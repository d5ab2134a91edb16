"""The addresses about people that django-allauth does not have."""

from django.urls import path

from accounts import views

urlpatterns = [
    path("account/profile/", views.profile, name="profile"),
    path("account/language/", views.choose_language, name="choose_language"),
    path("account/time-zone/", views.choose_time_zone, name="choose_time_zone"),
]
