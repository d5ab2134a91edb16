"""One colour for each state, the same in every list and on the dashboard."""

from calls.desk.states import AgentState, EntryState, RingState
from calls.states import (
    AppointmentState,
    CallState,
    ConsentState,
    DeletionState,
    LegState,
    ParticipantState,
    RecordingState,
)

APPOINTMENT = {
    AppointmentState.NO_SHOW.value: "warning",
    AppointmentState.NOT_HELD.value: "warning",
    AppointmentState.BOOKED.value: "info",
    AppointmentState.COMPLETED.value: "success",
}
CALL = {CallState.OPEN.value: "info", CallState.LIVE.value: "success"}
PARTICIPANT = {
    ParticipantState.WAITING.value: "warning",
    ParticipantState.ADMITTED.value: "success",
    ParticipantState.REMOVED.value: "danger",
}
LEG = {LegState.CONNECTED.value: "success", LegState.DROPPED.value: "warning"}
RECORDING = {
    RecordingState.ASKING.value: "info",
    RecordingState.QUEUED.value: "info",
    RecordingState.RECORDING.value: "danger",
    RecordingState.STOPPING.value: "warning",
    RecordingState.FINALISING.value: "warning",
    RecordingState.READY.value: "success",
    RecordingState.FAILED.value: "danger",
}
CONSENT = {
    ConsentState.ASKED.value: "info",
    ConsentState.GIVEN.value: "success",
    ConsentState.REFUSED.value: "danger",
    ConsentState.WITHDRAWN.value: "warning",
}
DELETION = {
    DeletionState.ASKED.value: "warning",
    DeletionState.AGREED.value: "warning",
    DeletionState.DONE.value: "success",
}
AGENT = {
    AgentState.AVAILABLE.value: "success",
    AgentState.BUSY.value: "info",
    AgentState.AFTER_CALL.value: "info",
    AgentState.BREAK.value: "warning",
}
ENTRY = {
    EntryState.WAITING.value: "warning",
    EntryState.RINGING.value: "warning",
    EntryState.ANSWERED.value: "success",
    EntryState.DONE.value: "success",
    EntryState.LEFT.value: "danger",
}
RING = {
    RingState.RINGING.value: "warning",
    RingState.ACCEPTED.value: "success",
    RingState.DECLINED.value: "danger",
    RingState.MISSED.value: "danger",
}
STEP = {
    "full": "success",
    "small": "info",
    "audio": "warning",
    "text": "danger",
    "reconnecting": "danger",
}
