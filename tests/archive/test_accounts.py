"""A ledger's entries make an account in which every second is captured or has its cause."""

from typing import Any
from uuid import UUID

import pytest

from calls.archive.accounts import Account, accounts

MEI = "11111111-1111-4111-8111-111111111111"
BEGIN = 1_700_000_000.0


def said(secs: float, state: str) -> dict[str, Any]:
    return {"kind": "consent", "participant": MEI, "at": BEGIN + secs, "state": state}


def segment(
    index: int, start: float, stop: float, track: str = "a", **spans: Any
) -> dict[str, Any]:
    whole = [[BEGIN + start, BEGIN + stop]]
    told = {"from": BEGIN + start, "until": BEGIN + stop, "audio": whole, "video": whole}
    name = f"{track}/{index}"
    return {
        "kind": "segment", "participant": MEI, "track": track, "index": index, "name": name,
        **told, **spans,
    }  # fmt: skip


def sending(secs: float, *, audio: bool, video: bool, why: str = "") -> dict[str, Any]:
    return {
        "kind": "sending", "participant": MEI, "since": BEGIN + secs, "audio": audio,
        "video": video, "why": why,
    }  # fmt: skip


def ended(secs: float, reason: str, track: str = "a") -> dict[str, Any]:
    at = BEGIN + secs
    return {
        "kind": "track_ended",
        "participant": MEI,
        "track": track,
        "ended": at,
        "reason": reason,
    }


def account(*entries: dict[str, Any], until: float = 60.0, quality: str = "small") -> Account:
    begun = {"kind": "begun", "at": BEGIN, "quality": quality}
    stopped = {"kind": "stopped", "at": BEGIN + until}
    (mine,) = accounts([begun, *entries, stopped])
    assert mine.participant == UUID(MEI)
    for kept in (mine.whole, mine.audio, mine.video):
        lost = sum(gap.end_secs - gap.start_secs for gap in kept.gaps)
        assert kept.captured_secs + lost == pytest.approx(kept.expected_secs)
    return mine


def gaps(kept: Any) -> list[tuple[float, float, str]]:
    return [(round(gap.start_secs, 3), round(gap.end_secs, 3), gap.cause) for gap in kept.gaps]


def test_it_finds_nothing_missing_where_nothing_is() -> None:
    mine = account(said(-5, "given"), segment(0, 0.4, 30), segment(1, 30.03, 59.9))
    assert (mine.gaps, mine.captured_secs) == ((), 60.0)


def test_it_tells_before_consent_from_connecting_and_withdrawn() -> None:
    mine = account(
        said(5, "given"), segment(0, 8, 30), segment(1, 30, 40), ended(40, "withdrawn"),
        said(40, "withdrawn"),
    )  # fmt: skip
    assert gaps(mine) == [
        (0, 5, "not_yet_consented"), (5, 8, "connecting"), (40, 60, "withdrawn"),
    ]  # fmt: skip


def test_it_says_that_somebody_refused() -> None:
    assert gaps(account(said(-1, "refused"))) == [(0, 60, "refused")]


def test_it_tells_muted_and_camera_off_though_silence_arrived() -> None:
    mine = account(
        said(-1, "given"),
        sending(0, audio=True, video=True),
        segment(0, 0, 60),
        sending(10, audio=False, video=True),
        sending(20, audio=True, video=False),
        sending(30, audio=True, video=False, why="line"),
        sending(40, audio=True, video=True),
    )
    assert gaps(mine.audio) == [(10, 20, "muted")]
    assert gaps(mine.video) == [(20, 30, "camera_off"), (30, 40, "weak_line")]
    assert mine.gaps == ()


def test_it_says_that_somebody_was_on_hold() -> None:
    mine = account(
        said(-1, "given"),
        sending(0, audio=True, video=False),
        segment(0, 0, 10),
        sending(10, audio=False, video=False, why="held"),
        sending(25, audio=True, video=True),
        segment(1, 25, 60),
    )
    assert gaps(mine.whole) == [(10, 25, "held")]
    assert gaps(mine.audio) == [(10, 25, "held")]
    assert gaps(mine.video) == [(0, 10, "camera_off"), (10, 25, "held")]


def test_it_tells_a_lost_network_from_a_killed_recorder() -> None:
    mine = account(
        said(-1, "given"), segment(0, 0, 10), segment(1, 15, 20), segment(2, 20, 24),
        segment(0, 31, 40, track="b"), ended(50, "network", track="b"),
        segment(0, 52, 60, track="c"),
    )  # fmt: skip
    assert gaps(mine) == [
        (10, 15, "network"), (24, 31, "recorder_killed"), (40, 52, "network"),
    ]  # fmt: skip


def test_it_names_the_network_where_somebody_left_long_after_their_last_frame() -> None:
    mine = account(said(-1, "given"), segment(0, 0, 20), ended(50, "left"))
    assert gaps(mine) == [(20, 50, "network"), (50, 60, "left")]


def test_it_says_what_was_cut_out() -> None:
    left = segment(1, 20, 40, audio=[[BEGIN + 20, BEGIN + 25], [BEGIN + 31, BEGIN + 40]],
                   video=[[BEGIN + 20, BEGIN + 25], [BEGIN + 31, BEGIN + 40]])  # fmt: skip
    left["name"] = "a/1-1"
    cut = {
        "kind": "cut", "participant": MEI, "cause": "cut_out", "was": "a/1",
        "spans": [[BEGIN + 25, BEGIN + 31]], "segment": left,
    }  # fmt: skip
    mine = account(
        said(-1, "given"), segment(0, 0, 20), segment(1, 20, 40), segment(2, 40, 60), cut
    )
    assert gaps(mine) == [(25, 31, "cut_out")]


def test_it_expects_no_picture_where_only_sound_is_recorded() -> None:
    mine = account(said(-1, "given"), segment(0, 0, 60, video=[]), quality="audio")
    assert (mine.video.expected_secs, gaps(mine.audio), gaps(mine)) == (0, [], [])


def test_it_has_no_account_before_anything_began() -> None:
    assert accounts([said(0, "given")]) == []
