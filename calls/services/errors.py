"""Why a command on a call was refused."""

from calls.protocol import ErrorCode


class CallError(Exception):
    """A command that is refused; nothing changed. `code` goes to the client with the sentence."""

    code = ErrorCode.BAD_STATE

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class WrongState(CallError):
    """The call or the participant is not where this command makes sense."""


class Forbidden(CallError):
    """The participant's role does not cover this command."""

    code = ErrorCode.FORBIDDEN


class Full(CallError):
    """As many people are in the call as it holds."""


class NotAPeer(CallError):
    """A signal for a leg that this one may not signal with now."""

    code = ErrorCode.NOT_A_PEER


class TooOften(CallError):
    """More than is kept; nobody loses anything by it."""

    code = ErrorCode.RATE


class ConsentMissing(CallError):
    """Somebody's standing consent is needed and is not there."""

    code = ErrorCode.CONSENT_MISSING


class RecorderBusy(CallError):
    """No recorder has room: refused now, so that none that runs fails."""

    code = ErrorCode.RECORDER_BUSY


class Gone(CallError):
    """There is no such call, or none of yours: the same answer for both."""

    code = ErrorCode.FORBIDDEN
