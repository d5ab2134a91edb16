"""The portal's addresses below `/`."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
