"""Where people go on to when a queue lets them wait no longer."""

from uuid import UUID

from calls.models import Queue


def circle(queue_id: UUID, overflow_id: UUID) -> list[str]:
    """The names along the way that leads back to the queue, or none if there is no such way.

    A circle further on, which this queue only leads into, is one as well. One query.
    """
    rows = Queue.objects.order_by().values_list("pk", "name", "overflow_id")
    names = {pk: name for pk, name, _ in rows}
    after = {pk: overflow for pk, _, overflow in rows} | {queue_id: overflow_id}
    way: list[UUID] = []
    here: UUID | None = queue_id
    while here is not None and here not in way:
        way.append(here)
        here = after.get(here)
    if here is None:
        return []
    return [names.get(pk, "…") for pk in [*way[way.index(here) :], here]]
