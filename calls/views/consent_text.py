"""The text about recording that people are shown."""

from django.utils.translation import get_language

from accounts.models import ConsentText


def newest_consent_text() -> ConsentText | None:
    """The text in the page's language; None where a deployment has published none."""
    try:
        return ConsentText.current(get_language() or "en")
    except ConsentText.DoesNotExist:
        return None
