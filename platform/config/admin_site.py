"""How the administration looks: django-unfold's own settings."""

UNFOLD: dict[str, object] = {"SITE_TITLE": "Parlour", "SITE_HEADER": "Parlour"}
