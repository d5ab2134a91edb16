"""What a session description must be before anyone else may see it. Pure."""

import re

MAX_MEDIA_LINES = 8

# Lines end as in browsers, with LF or CRLF; str.splitlines() knows more ends.
_LINES = re.compile(r"(?:[A-Za-z]=[^\x00-\x08\x0a-\x1f]*(?:\r?\n|\Z))+")


def sdp_fault(sdp: str) -> str | None:
    """One sentence on what is wrong with `sdp`, or None if it may be relayed.

    Asked for: the line grammar of RFC 8866 section 9 in outline, a certificate fingerprint
    (RFC 8122, so that DTLS-SRTP can be checked end to end) and no SDES keys (RFC 8827 section 6.5
    forbids them).
    """
    if not sdp.startswith(("v=0\r\n", "v=0\n")):
        return "sdp: must begin with v=0."
    if not _LINES.fullmatch(sdp):
        return "sdp: every line must have the form letter=value."
    if "\no=" not in sdp:
        return "sdp: there is no origin line."
    if sdp.count("\nm=") > MAX_MEDIA_LINES:
        return f"sdp: more than {MAX_MEDIA_LINES} media sections."
    if "\na=crypto:" in sdp.lower():
        return "sdp: keys in the description (SDES) are not allowed."
    if "\na=fingerprint:" not in sdp:
        return "sdp: there is no certificate fingerprint."
    return None
