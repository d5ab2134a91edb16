"""ICE for a leg: time-limited TURN credentials, and what may be told of its addresses. Pure."""

import base64
import hashlib
import hmac
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

_CANDIDATE = "a=candidate:"
_BASE = re.compile(r" raddr \S+ rport \S+")
_ANYWHERE = "IN IP4 0.0.0.0"
# Lines other than candidates that may carry an address (RFC 8866 sections 5.2, 5.7; RFC 3605).
_ADDRESS_LINE = re.compile(r"^((?:o=\S+ \S+ \S+|c=|a=rtcp:\d+) ?)IN IP[46] .*?(\r?)$")


@dataclass(frozen=True)
class IceServer:
    """One entry of an RTCConfiguration's `iceServers` (W3C WebRTC, section 4.2.2)."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None


def ice_servers(
    *,
    leg: str,
    expires_at: datetime,
    stun_urls: Sequence[str],
    turn_urls: Sequence[str],
    turn_secret: str,
) -> list[IceServer]:
    """The servers that one leg may use until `expires_at`; an empty list is a valid one.

    STUN comes first, then TURN: over UDP, over TCP, over TLS. The TURN user name is
    `<expiry, Unix seconds>:<leg>` and the credential its HMAC-SHA1 under the shared secret, base64
    (draft-uberti-behave-turn-rest-00, section 2.2).
    """
    servers = []
    if stun_urls:
        servers.append(IceServer(urls=list(stun_urls)))
    if turn_urls:
        username = f"{int(expires_at.timestamp())}:{leg}"
        digest = hmac.new(turn_secret.encode(), username.encode(), hashlib.sha1).digest()
        credential = base64.b64encode(digest).decode()
        servers.append(IceServer(sorted(turn_urls, key=_reach), username, credential))
    return servers


def candidate_type(candidate: str) -> str | None:
    """`host`, `srflx`, `prflx` or `relay`; None if the candidate attribute names no type.

    (RFC 8839 section 5.1: the type is the eighth word, and extensions after it may say anything.)
    """
    words = candidate.removeprefix("a=").split()
    return words[7] if len(words) > 7 and words[6] == "typ" else None


def relayed_candidate(candidate: str) -> str | None:
    """The candidate without what it says of its base if it is a relay's, else None.

    The empty one, which ends a generation, stays.
    """
    if candidate and candidate_type(candidate) != "relay":
        return None
    return _BASE.sub(" raddr 0.0.0.0 rport 0", candidate)


def only_relayed(sdp: str) -> tuple[str, int]:
    """The description without any address but relays', and how many candidates were taken out."""
    kept, dropped = [], 0
    # As browsers end lines: str.splitlines() knows more ends.
    for line in sdp.split("\n"):
        if not line.lower().startswith(_CANDIDATE):
            kept.append(_ADDRESS_LINE.sub(rf"\g<1>{_ANYWHERE}\g<2>", line))
        elif (relayed := relayed_candidate(line)) is not None:
            kept.append(relayed)
        else:
            dropped += 1
    return "\n".join(kept), dropped


def _reach(url: str) -> int:
    """Where a TURN URL stands in the order: what is tried later gets through stricter networks."""
    if url.startswith("turns:"):
        return 2
    return 1 if "transport=tcp" in url else 0
