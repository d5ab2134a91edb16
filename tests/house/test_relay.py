"""A real coturn with the deployment's configuration: whom it lets in, and to whom it relays."""

import asyncio
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aioice import stun, turn

from calls.ice import ice_servers
from tests.support.servers import free_port, program, wait_for

CONFIGURATION = Path(__file__).resolve().parents[2] / "platform" / "deploy" / "turnserver.conf"
SECRET = "shared-secret"


@pytest.fixture(scope="module")
def relay_port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("coturn")
    port = free_port()
    command = [
        program("turnserver"), "-c", str(CONFIGURATION), "--listening-ip=127.0.0.1",
        f"--listening-port={port}", "--relay-ip=127.0.0.1", "--realm=parlour", "--no-tls",
        "--no-dtls", f"--static-auth-secret={SECRET}", f"--pidfile={folder / 'pid'}",
        f"--userdb={folder / 'db'}",
    ]  # fmt: skip
    log = folder / "log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    try:
        wait_for(lambda: "turn server id=0 created" in log.read_text(), "coturn listens")
        yield port
    finally:
        server.terminate()
        server.wait(timeout=10)


async def permission(port: int, peer: str, *, secret: str = SECRET) -> str:
    """`accepted`, or why the relay refuses to reach `peer`; nothing is sent to the peer."""
    [server] = ice_servers(
        leg="leg",
        expires_at=datetime.now(UTC) + timedelta(minutes=10),
        stun_urls=[],
        turn_urls=[f"turn:127.0.0.1:{port}"],
        turn_secret=secret,
    )
    transport, _ = await turn.create_turn_endpoint(
        asyncio.DatagramProtocol,
        server_addr=("127.0.0.1", port),
        username=server.username,
        password=server.credential,
    )
    request = stun.Message(
        message_method=stun.Method.CREATE_PERMISSION, message_class=stun.Class.REQUEST
    )
    request.attributes["XOR-PEER-ADDRESS"] = (peer, 9)
    try:
        await vars(transport)["_TurnTransport__inner_protocol"].request_with_retry(request)
    except stun.TransactionFailed as error:
        return str(error.response.attributes["ERROR-CODE"][1])
    finally:
        transport.close()
    return "accepted"


@pytest.mark.parametrize(
    "peer",
    ["127.0.0.1", "0.0.0.0", "10.0.0.5", "172.16.0.1", "172.30.77.2", "192.168.1.1",
     "169.254.169.254", "100.64.0.1", "198.18.0.1", "224.0.0.1"],
)  # fmt: skip
async def test_it_reaches_no_private_address(relay_port: int, peer: str) -> None:
    assert await permission(relay_port, peer) == "Forbidden IP"


@pytest.mark.parametrize("peer", ["8.8.8.8", "172.30.77.10"])
async def test_it_reaches_public_addresses_and_the_recorder(relay_port: int, peer: str) -> None:
    assert await permission(relay_port, peer) == "accepted"


async def test_it_lets_nobody_in_who_lacks_the_secret(relay_port: int) -> None:
    with pytest.raises(stun.TransactionFailed) as refused:
        await permission(relay_port, "8.8.8.8", secret="guessed")
    assert refused.value.response.attributes["ERROR-CODE"][0] == 401
