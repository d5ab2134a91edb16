"""The states of a visit and of all that belongs to it, and how each may change. No queries here."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

S = TypeVar("S", bound=StrEnum)


class AppointmentState(StrEnum):
    """`no_show`: the patient did not come; `not_held`: it did not take place, not by their doing.

    The rules are in calls/services/settling.py.
    """

    BOOKED = "booked"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    NOT_HELD = "not_held"


class WaitingState(StrEnum):
    """Of an entry of the waiting list."""

    WAITING = "waiting"
    BOOKED = "booked"
    LEFT = "left"
    OVER = "over"


class OfferState(StrEnum):
    """Of a freed time that is kept for one person of the waiting list."""

    OPEN = "open"
    TAKEN = "taken"
    DECLINED = "declined"
    EXPIRED = "expired"


class MailState(StrEnum):
    """Of the mail that goes with a notice; what failed may be tried again."""

    NONE = "none"
    DUE = "due"
    SENT = "sent"
    FAILED = "failed"


class CallState(StrEnum):
    """`open`: people may come and wait. `live`: someone was admitted. `ended`: over for all."""

    OPEN = "open"
    LIVE = "live"
    ENDED = "ended"


class ParticipantState(StrEnum):
    """Where a person stands in a call; whether they are connected now is told by their legs.

    `left` is deliberate and keeps the right to rejoin; `removed` does not.
    """

    INVITED = "invited"
    WAITING = "waiting"
    ADMITTED = "admitted"
    LEFT = "left"
    REMOVED = "removed"


class LegState(StrEnum):
    """One browser's connection: `dropped` may come back within a minute, `closed` never does."""

    CONNECTED = "connected"
    DROPPED = "dropped"
    CLOSED = "closed"


class RecordingState(StrEnum):
    """The recording is its own queue: see docs/recording.md for who moves it on."""

    ASKING = "asking"
    QUEUED = "queued"
    RECORDING = "recording"
    STOPPING = "stopping"
    FINALISING = "finalising"
    READY = "ready"
    REFUSED = "refused"
    FAILED = "failed"
    ERASED = "erased"


class JobState(StrEnum):
    """Of a file that is made on request."""

    WAITING = "waiting"
    WORKING = "working"
    READY = "ready"
    FAILED = "failed"


class DeletionState(StrEnum):
    ASKED = "asked"
    AGREED = "agreed"
    REFUSED = "refused"
    DONE = "done"


class LedgerKind(StrEnum):
    """What an entry of a recording's ledger tells (docs/recording.md)."""

    CONSENT = "consent"
    BEGUN = "begun"
    CLAIMED = "claimed"
    CONNECTED = "connected"
    SENDING = "sending"
    SEGMENT = "segment"
    CUT = "cut"
    TRACK_ENDED = "track_ended"
    STOPPED = "stopped"
    FINALISED = "finalised"
    ERASED = "erased"


class ConsentState(StrEnum):
    ASKED = "asked"
    GIVEN = "given"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


APPOINTMENT: Mapping[AppointmentState, frozenset[AppointmentState]] = {
    AppointmentState.BOOKED: frozenset(
        {
            AppointmentState.CANCELLED,
            AppointmentState.COMPLETED,
            AppointmentState.NO_SHOW,
            AppointmentState.NOT_HELD,
        }
    ),
    AppointmentState.CANCELLED: frozenset(),
    AppointmentState.COMPLETED: frozenset(),
    # Its agent knows better: it did take place, by telephone say.
    AppointmentState.NO_SHOW: frozenset({AppointmentState.COMPLETED}),
    AppointmentState.NOT_HELD: frozenset({AppointmentState.COMPLETED}),
}

WAITING: Mapping[WaitingState, frozenset[WaitingState]] = {
    WaitingState.WAITING: frozenset({WaitingState.BOOKED, WaitingState.LEFT, WaitingState.OVER}),
    WaitingState.BOOKED: frozenset(),
    WaitingState.LEFT: frozenset(),
    WaitingState.OVER: frozenset(),
}

OFFER: Mapping[OfferState, frozenset[OfferState]] = {
    OfferState.OPEN: frozenset({OfferState.TAKEN, OfferState.DECLINED, OfferState.EXPIRED}),
    OfferState.TAKEN: frozenset(),
    OfferState.DECLINED: frozenset(),
    OfferState.EXPIRED: frozenset(),
}

MAIL: Mapping[MailState, frozenset[MailState]] = {
    MailState.NONE: frozenset(),
    MailState.DUE: frozenset({MailState.SENT, MailState.FAILED, MailState.NONE}),
    MailState.SENT: frozenset(),
    MailState.FAILED: frozenset({MailState.DUE}),
}

CALL: Mapping[CallState, frozenset[CallState]] = {
    CallState.OPEN: frozenset({CallState.LIVE, CallState.ENDED}),
    CallState.LIVE: frozenset({CallState.ENDED}),
    CallState.ENDED: frozenset(),
}

PARTICIPANT: Mapping[ParticipantState, frozenset[ParticipantState]] = {
    ParticipantState.INVITED: frozenset(
        {ParticipantState.WAITING, ParticipantState.ADMITTED, ParticipantState.REMOVED}
    ),
    ParticipantState.WAITING: frozenset(
        {ParticipantState.ADMITTED, ParticipantState.INVITED, ParticipantState.REMOVED}
    ),
    ParticipantState.ADMITTED: frozenset({ParticipantState.LEFT, ParticipantState.REMOVED}),
    # An agent who is asked in again comes anew.
    ParticipantState.LEFT: frozenset(
        {ParticipantState.ADMITTED, ParticipantState.INVITED, ParticipantState.REMOVED}
    ),
    ParticipantState.REMOVED: frozenset({ParticipantState.INVITED}),
}

LEG: Mapping[LegState, frozenset[LegState]] = {
    LegState.CONNECTED: frozenset({LegState.DROPPED, LegState.CLOSED}),
    LegState.DROPPED: frozenset({LegState.CONNECTED, LegState.CLOSED}),
    LegState.CLOSED: frozenset(),
}

RECORDING: Mapping[RecordingState, frozenset[RecordingState]] = {
    RecordingState.ASKING: frozenset(
        {RecordingState.QUEUED, RecordingState.REFUSED, RecordingState.FAILED}
    ),
    RecordingState.QUEUED: frozenset(
        {RecordingState.RECORDING, RecordingState.STOPPING, RecordingState.FAILED}
    ),
    RecordingState.RECORDING: frozenset({RecordingState.STOPPING}),
    RecordingState.STOPPING: frozenset({RecordingState.FINALISING, RecordingState.FAILED}),
    RecordingState.FINALISING: frozenset({RecordingState.READY, RecordingState.FAILED}),
    # Back to the finalisers for a cut-out, and for another try.
    RecordingState.READY: frozenset({RecordingState.FINALISING, RecordingState.ERASED}),
    RecordingState.REFUSED: frozenset(),
    RecordingState.FAILED: frozenset({RecordingState.FINALISING, RecordingState.ERASED}),
    RecordingState.ERASED: frozenset(),
}

JOB: Mapping[JobState, frozenset[JobState]] = {
    JobState.WAITING: frozenset({JobState.WORKING, JobState.FAILED}),
    JobState.WORKING: frozenset({JobState.WAITING, JobState.READY, JobState.FAILED}),
    JobState.READY: frozenset({JobState.WAITING}),
    JobState.FAILED: frozenset({JobState.WAITING}),
}

DELETION: Mapping[DeletionState, frozenset[DeletionState]] = {
    DeletionState.ASKED: frozenset({DeletionState.AGREED, DeletionState.REFUSED}),
    DeletionState.AGREED: frozenset({DeletionState.DONE, DeletionState.REFUSED}),
    DeletionState.REFUSED: frozenset(),
    DeletionState.DONE: frozenset(),
}

CONSENT: Mapping[ConsentState, frozenset[ConsentState]] = {
    ConsentState.ASKED: frozenset({ConsentState.GIVEN, ConsentState.REFUSED}),
    ConsentState.GIVEN: frozenset({ConsentState.WITHDRAWN}),
    ConsentState.REFUSED: frozenset({ConsentState.GIVEN}),
    ConsentState.WITHDRAWN: frozenset(),
}

# A recording in one of these belongs to a call that it may still capture; a call has at most one.
OPEN_RECORDINGS = (
    RecordingState.ASKING,
    RecordingState.QUEUED,
    RecordingState.RECORDING,
    RecordingState.STOPPING,
)


def sources(table: Mapping[S, frozenset[S]], target: S) -> list[S]:
    """The states from which `target` may be reached in one step, in their declared order."""
    return [state for state, targets in table.items() if target in targets]
