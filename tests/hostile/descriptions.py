"""Session descriptions as browsers write them, and then spoilt line by line and byte by byte."""

from collections.abc import Callable

from hypothesis import strategies as st

FINGERPRINT = "a=fingerprint:sha-256 " + ":".join(["AB"] * 32)
# In outline what Chromium sends for one microphone and one camera.
OFFER = f"""\
v=0
o=- 4611731400430051336 2 IN IP4 127.0.0.1
s=-
t=0 0
a=group:BUNDLE 0 1
a=msid-semantic: WMS -
m=audio 9 UDP/TLS/RTP/SAVPF 111
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:0123456789abcdef01234567
{FINGERPRINT}
a=setup:actpass
a=mid:0
a=sendrecv
a=rtcp-mux
a=rtpmap:111 opus/48000/2
m=video 9 UDP/TLS/RTP/SAVPF 96
c=IN IP4 0.0.0.0
a=ice-ufrag:abcd
a=ice-pwd:0123456789abcdef01234567
{FINGERPRINT}
a=setup:actpass
a=mid:1
a=sendrecv
a=rtcp-mux
a=rtpmap:96 VP8/90000
""".replace("\n", "\r\n")
SDES = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj"

Spoil = Callable[[str, st.DrawFn], str]


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """An offer after one to four accidents; it may still be fit."""
    sdp = OFFER
    for accident in draw(st.lists(st.sampled_from(ACCIDENTS), min_size=1, max_size=4)):
        sdp = accident(sdp, draw)
    return sdp


def _a_line_is_lost(sdp: str, draw: st.DrawFn) -> str:
    lines = sdp.splitlines()
    if lines:
        lines.pop(draw(st.integers(0, len(lines) - 1)))
    return "\r\n".join(lines) + "\r\n"


def _lines_are_shuffled(sdp: str, draw: st.DrawFn) -> str:
    return "\r\n".join(draw(st.permutations(sdp.splitlines()))) + "\r\n"


def _a_line_is_repeated(sdp: str, draw: st.DrawFn) -> str:
    lines = sdp.splitlines() or ["v=0"]
    at = draw(st.integers(0, len(lines) - 1))
    return "\r\n".join(lines[:at] + [lines[at]] * draw(st.integers(2, 40)) + lines[at:])


def _a_line_is_slipped_in(sdp: str, draw: st.DrawFn) -> str:
    lines = sdp.splitlines()
    at = draw(st.integers(0, len(lines)))
    return "\r\n".join([*lines[:at], draw(st.sampled_from(INTRUDERS)), *lines[at:]]) + "\r\n"


def _characters_are_overwritten(sdp: str, draw: st.DrawFn) -> str:
    at = draw(st.integers(0, len(sdp)))
    noise = draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=8))
    return sdp[:at] + noise + sdp[at + len(noise) :]


def _it_is_cut(sdp: str, draw: st.DrawFn) -> str:
    return sdp[: draw(st.integers(0, len(sdp)))]


def _line_ends_are_others(sdp: str, draw: st.DrawFn) -> str:
    return sdp.replace("\r\n", draw(st.sampled_from(["\n", "\r", "\r\r\n", "\u2028", "\x0b"])))


def _case_is_others(sdp: str, draw: st.DrawFn) -> str:
    return draw(st.sampled_from([sdp.upper(), sdp.swapcase(), sdp.title()]))


ACCIDENTS: list[Spoil] = [
    _a_line_is_lost,
    _lines_are_shuffled,
    _a_line_is_repeated,
    _a_line_is_slipped_in,
    _characters_are_overwritten,
    _it_is_cut,
    _line_ends_are_others,
    _case_is_others,
]
INTRUDERS = [
    SDES,
    SDES.upper(),
    SDES.replace("a=", "a= "),
    "k=clear:key",
    "m=video 9 RTP/AVP 96",
    "a=candidate:1 1 udp 1 169.254.169.254 80 typ host",
    "a=fingerprint:",
    "a=fingerprint:md5 00",
    "x" * 2000,
    "=",
    "a",
    "",
    "a=\x00",
    "v=0",
]
