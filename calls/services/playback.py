"""What the page of one recording shows: who is on it from when to when, and what happened."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from accounts.models import ConsentText, User
from calls.models import Artifact, CallEvent, Consent, Participant, Recording
from calls.models.event import is_hidden
from calls.protocol import FactKind

# Facts shortly after the end still tell why it ended.
_TAIL_SECS = 5.0
# Nobody is connected in no time; as in the ledger, less than a second is no gap.
_AT_ONCE_SECS = 1.0
_HIDDEN = (FactKind.ENTERED, FactKind.RECORDING_QUEUED)
# Which of its data is the text of an entry.
_SAID = {FactKind.CHAT: "text", FactKind.SUPERVISED: "manner"}
Span = tuple[float, float]
VolumeOf = Callable[[Sequence[float | None]], Sequence[float]]


@dataclass(frozen=True, slots=True)
class Gap:
    """Seconds of the recording in which somebody was not recorded; `cause` as docs/recording.md."""

    who: Participant
    start_secs: float
    stop_secs: float
    cause: str
    what: Literal["", "audio", "video"] = ""
    """Of what it is a gap; "" of everything."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person's file on the recording's timeline; all numbers are seconds of it."""

    participant: Participant
    media: Artifact
    poster: Artifact | None
    spans: Sequence[Span]
    """When they were really recorded; the rest is shown as a gap."""
    holes: Sequence[Gap] = ()
    """Where nothing of them was recorded, a second or longer."""
    audio: Sequence[Span] = ()
    video: Sequence[Span] = ()
    volume: float = 1.0
    """By which factor they are played, so that nobody is drowned by another."""

    @property
    def damaged(self) -> Sequence[str]:
        """Names of the segments that could not be used."""
        return [str(piece.get("name", "")) for piece in self.media.details.get("damaged", ())]


@dataclass(frozen=True, slots=True)
class Entry:
    """One line beside the player. `at_secs` is None for what happened before the recording."""

    kind: FactKind
    at: datetime
    at_secs: float | None
    who: str
    text: str = ""
    again: bool = False
    """They were in the call before: they came back."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What one person said, and the wording that they saw, if it is still known."""

    consent: Consent
    text: ConsentText | None


@dataclass(frozen=True, slots=True)
class Playback:
    recording: Recording
    duration_secs: float
    people: Sequence[Person] = ()
    gaps: Sequence[Gap] = ()
    entries: Sequence[Entry] = ()
    answers: Sequence[Answer] = field(default=())


def playback(
    recording: Recording,
    gaps: Sequence[Gap],
    *,
    volume_of: VolumeOf = lambda lufs: [1.0] * len(lufs),
    with_chat: bool = True,
    reader: User | None = None,
) -> Playback:
    """Everything of a recording that has started; `people` is empty until it is ready.

    `gaps` are what the archive's ledger says; `volume_of` is asked how loud each is to be played.
    Without `with_chat` no message is among the entries, and none that was kept from `reader` in the
    visit.
    """
    people = _people(recording, gaps, volume_of)
    ends = [person.media.offset_secs + person.media.duration_secs for person in people]
    duration = max(ends) if ends else recording.length_secs
    return Playback(
        recording=recording,
        duration_secs=duration,
        people=people,
        gaps=sorted(gaps, key=lambda gap: gap.start_secs),
        entries=[
            entry
            for entry in _entries(recording, duration, reader)
            if with_chat or entry.kind != FactKind.CHAT
        ],
        answers=_answers(recording),
    )


def _people(recording: Recording, gaps: Sequence[Gap], volume_of: VolumeOf) -> list[Person]:
    files: dict[Participant, dict[str, Artifact]] = {}
    rows = Artifact.objects.filter(recording=recording).select_related("participant__user")
    for artifact in rows.order_by("offset_secs", "created_at"):
        if artifact.participant is not None:
            files.setdefault(artifact.participant, {})[artifact.kind] = artifact
    found = {person: kinds for person, kinds in files.items() if "media" in kinds}
    volumes = volume_of([kinds["media"].details.get("lufs") for kinds in found.values()])
    people = [
        _person(participant, kinds, [gap for gap in gaps if gap.who == participant], volume)
        for (participant, kinds), volume in zip(found.items(), volumes, strict=True)
    ]
    # The patient first and always on the same side, whoever's file begins earlier.
    return sorted(
        people, key=lambda person: (person.participant.role != "patient", person.participant.name)
    )


def _person(
    participant: Participant, kinds: dict[str, Artifact], gaps: Sequence[Gap], volume: float
) -> Person:
    media = kinds["media"]
    holes = [gap for gap in gaps if not gap.what]
    codecs = media.details.get("codecs", ["vp8", "opus"])
    return Person(
        participant=participant,
        media=media,
        poster=kinds.get("poster"),
        spans=_recorded(media, holes),
        holes=holes,
        audio=_recorded(media, [gap for gap in gaps if gap.what != "video"], since=_AT_ONCE_SECS),
        # Who never sent a picture has no lane for one.
        video=_recorded(media, [gap for gap in gaps if gap.what != "audio"], since=_AT_ONCE_SECS)
        if set(codecs) - {"opus"}
        else [],
        volume=volume,
    )


def _recorded(media: Artifact, gaps: Sequence[Gap], *, since: float = 0.0) -> list[Span]:
    """The file's own time on the timeline, without the gaps.

    A file that begins before `since` is taken to begin at once: what a connection takes is no gap.
    """
    position, end = media.offset_secs, media.offset_secs + media.duration_secs
    position = min(position, 0.0) if position < since else position
    spans = []
    for gap in sorted(gaps, key=lambda gap: gap.start_secs):
        if gap.start_secs > position:
            spans.append((position, min(gap.start_secs, end)))
        position = max(position, gap.stop_secs)
    if position < end:
        spans.append((position, end))
    return spans


def narrowed(part: Sequence[Span], whole: Sequence[Span]) -> list[Span]:
    """What of the `part` spans lies outside of `whole`: gaps of sound or picture alone."""
    left = list(part)
    for start, stop in whole:
        left = [
            piece
            for begin, end in left
            for piece in ((begin, min(end, start)), (max(begin, stop), end))
            if piece[1] - piece[0] > 0
        ]
    return left


def _entries(recording: Recording, duration: float, reader: User | None) -> list[Entry]:
    begin = recording.started_at
    if begin is None:
        return []
    rows = CallEvent.objects.filter(call=recording.call_id, at__gte=recording.asked_at)
    people = list(Participant.objects.filter(call=recording.call_id).select_related("user"))
    names = {str(person.pk): person.name for person in people}
    me = next((one for one in people if reader and one.user_id == reader.pk), None)
    seen: set[str] = set()
    entries = []
    for event in rows.order_by("seq"):
        at_secs = (event.at - begin).total_seconds()
        if at_secs > duration + _TAIL_SECS:
            break
        if me and is_hidden(event, me):
            continue
        entry = _entry(event, at_secs, names, seen)
        if entry is not None:
            entries.append(entry)
    return entries


def _entry(event: CallEvent, at_secs: float, names: dict[str, str], seen: set[str]) -> Entry | None:
    kind = FactKind(event.kind)
    person = str(event.data.get("participant") or event.by_id or "")
    before = at_secs < 0
    # What was written before everybody had agreed is no part of the recording.
    if kind in _HIDDEN or (before and kind == FactKind.CHAT):
        return None
    again = kind == FactKind.JOINED and person in seen
    seen.add(person)
    return Entry(
        kind=kind,
        at=event.at,
        at_secs=None if before else at_secs,
        who=names.get(person) or str(event.data.get("name", "")),
        text=str(event.data.get(_SAID.get(kind, "reason"), "")),
        again=again,
    )


def _answers(recording: Recording) -> list[Answer]:
    consents = list(
        Consent.objects.filter(recording=recording)
        .select_related("participant__user")
        .order_by("given_at", "refused_at")
    )
    texts = {
        (text.version, text.language): text
        for text in ConsentText.objects.filter(
            version__in={consent.text_version for consent in consents}
        )
    }
    return [
        Answer(
            consent,
            texts.get((consent.text_version, consent.language))
            or texts.get((consent.text_version, "en")),
        )
        for consent in consents
    ]
