"""The states of a place in a queue, of an offer and of an agent at the desk."""

from collections.abc import Mapping
from enum import StrEnum


class EntryKind(StrEnum):
    """`live`: somebody waits now. `callback`: their place waits for them. `message`: a letter."""

    LIVE = "live"
    CALLBACK = "callback"
    MESSAGE = "message"


class EntryState(StrEnum):
    """`left`: gave the place up, or was gone too long. `closed`: the queue closed before."""

    WAITING = "waiting"
    RINGING = "ringing"
    ANSWERED = "answered"
    DONE = "done"
    LEFT = "left"
    CLOSED = "closed"


class RingState(StrEnum):
    """Of an offer that rings at one agent's desk."""

    RINGING = "ringing"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    MISSED = "missed"
    WITHDRAWN = "withdrawn"


class AgentState(StrEnum):
    """What an agent does. *Busy* and *After-call work* come with a conversation, not by choice."""

    AVAILABLE = "available"
    BUSY = "busy"
    AFTER_CALL = "after_call"
    BREAK = "break"
    OFFLINE = "offline"


class HandlingState(StrEnum):
    """One agent's part in a contact; `wrapping_up` ends with the note, or by the queue's time."""

    TALKING = "talking"
    WRAPPING_UP = "wrapping_up"
    DONE = "done"


ENTRY: Mapping[EntryState, frozenset[EntryState]] = {
    # Done without an answer: a booked visit whose own agent came after all.
    EntryState.WAITING: frozenset(
        {EntryState.RINGING, EntryState.LEFT, EntryState.CLOSED, EntryState.DONE}
    ),
    EntryState.RINGING: frozenset(
        {
            EntryState.WAITING,
            EntryState.ANSWERED,
            EntryState.LEFT,
            EntryState.CLOSED,
            EntryState.DONE,
        }
    ),
    # Back to waiting when it is handed on to another queue or agent.
    EntryState.ANSWERED: frozenset({EntryState.WAITING, EntryState.DONE}),
    # A booked visit whose own agent came, and was lost before anybody had answered.
    EntryState.DONE: frozenset({EntryState.WAITING}),
    EntryState.LEFT: frozenset(),
    EntryState.CLOSED: frozenset(),
}

RING: Mapping[RingState, frozenset[RingState]] = {
    RingState.RINGING: frozenset(
        {RingState.ACCEPTED, RingState.DECLINED, RingState.MISSED, RingState.WITHDRAWN}
    ),
    RingState.ACCEPTED: frozenset(),
    RingState.DECLINED: frozenset(),
    RingState.MISSED: frozenset(),
    RingState.WITHDRAWN: frozenset(),
}

AGENT: Mapping[AgentState, frozenset[AgentState]] = {
    AgentState.OFFLINE: frozenset({AgentState.AVAILABLE, AgentState.BREAK, AgentState.BUSY}),
    AgentState.AVAILABLE: frozenset({AgentState.BUSY, AgentState.BREAK, AgentState.OFFLINE}),
    AgentState.BUSY: frozenset(
        {AgentState.AFTER_CALL, AgentState.AVAILABLE, AgentState.BREAK, AgentState.OFFLINE}
    ),
    AgentState.AFTER_CALL: frozenset(
        {AgentState.AVAILABLE, AgentState.BUSY, AgentState.BREAK, AgentState.OFFLINE}
    ),
    AgentState.BREAK: frozenset({AgentState.AVAILABLE, AgentState.BUSY, AgentState.OFFLINE}),
}

HANDLING: Mapping[HandlingState, frozenset[HandlingState]] = {
    HandlingState.TALKING: frozenset({HandlingState.WRAPPING_UP, HandlingState.DONE}),
    HandlingState.WRAPPING_UP: frozenset({HandlingState.DONE}),
    HandlingState.DONE: frozenset(),
}

# What agents choose for themselves; the rest follows from what they do.
CHOICES = (AgentState.AVAILABLE, AgentState.BREAK, AgentState.OFFLINE)
IN_LINE = (EntryState.WAITING, EntryState.RINGING)
OPEN_ENTRIES = (*IN_LINE, EntryState.ANSWERED)
