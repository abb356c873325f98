"""How many nodes ping, are connected and fail, over the time that the app runs: as many moments as a plot can show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from ssmtui.model.fleet import VerdictStatus
from ssmtui.model.node import ConnectionStatus, NodeKey, PingStatus
from ssmtui.ui.words.fleet import Fleet
from ssmtui.ui.words.pulse_series import Moment

MOMENTS = 512
"""Moments that are kept at most. Of more, every other is let go: those that stay reach back to the start."""

_APART = timedelta(seconds=1)
"""Between two moments, at first."""

_Standing = tuple[bool, bool, bool]
"""Whether a node pings, is connected, and fails."""

_NOTHING: _Standing = (False, False, False)


class PulseHistory:
    """The moments, oldest first. What is told of nodes is taken in as it comes; what does not change takes no room."""

    def __init__(self, most: int = MOMENTS) -> None:
        self._most = most
        self._apart = _APART
        self._moments: list[Moment] = []
        self._standing: dict[NodeKey, _Standing] = {}
        self._counts = [0, 0, 0]

    @property
    def moments(self) -> Sequence[Moment]:
        """How the fleet stood, each time that it stood otherwise."""
        return self._moments

    def take(self, fleet: Fleet, keys: Iterable[NodeKey], now: datetime) -> None:
        """Take in how some nodes stand now."""
        for key in keys:
            self._look(fleet, key)
        if not self._moments and not self._standing:
            return
        online, connected, failing = self._counts
        moment = Moment(now, len(self._standing), online, connected, failing)
        if not self._moments:
            self._moments.append(moment)
        elif _told(moment) != _told(self._moments[-1]):
            self._put(moment)

    def _put(self, moment: Moment) -> None:
        last = self._moments[-1]
        if moment.at - last.at < self._apart:
            # Too close to be told from the one before: it takes its place.
            self._moments[-1] = Moment(last.at, *_told(moment))
            return
        self._moments.append(moment)
        if len(self._moments) > self._most:
            self._apart *= 2
            self._moments = self._moments[-1::-2][::-1]  # the newest stays: it is how things are

    def _look(self, fleet: Fleet, key: NodeKey) -> None:
        before = self._standing.get(key)
        now = _standing(fleet, key, before or _NOTHING)
        if before == now:
            return
        if now is None:
            del self._standing[key]
        else:
            self._standing[key] = now
        gone, come = before or _NOTHING, now or _NOTHING
        self._counts = [count - old + new for count, old, new in zip(self._counts, gone, come, strict=True)]


def _standing(fleet: Fleet, key: NodeKey, before: _Standing) -> _Standing | None:
    node = fleet.node(key)
    if node is None:
        return None
    _, was_connected, was_failing = before
    connection, verdict = fleet.state.connections.get(key), fleet.verdict(key)
    # Where it is being asked again, or judged again, nothing has changed yet.
    connected = was_connected if connection is None else connection is ConnectionStatus.CONNECTED
    failing = was_failing if was_failing and not verdict.settled else verdict.status is VerdictStatus.FAIL
    return (node.ping is PingStatus.ONLINE, connected, failing)


def _told(moment: Moment) -> tuple[int, int, int, int]:
    return (moment.nodes, moment.online, moment.connected, moment.failing)
