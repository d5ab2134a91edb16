"""Initials, avatar grounds and the short names of zones."""

import zoneinfo
from datetime import UTC, datetime

import pytest
from django.utils import timezone

from accounts.templatetags.interface import avatar_tone, initials, zone_label, zone_name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Dr. Ada Lovelace", "AL"),
        ("Ada", "A"),
        ("王小明", "王"),
        ("  ", "?"),
        ("Dr.", "D"),
        ("<script> alert", "A"),
        ("Mei-Lin Castellanos-Oyelaran", "MC"),
    ],
)
def test_it_shortens_a_name(name: str, expected: str) -> None:
    assert initials(name) == expected


def test_it_gives_a_name_the_same_ground_every_time() -> None:
    assert avatar_tone("Ada Lovelace") == avatar_tone("Ada Lovelace")
    assert {avatar_tone(f"Person {n}") for n in range(60)} == {1, 2, 3, 4, 5, 6}


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("Europe/Zurich", "CET"), ("America/Sao_Paulo", "UTC-03:00"), ("UTC", "UTC")],
)
def test_it_names_the_zone_of_a_moment(zone: str, expected: str) -> None:
    with timezone.override(zoneinfo.ZoneInfo(zone)):
        assert zone_name(datetime(2026, 1, 5, 12, tzinfo=UTC)) == expected


def test_it_reads_zones_without_underscores() -> None:
    assert zone_label("America/New_York") == "America/New York"
