"""The life cycle of a tunnel as a pure state machine: the next action after each event."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ssmtui.language import say
from ssmtui.model.sessions import TunnelState

STEADY = 60.0
"""Seconds after which a session counts as stable: if it ends later, that is a new failure."""

GIVE_UP = 1800.0
"""Seconds of failures after which a tunnel is given up. Long enough for a train's tunnel or a login to renew."""

_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 60.0
_UNSTEADY = 0.25
"""The random part of a pause, so that tunnels that were lost together do not reconnect together."""


@dataclass(frozen=True, slots=True)
class PortOpened:
    """The plugin has opened its port: connections can pass."""


@dataclass(frozen=True, slots=True)
class TunnelSessionEnd:
    """The session ended or did not open; `why` says why. `for_good`: a new session would not help.

    `denied`: AWS refused it to the caller. `idle`: the account's idle timeout ended it.
    """

    why: str
    for_good: bool = False
    denied: bool = False
    idle: bool = False


@dataclass(frozen=True, slots=True)
class ConnectionWaiting:
    """A connection came while there was no session."""


@dataclass(frozen=True, slots=True)
class ComputerSlept:
    """The computer slept: its old connections are dead, but have not been closed."""

    seconds: float


@dataclass(frozen=True, slots=True)
class PauseOver:
    """The requested pause is over."""


@dataclass(frozen=True, slots=True)
class ReopenRequested:
    """A person requests a new session."""


@dataclass(frozen=True, slots=True)
class CloseRequested:
    """A person closes the tunnel."""


TunnelEvent = (
    PortOpened | TunnelSessionEnd | ConnectionWaiting | ComputerSlept | PauseOver | ReopenRequested | CloseRequested
)


@dataclass(frozen=True, slots=True)
class KeepState:
    """Change nothing."""


@dataclass(frozen=True, slots=True)
class StartSession:
    """End the session, if any, and open a new one."""


@dataclass(frozen=True, slots=True)
class Pause:
    """End the session, if any, and wait this many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class AwaitUse:
    """End the session, if any, and wait for a connection."""


@dataclass(frozen=True, slots=True)
class Stop:
    """End the session, if any, and accept no more connections."""


TunnelAction = KeepState | StartSession | Pause | AwaitUse | Stop


@dataclass(frozen=True, slots=True)
class TunnelLifecycle:
    """The state of a tunnel. Times are seconds of a monotonic clock.

    `sessions` counts sessions whose port was opened. `failures` counts consecutive failures, since the time `trouble`.
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
        """Return the number of sessions after the first."""
        return max(0, self.sessions - 1)


def next_state(
    lifecycle: TunnelLifecycle, event: TunnelEvent, now: float, chance: float
) -> tuple[TunnelLifecycle, TunnelAction]:
    """Return the state after an event, and the action. `chance` is from 0 to 1."""
    match event:
        case CloseRequested():
            return replace(lifecycle, state=TunnelState.CLOSED, trouble=None, why=""), Stop()
        case ReopenRequested():
            return _reopened(lifecycle, say("requested"))
        case _ if lifecycle.state in {TunnelState.CLOSED, TunnelState.FAILED}:
            return lifecycle, KeepState()
        case PortOpened():
            return replace(lifecycle, state=TunnelState.OPEN, sessions=lifecycle.sessions + 1, opened=now), KeepState()
        case PauseOver():
            return (lifecycle, StartSession()) if lifecycle.state is TunnelState.REOPENING else (lifecycle, KeepState())
        case ConnectionWaiting():
            return (
                _reopened(lifecycle, say("a new connection"))
                if lifecycle.state is TunnelState.IDLE
                else (lifecycle, KeepState())
            )
        case ComputerSlept() if lifecycle.state is TunnelState.IDLE:
            return lifecycle, KeepState()
        case ComputerSlept(seconds):
            return _reopened(lifecycle, say("this computer was asleep for {time}", time=_time(seconds)))
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
        # If it were opened again at once, it would stay idle all night, against the account's setting.
        return replace(lifecycle, state=TunnelState.IDLE, failures=0, trouble=None, why=ended.why), AwaitUse()
    went_on = replace(lifecycle, state=TunnelState.REOPENING, failures=failures + 1, trouble=trouble, why=ended.why)
    if failures == 0:
        return went_on, StartSession()
    return went_on, Pause(_pause(failures, chance))


def _pause(failures: int, chance: float) -> float:
    """Return a pause that doubles each time, up to a minute, and is randomly up to a quarter longer or shorter."""
    seconds = min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0 ** (failures - 1))
    return seconds * (1 + _UNSTEADY * (2 * chance - 1))


def _time(seconds: float) -> str:
    minutes = round(seconds / 60)
    if minutes < 60:
        return say("{minutes} min", minutes=max(1, minutes))
    return say("{hours} h {minutes} min", hours=minutes // 60, minutes=minutes % 60)
