"""The portal's addresses below `/`, by who uses them."""

from django.urls import URLPattern

from calls.urls import desk, portal, talk

urlpatterns: list[URLPattern] = [*portal.urlpatterns, *talk.urlpatterns, *desk.urlpatterns]
