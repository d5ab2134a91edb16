"""How a deployment writes its keys down; knows no Django, since the settings are read with it."""

import base64
import binascii
import stat
from pathlib import Path


class BadKeys(Exception):
    """What is wrong with the deployment's keys, in one sentence that shows none of them."""


def read_keys(path: Path, *, name: str) -> list[bytes]:
    """The keys in a file; raises BadKeys if it is away, open to others, empty or malformed."""
    try:
        mode = path.stat().st_mode
        text = path.read_text()
    except (OSError, UnicodeDecodeError) as exc:
        raise BadKeys(f"{name} names {path}, which cannot be read.") from exc
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise BadKeys(f"{name} names {path}, which others may open: chmod 600.")
    keys = decode_keys(text, name=name)
    if not keys:
        raise BadKeys(f"{name} names {path}, which holds no key.")
    return keys


def decode_keys(text: str, *, name: str) -> list[bytes]:
    """AES-256 keys from base64, a line or a comma apart; raises BadKeys."""
    keys = []
    items = [item.strip() for item in text.replace(",", "\n").splitlines() if item.strip()]
    for position, item in enumerate(items, start=1):
        try:
            key = base64.b64decode(item, validate=True)
        except binascii.Error as exc:
            raise BadKeys(f"key {position} of {name} is not base64.") from exc
        if len(key) != 32:
            raise BadKeys(f"key {position} of {name} must be 32 bytes long, not {len(key)}.")
        keys.append(key)
    return keys
