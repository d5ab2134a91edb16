"""The signaling socket of one leg: parse, call a service or relay, reply. Holds no rules."""

import asyncio
import logging
from dataclasses import replace
from typing import Any
from uuid import UUID

from channels.consumer import AsyncConsumer
from channels.db import database_sync_to_async
from django.conf import settings
from django.db import Error as DatabaseError

from calls import protocol, wire
from calls.consumers import commands, watch
from calls.consumers.joining import Credentials, Identity
from calls.consumers.limits import ErrorRate, MessageRate, people
from calls.consumers.outbox import Send
from calls.consumers.routes import RoutePolicy
from calls.consumers.samples import SampleKeeper
from calls.consumers.telling import GO_ON_SECS, Told
from calls.consumers.together import desk
from calls.protocol import CloseCode, ErrorCode
from calls.sdp import sdp_fault
from calls.services import news
from calls.services.changes import Joined
from calls.services.errors import CallError, Gone, NotAPeer, WrongState
from calls.services.lifecycle import Enter, Leave
from calls.services.peers import may_send_to
from calls.services.presence import Drop, TokenRefused
from calls.wire import ProtocolError

logger = logging.getLogger(__name__)


class CallConsumer(Told, AsyncConsumer):
    """One socket: a plain loop that reads. What it is told is the half above.

    A consumer as Channels knows it, but for how it is called: Channels would run two tasks and a
    channel of its own for each socket, and look up a method for each message.
    """

    def begin(self, scope: dict[str, Any], send: Send) -> None:
        super().begin(scope, send)
        self.credentials = Credentials(scope)
        self.role = ""
        self._messages = MessageRate()
        self._of_person: MessageRate | None = None
        self._errors = ErrorRate()
        self._routes = RoutePolicy()
        self._samples = SampleKeeper(self.refuse)
        # Asked once a socket, not once a message.
        self._relay_only = settings.RELAY_ONLY

    # --- The socket's own life --------------------------------------------------------------------
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """From the handshake to the end. A plain loop: no task and no queue of its own."""
        self.begin(scope, send)
        await receive()
        await send({"type": "websocket.accept"})
        if self.credentials.are_none:
            self.shut(CloseCode.SIGNED_OUT)
        loop = asyncio.get_running_loop()
        silence = loop.call_later(protocol.HELLO_TIMEOUT_SECS, self._silent)
        restarted = False
        try:
            while (event := await receive())["type"] == "websocket.receive":
                if not self.outbox.closed:
                    await self._receive(event.get("text"))
            restarted = event.get("code") == CloseCode.RESTART
        finally:
            silence.cancel()
            await self._clean_up(keeps_place=restarted or self._hub.restarting)

    def _silent(self) -> None:
        if self.leg_id is None:
            self.shut(CloseCode.SILENT)

    async def _clean_up(self, *, keeps_place: bool) -> None:
        """A planned restart keeps the leg as it is: its page is back at once, or the sweep sees."""
        self.outbox.closed = True
        if self.leg_id is None or self.who is None:
            return
        self._hub.leave(self)
        if keeps_place or self.left or self.gone:
            return
        drop = Drop(self.call_id, self.who.participant_id, self.leg_id, self.epoch)
        try:
            await desk().changes.ask(drop)
        except DatabaseError:
            logger.exception("leg %s not dropped; the sweep does it", self.leg_id)

    # --- What comes in ----------------------------------------------------------------------------
    async def _receive(self, text: str | None) -> None:
        if text is None:
            self.shut(CloseCode.BINARY)
        elif len(text) > protocol.MAX_MESSAGE_BYTES // 4 and _is_too_big(text):
            self.shut(CloseCode.TOO_BIG)
        elif self._messages.allows() and (self._of_person is None or self._of_person.allows()):
            await self._handle(text)
        else:
            self._too_fast()

    def _too_fast(self) -> None:
        if self._messages.exhausted or (self._of_person and self._of_person.exhausted):
            self.shut(CloseCode.TOO_FAST)
        else:
            self.refuse(ErrorCode.RATE, "Too many messages; slow down.")

    async def _handle(self, text: str) -> None:
        message: protocol.Message | None = None
        try:
            message = wire.parse(text)
            if isinstance(message, protocol.Signal):
                self._relay(message)
            else:
                await self._act(message)
        except ProtocolError as fault:
            self.refuse_fault(fault, message)
            if self._errors.count():
                self.shut(CloseCode.MALFORMED)
        except CallError as fault:
            self.refuse(fault.code, fault.detail, ref=getattr(message, "ref", None))
        except Exception:
            # Whatever it was: this socket, and everyone else's, stays.
            logger.exception("message refused in call %s", self.call_id)
            detail = "The server cannot do that now; try again."
            self.refuse(ErrorCode.UNAVAILABLE, detail, ref=getattr(message, "ref", None))

    async def _act(self, message: protocol.Message) -> None:
        if isinstance(message, protocol.Hello):
            await self._hello(message)
        elif self.leg_id is None:
            raise ProtocolError(ErrorCode.BAD_STATE, "Say hello first.")
        elif isinstance(message, protocol.Ping):
            self.tell(protocol.Pong(now=news.now_iso()))
        elif isinstance(message, protocol.Sample):
            self._samples.take(self.leg_id, message)
        elif isinstance(message, protocol.Command):
            await self._command(message)

    async def _hello(self, message: protocol.Hello) -> None:
        """1. Who is it? 2. May they open another socket? 3. A leg, and what is new."""
        if self.leg_id is not None:
            raise ProtocolError(ErrorCode.BAD_STATE, "You said hello already.")
        self.last_seq = message.last_seq
        try:
            who = self.credentials.by_token(message, self.call_id)
            if who is not None and await self._take_leg(who, message.leg):
                return
            found = await self.credentials.look_up(self.call_id)
            if isinstance(found, int):
                self.shut(found)
            else:
                await self._take_leg(found, message.leg)
        except DatabaseError:
            logger.exception("no leg for a socket of call %s", self.call_id)
            self.shut(CloseCode.RESTART)

    async def _take_leg(self, who: Identity, wanted: UUID | None) -> bool:
        """Speak for a leg of `who` from now on; False if their token is refused."""
        if self.who is None and not people().opens(who.user_id):
            self.shut(CloseCode.TOO_FAST)
            return True
        join = who.join(self.call_id, wanted, self.last_seq)
        joined = await desk().changes.ask(join)
        if isinstance(joined, TokenRefused):
            return False
        if isinstance(joined, Gone):
            self.shut(CloseCode.NO_SUCH_CALL)
        elif isinstance(joined, WrongState):
            await self._history_only(who.participant_id)
        elif isinstance(joined, Joined) and not self.outbox.closed:
            await self._speak_for(joined, who, resumed=joined.leg_id == wanted)
        return True

    async def _speak_for(self, joined: Joined, who: Identity, *, resumed: bool) -> None:
        # Whoever comes back after leaving had another leg.
        self._hub.leave(self)
        self.who = who
        self.leg_id, self.epoch, self.role = joined.leg_id, joined.epoch, joined.role
        self.start_over(resumed=resumed)
        self._of_person = people().messages(who.user_id)
        self.tell(joined.welcome)
        if joined.news is None:
            self.wake()
        else:
            self.tell_news(joined.news)
        watch.start()
        # Last, for it may wait for Redis: what was read before would be old news by then.
        await self._hub.join(self)

    async def _history_only(self, participant_id: UUID) -> None:
        """The visit is over: tell what happened and close."""
        read = database_sync_to_async(news.history_of)
        for fact in await read(participant_id, self.last_seq):
            if self.outbox.has_plenty:
                await asyncio.sleep(GO_ON_SECS)
            self.tell(fact)
        self.shut(CloseCode.ENDED)

    async def _command(self, message: protocol.Command) -> None:
        assert self.leg_id is not None
        assert self.who is not None
        if isinstance(message, protocol.Enter) and self.left:
            # The leg was closed by leaving: coming back takes a new one.
            await self._take_leg(replace(self.who, token_leg=None), None)
        leaves = isinstance(message, protocol.Leave)
        # Set before the leg closes: the news of that must not look like another tab's doing.
        had_left, self.left = self.left, self.left or leaves
        try:
            seq = await self._carry_out(message, self.who.participant_id, self.leg_id)
        except CallError:
            self.left = had_left
            raise
        self.tell(protocol.Ok(ref=message.ref, seq=seq))

    async def _carry_out(self, message: protocol.Command, me: UUID, leg_id: UUID) -> int:
        if isinstance(message, protocol.Enter):
            outcome = await desk().changes.ask(Enter(self.call_id, me, leg_id, message.ref))
        elif isinstance(message, protocol.Leave):
            outcome = await desk().changes.ask(Leave(self.call_id, me, leg_id, message.ref))
        else:
            carry_out = database_sync_to_async(commands.carry_out)
            outcome = await carry_out(message, participant_id=me)
        if isinstance(outcome, CallError):
            raise outcome
        assert isinstance(outcome, int)
        return outcome

    # --- Signals ----------------------------------------------------------------------------------
    def _relay(self, signal: protocol.Signal) -> None:
        if self.leg_id is None:
            raise ProtocolError(ErrorCode.BAD_STATE, "Say hello first.")
        if isinstance(signal, protocol.Description) and (fault := sdp_fault(signal.sdp)):
            raise ProtocolError(ErrorCode.BAD_SDP, fault)
        receiver = signal.leg
        peer = self.peers.get(receiver)
        if peer is None:
            raise NotAPeer("You may not signal with this leg now.")
        if not may_send_to(peer, signal):
            # Its number is to be blanked: kept for later, it would hold up what connecting takes.
            refusal = ProtocolError(ErrorCode.NOT_A_PEER, "Nothing may be sent to this leg now.")
            self.refuse_fault(refusal, signal)
            return
        self.pairs.check(signal)
        if self._relay_only:
            signal = self._routes.permitted(signal, role=self.role)
        is_offer = isinstance(signal, protocol.Description) and signal.type == "offer"
        offer = signal.n if is_offer else None
        signal.leg = self.leg_id
        text = wire.encode(signal)
        self._hub.relay(self.call_id, sender=self.leg_id, receiver=receiver, text=text, offer=offer)


def _is_too_big(text: str) -> bool:
    return len(text.encode("utf-8", "surrogatepass")) > protocol.MAX_MESSAGE_BYTES
