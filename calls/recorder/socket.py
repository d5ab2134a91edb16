"""The recorder's end of the signaling socket: connects, says hello, comes back when it is lost."""

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

import msgspec
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidURI

from calls import protocol, wire
from calls.protocol import Ack, CloseCode, Description, Fact, Message, Peers, Welcome
from calls.recorder.links import Link, Numbered
from calls.recorder.pulse import Pulse

logger = logging.getLogger(__name__)

FIRST_RETRY_SECS = 0.2
LAST_RETRY_SECS = 2.0
RESEND_TICK_SECS = 0.1


class SignalingSocket:
    """Speaks calls/protocol.py for one leg and keeps its signals reliable (links.py).

    `heard` gets every welcome, fact, list of peers and signal, signals once each and in order.
    """

    def __init__(
        self,
        url: str,
        token: Callable[[], Awaitable[str]],
        heard: Callable[[Message], Awaitable[None]],
    ) -> None:
        self._url = url
        self._token = token
        self._heard = heard
        self._leg: UUID | None = None
        self._last_seq = 0
        self._links: dict[UUID, Link] = {}
        self._is_resuming = False  # from a welcome until the server has told the peers
        self._connection: ClientConnection | None = None

    async def run(self) -> None:
        """Stay connected until the call has ended, or this is cancelled."""
        retry_secs = FIRST_RETRY_SECS
        while True:
            connected_at = time.monotonic()
            code = await self._stay()
            if code == CloseCode.ENDED:
                return
            if time.monotonic() - connected_at > LAST_RETRY_SECS:
                retry_secs = FIRST_RETRY_SECS
            logger.info("signaling socket lost (%s); again in %.1f s", code, retry_secs)
            await asyncio.sleep(retry_secs * random.uniform(0.8, 1.2))  # noqa: S311
            retry_secs = min(2 * retry_secs, LAST_RETRY_SECS)

    async def signal(self, signal: Numbered) -> None:
        """Send a signal to its leg, now and until it is acknowledged."""
        link = self._links.setdefault(signal.leg, Link())
        await self._send_all(link.send(signal, now=time.monotonic()))

    async def _stay(self) -> int | None:
        """One connection, from hello to its end; returns the close code, None if there was none."""
        try:
            headers = {"Authorization": f"Bearer {await self._token()}"}
            async with connect(
                self._url,
                additional_headers=headers,
                compression=None,
                max_size=2 * protocol.MAX_MESSAGE_BYTES,
                open_timeout=5,
                ping_interval=5,
                ping_timeout=10,
                close_timeout=1,
                proxy=None,
            ) as connection:
                self._connection = connection
                await self._send(protocol.Hello(leg=self._leg, last_seq=self._last_seq))
                resender = asyncio.create_task(self._resend())
                try:
                    await self._listen(connection)
                finally:
                    self._connection = None
                    resender.cancel()
                    await asyncio.gather(resender, return_exceptions=True)
                return connection.close_code
        except (OSError, TimeoutError, InvalidHandshake, InvalidURI) as exc:
            logger.info("no signaling socket: %s", type(exc).__name__)
            return None

    async def _listen(self, connection: ClientConnection) -> None:
        """Take what comes until the socket is closed, by whomever."""
        while True:
            try:
                message = wire.parse_server(await connection.recv())
            except ConnectionClosed:
                return
            except msgspec.MsgspecError:
                logger.exception("a message of the server was not understood")
                continue
            await self._take(message)

    async def _take(self, message: Message) -> None:
        if isinstance(message, Ack):
            if (link := self._links.get(message.leg)) is not None:
                await self._send_all(link.acknowledged(message, now=time.monotonic()))
        elif isinstance(message, Numbered):
            link = self._links.setdefault(message.leg, Link())
            for signal in link.receive(message):
                await self._heard(signal)
            await self._send(Ack(leg=message.leg, n=link.delivered))
        else:
            await self._note(message)
            await self._heard(message)

    async def _note(self, message: Message) -> None:
        """What of the server's own messages concerns the connection."""
        if isinstance(message, Welcome):
            if self._leg != message.leg:
                self._links.clear()
            self._leg = message.leg
            self._is_resuming = True
        elif isinstance(message, Fact):
            self._last_seq = max(self._last_seq, message.seq)
            if message.kind == protocol.FactKind.JOINED and not self._is_resuming:
                await self._resume(str(message.data.get("leg")))
        elif isinstance(message, Peers):
            here = {peer.leg for peer in message.peers}
            for leg in set(self._links) - here:
                del self._links[leg]
            if self._is_resuming:
                self._is_resuming = False
                await self._resume()
        elif isinstance(message, protocol.Error):
            logger.warning("the server refused a message: %s %s", message.code, message.detail)
            link = self._links.get(message.leg) if message.leg else None
            if link is not None and message.n:
                await self._send_all(link.refused(message.n, now=time.monotonic()))

    async def _resend(self) -> None:
        pulse = Pulse.of_this_loop()
        while True:
            await pulse.sleep(RESEND_TICK_SECS)
            for link in list(self._links.values()):
                await self._send_all(link.due(time.monotonic()))

    async def _resume(self, other: str = "") -> None:
        """Send again what this side's last socket, or that of the leg `other`, may have lost."""
        for leg, link in list(self._links.items()):
            if other in ("", str(leg)):
                await self._send_all(link.resume(time.monotonic()))

    async def _send_all(self, signals: Iterable[Numbered]) -> None:
        for signal in signals:
            await self._send(signal)

    async def _send(self, message: Message) -> None:
        """Send if there is a connection; signals are kept and sent again by their link."""
        if self._connection is None:
            return
        try:
            await self._connection.send(wire.encode(message))
        except ConnectionClosed:
            logger.debug("not sent: the socket is closing")


def answer_to(offer: Description, sdp: str) -> Description:
    """The answer to an offer, still without its number."""
    return Description(leg=offer.leg, n=1, type="answer", sdp=sdp, to=offer.n)
