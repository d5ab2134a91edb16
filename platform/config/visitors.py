"""What visitors without an account may do: how often from one address, and from which sites."""

import re
from urllib.parse import urlsplit

from config.environment import refuse

_RATE = re.compile(r"[1-9]\d{0,6}/(?:[1-9]\d{0,3})?[smhd]")


def rate_limits(arrivals: str) -> dict[str, str]:
    """ACCOUNT_RATE_LIMITS of django-allauth; `arrivals` is how often people may come into queues
    from one address, such as 60/m,600/h.

    Guesses are counted by address, and by key: for a password that is account and address together
    (accounts/adapter.py), for a one-time code the account, whose password was right before.
    """
    rates = [rate.strip() for rate in arrivals.split(",")]
    if not all(_RATE.fullmatch(rate) for rate in rates):
        refuse("ARRIVAL_LIMIT must be numbers of people a minute, hour or day, such as 60/m,600/h.")
    return {
        "login_failed": "30/m/ip,10/5m/key",
        "invitation_link": "20/h/user",
        "desk_export": "30/h/user",
        "invitation_opened": "10/h/key",
        "queue_entry": ",".join(f"{rate}/ip" for rate in rates),
    }


def button_origins(origins: list[str], *, demo: bool) -> frozenset[str]:
    """The sites whose pages may show the button, each as browsers write an origin (RFC 6454)."""
    for origin in origins:
        if not _is_origin(origin, demo=demo):
            refuse(
                "BUTTON_ORIGINS must list origins such as https://www.example.com, without a path"
                f" and in lower case; {origin[:100]!r} is none."
            )
    return frozenset(origins)


def _is_origin(text: str, *, demo: bool) -> bool:
    """Whether `text` is an https origin written in full; in a demo also http://localhost:8080."""
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return False
    host = parts.hostname or ""
    secure = parts.scheme == "https" and port != 443
    local = demo and parts.scheme == "http" and host == "localhost" and port != 80
    written = f"{parts.scheme}://{host}" + (f":{port}" if port else "")
    return (secure or local) and bool(re.fullmatch(r"[a-z0-9.-]+", host)) and text == written
