"""The course of a tunnel: what is done next, by what has happened. Pure; who carries it out is `running`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ssmtui.language import say
from ssmtui.model.tunnel import TunnelState

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
class Ended:
    """There is no session, or no more: `why` in words. `for_good` where opening one again would change nothing.

    `denied`: AWS refused it to the caller. `idle`: nobody used it, which an account allows for so long only.
    """

    why: str
    for_good: bool = False
    denied: bool = False
    idle: bool = False


@dataclass(frozen=True, slots=True)
class Wanted:
    """Somebody has connected while there was no session."""


@dataclass(frozen=True, slots=True)
class Slept:
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


Happening = PortOpened | Ended | Wanted | Slept | PauseOver | ReopenAsked | CloseAsked


@dataclass(frozen=True, slots=True)
class GoOn:
    """Change nothing."""


@dataclass(frozen=True, slots=True)
class OpenSession:
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


Step = GoOn | OpenSession | Pause | AwaitUse | Stop


@dataclass(frozen=True, slots=True)
class Course:
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


def after(course: Course, happening: Happening, now: float, chance: float) -> tuple[Course, Step]:
    """The course after something has happened, and what is done about it. `chance` is from 0 to 1."""
    match happening:
        case CloseAsked():
            return replace(course, state=TunnelState.CLOSED, trouble=None, why=""), Stop()
        case ReopenAsked():
            return _anew(course, say("it was asked for"))
        case _ if course.state in {TunnelState.CLOSED, TunnelState.FAILED}:
            return course, GoOn()
        case PortOpened():
            return replace(course, state=TunnelState.OPEN, sessions=course.sessions + 1, opened=now), GoOn()
        case PauseOver():
            return (course, OpenSession()) if course.state is TunnelState.REOPENING else (course, GoOn())
        case Wanted():
            return _anew(course, say("somebody connected")) if course.state is TunnelState.IDLE else (course, GoOn())
        case Slept() if course.state is TunnelState.IDLE:
            return course, GoOn()
        case Slept(seconds):
            return _anew(course, say("this computer slept for {time}", time=_time(seconds)))
        case Ended():
            return _after_end(course, happening, now, chance)


def _anew(course: Course, why: str) -> tuple[Course, Step]:
    state = TunnelState.REOPENING if course.sessions else TunnelState.OPENING
    return replace(
        course, state=state, failures=0, trouble=None, why=why if course.sessions else "", denied=False
    ), OpenSession()


def _after_end(course: Course, ended: Ended, now: float, chance: float) -> tuple[Course, Step]:
    steady = course.state is TunnelState.OPEN and now - course.opened >= STEADY
    failures = 0 if steady else course.failures
    trouble = now if steady or course.trouble is None else course.trouble
    if ended.for_good or course.sessions == 0 or now - trouble >= GIVE_UP:
        return replace(
            course, state=TunnelState.FAILED, why=ended.why, denied=ended.denied, trouble=None, failures=0
        ), Stop()
    if ended.idle:
        # Opened again at once it would be idle for as long again, all night: the account does not want that.
        return replace(course, state=TunnelState.IDLE, failures=0, trouble=None, why=ended.why), AwaitUse()
    went_on = replace(course, state=TunnelState.REOPENING, failures=failures + 1, trouble=trouble, why=ended.why)
    if failures == 0:
        return went_on, OpenSession()
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
