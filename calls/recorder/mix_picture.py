"""Everybody's picture on one canvas: tiles side by side, a card where somebody has no picture."""

from dataclasses import dataclass
from math import ceil

import av

from calls.recorder.glyphs import drawable, drawn

TILE = (640, 360)
# Luma and both chromas of the ground, of cards and of letters.
_GROUND = (24, 128, 128)
_CARDS = ((56, 124, 116), (60, 140, 118), (64, 112, 138), (58, 130, 126))
_LETTER_LUMA = 225
_LABEL_HEIGHT = 26
_MARGIN = 10
Planes = tuple[bytearray, bytearray, bytearray]


@dataclass(frozen=True, slots=True)
class Label:
    """How one person is named in the picture: never by name."""

    initials: str
    role: str


class Canvas:
    """The picture of one moment; `show` and `hide` change one person's tile of it."""

    def __init__(self, labels: list[Label]) -> None:
        count = max(1, len(labels))
        self._columns = count if count < 3 else 2
        self.width = TILE[0] * self._columns
        self.height = TILE[1] * ceil(count / self._columns)
        size = self.width * self.height
        sizes = (size, size // 4, size // 4)
        self._planes: Planes = tuple(  # type: ignore[assignment]  # three of them
            bytearray([value]) * length for value, length in zip(_GROUND, sizes, strict=True)
        )
        self._labels = labels
        self._is_card: list[bool] = [False] * len(labels)
        for number in range(len(labels)):
            self.hide(number)

    def show(self, number: int, picture: av.VideoFrame) -> None:
        """A person's picture, whole, with bars where its shape is another one."""
        scale = min(TILE[0] / picture.width, TILE[1] / picture.height)
        width = max(2, int(picture.width * scale) // 2 * 2)
        height = max(2, int(picture.height * scale) // 2 * 2)
        fitted = picture.reformat(width=width, height=height, format="yuv420p")
        self._fill(number, _GROUND)
        left, top = (TILE[0] - width) // 4 * 2, (TILE[1] - height) // 4 * 2
        for index, plane in enumerate(fitted.planes):
            half = 2 if index else 1
            self._paste(
                index,
                number,
                bytes(plane),
                plane.line_size,
                box=(left // half, top // half, width // half, height // half),
            )
        self._write_label(number)
        self._is_card[number] = False

    def hide(self, number: int) -> None:
        """A plain card with the person's initials."""
        if self._is_card[number]:
            return
        self._fill(number, _CARDS[number % len(_CARDS)])
        label = self._labels[number]
        self._letters(number, drawable(label.initials) or label.role, height=110, centred=True)
        self._write_label(number)
        self._is_card[number] = True

    def frame(self) -> av.VideoFrame:
        made = av.VideoFrame(self.width, self.height, "yuv420p")
        for plane, data in zip(made.planes, self._planes, strict=True):
            plane.update(bytes(data))
        return made

    def _write_label(self, number: int) -> None:
        label = self._labels[number]
        self._letters(number, f"{label.initials} {label.role}", height=_LABEL_HEIGHT, centred=False)

    def _letters(self, number: int, text: str, *, height: int, centred: bool) -> None:
        width, rows = drawn(text, height)
        if not 0 < width <= TILE[0] - 2 * _MARGIN:
            return
        left, top = _MARGIN, TILE[1] - _MARGIN - height
        if centred:
            left, top = (TILE[0] - width) // 4 * 2, (TILE[1] - height) // 4 * 2
        ground = _CARDS[number % len(_CARDS)][0] if centred else _GROUND[0]
        shades = bytes(ground + (_LETTER_LUMA - ground) * value // 255 for value in range(256))
        luma = b"".join(row.translate(shades) for row in rows)
        self._paste(0, number, luma, width, box=(left, top, width, height))
        if not centred:
            grey = bytes([128]) * (width // 2)
            for index in (1, 2):
                box = (left // 2, top // 2, width // 2, height // 2)
                self._paste(index, number, grey * (height // 2), width // 2, box=box)

    def _fill(self, number: int, colour: tuple[int, int, int]) -> None:
        for index, value in enumerate(colour):
            half = 2 if index else 1
            width, height = TILE[0] // half, TILE[1] // half
            self._paste(
                index, number, bytes([value]) * width * height, width, box=(0, 0, width, height)
            )

    def _paste(
        self, index: int, number: int, data: bytes, stride: int, *, box: tuple[int, int, int, int]
    ) -> None:
        """Put rows of `data` into plane `index` of a tile, at left, top, width, height of it."""
        half = 2 if index else 1
        across = self.width // half
        left = number % self._columns * (TILE[0] // half) + box[0]
        top = number // self._columns * (TILE[1] // half) + box[1]
        target, source = memoryview(self._planes[index]), memoryview(data)
        width = box[2]
        for row in range(box[3]):
            start = (top + row) * across + left
            target[start : start + width] = source[row * stride : row * stride + width]
