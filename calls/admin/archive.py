"""What lies in the archive: tracks, encrypted segments, finished files."""

from django.contrib import admin
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import RangeDateTimeFilter
from unfold.decorators import display

from audit.admin import FactAdmin, link_to
from calls.models import Artifact, Segment, Track


@admin.register(Track)
class TrackAdmin(FactAdmin):
    list_display = ("started_at", "participant", "ended_at", "end_reason", "recording_link")
    list_filter = (("started_at", RangeDateTimeFilter), "end_reason")
    list_select_related = ("participant__user", "recording")
    search_fields = ("id", "recording__id", "participant__user__display_name")
    ordering = ("-started_at",)
    fields = ("participant", "leg", "started_at", "ended_at", "end_reason", "recording_link")
    readonly_fields = ("recording_link",)

    @display(description=_("recording"))
    def recording_link(self, track: Track) -> str:
        return link_to(track.recording)


@admin.register(Segment)
class SegmentAdmin(FactAdmin):
    list_display = ("started_at", "who", "index", "size", "video_frames", "audio_frames")
    list_filter = (("started_at", RangeDateTimeFilter),)
    list_select_related = ("track__participant__user",)
    search_fields = ("name", "sha256", "track__recording__id")
    search_help_text = _("File name, checksum, or the recording's id")
    ordering = ("-started_at",)

    @display(description=_("who"))
    def who(self, segment: Segment) -> str:
        return segment.track.participant.name

    @display(description=_("size"), ordering="size_bytes")
    def size(self, segment: Segment) -> str:
        return filesizeformat(segment.size_bytes)


@admin.register(Artifact)
class ArtifactAdmin(FactAdmin):
    list_display = ("created_at", "participant", "kind", "size", "duration", "recording_link")
    list_filter = ("kind", ("created_at", RangeDateTimeFilter))
    list_select_related = ("participant__user", "recording")
    search_fields = ("name", "sha256", "recording__id", "participant__user__display_name")
    search_help_text = _("File name, checksum, a person's name, or the recording's id")
    ordering = ("-created_at",)

    @display(description=_("size"), ordering="size_bytes")
    def size(self, artifact: Artifact) -> str:
        return filesizeformat(artifact.size_bytes)

    @display(description=_("length in seconds"), ordering="duration_secs")
    def duration(self, artifact: Artifact) -> str:
        return f"{artifact.duration_secs:.1f}"

    @display(description=_("recording"))
    def recording_link(self, artifact: Artifact) -> str:
        return link_to(artifact.recording)
