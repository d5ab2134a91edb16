"""Reads and checks the environment: every setting a deployment may choose, typed, in one place."""

import sys
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

from environs import Env, EnvError

from calls.archive.keyfile import BadKeys, decode_keys, read_keys

LOOPBACK = ("localhost", "127.0.0.1", "::1")


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

    def order(self, name: str, every: tuple[str, ...]) -> list[str]:
        """All of `every`, in the order that is set, or else in their own."""
        items = self.items(name) or list(every)
        if sorted(items) != sorted(every):
            refuse(f"{name} must list {', '.join(every)}, each once.")
        return items

    def keys(self, name: str) -> list[bytes]:
        """AES-256 keys: comma-separated base64 of 32 bytes each; the first wraps new data keys."""
        try:
            return decode_keys(self.text(name, ""), name=name)
        except BadKeys as fault:
            refuse(str(fault))

    def keys_file(self, name: str) -> Path | None:
        """A file of such keys, a line or a comma apart, that nobody but its owner may open."""
        path = self.text(name, "")
        try:
            if path:
                read_keys(Path(path), name=name)
        except BadKeys as fault:
            refuse(str(fault))
        return Path(path).resolve() if path else None

    def address(self, name: str, *, private: bool = False) -> str:
        """An https:// or http:// address without a path; empty if it is not set.

        What is `private` goes over http:// inside this machine only.
        """
        value = self.text(name, "").rstrip("/")
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname or parts.path):
            refuse(f"{name} must be an address such as https://service.example.com:9000.")
        if private and parts.scheme == "http" and parts.hostname not in LOOPBACK:
            refuse(f"{name} must begin with https://, or be on this machine.")
        return value

    def pair(self, name: str, secret: str) -> tuple[str, str]:
        """A name and its secret: both or neither."""
        values = self.text(name, ""), self.text(secret, "")
        if any(values) and not all(values):
            refuse(f"{name} and {secret} are set together, or neither.")
        return values
