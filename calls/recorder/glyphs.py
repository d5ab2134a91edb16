"""Initials and roles as small pictures: capital letters of 5 by 7 dots, made large and round.

The machine that mixes has no fonts to count on. Letters without a shape here are left out.
"""

import unicodedata
from functools import cache

import av

_DOTS = (5, 7)
# Seven rows of five dots for each letter.
_ROWS = {
    "A": "0e11111f111111",
    "B": "1e11111e11111e",
    "C": "0e11101010110e",
    "D": "1e11111111111e",
    "E": "1f10101e10101f",
    "F": "1f10101e101010",
    "G": "0e11101711110f",
    "H": "1111111f111111",
    "I": "0e04040404040e",
    "J": "0702020202120c",
    "K": "11121418141211",
    "L": "1010101010101f",
    "M": "111b1515111111",
    "N": "11111915131111",
    "O": "0e11111111110e",
    "P": "1e11111e101010",
    "Q": "0e11111115120d",
    "R": "1e11111e141211",
    "S": "0f10100e01011e",
    "T": "1f040404040404",
    "U": "1111111111110e",
    "V": "11111111110a04",
    "W": "1111111515150a",
    "X": "11110a040a1111",
    "Y": "11110a04040404",
    "Z": "1f01020408101f",
}
_SHAPES = {letter: bytes.fromhex(rows) for letter, rows in _ROWS.items()}
# Steep around the middle: what a scaler blurs becomes a round edge.
_EDGE = bytes(min(255, max(0, (value - 96) * 4)) for value in range(256))


def drawable(text: str) -> str:
    """The text in letters that have a shape; accents go, other scripts leave nothing."""
    plain = unicodedata.normalize("NFKD", text).upper()
    return "".join(letter for letter in plain if letter in _SHAPES or letter == " ").strip()


@cache
def drawn(text: str, height: int) -> tuple[int, list[bytes]]:
    """Width, and rows of 0 (ground) to 255 (letter); (0, []) for text that has no letters here."""
    letters = drawable(text)
    if not letters:
        return 0, []
    columns, rows = (_DOTS[0] + 1) * len(letters) + 1, _DOTS[1] + 2
    lines = [bytearray(columns) for _ in range(rows)]
    for place, letter in enumerate(letters):
        for y, bits in enumerate(_SHAPES.get(letter, bytes(_DOTS[1]))):
            for x in range(_DOTS[0]):
                if bits >> (_DOTS[0] - 1 - x) & 1:
                    lines[y + 1][place * (_DOTS[0] + 1) + 1 + x] = 255
    width = columns * height // rows // 2 * 2
    return width, _enlarged(lines, columns, width, height)


def _enlarged(lines: list[bytearray], columns: int, width: int, height: int) -> list[bytes]:
    small = av.VideoFrame(columns, len(lines), "gray")
    plane = small.planes[0]
    plane.update(b"".join(bytes(line).ljust(plane.line_size, b"\0") for line in lines))
    large = small.reformat(width=width, height=height, interpolation="BICUBIC").planes[0]
    data, stride = bytes(large), large.line_size
    return [data[y * stride : y * stride + width].translate(_EDGE) for y in range(height)]
