"""The socket of a wallboard's page: told when to look again, and nothing of anybody."""

from accounts.models import User
from calls.consumers.desk import DeskConsumer
from calls.consumers.desk_watch import Watch
from calls.permissions import may_supervise


class BoardConsumer(DeskConsumer):
    """One wallboard. It makes nobody present at a desk."""

    def may_open(self, user: User) -> bool:
        return may_supervise(user)

    async def join(self, watch: Watch) -> None:
        await watch.add_board(self)

    async def part(self, watch: Watch) -> None:
        watch.remove_board(self)
