"""Reads and checks the environment: every setting a deployment may choose, typed, in one place."""

import base64
import binascii
import sys
from typing import NoReturn

from environs import Env, EnvError


def refuse(sentence: str) -> NoReturn:
    """End the start with one sentence that says which value is wrong and what it should be."""
    sys.exit(f"Parlour cannot start: {sentence}")


class Environment:
    """The process environment, read once; a wrong value ends the process with one sentence."""

    def __init__(self) -> None:
        self.read = Env()

    def text(self, name: str, default: str | None = None) -> str:
        """The text of `name`; without a default the variable must be set and not be empty."""
        value = str(self.read.str(name, default or ""))
        if not value and default is None:
            refuse(f"{name} is not set.")
        return value

    def flag(self, name: str, default: bool) -> bool:
        try:
            return bool(self.read.bool(name, default))
        except EnvError:
            refuse(f"{name} must be true or false.")

    def whole(self, name: str, default: int, *, least: int = 0) -> int:
        try:
            value = int(self.read.int(name, default))
        except EnvError:
            refuse(f"{name} must be a whole number.")
        if value < least:
            refuse(f"{name} must be at least {least}.")
        return value

    def items(self, name: str, default: str = "") -> list[str]:
        """The comma-separated items of `name`, blanks removed."""
        return [item.strip() for item in self.text(name, default).split(",") if item.strip()]

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        value = self.text(name, default)
        if value not in allowed:
            refuse(f"{name} must be one of {', '.join(allowed)}.")
        return value

    def keys(self, name: str) -> list[bytes]:
        """AES-256 keys: comma-separated base64 of 32 bytes each; the first wraps new data keys."""
        keys = []
        for position, item in enumerate(self.items(name), start=1):
            try:
                key = base64.b64decode(item, validate=True)
            except binascii.Error:
                refuse(f"key {position} of {name} is not base64.")
            if len(key) != 32:
                refuse(f"key {position} of {name} must be 32 bytes long, not {len(key)}.")
            keys.append(key)
        return keys
