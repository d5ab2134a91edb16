from calls.models.advance_consent import AdvanceConsent, StandingConsent
from calls.models.appointment import Appointment
from calls.models.archive import Artifact, CutOut, FileJob, Segment, Track
from calls.models.call import CallSession, Leg, Participant, ParticipantRole
from calls.models.event import CallEvent
from calls.models.hours import Availability, DayHours, TimeOff
from calls.models.intake import Answer, Attachment, Question, QuestionKind, VisitNote
from calls.models.invitation import GuestKind, Invitation
from calls.models.keeping import Deletion, ErasureCertificate, LegalHold, Reconciliation
from calls.models.ledger import LedgerEntry
from calls.models.node import RecorderNode
from calls.models.notice import CalendarFeed, Notice, NoticeKind
from calls.models.quality import QualitySample
from calls.models.readiness import DeviceTest, RunningLate
from calls.models.recording import Consent, Recording
from calls.models.service import Media, RecordingPolicy, RecordingQuality, Service
from calls.models.taken import TakenTime
from calls.models.waiting_list import SlotOffer, WaitingListEntry

__all__ = [
    "AdvanceConsent",
    "Answer",
    "Appointment",
    "Artifact",
    "Attachment",
    "Availability",
    "CalendarFeed",
    "CallEvent",
    "CallSession",
    "Consent",
    "CutOut",
    "DayHours",
    "Deletion",
    "DeviceTest",
    "ErasureCertificate",
    "FileJob",
    "GuestKind",
    "Invitation",
    "LedgerEntry",
    "Leg",
    "LegalHold",
    "Media",
    "Notice",
    "NoticeKind",
    "Participant",
    "ParticipantRole",
    "QualitySample",
    "Question",
    "QuestionKind",
    "Reconciliation",
    "RecorderNode",
    "Recording",
    "RecordingPolicy",
    "RecordingQuality",
    "RunningLate",
    "Segment",
    "Service",
    "SlotOffer",
    "StandingConsent",
    "TakenTime",
    "TimeOff",
    "Track",
    "VisitNote",
    "WaitingListEntry",
]
