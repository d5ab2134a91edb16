"""Which service carries out which command."""

from uuid import UUID

from audit.log import record
from calls import protocol
from calls.models import Participant
from calls.models.call import Manner
from calls.services import consent, holding, lifecycle, supervision
from calls.services.errors import Forbidden


def carry_out(message: protocol.Command, *, participant_id: UUID) -> int:
    """Do what the message asks; returns the number of the fact that it became.

    Coming and going is not here: many of those are done together (services/changes.py).
    Raises CallError, and nothing has changed then; a forbidden attempt is audited.
    """
    participant = Participant.objects.select_related("user", "call").get(pk=participant_id)
    try:
        return _call_service(message, participant)
    except Forbidden:
        record(
            f"call.{message.__struct_config__.tag}",
            actor=participant.user_id,
            target_type="callsession",
            target=participant.call_id,
            allowed=False,
        )
        raise


def _call_service(message: protocol.Command, by: Participant) -> int:
    match message:
        case protocol.Admit(ref=ref, participant=guest):
            return lifecycle.admit(guest, by=by, ref=ref)
        case protocol.Remove(ref=ref, participant=guest):
            return lifecycle.remove(guest, by=by, ref=ref)
        case protocol.Hold(ref=ref, participant=guest):
            return holding.hold(guest, by=by, ref=ref)
        case protocol.Resume(ref=ref, participant=guest):
            return holding.resume(guest, by=by, ref=ref)
        case protocol.Supervise(ref=ref, manner=manner):
            return supervision.change_manner(Manner(manner), by=by, ref=ref)
        case protocol.Chat(ref=ref, text=text):
            return lifecycle.chat(text, by=by, ref=ref)
        case protocol.End(ref=ref):
            return lifecycle.end(by=by, ref=ref)
        case _:
            return _call_consent(message, by)


def _call_consent(message: protocol.Command, by: Participant) -> int:
    match message:
        case protocol.RecordAsk(ref=ref, text_version=version):
            return consent.ask(version, by=by, ref=ref)
        case protocol.RecordConsent(ref=ref, granted=granted, text_version=version):
            return consent.answer(granted=granted, text_version=version, by=by, ref=ref)
        case protocol.RecordStop(ref=ref):
            return consent.stop(by=by, ref=ref)
        case _:
            raise AssertionError(type(message))
