"""What the registry does with a group's own database, archive and broker (it has its settings)."""

import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet

from accounts.models import ConsentText, User
from bench.signaling.house import make_calls
from calls.archive.keys import ring
from calls.archive.ledger import ledgers
from calls.archive.playback import open_artifact
from calls.models import Artifact, CallEvent, FileJob, Participant, Recording, Service
from calls.services import file_jobs
from calls.services import recording as recordings
from tests.support.group import ROOT


def visits(count: int, name: str = "") -> list[dict[str, Any]]:
    made = make_calls(count)
    Service.objects.filter(name="Bench").update(recording_policy="ask")
    text = ConsentText.objects.order_by("pk").values_list("version", flat=True).first()
    for visit in made:
        visit["text_version"] = text
        if name:
            people = Participant.objects.filter(call=visit["call"])
            User.objects.filter(pk__in=people.values("user")).update(display_name=name)
    return made


def recording(call: UUID) -> dict[str, Any]:
    row = Recording.objects.filter(call=call).order_by("-asked_at").first()
    return _row(row) if row else {}


def hint(task: str, recording: str, times: int) -> None:
    """Send the same message so many times."""
    for _ in range(times):
        recordings.hint(task, UUID(recording))


def keys(recording: UUID) -> dict[str, str]:
    """The recording's key and the deployment's, in hexadecimal: what must be found nowhere."""
    row = Recording.objects.get(pk=recording)
    opened = ring().unwrap(bytes(row.wrapped_key), row.pk)
    return {"data": opened.hex(), "deployment": settings.RECORDING_KEYS[0].hex()}


def mixed(recording: UUID, form: str) -> dict[str, str]:
    """The job of a file of everybody, asked for by the first call of this."""
    row = Recording.objects.get(pk=recording)
    job = FileJob.objects.filter(recording=row, kind=form).first()
    if job is None:
        agent = User.objects.get(participations__call=row.call_id, participations__role="agent")
        job = file_jobs.ask(agent, row, form)
    return {"state": str(job.state), "reason": job.reason}


def archive(recording: UUID, folder: str) -> dict[str, Any]:
    row = Recording.objects.get(pk=recording)
    files = Artifact.objects.filter(recording=row).order_by("participant__role", "kind")
    check = subprocess.run(
        [sys.executable, "manage.py", "verify_recording", str(row.pk)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    facts = CallEvent.objects.filter(call=row.call_id, kind__startswith="recording")
    return {
        **_row(row),
        "files": [_file(row, file, Path(folder)) for file in files],
        "accounts": _accounts(row),
        "facts": [[fact.kind, fact.at.timestamp(), fact.data.get("reason", "")] for fact in facts],
        "verified": check.returncode == 0,
        "check": check.stdout + check.stderr,
    }


def _row(row: Recording) -> dict[str, Any]:
    moments = ("asked_at", "queued_at", "started_at", "stopped_at", "ready_at", "lease_expires_at")
    times = {name: getattr(row, name) for name in moments}
    return {
        "id": str(row.pk),
        "state": str(row.state),
        "reason": row.reason,
        "lease_owner": row.lease_owner,
        "attempts": row.attempts,
        **{name: at.timestamp() if at else None for name, at in times.items()},
    }


def _file(row: Recording, file: Artifact, folder: Path) -> dict[str, Any]:
    path = folder / f"{file.pk}.{file.kind}"
    with open_artifact(file) as sealed:
        path.write_bytes(sealed.read())
    return {
        "role": file.participant.role if file.participant else "",
        "kind": file.kind,
        "path": str(path),
        "offset_secs": file.offset_secs,
        "duration_secs": file.duration_secs,
        "details": file.details,
    }


def _accounts(row: Recording) -> list[dict[str, Any]]:
    """One for each person and kind; `whole` is whether anything at all was captured."""
    roles = dict(_people(row).values_list("pk", "role"))
    return [
        {
            "role": roles[account.participant],
            "kind": kind,
            "captured_secs": kept.captured_secs,
            "expected_secs": kept.expected_secs,
            "gaps": [[gap.start_secs, gap.end_secs, gap.cause] for gap in kept.gaps],
        }
        for account in ledgers(row)
        for kind, kept in (
            ("whole", account.whole),
            ("audio", account.audio),
            ("video", account.video),
        )
    ]


def _people(row: Recording) -> QuerySet[Participant]:
    return Participant.objects.filter(call=row.call_id)
