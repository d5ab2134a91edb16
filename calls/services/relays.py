"""The servers that a leg's connections go through, and for how long. No queries."""

from datetime import UTC, datetime, timedelta
from math import inf
from uuid import UUID

from django.conf import settings

from calls import ice
from calls.protocol import Ice, IceServerEntry


def ice_for(leg_id: UUID, *, now: datetime) -> Ice:
    """What the leg is told: its servers, the policy, and until when the credentials are good.

    Under *relay only* STUN servers are left out: nobody needs to know an own address.
    """
    expires_at = now.astimezone(UTC) + timedelta(seconds=settings.TURN_CREDENTIAL_SECS)
    servers = ice.ice_servers(
        leg=str(leg_id),
        expires_at=expires_at,
        stun_urls=[] if settings.RELAY_ONLY else settings.STUN_URLS,
        turn_urls=settings.TURN_URLS,
        turn_secret=settings.TURN_SECRET,
    )
    return Ice(
        servers=[IceServerEntry(one.urls, one.username, one.credential) for one in servers],
        policy="relay" if settings.RELAY_ONLY else "all",
        expires_at=expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def refresh_at(now: datetime) -> float:
    """When the servers named `now` are to be named again, in Unix seconds; inf if never.

    A fifth of their life before their credentials lapse: two minutes of the usual ten.
    """
    if not settings.TURN_URLS:
        return inf
    return now.timestamp() + 0.8 * settings.TURN_CREDENTIAL_SECS
