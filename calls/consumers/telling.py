"""What a socket is told: facts in order, its peers, its relays, and signals of other legs."""

import asyncio
import logging
import time
from typing import Any
from uuid import UUID

from django.db import Error as DatabaseError
from django.utils import timezone

from calls import protocol, wire
from calls.consumers.joining import Identity
from calls.consumers.limits import PairRules
from calls.consumers.outbox import Outbox, Send
from calls.consumers.together import desk
from calls.protocol import CloseCode, ErrorCode
from calls.services import news, relays
from calls.services.news import Asker, News
from calls.signaling import hub
from calls.wire import ProtocolError

logger = logging.getLogger(__name__)

# A database that was away is asked again after this long.
ASK_AGAIN_SECS = 1.0
# The rest of a long history waits this long for the network.
GO_ON_SECS = 0.1
# Signals of legs that are not known yet; those over it come again.
MOST_HELD = 100


class Told:
    """The outgoing half of a socket. It has no task: what is new is put into the outbox at once."""

    def begin(self, scope: dict[str, Any], send: Send) -> None:
        """Take the socket of `scope`, of which nothing has been said yet."""
        self.call_id: UUID = scope["url_route"]["kwargs"]["call_id"]
        self.outbox = Outbox(scope, send)
        self._hub = hub()
        self.who: Identity | None = None
        self.leg_id: UUID | None = None
        self.epoch = 0
        self.last_seq = 0
        self.peers: dict[UUID, protocol.Peer] = {}
        self.left = False
        self.gone = False
        self.pairs = PairRules()
        self._peers_told = False
        self.ice_until: float | None = None
        self._asked = False
        self._stale = False
        self._later: asyncio.TimerHandle | None = None
        self._place: protocol.Place | None = None
        self._held: list[tuple[UUID, str, int | None]] = []

    def start_over(self, *, resumed: bool) -> None:
        """Another leg speaks here from now on: what was told belongs to the one before."""
        self.peers, self._peers_told = {}, False
        self.left = self.gone = False
        self.ice_until = None
        self.pairs = PairRules(resumed=resumed)

    def shut(self, code: int) -> None:
        """Close the socket with `code`; said once, nothing is sent after it."""
        self.outbox.close(code)
        # Signals for this leg may go to its next socket, in whichever process that is.
        self._hub.leave(self)

    def tell(self, message: protocol.Message) -> None:
        self.outbox.put(wire.encode(message))

    def refuse(self, code: ErrorCode, detail: str, *, ref: str | None = None) -> None:
        self.tell(protocol.Error(code=code, detail=detail, ref=ref))

    def refuse_fault(self, fault: ProtocolError, message: protocol.Message | None) -> None:
        """A numbered signal that is refused for good is named, for its sender to blank it."""
        leg, n = fault.leg, fault.n
        if isinstance(message, protocol.Signal) and not isinstance(message, protocol.Ack):
            leg, n = message.leg, message.n
        self.tell(protocol.Error(code=fault.code, detail=fault.detail, ref=fault.ref, leg=leg, n=n))

    def wake(self) -> None:
        """Read what is new, once more if that is being done already."""
        if self._asked:
            self._stale = True
        elif self.leg_id is not None and self.who is not None and not self.outbox.closed:
            self._asked, self._stale = True, False
            me = self.who.participant_id
            asker = Asker(self.call_id, me, self.leg_id, self.epoch, self.last_seq)
            desk().news.ask(asker).add_done_callback(lambda answer: self._answered(asker, answer))

    def _wake_later(self, secs: float) -> None:
        """One timer a socket, however many times what is new could not be told meanwhile."""
        if self._later is None:
            self._later = asyncio.get_running_loop().call_later(secs, self._wake_now)

    def _wake_now(self) -> None:
        self._later = None
        self.wake()

    def _answered(self, asker: Asker, answer: "asyncio.Future[News]") -> None:
        self._asked = False
        fault = None if answer.cancelled() else answer.exception()
        if answer.cancelled() or self.outbox.closed:
            return
        if isinstance(fault, DatabaseError):
            logger.error("facts of call %s not read: %s", self.call_id, type(fault).__name__)
            self._wake_later(ASK_AGAIN_SECS)
        elif fault is not None:
            logger.error("telling of call %s stopped", self.call_id, exc_info=fault)
            self.shut(CloseCode.RESTART)
        elif asker.leg_id == self.leg_id:
            self.tell_news(answer.result())
        if self._stale:
            self.wake()

    def tell_news(self, told: News) -> None:
        for fact in told.facts:
            if self.outbox.has_plenty:
                self._wake_later(GO_ON_SECS)
                return
            self.tell(fact)
            self.last_seq = fact.seq
        if told.entered:
            self.refresh_ice()
        peers = {peer.leg: peer for peer in told.peers}
        if peers != self.peers or not self._peers_told:
            for gone in self.peers.keys() - peers.keys():
                self.pairs.forget(gone)
            self.peers, self._peers_told = peers, True
            self.tell(protocol.Peers(peers=told.peers))
        held, self._held = self._held, []
        for sender, text, offer in held:
            if sender in peers:
                self._pass_on(sender, text, offer)
        self._end_with(told)

    def _end_with(self, told: News) -> None:
        self.gone = not told.leg_open
        if told.ended:
            self.shut(CloseCode.ENDED)
        elif told.removed:
            self.shut(CloseCode.FORBIDDEN)
        elif not (told.leg_open or self.left):
            self.shut(CloseCode.REPLACED if told.replaced else CloseCode.RESTART)
        elif len(told.facts) == news.MOST_FACTS:
            self.wake()

    def refresh_ice(self) -> None:
        """Name the servers for connections once the leg has entered, and again in good time."""
        if self.leg_id is not None and (self.ice_until is None or self.ice_until <= time.time()):
            now = timezone.now()
            self.tell(relays.ice_for(self.leg_id, now=now))
            self.ice_until = relays.refresh_at(now)

    def tell_place(self, place: protocol.Place | None) -> None:
        """Where the person stands in a queue, None for nowhere, if that is not what they were told
        last."""
        if place is None:
            if self._place is None:
                return
            place = protocol.Place(number=0, rings=False, agents=0)
        if place != self._place and self.leg_id is not None:
            self._place = place
            self.tell(place)

    # --- Signals of other legs --------------------------------------------------------------------
    def deliver(self, sender: UUID, text: str, offer: int | None) -> None:
        """A signal from another leg; held back until this side knows that leg as a peer too."""
        if sender not in self.peers or self._held:
            if len(self._held) < MOST_HELD:
                self._held.append((sender, text, offer))
            if sender not in self.peers:
                self.wake()
            return
        self._pass_on(sender, text, offer)

    def _pass_on(self, sender: UUID, text: str, offer: int | None) -> None:
        if offer is not None:
            self.pairs.offered_by(sender, offer)
        self.outbox.put(text)
