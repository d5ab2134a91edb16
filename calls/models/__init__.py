from calls.models.appointment import Appointment
from calls.models.call import CallSession, Leg, Participant, ParticipantRole
from calls.models.event import CallEvent
from calls.models.quality import QualitySample
from calls.models.recording import Artifact, Consent, Recording, Segment, Track
from calls.models.service import Availability, RecordingPolicy, Service

__all__ = [
    "Appointment",
    "Artifact",
    "Availability",
    "CallEvent",
    "CallSession",
    "Consent",
    "Leg",
    "Participant",
    "ParticipantRole",
    "QualitySample",
    "Recording",
    "RecordingPolicy",
    "Segment",
    "Service",
    "Track",
]
