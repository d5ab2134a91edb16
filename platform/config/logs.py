"""Where log lines go and which are worth one."""

from typing import Any


def to_console(level: str) -> dict[str, Any]:
    """The value of LOGGING: one line each to standard error, from `level` on."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.request": {"level": "ERROR"},
            **{name: {"level": "WARNING"} for name in ("daphne", "aioice", "aiortc", "axes")},
        },
    }
