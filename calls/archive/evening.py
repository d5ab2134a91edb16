"""How much louder or softer each person is to be made, so that nobody is drowned by another."""

from collections.abc import Sequence

# Speech on the web is commonly brought to about this (EBU R 128 s2 names -20 to -16 LUFS).
TARGET_LUFS = -20.0
MOST_LOUDER_DB = 12.0
MOST_SOFTER_DB = 15.0


def gains_db(lufs: Sequence[float | None]) -> list[float]:
    """Decibels for each person; 0 for one whose loudness nobody knows."""
    return [
        0.0
        if loudness is None
        else max(-MOST_SOFTER_DB, min(MOST_LOUDER_DB, TARGET_LUFS - loudness))
        for loudness in lufs
    ]


def volumes(lufs: Sequence[float | None]) -> list[float]:
    """Factors of at most 1 that make all as loud as the softest: a page can only make softer."""
    gains = gains_db(lufs)
    most = max(
        (gain for gain, known in zip(gains, lufs, strict=True) if known is not None), default=0
    )
    return [
        1.0 if known is None else round(max(10 ** ((gain - most) / 20), 0.15), 3)
        for gain, known in zip(gains, lufs, strict=True)
    ]
