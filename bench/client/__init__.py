"""A small client of the signaling protocol, written from docs/protocol.md alone.

Nothing here comes from `calls`: what the page does not say, this client does not know. The load
generator of the signaling benchmark, the trials of `make lab` and one test with a browser on the
other side are built on it.

    async with Call(visitor.socket_url(call), headers=visitor.headers) as me:
        await me.command("enter")
        peer = await me.peer("patient")
        me.link(peer["leg"]).send("media", audio=True, video=True)
"""

from bench.client.call import Call, Closed, Refused
from bench.client.link import Link
from bench.client.page import Visitor
from bench.client.socket import HandshakeRefused, WebSocket

__all__ = ["Call", "Closed", "HandshakeRefused", "Link", "Refused", "Visitor", "WebSocket"]
