"""The life cycle of a tunnel as a pure state machine: what to do next after each event."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ssmtui.language import say
from ssmtui.model.sessions import TunnelState

STEADY = 60.0
"""Seconds after which a session counts as one that holds: what ends it then is a new trouble, not the old one."""

GIVE_UP = 1800.0
"""Seconds of trouble after which a tunnel is given up: a train's tunnel, a login that somebody must renew."""

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_UNSTEADY = 0.25
"""By which part pauses are longer or shorter, so that tunnels lost together do not come back together."""


@dataclass(frozen=True, slots=True)
class PortOpened:
    """The plugin has opened its port: connections go through."""


@dataclass(frozen=True, slots=True)
class TunnelSessionEnd:
    """There is no session, or no more: `why` in words. `for_good` where opening one again would change nothing.

    `denied`: AWS refused it to the caller. `idle`: nobody used it, which an account allows for so long only.
    """

    why: str
    for_good: bool = False
    denied: bool = False
    idle: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionWaiting:
    """Somebody has connected while there was no session."""


@dataclass(frozen=True, slots=True)
class ComputerSlept:
    """The computer slept: connections of before are dead, though nobody has told them."""

    seconds: float


@dataclass(frozen=True, slots=True)
class PauseOver:
    """The pause that was asked for has passed."""


@dataclass(frozen=True, slots=True)
class ReopenAsked:
    """A person wants the session opened anew."""


@dataclass(frozen=True, slots=True)
class CloseAsked:
    """A person wants it closed."""


TunnelEvent = PortOpened | TunnelSessionEnd | ConnectionWaiting | ComputerSlept | PauseOver | ReopenAsked | CloseAsked


@dataclass(frozen=True, slots=True)
class KeepState:
    """Change nothing."""


@dataclass(frozen=True, slots=True)
class StartSession:
    """End the session that there may be, and open one."""


@dataclass(frozen=True, slots=True)
class Pause:
    """End the session that there may be, and wait so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AwaitUse:
    """End the session that there may be, and wait until somebody connects."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End the session that there may be, and take no connections any more."""


TunnelAction = KeepState | StartSession | Pause | AwaitUse | Stop


@dataclass(frozen=True, slots=True)
class TunnelLifecycle:
    """Where a tunnel is. Times are seconds of a clock that does not jump.

    `sessions` counts those whose port was opened. `failures` are those in a row; `trouble` is since when.
    """

    state: TunnelState = TunnelState.OPENING
    sessions: int = 0
    opened: float = 0.0
    failures: int = 0
    trouble: float | None = None
    why: str = ""
    denied: bool = False

    @property
    def reopened(self) -> int:
        """How many sessions there were after the first."""
        return max(0, self.sessions - 1)


def next_state(
    lifecycle: TunnelLifecycle, event: TunnelEvent, now: float, chance: float
) -> tuple[TunnelLifecycle, TunnelAction]:
    """The course after something has happened, and what is done about it. `chance` is from 0 to 1."""
    match event:
        case CloseAsked():
            return replace(lifecycle, state=TunnelState.CLOSED, trouble=None, why=""), Stop()
        case ReopenAsked():
            return _reopened(lifecycle, say("it was asked for"))
        case _ if lifecycle.state in {TunnelState.CLOSED, TunnelState.FAILED}:
            return lifecycle, KeepState()
        case PortOpened():
            return replace(lifecycle, state=TunnelState.OPEN, sessions=lifecycle.sessions + 1, opened=now), KeepState()
        case PauseOver():
            return (lifecycle, StartSession()) if lifecycle.state is TunnelState.REOPENING else (lifecycle, KeepState())
        case ConnectionWaiting():
            return (
                _reopened(lifecycle, say("somebody connected"))
                if lifecycle.state is TunnelState.IDLE
                else (lifecycle, KeepState())
            )
        case ComputerSlept() if lifecycle.state is TunnelState.IDLE:
            return lifecycle, KeepState()
        case ComputerSlept(seconds):
            return _reopened(lifecycle, say("this computer slept for {time}", time=_time(seconds)))
        case TunnelSessionEnd():
            return _after_end(lifecycle, event, now, chance)


def _reopened(lifecycle: TunnelLifecycle, why: str) -> tuple[TunnelLifecycle, TunnelAction]:
    state = TunnelState.REOPENING if lifecycle.sessions else TunnelState.OPENING
    return replace(
        lifecycle, state=state, failures=0, trouble=None, why=why if lifecycle.sessions else "", denied=False
    ), StartSession()


def _after_end(
    lifecycle: TunnelLifecycle, ended: TunnelSessionEnd, now: float, chance: float
) -> tuple[TunnelLifecycle, TunnelAction]:
    steady = lifecycle.state is TunnelState.OPEN and now - lifecycle.opened >= STEADY
    failures = 0 if steady else lifecycle.failures
    trouble = now if steady or lifecycle.trouble is None else lifecycle.trouble
    if ended.for_good or lifecycle.sessions == 0 or now - trouble >= GIVE_UP:
        return replace(
            lifecycle, state=TunnelState.FAILED, why=ended.why, denied=ended.denied, trouble=None, failures=0
        ), Stop()
    if ended.idle:
        # Opened again at once it would be idle for as long again, all night: the account does not want that.
        return replace(lifecycle, state=TunnelState.IDLE, failures=0, trouble=None, why=ended.why), AwaitUse()
    went_on = replace(lifecycle, state=TunnelState.REOPENING, failures=failures + 1, trouble=trouble, why=ended.why)
    if failures == 0:
        return went_on, StartSession()
    return went_on, Pause(_pause(failures, chance))


def _pause(failures: int, chance: float) -> float:
    """Twice as long each time, up to a minute; by chance a quarter longer or shorter."""
    seconds = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (failures - 1))
    return seconds * (1 + _UNSTEADY * (2 * chance - 1))


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 60:
        return say("{minutes} min", minutes=max(1, minutes))
    return say("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
