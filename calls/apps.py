from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CallsConfig(AppConfig):
    name = "calls"
    verbose_name = _("Visits")

    def ready(self) -> None:
        # Signals connect where they are declared.
        from calls import signing_in  # noqa: F401
