"""What a Range header means (RFC 9110 section 14)."""

import pytest

from calls.archive.playback import ByteRange, RangeNotSatisfiable, parse_range


@pytest.mark.parametrize(
    ("header", "start", "stop"),
    [
        ("bytes=0-99", 0, 100),
        ("bytes=500-", 500, 1000),
        ("bytes=900-5000", 900, 1000),
        ("bytes=-100", 900, 1000),
        ("bytes=-5000", 0, 1000),
        ("bytes=0-0", 0, 1),
    ],
)
def test_it_finds_the_part(header: str, start: int, stop: int) -> None:
    assert parse_range(header, whole_bytes=1000) == ByteRange(start, stop, 1000)


@pytest.mark.parametrize(
    "header", [None, "", "bytes=-", "items=0-1", "bytes=1-0", "bytes=0-1,5-9", "bytes=a-b"]
)
def test_it_ignores_what_makes_no_sense(header: str | None) -> None:
    assert parse_range(header, whole_bytes=1000) is None


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=2000-3000", "bytes=-0"])
def test_it_refuses_what_lies_outside(header: str) -> None:
    with pytest.raises(RangeNotSatisfiable):
        parse_range(header, whole_bytes=1000)


def test_it_writes_the_content_range() -> None:
    assert ByteRange(0, 100, 1000).content_range == "bytes 0-99/1000"
    assert ByteRange(0, 100, 1000).size_bytes == 100
