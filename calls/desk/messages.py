"""What the desk's socket says. Agents answer by HTTP, so nothing but `ping` comes the other way.

`manage.py messages` writes static/js/desk/messages.js and the tables of docs/protocol.md from it.
"""

from uuid import UUID

import msgspec


class DeskMessage(msgspec.Struct, tag_field="t", omit_defaults=True):
    """A message to a page of the desk. Times are ISO 8601 in UTC."""


class Ringing(msgspec.Struct):
    """An offer that rings at this agent's desk.

    `kind` is `routed` or `consult`; `why` names the router's reason; `contact` is `live`,
    `callback` or `message`; `since` is when the person came.
    """

    offer: UUID
    entry: UUID
    kind: str
    name: str
    subject: str
    queue: str
    media: str
    contact: str
    language: str
    since: str
    rings_until: str
    why: str
    note: str
    asked_by: str


class Consult(msgspec.Struct):
    """The colleague who was asked into a talk last: `state` is `ringing`, `accepted`, `declined`,
    `missed` or `withdrawn`."""

    colleague: UUID
    name: str
    state: str


class Talk(msgspec.Struct):
    """A contact that this agent has in hand; `wraps_up_until` once only after-call work is left.

    `advises`: this agent was asked in, and another one leads. `consult`: whom this agent asked in.
    """

    handling: int
    entry: UUID
    call: UUID
    name: str
    queue: str
    media: str
    contact: str
    since: str
    wraps_up_until: str | None
    advises: bool = False
    consult: Consult | None = None


class Line(msgspec.Struct):
    """One of the agent's queues: how many wait, and since when the first of them does."""

    queue: UUID
    name: str
    waiting: int
    since: str | None


class Desk(DeskMessage, tag="desk"):
    """All that the page shows of the desk; comes whole whenever a part of it has changed.

    `revision` changes with the list of those who wait, which the page then asks for.
    """

    now: str
    state: str
    wanted: str
    since: str
    ringing: Ringing | None
    talks: list[Talk]
    line: list[Line]
    revision: str


class Board(DeskMessage, tag="board"):
    """To a wallboard: what it shows has changed since another `mark`; it then asks for it."""

    now: str
    mark: str


class Pong(DeskMessage, tag="pong"):
    """The answer to `ping`."""

    now: str


DeskServerMessage = Desk | Board | Pong
