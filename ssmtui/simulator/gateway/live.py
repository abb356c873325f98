"""A session while it lives: its agent, its channel, the sockets that carry it one after the other, its clocks."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from ssmtui.simulator import state
from ssmtui.simulator.gateway.agent import Agent
from ssmtui.simulator.gateway.channel import Channel
from ssmtui.simulator.gateway.ending import IDLE, TOO_LONG, Ending
from ssmtui.simulator.gateway.frame import channel_closed, packed
from ssmtui.simulator.gateway.link import Link
from ssmtui.simulator.gateway.opening import Opening
from ssmtui.simulator.gateway.pace import pace

_LOOKS_AT_CLOCK_EVERY: Final = 0.1
_UNTIL_ALL_IS_READ: Final = 1.0
_AFTER_THE_END: Final = 0.3
_IDLE_MINUTES: Final = 20


class LiveSession:
    """One session, from StartSession on. All of it happens on the gateway's loop."""

    def __init__(self, opening: Opening) -> None:
        self._opening = opening
        self._channel = Channel()
        self._link: Link | None = None
        self._ending: asyncio.Future[Ending] = asyncio.get_running_loop().create_future()
        self._told: Ending | None = None
        self._tasks = [asyncio.create_task(self._live())]
        self._agent: asyncio.Task[None] | None = None

    def end(self, ending: Ending) -> None:
        """Let the session be over; the first ending counts."""
        if not self._ending.done():
            self._ending.set_result(ending)

    async def carried_by(self, socket: ServerConnection) -> None:
        """Go on over a socket until that is closed."""
        link = self._link = Link(socket, self._opening.node_id)
        writing = asyncio.create_task(link.run())
        try:
            self._opening.note("Connected")
            self._channel.attach(link)
            if self._told is not None:
                self._tell_end(link, self._told)
            elif self._agent is None:
                self._agent = asyncio.create_task(self._run_agent())
            with suppress(ConnectionClosed):
                async for message in socket:
                    for each in link.arrived(message if isinstance(message, bytes) else message.encode()):
                        self._channel.receive(each)
        finally:
            writing.cancel()
            if self._link is link:
                self._link = None
                self._channel.attach(None)
                self._opening.note("Disconnected")

    def drop(self) -> None:
        """Forget the session: its world is gone."""
        if self._link is not None:
            self._link.abort()
        for task in (*self._tasks, *((self._agent,) if self._agent is not None else ())):
            task.cancel()

    async def _run_agent(self) -> None:
        try:
            ending = await Agent(self._opening, self._channel).run()
        except Exception as error:
            # A defect of the simulator must not look like a node that says nothing.
            self.end(Ending(f"The simulated agent broke down: {type(error).__name__}: {error}", "Failed"))
            raise
        self.end(ending)

    async def _live(self) -> None:
        sending, watching = asyncio.create_task(self._channel.keep_sending()), asyncio.create_task(self._watch())
        try:
            ending = await self._ending
            if self._agent is not None:
                self._agent.cancel()
            self._opening.note_end(ending.status, ending.text)
            await self._channel.acknowledged(_UNTIL_ALL_IS_READ)
            self._told = ending
            if self._link is not None:
                self._tell_end(self._link, ending)
        finally:
            sending.cancel()
            watching.cancel()

    def _tell_end(self, link: Link, ending: Ending) -> None:
        closed = channel_closed(self._opening.session_id, self._opening.node_id, ending.text)
        link.write_surely(packed(closed))
        self._tasks.append(asyncio.create_task(self._hang_up(link)))

    async def _hang_up(self, link: Link) -> None:
        await asyncio.sleep(_AFTER_THE_END * max(pace.factor, 0.1))
        await link.close()

    async def _watch(self) -> None:
        """End the session where nothing was typed for too long, where it lasts too long, or where an API call did."""
        started, active, received = state.now(), state.now(), 0
        idle, longest = _minutes(self._opening.settings.idle_timeout), _minutes(self._opening.settings.longest)
        while True:
            await asyncio.sleep(_LOOKS_AT_CLOCK_EVERY)
            now = state.now()
            if self._channel.received != received:
                active, received = now, self._channel.received
            if now - active >= (idle or timedelta(minutes=_IDLE_MINUTES)):
                self.end(Ending(IDLE))
            elif longest is not None and now - started >= longest:
                self.end(Ending(TOO_LONG))


def _minutes(told: str) -> timedelta | None:
    return timedelta(minutes=int(told)) if told.isdigit() and int(told) else None
