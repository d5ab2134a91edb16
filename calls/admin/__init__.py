"""Services, visits, calls and recordings in the administration."""

from calls.admin.appointment import AppointmentAdmin
from calls.admin.archive import ArtifactAdmin, SegmentAdmin, TrackAdmin
from calls.admin.call import CallAdmin, CallEventAdmin, LegAdmin, ParticipantAdmin
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
from calls.admin.service import AvailabilityAdmin, ServiceAdmin

__all__ = [
    "AppointmentAdmin",
    "ArtifactAdmin",
    "AvailabilityAdmin",
    "CallAdmin",
    "CallEventAdmin",
    "ConsentAdmin",
    "CutOutAdmin",
    "DeletionAdmin",
    "ErasureCertificateAdmin",
    "FileJobAdmin",
    "LedgerEntryAdmin",
    "LegAdmin",
    "LegalHoldAdmin",
    "ParticipantAdmin",
    "QualitySampleAdmin",
    "ReconciliationAdmin",
    "RecorderNodeAdmin",
    "RecordingAdmin",
    "SegmentAdmin",
    "ServiceAdmin",
    "TrackAdmin",
]
