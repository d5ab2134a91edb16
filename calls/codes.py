"""The codes of the signaling protocol: why a socket is closed, a message refused, what happened."""

from enum import StrEnum


class CloseCode:
    """Why the server closes a socket (RFC 6455, section 7.4; 4000-4999 are Parlour's own)."""

    BINARY = 1003
    TOO_BIG = 1009
    RESTART = 1012
    SLOW_READER = 1013
    MALFORMED = 4400
    SIGNED_OUT = 4401
    FORBIDDEN = 4403
    NO_SUCH_CALL = 4404
    SILENT = 4408
    REPLACED = 4409
    ENDED = 4410
    TOO_FAST = 4429


class ErrorCode(StrEnum):
    """What an `error` message may carry in `code`."""

    BAD_JSON = "bad_json"
    BAD_SHAPE = "bad_shape"
    BAD_FIELD = "bad_field"
    UNKNOWN_TYPE = "unknown_type"
    BAD_SDP = "bad_sdp"
    BAD_STATE = "bad_state"
    FORBIDDEN = "forbidden"
    NOT_A_PEER = "not_a_peer"
    CONSENT_MISSING = "consent_missing"
    RECORDER_BUSY = "recorder_busy"
    RATE = "rate"
    UNAVAILABLE = "unavailable"


class FactKind(StrEnum):
    """The kinds of numbered facts (rows of CallEvent) and, in `data`, what each one carries."""

    ENTERED = "entered"  # {participant, name, role, leg, waiting: bool}
    ADMITTED = "admitted"  # {participant}
    JOINED = "joined"  # {participant, name, role, leg, waiting: bool}: a leg is connected (again)
    DROPPED = "dropped"  # {participant, leg}: a leg was lost; its place is kept a minute
    LEFT = "left"  # {participant, leg, reason, agent?}: left, timeout, replaced, removed, handed_on
    REMOVED = "removed"  # {participant}
    HELD = "held"  # {participant, music: bool}: neither seen nor heard, nor sees or hears
    RESUMED = "resumed"  # {participant, agent?}: the name of who goes on with them
    SUPERVISED = "supervised"  # {participant, name, manner: listen | whisper | join}
    CHAT = "chat"  # {participant, name, text, kept_from?}: to staff, the ids of who gets {}
    RECORD_ASKED = "record_asked"  # {recording, participant, text_version}
    CONSENT_GIVEN = "consent_given"  # {recording, participant, text_version}
    CONSENT_REFUSED = "consent_refused"  # {recording, participant}
    CONSENT_WITHDRAWN = "consent_withdrawn"  # {recording, participant}
    RECORDING_QUEUED = "recording_queued"  # {recording}: everyone agreed, no recorder yet
    RECORDING_DELAYED = "recording_delayed"  # {recording, reason}: no recorder took it yet
    RECORDING_STARTED = "recording_started"  # {recording}
    RECORDING_STOPPED = "recording_stopped"  # {recording, reason}
    RECORDING_FAILED = "recording_failed"  # {recording, reason}
    ENDED = "ended"  # {reason: agent | abandoned | cancelled | missed | closed}
