"""Sessions that run one command: what the simulated shell would answer, and the end."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Final

from ssmtui.simulator.gateway.channel import Channel
from ssmtui.simulator.gateway.ending import Ending, SessionStopped
from ssmtui.simulator.gateway.frame import PayloadType
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.shell import Machine, answer
from ssmtui.simulator.gateway.terminal import serve_shell

_SHELLS: Final = frozenset({"sh", "bash", "zsh", "sudo", "su", "login", "powershell"})
_INTERRUPTS: Final = (b"\x03", b"\x1c")
_INTERRUPTED: Final = 130


async def serve_command(opening: Opening, channel: Channel) -> Ending:
    """Be a command until it is done; raises SessionStopped where there is none."""
    commands, is_separate = _commands(opening)
    if not commands.strip():
        raise SessionStopped(f"Commands cannot be empty for session type {opening.kind}")
    is_interactive = opening.kind == "InteractiveCommands"
    if is_interactive and commands.split()[0] in _SHELLS:
        return await serve_shell(opening, channel)
    done = answer(Machine(opening.node_name, opening.node_id, opening.is_windows), commands)
    code = done.code if not done.pause or not await _interrupted(channel, done.pause) else _INTERRUPTED
    if done.text:
        went_wrong = code != 0 and is_separate
        line_end = "\r\n" if is_interactive else "\n"
        channel.send(PayloadType.STDERR if went_wrong else PayloadType.OUTPUT, (done.text + line_end).encode())
    if is_separate:
        channel.send(PayloadType.EXIT_CODE, f"EXIT_CODE: {code}".encode())
    return Ending()


def _commands(opening: Opening) -> tuple[str, bool]:
    """The command, and whether its errors and its exit code come apart from its output."""
    by_platform = opening.properties.get("windows" if opening.is_windows else "linux")
    told = by_platform if isinstance(by_platform, Mapping) else {}
    separate = opening.kind == "NonInteractiveCommands" and str(told.get("separateOutPutStream", "")).lower() == "true"
    return str(told.get("commands", "")), separate


async def _interrupted(channel: Channel, seconds: float) -> bool:
    """Wait for a command that takes its time, and tell whether the client ended it before."""
    try:
        async with asyncio.timeout(seconds):
            while True:
                frame = await channel.input()
                if frame.payload_type == PayloadType.OUTPUT and frame.payload in _INTERRUPTS:
                    return True
    except TimeoutError:
        return False
