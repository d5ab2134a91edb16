from calls.models.advance_consent import AdvanceConsent, StandingConsent
from calls.models.alert import Alert, AlertRule, RiskWord
from calls.models.appointment import Appointment
from calls.models.archive import Artifact, CutOut, FileJob, Segment, Track
from calls.models.call import CallSession, Leg, Participant, ParticipantRole
from calls.models.desk_agent import AgentSpan, DeskAgent
from calls.models.event import CallEvent
from calls.models.handling import CannedReply, Handling, WrapUpCode
from calls.models.hours import Availability, DayHours, TimeOff
from calls.models.intake import Answer, Attachment, Question, QuestionKind, VisitNote
from calls.models.invitation import GuestKind, Invitation
from calls.models.keeping import Deletion, ErasureCertificate, LegalHold, Reconciliation
from calls.models.ledger import LedgerEntry
from calls.models.node import RecorderNode
from calls.models.notice import CalendarFeed, Notice, NoticeKind
from calls.models.offer import OfferKind, QueueOffer, RoutingDecision, RoutingReason
from calls.models.quality import QualitySample
from calls.models.queue import LanguageRule, Queue, QueueDay, QueueHours, Skill
from calls.models.queue_entry import EntryEvent, EntryEventKind, QueueEntry
from calls.models.queue_text import QueueText
from calls.models.readiness import DeviceTest, RunningLate
from calls.models.recording import Consent, Recording
from calls.models.service import Media, RecordingPolicy, RecordingQuality, Service
from calls.models.suggestion import CannedUse, NotNow
from calls.models.survey import Solved, SurveyAnswer
from calls.models.taken import TakenTime
from calls.models.waiting_list import SlotOffer, WaitingListEntry

__all__ = [
    "AdvanceConsent",
    "AgentSpan",
    "Alert",
    "AlertRule",
    "Answer",
    "Appointment",
    "Artifact",
    "Attachment",
    "Availability",
    "CalendarFeed",
    "CallEvent",
    "CallSession",
    "CannedReply",
    "CannedUse",
    "Consent",
    "CutOut",
    "DayHours",
    "Deletion",
    "DeskAgent",
    "DeviceTest",
    "EntryEvent",
    "EntryEventKind",
    "ErasureCertificate",
    "FileJob",
    "GuestKind",
    "Handling",
    "Invitation",
    "LanguageRule",
    "LedgerEntry",
    "Leg",
    "LegalHold",
    "Media",
    "NotNow",
    "Notice",
    "NoticeKind",
    "OfferKind",
    "Participant",
    "ParticipantRole",
    "QualitySample",
    "Question",
    "QuestionKind",
    "Queue",
    "QueueDay",
    "QueueEntry",
    "QueueHours",
    "QueueOffer",
    "QueueText",
    "Reconciliation",
    "RecorderNode",
    "Recording",
    "RecordingPolicy",
    "RecordingQuality",
    "RiskWord",
    "RoutingDecision",
    "RoutingReason",
    "RunningLate",
    "Segment",
    "Service",
    "Skill",
    "SlotOffer",
    "Solved",
    "StandingConsent",
    "SurveyAnswer",
    "TakenTime",
    "TimeOff",
    "Track",
    "VisitNote",
    "WaitingListEntry",
    "WrapUpCode",
]
