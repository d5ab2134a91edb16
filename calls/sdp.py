"""What a session description must be before anyone else may see it. Pure."""

MAX_MEDIA_LINES = 8


def sdp_fault(sdp: str) -> str | None:
    """One sentence on what is wrong with `sdp`, or None if it may be relayed.

    Asked for: the line grammar of RFC 8866 section 9 in outline, a certificate fingerprint
    (RFC 8122, so that DTLS-SRTP can be checked end to end) and no SDES keys (RFC 8827 section 6.5
    forbids them).
    """
    lines = sdp.splitlines()
    if not lines or lines[0] != "v=0":
        return "sdp: must begin with v=0."
    if any(len(line) < 2 or line[1] != "=" or not line[0].isalpha() for line in lines):
        return "sdp: every line must have the form letter=value."
    if not any(line.startswith("o=") for line in lines):
        return "sdp: there is no origin line."
    if sum(line.startswith("m=") for line in lines) > MAX_MEDIA_LINES:
        return f"sdp: more than {MAX_MEDIA_LINES} media sections."
    if any(line.startswith("a=crypto:") for line in lines):
        return "sdp: keys in the description (SDES) are not allowed."
    if not any(line.startswith("a=fingerprint:") for line in lines):
        return "sdp: there is no certificate fingerprint."
    return None
