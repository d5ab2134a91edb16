"""Which ICE candidates the recorder may send packets to. Pure.

A candidate is an address that somebody else names and that the recorder then talks to. So those
that point into its own machine or network are dropped, unless the deployment allows it (people
and server on one machine or in one house).
"""

import ipaddress

_CANDIDATE = "a=candidate:"
_ADDRESS_FIELD = 4


def is_private(candidate: str) -> bool:
    """True for a candidate attribute (RFC 8839 section 5.1) that is not plainly public.

    Loopback, link-local (metadata services too), private, reserved and multicast addresses are
    private, and so are names: an mDNS name stands for a private address.
    """
    fields = candidate.split()
    if len(fields) <= _ADDRESS_FIELD:
        return True
    try:
        address = ipaddress.ip_address(fields[_ADDRESS_FIELD])
    except ValueError:
        return True
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    return not address.is_global or address.is_multicast


def without_private(sdp: str) -> tuple[str, list[str]]:
    """Return the description without its private candidates, and those that were taken out."""
    kept, dropped = [], []
    for line in sdp.splitlines():
        if line.startswith(_CANDIDATE) and is_private(line.removeprefix("a=")):
            dropped.append(line.removeprefix("a="))
        else:
            kept.append(line)
    return "\r\n".join(kept) + "\r\n", dropped
