"""What is said in a set-up: descriptions and candidates as Chromium's are in size and shape."""

from functools import cache

CANDIDATES = 12  # from each side

_HEAD = """v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=extmap-allow-mixed
a=msid-semantic: WMS
"""
_SECTION = """m={kind} 9 UDP/TLS/RTP/SAVPF {types}
c=IN IP4 0.0.0.0
a=rtcp:9 IN IP4 0.0.0.0
a=ice-ufrag:4ZcD
a=ice-pwd:2/1muCWoOi3uLifh0NuRHlfG
a=ice-options:trickle
a=fingerprint:sha-256 {fingerprint}
a=setup:actpass
a=mid:{mid}
a=sendrecv
a=msid:- {kind}-track
a=rtcp-mux
"""


@cache
def sdp() -> str:
    """A description of sound and picture, of about 3 KB."""
    fingerprint = ":".join(f"{byte:02X}" for byte in range(32))
    types = {"audio": range(111, 117), "video": range(96, 108)}
    text = _HEAD
    for mid, (kind, numbers) in enumerate(types.items()):
        text += _SECTION.format(
            kind=kind, types=" ".join(map(str, numbers)), fingerprint=fingerprint, mid=mid
        )
        for number in numbers:
            text += f"a=rtpmap:{number} x-{kind}-{number}/90000\n"
            text += f"a=rtcp-fb:{number} transport-cc\na=rtcp-fb:{number} nack pli\n"
            text += f"a=fmtp:{number} minptime=10;useinbandfec=1\n"
    return text.replace("\n", "\r\n")


def candidate(number: int) -> str:
    address = f"192.0.2.{number + 1} {50000 + number}"
    return f"candidate:{842163049 + number} 1 udp 1677729535 {address} typ host generation 0"
