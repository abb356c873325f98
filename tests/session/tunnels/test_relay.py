from __future__ import annotations

import asyncio
import socket
import time

from ssmtui.session.tunnels.far_connection import PluginPort
from ssmtui.session.tunnels.relay import TunnelRelay, listen
from ssmtui.session.tunnels.transfer_meter import TransferMeter
from tests.session.tunnels.at_hand import until

_SMALL = 4096
_MORE_THAN_THE_SYSTEM_KEEPS = 32 * 1024


def test_a_connection_whose_reader_sleeps_is_cut_off_when_the_relay_stops() -> None:
    """Such as psql that Ctrl-Z has stopped, in the middle of a big answer."""

    async def stopped() -> int:
        talking: list[asyncio.StreamWriter] = []

        def talk(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            talking.append(writer)
            writer.write(bytes(1_000_000))

        far = await asyncio.start_server(talk, "127.0.0.1", 0)
        listening = listen(0)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SMALL)
        sent, received = TransferMeter(time.monotonic), TransferMeter(time.monotonic)
        relay = TunnelRelay(listening, sent, received)
        await relay.start()
        relay.goes_to(PluginPort(far.sockets[0].getsockname()[1]))
        with socket.socket() as sleeper:
            sleeper.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _SMALL)
            sleeper.connect(("127.0.0.1", relay.port))
            await asyncio.to_thread(until, lambda: received.total >= _MORE_THAN_THE_SYSTEM_KEEPS)
            async with asyncio.timeout(60):
                await relay.stop()
        far.close()
        for each in talking:
            each.transport.abort()
            each.close()
        return received.total

    assert asyncio.run(stopped()) < 1_000_000
