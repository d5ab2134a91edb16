"""Booking in four steps: what it is about, with whom, when, and yes; for oneself or by staff."""
