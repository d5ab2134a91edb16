"""Services, visits, calls and recordings in the administration."""

from calls.admin.appointment import AppointmentAdmin
from calls.admin.archive import ArtifactAdmin, SegmentAdmin, TrackAdmin
from calls.admin.booking import (
    AdvanceConsentAdmin,
    AnswerAdmin,
    AttachmentAdmin,
    CalendarFeedAdmin,
    DeviceTestAdmin,
    InvitationAdmin,
    NoticeAdmin,
    QuestionAdmin,
    RunningLateAdmin,
    SlotOfferAdmin,
    StandingConsentAdmin,
    VisitNoteAdmin,
    WaitingListAdmin,
)
from calls.admin.call import CallAdmin, CallEventAdmin, LegAdmin, ParticipantAdmin
from calls.admin.hours import AvailabilityAdmin, DayHoursAdmin, TakenTimeAdmin, TimeOffAdmin
from calls.admin.keeping import (
    CutOutAdmin,
    DeletionAdmin,
    ErasureCertificateAdmin,
    FileJobAdmin,
    LedgerEntryAdmin,
    LegalHoldAdmin,
    ReconciliationAdmin,
)
from calls.admin.node import RecorderNodeAdmin
from calls.admin.quality import QualitySampleAdmin
from calls.admin.recording import ConsentAdmin, RecordingAdmin
from calls.admin.service import ServiceAdmin

__all__ = [
    "AdvanceConsentAdmin",
    "AnswerAdmin",
    "AppointmentAdmin",
    "ArtifactAdmin",
    "AttachmentAdmin",
    "AvailabilityAdmin",
    "CalendarFeedAdmin",
    "CallAdmin",
    "CallEventAdmin",
    "ConsentAdmin",
    "CutOutAdmin",
    "DayHoursAdmin",
    "DeletionAdmin",
    "DeviceTestAdmin",
    "ErasureCertificateAdmin",
    "FileJobAdmin",
    "InvitationAdmin",
    "LedgerEntryAdmin",
    "LegAdmin",
    "LegalHoldAdmin",
    "NoticeAdmin",
    "ParticipantAdmin",
    "QualitySampleAdmin",
    "QuestionAdmin",
    "ReconciliationAdmin",
    "RecorderNodeAdmin",
    "RecordingAdmin",
    "RunningLateAdmin",
    "SegmentAdmin",
    "ServiceAdmin",
    "SlotOfferAdmin",
    "StandingConsentAdmin",
    "TakenTimeAdmin",
    "TimeOffAdmin",
    "TrackAdmin",
    "VisitNoteAdmin",
    "WaitingListAdmin",
]
