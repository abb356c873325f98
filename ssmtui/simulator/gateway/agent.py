"""The agent of a node in one session: from the data channel to the end of the shell, in the order of the real one."""

from __future__ import annotations

import asyncio
from typing import Final

from ssmtui.simulator.gateway.channel import Channel
from ssmtui.simulator.gateway.commands import serve_command
from ssmtui.simulator.gateway.demands import OF_THE_HANDSHAKE, Demand, Step, demands
from ssmtui.simulator.gateway.ending import Ending, SessionStopped
from ssmtui.simulator.gateway.handshake import Handshake
from ssmtui.simulator.gateway.judgement import judged
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.pace import pace
from ssmtui.simulator.gateway.ports import serve_port
from ssmtui.simulator.gateway.terminal import serve_shell

_BEFORE_OUTPUT: Final = 1.0
_BEFORE_FAILURE: Final = 2.0
_SERVING: Final = {"Standard_Stream": serve_shell, "Port": serve_port}
_ALWAYS_SHAKES_HANDS: Final = frozenset({"Port", "NonInteractiveCommands"})


class Agent:
    """Opens a session, serves it, and tells how it ended."""

    def __init__(self, opening: Opening, channel: Channel) -> None:
        self._opening = opening
        self._channel = channel
        self._demand: Demand | None = demands.on(opening.node_id)

    async def run(self) -> Ending:
        """Serve the session to its end."""
        try:
            await self._stop_where_demanded(Step.DATA_CHANNEL)
            await self._stop_where_judged("agent", "data_channel", "document")
            if self._shakes_hands:
                await Handshake(self._opening, self._channel, self._stop_where_demanded).run()
            await self._stop_where_demanded(Step.CHECKS)
            if self._opening.kind != "Port":
                await self._stop_where_judged("log_group", "bucket")
            return await self._serve()
        except SessionStopped as stopped:
            return Ending(stopped.text, "Failed")

    @property
    def _shakes_hands(self) -> bool:
        encrypted = bool(self._opening.settings.key_id) and self._opening.kind != "Port"
        demanded = self._demand is not None and self._demand.step in OF_THE_HANDSHAKE
        return encrypted or demanded or self._opening.kind in _ALWAYS_SHAKES_HANDS

    async def _serve(self) -> Ending:
        is_port = self._opening.kind == "Port"
        await self._stop_where_demanded(Step.PORT if is_port else Step.SHELL)
        await self._stop_where_judged(*(("disk",) if is_port else ("run_as", "shell")))
        await asyncio.sleep(_BEFORE_OUTPUT * pace.factor)
        serve = _SERVING.get(self._opening.kind, serve_command)
        serving = asyncio.create_task(serve(self._opening, self._channel))
        try:
            await self._stop_where_demanded(Step.OUTPUT)
            return await serving
        finally:
            serving.cancel()

    async def _stop_where_demanded(self, step: Step) -> None:
        if self._demand is not None and self._demand.step is step:
            await self._stop(self._demand.words(self._opening.session_id))

    async def _stop_where_judged(self, *steps: str) -> None:
        text = await asyncio.to_thread(judged, self._opening, *steps)
        if text is not None:
            await self._stop(text)

    async def _stop(self, text: str) -> None:
        if not text:
            await asyncio.Event().wait()
        await asyncio.sleep(_BEFORE_FAILURE * pace.factor)
        raise SessionStopped(text)
