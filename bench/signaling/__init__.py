"""Signaling beside its rivals: set-ups, joins, relays, and what is lost on the way."""
