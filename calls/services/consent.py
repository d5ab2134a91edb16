"""Consent to being recorded: asked, given, refused, withdrawn; a recording exists only by it."""

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from accounts.models import ConsentText
from audit.log import record
from calls.models import (
    CallSession,
    Consent,
    LedgerEntry,
    Participant,
    ParticipantRole,
    Recording,
)
from calls.models.call import Manner
from calls.permissions import (
    NOT_YOURS,
    deletion_needs_two,
    may,
    may_record,
    recording_quality,
)
from calls.protocol import FactKind
from calls.services import capacity, facts, recording
from calls.services.errors import ConsentMissing, Forbidden, RecorderBusy, WrongState
from calls.states import (
    OPEN_RECORDINGS,
    ConsentState,
    LedgerKind,
    LegState,
    ParticipantState,
    RecordingState,
)


def ask(text_version: str, *, by: Participant, ref: str) -> int:
    """Ask everyone in the call; the asker agrees by asking. Returns the number of the fact."""
    with facts.locked_call(by.call_id) as call:
        if (seq := facts.answered(by, ref)) is not None:
            return seq
        _check_may_ask(call, by, text_version)
        others = people_in(call).exclude(pk=by.pk)
        if not others.exists():
            raise WrongState("There is nobody else in the visit to record.")
        asked = begin_asking(call, by=by, text_version=text_version, ref=ref)
        seq = call.last_seq
        for person in others:
            await_answer(asked, person)
        give(call, asked, by, text_version)
        return seq


def begin_asking(
    call: CallSession, *, by: Participant | None, text_version: str, ref: str = ""
) -> Recording:
    """A recording that everybody is asked about, by somebody or, without `by`, by the plan.

    The call is locked, and has none that is open.
    """
    asked = Recording.objects.create(
        call=call,
        asked_by=by,
        asked_at=timezone.now(),
        quality=recording_quality(call),
        deletion_needs_two=deletion_needs_two(call),
    )
    actor = by.user_id if by else ""
    record("recording.ask", actor=actor, target_type="recording", target=asked.pk)
    said = {"participant": by.pk} if by else {}
    facts.append(
        call,
        FactKind.RECORD_ASKED,
        by=by,
        ref=ref,
        recording=asked.pk,
        text_version=text_version,
        **said,
    )
    return asked


def await_answer(asked: Recording, person: Participant) -> None:
    """Their answer is missing until they give one."""
    Consent.objects.get_or_create(recording=asked, participant=person)


def answer(*, granted: bool, text_version: str, by: Participant, ref: str) -> int:
    """What a participant says to the open recording: agree, refuse, or withdraw.

    1. Once everyone in the call has agreed, the recording is queued for a recorder.
    2. A refusal before that ends the asking; a withdrawal stops the recording for all.
    3. A newcomer who refuses is not recorded; the others still are.
    """
    with facts.locked_call(by.call_id) as call:
        if (seq := facts.answered(by, ref)) is not None:
            return seq
        current = open_recording(call)
        if current is None or current.state == RecordingState.STOPPING:
            raise WrongState("Nobody asks for a recording now.")
        mine, _ = Consent.objects.get_or_create(recording=current, participant=by)
        if granted:
            if not people_in(call).filter(pk=by.pk).exists():
                raise WrongState("Only people in the visit can agree.")
            if mine.state not in (ConsentState.ASKED, ConsentState.REFUSED):
                raise WrongState("You have answered already.")
            _check_text(text_version)
            seq = give(call, current, by, text_version, ref=ref)
            queue_if_agreed(call, current)
            return seq
        if mine.state == ConsentState.GIVEN:
            return _withdraw(call, current, by, ref=ref)
        return _refuse(call, current, by, ref=ref)


def stop(*, by: Participant, ref: str) -> int:
    """Stop the recording, or take the question back."""
    with facts.locked_call(by.call_id) as call:
        if (seq := facts.answered(by, ref)) is not None:
            return seq
        if not may(by, "record"):
            raise Forbidden(NOT_YOURS)
        current = open_recording(call)
        if current is None or current.state == RecordingState.STOPPING:
            raise WrongState("There is no recording to stop.")
        record("recording.stop", actor=by.user_id, target_type="recording", target=current.pk)
        return recording.stop(call, current, reason="stopped", by=by, ref=ref)


def open_recording(call: CallSession) -> Recording | None:
    """The one recording of the call that still captures or may yet, or None."""
    return Recording.objects.filter(call=call, state__in=OPEN_RECORDINGS).first()


def asked_in(call_id: UUID) -> CallSession | None:
    """The call if a recording of it is asked for or runs, else None."""
    return CallSession.objects.filter(pk=call_id, recordings__state__in=OPEN_RECORDINGS).first()


def ask_newcomer(call: CallSession, participant: Participant) -> None:
    """Somebody came in: if a recording is asked for or runs, their answer is awaited too.

    Of a supervisor who does not take part nothing is recorded, and nothing is asked.
    """
    current = open_recording(call)
    if current and participant.role != ParticipantRole.RECORDER:
        if not participant.only_supervises:
            Consent.objects.get_or_create(recording=current, participant=participant)
        # Somebody who agreed, left and is back may have been the last one missing.
        queue_if_agreed(call, current)


def withdraw_absent(call: CallSession, participant: Participant) -> None:
    """Somebody was removed: their consent ends, and their missing answer holds nobody up."""
    current = open_recording(call)
    if current is None:
        return
    given = Consent.objects.filter(
        recording=current, participant=participant, state=ConsentState.GIVEN
    )
    if given.exists():
        _withdraw(call, current, participant, ref="")
    else:
        queue_if_agreed(call, current)


def stop_open_recording(call: CallSession, *, reason: str) -> None:
    """The call ends: so does what is being recorded or asked for."""
    current = open_recording(call)
    if current is not None and current.state != RecordingState.STOPPING:
        recording.stop(call, current, reason=reason)


def stop_unattended() -> None:
    """Stop what is asked for or recorded in calls that everyone has left, or lost for good."""
    people = Participant.objects.filter(
        call=OuterRef("call"), legs__state__in=(LegState.CONNECTED, LegState.DROPPED)
    ).exclude(role=ParticipantRole.RECORDER)
    running = Recording.objects.filter(
        ~Exists(people),
        state__in=(RecordingState.ASKING, RecordingState.QUEUED, RecordingState.RECORDING),
    )
    for call_id in list(running.values_list("call_id", flat=True)[:200]):
        with facts.locked_call(call_id, open_only=False) as call:
            stop_open_recording(call, reason="abandoned")


def queue_if_agreed(call: CallSession, current: Recording) -> None:
    """Hand the recording to the recorders once everyone in the call has agreed."""
    if current.state != RecordingState.ASKING:
        return
    agreed = Consent.objects.filter(recording=current, state=ConsentState.GIVEN)
    people = set(people_in(call).values_list("pk", flat=True))
    if len(people) > 1 and people <= set(agreed.values_list("participant_id", flat=True)):
        recording.queue(call, current)


def people_in(call: CallSession) -> QuerySet[Participant]:
    """Who was admitted and did not go, without the recorder and supervisors who only listen."""
    inside = Participant.objects.filter(call=call, state=ParticipantState.ADMITTED)
    inside = inside.exclude(role=ParticipantRole.RECORDER)
    return inside.filter(manner__in=("", Manner.JOIN))


def _check_may_ask(call: CallSession, by: Participant, text_version: str) -> None:
    if not may(by, "record") or not people_in(call).filter(pk=by.pk).exists():
        raise Forbidden(NOT_YOURS)
    if not may_record(call):
        raise Forbidden("Visits of this service are never recorded.")
    if open_recording(call) is not None:
        raise WrongState("A recording is already asked for or running.")
    _check_text(text_version)
    if full := capacity.refusal():
        raise RecorderBusy(full)


def _check_text(text_version: str) -> None:
    if not ConsentText.objects.filter(version=text_version).exists():
        raise ConsentMissing("text_version: there is no consent text of this version.")


def give(
    call: CallSession,
    current: Recording,
    person: Participant,
    text_version: str,
    *,
    ref: str = "",
    language: str | None = None,
) -> int:
    """Somebody agrees, to a text in a language (their own, where none is named)."""
    if language is None:
        language = person.user.language if person.user else ""
    Consent.objects.update_or_create(
        recording=current,
        participant=person,
        defaults={
            "state": ConsentState.GIVEN,
            "given_at": timezone.now(),
            "text_version": text_version,
            "language": language,
        },
    )
    _note(current, person, ConsentState.GIVEN, text_version=text_version, language=language)
    record("consent.give", actor=person.user_id, target_type="recording", target=current.pk)
    return facts.append(
        call,
        FactKind.CONSENT_GIVEN,
        by=person,
        ref=ref,
        recording=current.pk,
        participant=person.pk,
        text_version=text_version,
    )


def _refuse(call: CallSession, current: Recording, person: Participant, *, ref: str) -> int:
    Consent.objects.filter(recording=current, participant=person).update(
        state=ConsentState.REFUSED, refused_at=timezone.now()
    )
    _note(current, person, ConsentState.REFUSED)
    record("consent.refuse", actor=person.user_id, target_type="recording", target=current.pk)
    seq = facts.append(
        call,
        FactKind.CONSENT_REFUSED,
        by=person,
        ref=ref,
        recording=current.pk,
        participant=person.pk,
    )
    if current.state == RecordingState.ASKING:
        recording.stop(call, current, reason="refused")
    return seq


def _withdraw(call: CallSession, current: Recording, person: Participant, *, ref: str) -> int:
    Consent.objects.filter(recording=current, participant=person).update(
        state=ConsentState.WITHDRAWN, withdrawn_at=timezone.now()
    )
    _note(current, person, ConsentState.WITHDRAWN)
    record("consent.withdraw", actor=person.user_id, target_type="recording", target=current.pk)
    seq = facts.append(
        call,
        FactKind.CONSENT_WITHDRAWN,
        by=person,
        ref=ref,
        recording=current.pk,
        participant=person.pk,
    )
    recording.stop(call, current, reason="withdrawn")
    return seq


def _note(current: Recording, person: Participant, state: ConsentState, **said: str) -> None:
    """What was said goes into the recording's ledger, in the transaction of its row."""
    LedgerEntry.objects.append(
        current.pk, LedgerKind.CONSENT, participant=person.pk, state=state.value, **said
    )
