"""One file of everybody: what it holds, and that it is made once, whoever is killed."""

import io
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import av
import pytest
from django.utils import timezone

from calls.archive import store
from calls.archive.mixing import NothingToMix, SourcesChanged, make_mixed
from calls.archive.playback import read_artifact
from calls.models import Artifact, FileJob, Recording
from calls.recorder.mix import mix
from calls.recorder.mixing import make_file
from calls.services import file_jobs
from calls.states import JobState, RecordingState
from tests.recordings.story import recorded_visit
from tests.support.cast import Cast, make_cast

OWNER = "host:1:a"


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def recording(cast: Cast) -> Recording:
    """Only its first seconds are mixed: what is slow is to encode."""
    made = recorded_visit(cast.call)
    Artifact.objects.filter(recording=made).update(duration_secs=2.5)
    return made


@pytest.fixture
def job(cast: Cast, recording: Recording) -> FileJob:
    return file_jobs.ask(cast.ada, recording, "mp4")


def luma(frame: av.VideoFrame, left: int) -> set[int]:
    """The shades in the middle rows of the tile that begins at `left`."""
    plane = frame.reformat(format="gray").planes[0]
    rows = (bytes(plane)[y * plane.line_size :] for y in range(40, 80))
    return {value for row in rows for value in row[left + 20 : left + 620]}


@pytest.mark.parametrize(("form", "codecs"), [("mp4", ["h264", "aac"]), ("webm", ["vp8", "opus"])])
def test_it_mixes_everybody_into_one_file(
    recording: Recording, form: str, codecs: list[str]
) -> None:
    percents: list[int] = []
    made = make_mixed(recording, form=form, mix=mix, go_on=percents.append)
    data = b"".join(read_artifact(made))
    with av.open(io.BytesIO(data), "r") as container:
        assert [stream.codec_context.name for stream in container.streams] == codecs
        assert container.duration is not None
        assert abs(container.duration / 1e6 - 4) < 0.2
        frames = {round(float(f.time or 0), 2): f for f in container.decode(video=0)}
    assert len(frames) == 100
    assert (frames[0.0].width, frames[0.0].height) == (1280, 360)
    # The agent's file begins after 1.5 s: a plain card until then, the test picture afterwards.
    assert len(luma(frames[0.8], 640)) < 40 < len(luma(frames[3.0], 640))
    assert len(luma(frames[3.0], 0)) > 40
    assert percents == sorted(set(percents))
    assert (percents[0], percents[-1]) == (0, 99)


def test_it_mixes_the_sound_where_it_was(recording: Recording) -> None:
    made = make_mixed(recording, form="mp4", mix=mix, go_on=lambda _: None)
    with av.open(io.BytesIO(b"".join(read_artifact(made))), "r") as container:
        loud = {
            round(float(frame.time or 0), 1): float(frame.to_ndarray().max())
            for frame in container.decode(audio=0)
        }
    assert loud[0.2] < 0.001
    assert loud[1.0] > 0.05
    assert loud[3.0] > loud[1.0] * 1.2  # both hum


def test_it_lays_nothing_readable_on_the_disk(recording: Recording) -> None:
    made = make_mixed(recording, form="mp4", mix=mix, go_on=lambda _: None)
    lying = store.read_bytes(made.name)
    assert b"ftyp" not in lying
    assert b"moov" not in lying
    assert b"avc1" not in lying


def test_it_makes_one_file_of_five_messages(job: FileJob) -> None:
    for _ in range(5):
        make_file(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.progress_percent, job.attempts) == (JobState.READY, 100, 1)
    made = Artifact.objects.get(recording=job.recording, participant=None)
    assert (made.kind, made.content_type) == ("mp4", "video/mp4")
    folder = store.spool_path(made.name).parent
    assert [path.name for path in folder.glob("*.mp4")] == [Path(made.name).name]


def test_it_asks_once_for_the_same_file(cast: Cast, job: FileJob) -> None:
    assert file_jobs.ask(cast.mei, job.recording, "mp4") == job
    assert file_jobs.ask(cast.mei, job.recording, "webm") != job


def test_it_gives_the_job_to_another_when_the_lease_ran_out(job: FileJob) -> None:
    assert file_jobs.claim(job.pk, owner=OWNER)
    assert file_jobs.claim(job.pk, owner="other:2:b") is None
    FileJob.objects.update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert file_jobs.claim(job.pk, owner="other:2:b")
    assert not file_jobs.progress(job.pk, owner=OWNER, percent=50)
    assert not file_jobs.ready(job.pk, owner=OWNER)
    assert file_jobs.ready(job.pk, owner="other:2:b")


def test_it_makes_one_file_at_a_time_on_a_machine(cast: Cast, job: FileJob) -> None:
    other = file_jobs.ask(cast.ada, job.recording, "webm")
    assert file_jobs.claim(job.pk, owner=OWNER)
    assert file_jobs.claim(other.pk, owner="host:2:b") is None
    assert file_jobs.claim(other.pk, owner="elsewhere:2:b")


def test_it_says_how_far_it_is(job: FileJob) -> None:
    assert file_jobs.claim(job.pk, owner=OWNER)
    assert file_jobs.progress(job.pk, owner=OWNER, percent=42)
    job.refresh_from_db()
    assert job.progress_percent == 42


def test_it_gives_up_after_five_attempts_and_begins_again_when_asked(
    cast: Cast, job: FileJob
) -> None:
    FileJob.objects.update(attempts=file_jobs.MOST_ATTEMPTS)
    make_file(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.FAILED, "mixing_failed")
    again = file_jobs.ask(cast.ada, job.recording, "mp4")
    assert (again.pk, again.state, again.attempts) == (job.pk, JobState.WAITING, 0)


def test_it_says_why_a_file_cannot_be_made(job: FileJob) -> None:
    media = Artifact.objects.filter(recording=job.recording, kind="media")[0]
    store.spool_path(media.name).write_bytes(b"not ours" * 20)
    make_file(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.reason) == (JobState.FAILED, "damaged")
    assert not Artifact.objects.filter(participant=None).exists()


def test_it_tries_again_while_the_key_is_away(job: FileJob, settings: object) -> None:
    settings.RECORDING_KEYS = []  # type: ignore[attr-defined]
    make_file(str(job.pk))
    job.refresh_from_db()
    assert (job.state, job.attempts) == (JobState.WORKING, 0)
    assert job.lease_expires_at is not None


def test_one_that_waits_keeps_no_other_back(cast: Cast, job: FileJob) -> None:
    other = file_jobs.ask(cast.ada, job.recording, "webm")
    assert file_jobs.claim(job.pk, owner=OWNER)
    file_jobs.wait(job.pk, owner=OWNER)
    assert file_jobs.claim(job.pk, owner="host:2:b") is None
    assert file_jobs.claim(other.pk, owner="host:2:b")


def test_it_drops_a_file_whose_sources_were_cut_meanwhile(recording: Recording) -> None:
    def cut(percent: int) -> None:
        if percent == 50:
            old = Artifact.objects.get(
                recording=recording, kind="media", participant__role="patient"
            )
            old.delete()
            old.pk = uuid4()
            old.save(force_insert=True)

    with pytest.raises(SourcesChanged):
        make_mixed(recording, form="mp4", mix=mix, go_on=cut)
    assert not Artifact.objects.filter(participant=None).exists()
    assert not list((store.spool_root() / str(recording.pk)).rglob("*.mp4"))


def test_it_makes_nothing_of_an_erased_recording(recording: Recording) -> None:
    recording.state = RecordingState.FAILED
    with pytest.raises(NothingToMix):
        make_mixed(recording, form="mp4", mix=mix, go_on=lambda _: None)
