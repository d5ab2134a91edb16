"""The recording's row as its own queue: leases, takeovers, duplicates."""

from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from calls.models import CallEvent, Participant, Recording
from calls.services import recording as recordings
from tests.support.cast import Cast


@pytest.fixture
def queued(cast: Cast) -> UUID:
    """A recording that everyone agreed to and that no worker has taken."""
    ada = Participant.objects.get(call=cast.call, user=cast.ada)
    now = timezone.now()
    return Recording.objects.create(
        call=cast.call, asked_by=ada, asked_at=now, queued_at=now, state="queued"
    ).pk


def state_of(recording_id: UUID) -> str:
    return Recording.objects.get(pk=recording_id).state


def expire(recording_id: UUID) -> None:
    """Let the lease run out, as it does when its worker is dead."""
    past = timezone.now() - timedelta(seconds=1)
    Recording.objects.filter(pk=recording_id).update(lease_expires_at=past)


def test_it_gives_the_lease_to_one_of_two_workers(queued: UUID) -> None:
    assert recordings.claim(queued, owner="one") is not None
    assert recordings.claim(queued, owner="two") is None
    assert recordings.renew(queued, owner="two") is None
    assert recordings.renew(queued, owner="one") == "queued"


def test_it_says_only_once_that_it_started(queued: UUID) -> None:
    recordings.claim(queued, owner="one")
    for _ in range(5):
        recordings.started(queued, owner="one")
    assert CallEvent.objects.filter(kind="recording_started").count() == 1
    assert state_of(queued) == "recording"


def test_it_hands_an_expired_lease_to_another_worker(queued: UUID) -> None:
    recordings.claim(queued, owner="one")
    recordings.started(queued, owner="one")
    expire(queued)
    assert recordings.claim(queued, owner="two") is not None
    assert recordings.renew(queued, owner="one") is None
    recordings.release(queued, owner="one")
    assert Recording.objects.get(pk=queued).lease_owner == "two"


def test_it_finalises_what_a_lost_worker_left_stopped(cast: Cast, queued: UUID) -> None:
    recordings.claim(queued, owner="one")
    recordings.started(queued, owner="one")
    recordings.stop(cast.call, Recording.objects.get(pk=queued), reason="stopped")
    recordings.sweep()
    assert state_of(queued) == "stopping"
    expire(queued)
    recordings.sweep()
    assert state_of(queued) == "finalising"


def test_it_finalises_once_the_worker_has_released(cast: Cast, queued: UUID) -> None:
    recordings.claim(queued, owner="one")
    recordings.started(queued, owner="one")
    recordings.stop(cast.call, Recording.objects.get(pk=queued), reason="stopped")
    recordings.release(queued, owner="one")
    assert state_of(queued) == "finalising"
    assert recordings.claim_finalising(queued, owner="two") is not None
    assert recordings.claim_finalising(queued, owner="three") is None
    assert recordings.ready(queued, owner="three") is False
    assert recordings.ready(queued, owner="two") is True
    assert state_of(queued) == "ready"


def test_it_keeps_what_it_has_when_the_disk_is_full(queued: UUID) -> None:
    recordings.claim(queued, owner="one")
    recordings.started(queued, owner="one")
    recordings.fail(queued, owner="one", reason="disk_full")
    assert state_of(queued) == "finalising"
    told = CallEvent.objects.get(kind="recording_failed")
    assert told.data["reason"] == "disk_full"


def test_it_fails_at_once_when_it_never_started(queued: UUID) -> None:
    recordings.claim(queued, owner="one")
    recordings.fail(queued, owner="one", reason="disk_full")
    assert state_of(queued) == "failed"
    assert Recording.objects.get(pk=queued).reason == "disk_full"


def test_it_tells_of_a_delay_only_once(queued: UUID) -> None:
    long_ago = timezone.now() - timedelta(seconds=30)
    Recording.objects.filter(pk=queued).update(queued_at=long_ago)
    recordings.tell_delays()
    recordings.tell_delays()
    assert CallEvent.objects.filter(kind="recording_delayed").count() == 1


def test_it_finalises_what_was_stopped_before_the_fault(cast: Cast, queued: UUID) -> None:
    recordings.claim(queued, owner="one")
    recordings.started(queued, owner="one")
    recordings.stop(cast.call, Recording.objects.get(pk=queued), reason="ended")
    recordings.fail(queued, owner="one", reason="disk_full")
    assert state_of(queued) == "finalising"


def test_it_ignores_the_fault_of_a_worker_that_lost_its_lease(queued: UUID) -> None:
    recordings.claim(queued, owner="one")
    recordings.started(queued, owner="one")
    expire(queued)
    recordings.claim(queued, owner="two")
    recordings.fail(queued, owner="one", reason="disk_slow")
    kept = Recording.objects.get(pk=queued)
    assert (kept.state, kept.lease_owner) == ("recording", "two")


def test_it_counts_the_attempts_of_finalising_from_nought(cast: Cast, queued: UUID) -> None:
    for worker in range(40):
        recordings.claim(queued, owner=f"worker-{worker}")
        expire(queued)
    recordings.stop(cast.call, Recording.objects.get(pk=queued), reason="stopped")
    recordings.sweep()
    finalising = recordings.claim_finalising(queued, owner="last")
    assert finalising is not None
    assert finalising.attempts == 1


def test_it_tells_of_a_recorder_that_cannot_get_in(queued: UUID) -> None:
    recordings.claim(queued, owner="one")
    long_ago = timezone.now() - timedelta(seconds=30)
    Recording.objects.filter(pk=queued).update(queued_at=long_ago)
    recordings.tell_delays()
    assert CallEvent.objects.filter(kind="recording_delayed").count() == 1
