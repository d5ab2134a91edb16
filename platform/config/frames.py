"""WebSocket frames as a server sends them: whole, unmasked, uncompressed (RFC 6455, 5.2)."""


def text_frame(text: str) -> bytes:
    """The frame that carries `text`."""
    payload = text.encode()
    size = len(payload)
    if size < 126:
        return b"\x81%c%b" % (size, payload)
    if size < 65536:
        return b"\x81\x7e" + size.to_bytes(2, "big") + payload
    return b"\x81\x7f" + size.to_bytes(8, "big") + payload
