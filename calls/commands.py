"""The commands of the signaling socket: each changes facts; the same `ref` twice has one effect."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from calls.bounds import Manner, Message, Ref, Text


class Enter(Message, tag="enter"):
    """The device check is passed: wait to be admitted, or come in if nothing is to wait for."""

    ref: Ref


class Admit(Message, tag="admit"):
    """Let a waiting participant in."""

    ref: Ref
    participant: UUID


class Remove(Message, tag="remove"):
    """Send a participant away for good."""

    ref: Ref
    participant: UUID


class Hold(Message, tag="hold"):
    """Put somebody who was admitted on hold: they and the others are apart until `resume`."""

    ref: Ref
    participant: UUID


class Resume(Message, tag="resume"):
    """Take somebody off hold."""

    ref: Ref
    participant: UUID


class Supervise(Message, tag="supervise"):
    """As a supervisor: only hear and see, speak with agents alone, or take part."""

    ref: Ref
    manner: Manner


class Chat(Message, tag="chat"):
    """Write to everyone who was admitted and is not on hold; as a supervisor who has not joined, to
    those who work here."""

    ref: Ref
    text: Text


class Leave(Message, tag="leave"):
    """I go, the visit stays open."""

    ref: Ref


class End(Message, tag="end"):
    """The visit is over for all."""

    ref: Ref


class RecordAsk(Message, tag="record_ask"):
    """Ask everyone for their consent to a recording; the asker consents by asking."""

    ref: Ref
    text_version: Annotated[str, Meta(min_length=1, max_length=32)]


class RecordConsent(Message, tag="record_consent"):
    """Agree, refuse, or withdraw (`granted` false after it was true)."""

    ref: Ref
    granted: bool
    text_version: Annotated[str, Meta(min_length=1, max_length=32)]


class RecordStop(Message, tag="record_stop"):
    """Stop recording; recording again means asking again."""

    ref: Ref


Command = (
    Enter
    | Admit
    | Remove
    | Hold
    | Resume
    | Supervise
    | Chat
    | Leave
    | End
    | RecordAsk
    | RecordConsent
    | RecordStop
)
