"""Booking: who is there when, which times are free, and who gets one."""
