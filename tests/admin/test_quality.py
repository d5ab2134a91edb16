"""The list of quality samples: units, what nobody could tell, and no query more for more rows."""

from typing import Any

import pytest
from django.test.client import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Role
from calls.models import Leg, Participant, QualitySample
from tests.support.cast import Cast, make_cast, person

LIST = reverse("admin:calls_qualitysample_changelist")


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def client(cast: Cast) -> Client:
    client = Client()
    client.force_login(person("kai@example.com", "Kai Admin", Role.ADMINISTRATOR))
    return client


def measured(cast: Cast, count: int = 1, **what: Any) -> QualitySample:
    """The last of so many samples of Mei's."""
    now = timezone.now()
    mine, other = (
        Leg.objects.create(
            participant=Participant.objects.get(call=cast.call, user=user),
            seen_at=now,
            entered_at=now,
        )
        for user in (cast.mei, cast.ada)
    )
    common = {"call": cast.call, "leg": mine, "other": other, "at": now}
    rows = [QualitySample(rung="full", state="connected", **common, **what) for _ in range(count)]
    return QualitySample.objects.bulk_create(rows)[-1]


def test_it_shows_losses_in_percent_and_unknown_ones_as_unknown(client: Client, cast: Cast) -> None:
    sample = measured(cast, loss_in=0.125, local="relay", remote="host", protocol="tls")
    for address in (LIST, reverse("admin:calls_qualitysample_change", args=[sample.pk])):
        shown = client.get(address).content.decode()
        assert "Mei Lin → Dr. Ada Brandt" in shown
        assert "12.5 %" in shown
        assert "–" in shown
        assert "0.0" not in shown
        assert "relay – host, tls" in shown


def test_it_asks_the_database_no_more_for_more_rows(
    client: Client, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    measured(cast, 20)
    with django_assert_max_num_queries(12):
        client.get(LIST)
