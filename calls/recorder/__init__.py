"""The disclosed participant that takes encoded frames; alone in knowing aiortc and PyAV."""
