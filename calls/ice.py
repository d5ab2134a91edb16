"""ICE servers for a leg: time-limited TURN credentials as coturn's `use-auth-secret` checks."""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

# A wait and a long visit: credentials are minted once for each leg.
LIFETIME = timedelta(hours=6)


@dataclass(frozen=True)
class IceServer:
    """One entry of an RTCConfiguration's `iceServers` (W3C WebRTC, section 4.2.2)."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


def ice_servers(
    *, leg: str, now: datetime, stun_urls: Sequence[str], turn_urls: Sequence[str], turn_secret: str
) -> list[IceServer]:
    """The servers that one leg may use from `now` on, for `LIFETIME`; an empty list is a valid one.

    The TURN user name is `<expiry, Unix seconds>:<leg>` and the credential its HMAC-SHA1 under the
    shared secret, base64 (draft-uberti-behave-turn-rest-00, section 2.2).
    """
    servers = []
    if stun_urls:
        servers.append(IceServer(urls=list(stun_urls)))
    if turn_urls:
        username = f"{int((now + LIFETIME).timestamp())}:{leg}"
        digest = hmac.new(turn_secret.encode(), username.encode(), hashlib.sha1).digest()
        credential = base64.b64encode(digest).decode()
        servers.append(IceServer(list(turn_urls), username=username, credential=credential))
    return servers
