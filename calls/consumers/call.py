"""The signaling socket of one leg: parse, call a service or relay, reply. Holds no rules."""

import asyncio
import logging
from typing import Any
from uuid import UUID

import msgspec
from channels.db import database_sync_to_async
from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import Error as DatabaseError

from calls import protocol
from calls.consumers import commands, watch
from calls.consumers.limits import ErrorRate, MessageRate, PairRules
from calls.consumers.routes import RoutePolicy
from calls.consumers.samples import SampleKeeper
from calls.models import Participant
from calls.protocol import CloseCode, ErrorCode, ProtocolError
from calls.sdp import sdp_fault
from calls.services import attendance, presence
from calls.services.errors import CallError, NotAPeer, WrongState
from calls.signaling import hub

logger = logging.getLogger(__name__)


class CallConsumer(AsyncWebsocketConsumer):
    """One socket. Its task `_tell` is the only one that sends facts, so they go out in order."""

    # Wake-ups and relays come from the process's hub: a layer of its own would end this socket
    # whenever Redis restarts.
    channel_layer_alias = "none"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.participant: Participant | None = None
        self.leg_id: UUID | None = None
        self.epoch = 0
        self.user_id: UUID | None = None
        self.account_role = ""
        self.session_key = ""
        self.last_seq = 0
        self.peers: list[protocol.Peer] | None = None
        self.closed = False
        self.left = False
        self._messages = MessageRate()
        self._errors = ErrorRate()
        self._pairs = PairRules()
        self._routes = RoutePolicy()
        self._samples = SampleKeeper(self.refuse)
        self._news = asyncio.Event()
        self._stale = False
        self._held: list[tuple[UUID, str]] = []
        self._tasks: list[asyncio.Task[None]] = []

    # --- The socket's own life --------------------------------------------------------------------
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._clean_up()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """As the base does, without its check of old connections in the database's thread."""
        handlers = {
            "websocket.connect": self.websocket_connect,
            "websocket.receive": self.websocket_receive,
            "websocket.disconnect": self.websocket_disconnect,
        }
        await handlers[message["type"]](message)

    async def connect(self) -> None:
        self.call_id: UUID = self.scope["url_route"]["kwargs"]["call_id"]
        await self.accept()
        try:
            refusal = await self._identify()
        except DatabaseError:
            logger.exception("socket of call %s not identified", self.call_id)
            refusal = CloseCode.RESTART
        if refusal is not None:
            await self.shut(refusal)
            return
        self._tasks.append(asyncio.create_task(self._silence()))

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    async def shut(self, code: int) -> None:
        """Close the socket with `code`; said once, nothing is sent after it."""
        if not self.closed:
            self.closed = True
            await self.close(code=code)

    async def _identify(self) -> int | None:
        """Find the participant; returns the close code if there is none."""
        bearer = dict(self.scope["headers"]).get(b"authorization", b"").decode("latin-1")
        user = self.scope["user"]
        if bearer.startswith("Bearer "):
            find = database_sync_to_async(attendance.recorder_in_call)
            self.participant = await find(bearer.removeprefix("Bearer "), self.call_id)
        elif user.is_authenticated:
            self.user_id, self.account_role = user.pk, user.role
            self.session_key = self.scope["session"].session_key or ""
            find_person = database_sync_to_async(attendance.person_in_call)
            self.participant = await find_person(user, self.call_id)
        else:
            return CloseCode.SIGNED_OUT
        return None if self.participant else CloseCode.NO_SUCH_CALL

    async def _silence(self) -> None:
        await asyncio.sleep(protocol.HELLO_TIMEOUT_SECS)
        if self.leg_id is None:
            await self.shut(CloseCode.SILENT)

    async def _clean_up(self) -> None:
        self.closed = True
        for task in self._tasks:
            task.cancel()
        if self.leg_id is not None:
            hub().leave(self)
            await database_sync_to_async(presence.drop)(self.leg_id, epoch=self.epoch)

    # --- What comes in ----------------------------------------------------------------------------
    async def websocket_receive(self, message: dict[str, Any]) -> None:
        text = message.get("text")
        if self.closed or self.participant is None:
            return
        if text is None:
            await self.shut(CloseCode.BINARY)
        elif len(text.encode()) > protocol.MAX_MESSAGE_BYTES:
            await self.shut(CloseCode.TOO_BIG)
        elif not self._messages.allows():
            await self._too_fast()
        else:
            await self._handle(text)

    async def _too_fast(self) -> None:
        if self._messages.exhausted:
            await self.shut(CloseCode.TOO_FAST)
        else:
            await self.refuse(ErrorCode.RATE, "Too many messages; slow down.")

    async def _handle(self, text: str) -> None:
        ref = None
        try:
            message = protocol.parse(text)
            ref = getattr(message, "ref", None)
            await self._act(message)
        except ProtocolError as fault:
            await self.refuse(fault.code, fault.detail, ref=fault.ref)
            if self._errors.count():
                await self.shut(CloseCode.MALFORMED)
        except CallError as fault:
            await self.refuse(fault.code, fault.detail, ref=ref)
        except Exception:
            # Whatever it was: this socket, and everyone else's, stays.
            logger.exception("message refused in call %s", self.call_id)
            await self.refuse(
                ErrorCode.UNAVAILABLE, "The server cannot do that now; try again.", ref=ref
            )

    async def _act(self, message: protocol.Message) -> None:
        if isinstance(message, protocol.Hello):
            await self._hello(message)
        elif self.leg_id is None:
            raise ProtocolError(ErrorCode.BAD_STATE, "Say hello first.")
        elif isinstance(message, protocol.Ping):
            await self.tell(protocol.Pong(now=attendance.now_iso()))
        elif isinstance(message, protocol.Signal):
            await self._relay(message)
        elif isinstance(message, protocol.Sample):
            self._samples.take(self.leg_id, message)
        elif isinstance(message, protocol.Command):
            await self._command(message)

    async def _hello(self, message: protocol.Hello) -> None:
        if self.leg_id is not None:
            raise ProtocolError(ErrorCode.BAD_STATE, "You said hello already.")
        try:
            await self._take_leg(message.leg)
        except WrongState:
            await self._history_only(message.last_seq)
            return
        except DatabaseError:
            logger.exception("no leg for a socket of call %s", self.call_id)
            await self.shut(CloseCode.RESTART)
            return
        self.last_seq = message.last_seq
        self._tasks.append(asyncio.create_task(self._tell_news()))
        watch.start()

    async def _take_leg(self, wanted: UUID | None) -> None:
        assert self.participant is not None
        leg = await database_sync_to_async(attendance.connect)(self.participant, wanted)
        leg.participant = self.participant
        self.leg_id, self.epoch = leg.pk, leg.epoch
        self.peers = None
        self.left = False
        self._pairs = PairRules(resumed=leg.pk == wanted)
        await self.tell(await database_sync_to_async(attendance.welcome)(leg))
        await hub().join(self)
        self.wake()

    async def _history_only(self, last_seq: int) -> None:
        """The visit is over: tell what happened and close."""
        for fact in await database_sync_to_async(attendance.history)(self.participant, last_seq):
            await self.tell(fact)
        await self.shut(CloseCode.ENDED)

    async def _command(self, message: protocol.Command) -> None:
        assert self.leg_id is not None
        assert self.participant is not None
        if isinstance(message, protocol.Enter) and self.left:
            # The leg was closed by leaving: coming back takes a new one.
            hub().leave(self)
            await self._take_leg(None)
        leaves = isinstance(message, protocol.Leave)
        # Set before the leg closes: the news of that must not look like another tab's doing.
        self.left = self.left or leaves
        carry_out = database_sync_to_async(commands.carry_out)
        try:
            seq = await carry_out(message, participant=self.participant, leg_id=self.leg_id)
        except CallError:
            self.left = self.left and not leaves
            raise
        await self.tell(protocol.Ok(ref=message.ref, seq=seq))

    # --- Signals ----------------------------------------------------------------------------------
    async def _relay(self, signal: protocol.Signal) -> None:
        if isinstance(signal, protocol.Description) and (fault := sdp_fault(signal.sdp)):
            raise ProtocolError(ErrorCode.BAD_SDP, fault)
        if not self._is_peer(signal.leg):
            raise NotAPeer("You may not signal with this leg now.")
        self._pairs.check(signal)
        assert self.leg_id is not None
        assert self.participant is not None
        signal = self._routes.permitted(signal, role=self.participant.role)
        receiver = signal.leg
        text = protocol.encode(msgspec.structs.replace(signal, leg=self.leg_id))
        await hub().relay(self.call_id, sender=self.leg_id, receiver=receiver, text=text)

    def deliver(self, sender: UUID, text: str) -> None:
        """A signal from another leg; held back until this side knows that leg as a peer too."""
        self._held.append((sender, text))
        self._news.set()
        if not self._is_peer(sender):
            self._stale = True

    async def _pass_on(self) -> None:
        held, self._held = self._held, []
        for sender, text in held:
            if self._is_peer(sender):
                if '"type":"offer"' in text:
                    self._pairs.offered_by(sender)
                await self.send(text_data=text)

    def _is_peer(self, leg_id: UUID) -> bool:
        return any(peer.leg == leg_id for peer in self.peers or ())

    # --- What goes out ----------------------------------------------------------------------------
    def wake(self) -> None:
        self._stale = True
        self._news.set()

    async def tell(self, message: protocol.Message) -> None:
        if not self.closed:
            await self.send(text_data=protocol.encode(message))

    async def refuse(self, code: ErrorCode, detail: str, *, ref: str | None = None) -> None:
        await self.tell(protocol.Error(code=code, detail=detail, ref=ref))

    async def _tell_news(self) -> None:
        try:
            while not self.closed:
                await self._news.wait()
                self._news.clear()
                if self._stale:
                    self._stale = False
                    await self._catch_up()
                await self._pass_on()
        except Exception:
            logger.exception("telling of call %s stopped; the client connects anew", self.call_id)
            await self.shut(CloseCode.RESTART)

    async def _catch_up(self) -> None:
        """Read and send what is new; a database that is away is asked again by the next wake-up."""
        try:
            leg_id = self.leg_id
            news = await database_sync_to_async(attendance.news)(leg_id, self.last_seq)
        except DatabaseError:
            logger.exception("facts of call %s not read", self.call_id)
            return
        if leg_id != self.leg_id:
            return  # a new leg was taken meanwhile, and it has its own wake-up
        for fact in news.facts:
            await self.tell(fact)
            self.last_seq = fact.seq
        if news.peers != self.peers:
            self.peers = news.peers
            await self.tell(protocol.Peers(peers=news.peers))
        if news.ended:
            await self.shut(CloseCode.ENDED)
        elif news.removed:
            await self.shut(CloseCode.FORBIDDEN)
        elif not (news.leg_open or self.left):
            await self.shut(CloseCode.REPLACED if news.replaced else CloseCode.RESTART)
        elif len(news.facts) == attendance.MOST_FACTS:
            self.wake()
