"""Whether AWS takes somebody's credentials; where it takes them no more, they are come by anew, once, by whoever asks.

A read that meets this waits for credentials that AWS takes, or fails: what the settings say.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum

from ssmtui.evidence.wire.aws import ReadFailed
from ssmtui.evidence.wire.deadline import deadline_in_force
from ssmtui.model.answers import Obstacle, Unreadable


class WhenLost(Enum):
    """What a read does whose credentials AWS takes no more, and for which there are no others."""

    WAIT = "wait"
    FAIL = "fail"


class Turn(Enum):
    """What has become of credentials: AWS takes them no more; it takes others of the same caller, or of another."""

    LOST = "lost"
    BACK = "back"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose credentials: a profile's, or those of the role that is taken with them."""

    profile: str | None
    role: str | None = None


Hear = Callable[[Holder, Turn, Unreadable | None], None]
"""Hears of each turn once; with it, why there are no credentials, where there are none."""

Renew = Callable[[], Awaitable[bool]]
"""Comes by credentials anew: whether they are others than before. Raises ReadFailed."""

Identify = Callable[[], Awaitable[str]]
"""Whose the credentials are, by AWS's word. Raises ReadFailed where it does not take them, or cannot be asked."""


def is_of_credentials(unreadable: Unreadable) -> bool:
    """Whether a read failed because AWS does not take the credentials, or because there are none."""
    refused_whole = unreadable.obstacle is Obstacle.REFUSED and not unreadable.action
    return unreadable.obstacle is Obstacle.EXPIRED or refused_whole


class Acceptance:
    """The credentials of one holder, as AWS takes them. Lives on one loop.

    `serial` says which ones: it is another number whenever there are others.
    """

    def __init__(self, holder: Holder, hear: Hear, when_lost: WhenLost) -> None:
        self.serial = 0
        self.lost: Unreadable | None = None
        self._holder = holder
        self._hear = hear
        self._when_lost = when_lost
        self._asking = asyncio.Lock()
        self._back = asyncio.Event()
        self._whose = ""
        self._renew: Renew | None = None
        self._identify: Identify | None = None

    def know(self, whose: str, renew: Renew, identify: Identify) -> None:
        """Take note whose they are, and how to come by others."""
        self._whose, self._renew, self._identify = whose, renew, identify

    async def in_force(self) -> int:
        """The serial of credentials that nothing is known against, as soon as there are such.

        Raises:
            ReadFailed: there are none, and nothing is to wait for them.

        """
        while self.lost is not None:
            if self._when_lost is WhenLost.FAIL:
                raise ReadFailed(self.lost)
            await self._wait()
        return self.serial

    async def refused(self, serial: int, failed: ReadFailed) -> None:
        """AWS did not take the credentials of that serial: come by others, or know them for lost.

        Raises:
            ReadFailed: AWS takes them but for this one call, or that cannot be told.

        """
        async with self._asking:
            if serial == self.serial and self.lost is None:
                await self._come_by_others(failed)

    async def try_again(self) -> None:
        """Come by credentials anew where AWS does not take those that there are: somebody may have logged in since."""
        async with self._asking:
            if self.lost is not None:
                await self._come_by_others(ReadFailed(self.lost))

    async def _come_by_others(self, failed: ReadFailed) -> None:
        if self._renew is None or self._identify is None:
            raise failed
        try:
            others = await self._renew()
            whose = await self._identify()
        except ReadFailed as without:
            if is_of_credentials(without.unreadable):
                self._lose(without.unreadable)
            elif self.lost is None:
                raise failed from without
            return
        if not others and self.lost is None:
            raise failed
        self.serial += 1
        was_lost, self.lost = self.lost, None
        if whose != self._whose:
            self._hear(self._holder, Turn.OTHER, None)
        elif was_lost is not None:
            self._hear(self._holder, Turn.BACK, None)
        self._whose = whose
        self._back.set()

    def _lose(self, why: Unreadable) -> None:
        known, self.lost = self.lost, why
        if known is None:
            self._back.clear()
            self._hear(self._holder, Turn.LOST, why)

    async def _wait(self) -> None:
        deadline = deadline_in_force()
        if deadline is None:
            await self._back.wait()
            return
        # A login is somebody's to make: the time that it takes is no time of AWS's.
        with deadline.standing_still():
            await self._back.wait()
