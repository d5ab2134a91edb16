from calls.models.appointment import Appointment
from calls.models.archive import Artifact, CutOut, FileJob, Segment, Track
from calls.models.call import CallSession, Leg, Participant, ParticipantRole
from calls.models.event import CallEvent
from calls.models.keeping import Deletion, ErasureCertificate, LegalHold, Reconciliation
from calls.models.ledger import LedgerEntry
from calls.models.node import RecorderNode
from calls.models.quality import QualitySample
from calls.models.recording import Consent, Recording
from calls.models.service import Availability, RecordingPolicy, RecordingQuality, Service

__all__ = [
    "Appointment",
    "Artifact",
    "Availability",
    "CallEvent",
    "CallSession",
    "Consent",
    "CutOut",
    "Deletion",
    "ErasureCertificate",
    "FileJob",
    "LedgerEntry",
    "Leg",
    "LegalHold",
    "Participant",
    "ParticipantRole",
    "QualitySample",
    "Reconciliation",
    "RecorderNode",
    "Recording",
    "RecordingPolicy",
    "RecordingQuality",
    "Segment",
    "Service",
    "Track",
]
