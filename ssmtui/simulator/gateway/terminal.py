"""A shell session: what the client types goes to the simulated shell, what that shows goes back."""

from __future__ import annotations

import asyncio
import codecs
from contextlib import suppress

from ssmtui.simulator.gateway.channel import Channel
from ssmtui.simulator.gateway.ending import Ending
from ssmtui.simulator.gateway.frame import Frame, FrameError, PayloadType, json_in
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.shell import Machine, Shell


async def serve_shell(opening: Opening, channel: Channel) -> Ending:
    """Be a shell until it is left."""
    shell = Shell(Machine(opening.node_name, opening.node_id, opening.is_windows))
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    channel.send(PayloadType.OUTPUT, shell.start().encode())
    while not shell.is_over:
        shown = await _next(shell, decoder, channel)
        if shown:
            channel.send(PayloadType.OUTPUT, shown.encode())
    return Ending()


async def _next(shell: Shell, decoder: codecs.IncrementalDecoder, channel: Channel) -> str:
    """What appears next: in answer to the client, or because a command is done."""
    try:
        async with asyncio.timeout(shell.pause or None):
            frame = await channel.input()
    except TimeoutError:
        return shell.woken()
    if frame.payload_type == PayloadType.SIZE:
        _resize(shell, frame)
    if frame.payload_type != PayloadType.OUTPUT:
        return ""
    return shell.typed(decoder.decode(frame.payload))


def _resize(shell: Shell, frame: Frame) -> None:
    with suppress(FrameError, KeyError, TypeError, ValueError):
        told = json_in(frame.payload)
        shell.size = (int(told["rows"]), int(told["cols"]))
