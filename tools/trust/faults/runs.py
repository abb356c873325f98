"""Run one `ssmtui check` in this process, on the simulated AWS, in simulated time."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import selectors
import socket
import tempfile
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from dataclasses import dataclass, field, replace
from enum import Enum
from pathlib import Path
from queue import SimpleQueue
from typing import Any, TypeVar, TypeVarTuple
from unittest.mock import patch

import click

from ssmtui.cli.commands import commands
from ssmtui.diagnosis.credential_watch import CredentialWatch
from ssmtui.diagnosis.events import AllSettled, Event
from ssmtui.evidence.aws.limits import Deadline
from ssmtui.evidence.facts.event_loop import EvidenceThread
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws, serving
from ssmtui.simulator.process import without_aws_variables
from ssmtui.simulator.request_control import Fault, FaultKind
from tests.simulated_aws import one_sdk_for_all_sessions
from tools.trust.faults.places import REFUSED, Place, Way


class Stage(Enum):
    """The stage of a connection: no request yet; the response is being made; a fault holds it."""

    OPEN = "open"
    ANSWERING = "answering"
    HELD = "held"


@dataclass(slots=True)
class Connection:
    """One connection with one request: the simulated AWS closes it after the response."""

    socket: socket.socket
    stage: Stage = Stage.OPEN
    let_go: threading.Event = field(default_factory=threading.Event)

    @property
    def is_at_rest(self) -> bool:
        """Whether nothing more will happen on it. A request must be readable at once."""
        return self.stage is Stage.HELD or (self.stage is Stage.OPEN and not _is_readable(self.socket))


def _is_readable(sock: socket.socket) -> bool:
    try:
        return _has_to_read(sock, 0)
    except (ValueError, OSError):
        # The thread that answers a connection closes it at any moment: until then it is working.
        return True


def _has_to_read(sock: socket.socket, seconds: float | None = None) -> bool:
    with selectors.DefaultSelector() as looking:
        looking.register(sock.fileno(), selectors.EVENT_READ)
        return bool(looking.select(seconds))


class Traffic:
    """The open connections. `loops` are those of diagnoses; on the last one, time passes for held requests."""

    def __init__(self, loops: Sequence[asyncio.AbstractEventLoop] = ()) -> None:
        self._loops = loops
        self._lock = threading.Lock()
        self._here = threading.local()
        self._connections: dict[int, Connection] = {}
        self._under_way = 0

    def is_under_way(self) -> bool:
        """Return whether a connection is being made, or a response is being written."""
        with self._lock:
            return self._under_way > 0 or not all(each.is_at_rest for each in self._connections.values())

    def is_any_held(self) -> bool:
        """Return whether a fault holds a response."""
        with self._lock:
            return any(each.stage is Stage.HELD for each in self._connections.values())

    @contextmanager
    def connecting(self) -> Iterator[None]:
        """Count a connection as on its way, until it is accepted."""
        self._count(1)
        try:
            yield
        except BaseException:
            self._count(-1)
            raise

    def accepted(self, request: socket.socket) -> None:
        """Record an accepted connection."""
        with self._lock:
            # A connection that no diagnosis has made was not expected.
            self._under_way = max(0, self._under_way - 1)
            self._connections[id(request)] = Connection(request)

    def asked(self, request: socket.socket) -> None:
        """Wait for the request on a connection; from then on this thread answers it."""
        with suppress(ValueError):  # the connection was reset
            _has_to_read(request)
        self._here.connection = self._connections[id(request)]
        self._here.connection.stage = Stage.ANSWERING

    def closed(self, request: socket.socket) -> None:
        """Record a closed connection."""
        with self._lock:
            del self._connections[id(request)]

    def hold(self, seconds: float | None = None) -> None:
        """Hold this thread's response until faults are cleared, or for this many seconds of a diagnosis."""
        connection: Connection = self._here.connection
        connection.let_go.clear()
        # At once, or time would run past the moment of the release.
        with self._lock:
            if seconds is not None:
                loop = self._loops[-1]
                try:
                    loop.call_soon_threadsafe(loop.call_later, seconds, self._go_on, connection)
                except RuntimeError:
                    return  # the diagnosis has ended
            connection.stage = Stage.HELD
        connection.let_go.wait()
        connection.stage = Stage.ANSWERING

    def let_go(self) -> None:
        """Release everything that is held."""
        with self._lock:
            for each in self._connections.values():
                self._go_on(each)

    @staticmethod
    def _go_on(connection: Connection) -> None:
        connection.stage = Stage.ANSWERING
        connection.let_go.set()

    def _count(self, more: int) -> None:
        with self._lock:
            self._under_way += more


@contextmanager
def traffic(aws: SimulatedAws, loops: Sequence[asyncio.AbstractEventLoop]) -> Iterator[Traffic]:
    """Yield the counted traffic between diagnoses on these loops and the simulated AWS."""
    counted = Traffic(loops)
    server: Any = aws._server._server
    accept, close, clear = server.process_request, server.shutdown_request, state.faults.clear

    class Handler(server.RequestHandlerClass):  # type: ignore[misc]
        def handle_one_request(self) -> None:
            counted.asked(self.request)
            super().handle_one_request()

    def accepted(request: socket.socket, address: object) -> None:
        counted.accepted(request)
        accept(request, address)

    def closed(request: socket.socket) -> None:
        try:
            close(request)
        finally:
            counted.closed(request)

    def cleared() -> None:
        clear()
        counted.let_go()

    with (
        patch.object(server, "RequestHandlerClass", Handler),
        patch.object(server, "process_request", accepted),
        patch.object(server, "shutdown_request", closed),
        patch.object(state.faults, "clear", cleared),
        patch.object(state.faults, "hold", counted.hold),
    ):
        yield counted


T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_LOOK = 0.005
"""Real seconds of one wait for others."""
_HURRY = 200
"""Simulated seconds per real second while nobody is known to wait for them."""
_IN_VAIN = 20.0
"""Real seconds after which a diagnosis that should end, with nothing pending, counts as hanging."""


class HangsError(Exception):
    """A diagnosis should end, but waits for something that never happens."""


class _Looking(selectors.DefaultSelector):
    loop: HurriedLoop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if ready or (timeout is not None and timeout <= 0):
            return ready
        while self.loop.is_worked_for():
            ready = super().select(_LOOK)
            if ready:
                return ready
        # Events between the check and the count.
        ready = super().select(0)
        if ready or timeout is None:
            return ready or self._awaited()
        if self.loop.is_waited_for_by_nobody():
            ready = super().select(min(timeout / _HURRY, _LOOK))
            timeout = min(timeout, _LOOK * _HURRY)
        if not ready:
            self.loop.lived += timeout
        return ready

    def _awaited(self) -> list[tuple[selectors.SelectorKey, int]]:
        """Return external events if nothing happens without them; a loop that should end waits for none."""
        if not self.loop.is_ending:
            return super().select(None)
        ready = super().select(_IN_VAIN)
        if not ready:
            raise HangsError("it was to end, and waits for nothing that is to come")
        return ready


class HurriedLoop(asyncio.SelectorEventLoop):
    """A loop whose time is the time that was waited for on it; `lived` is the sum."""

    def __init__(self, traffic: Traffic) -> None:
        self.lived = 0.0
        self.settled: float | None = None
        """How long the diagnosis had pending work; None while it has."""
        self._looked = 0.0
        self._ended_from: float | None = None
        self._traffic = traffic
        self._in_threads = 0
        self._begun = time.monotonic()
        selector = _Looking()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        """Return the seconds on this loop."""
        return self._begun + self.lived

    def look_again(self) -> None:
        """Restart the measurement of the time until nothing is pending."""
        self._looked, self.settled = self.lived, None

    def all_settled(self) -> None:
        """Record that nothing is pending."""
        if self.settled is None:
            self.settled = self.lived - self._looked

    @property
    def taken(self) -> float:
        """How long the diagnosis took until nothing was pending, or until now."""
        return self.lived if self.settled is None else self.settled

    def end(self) -> None:
        """Request the end of the diagnosis."""
        if self._ended_from is None:
            self._ended_from = self.lived

    @property
    def is_ending(self) -> bool:
        """Whether the diagnosis should end."""
        return self._ended_from is not None

    @property
    def ending(self) -> float:
        """How long the diagnosis took to end after the request."""
        return 0.0 if self._ended_from is None else self.lived - self._ended_from

    def is_worked_for(self) -> bool:
        """Return whether a response is being made, or a thread works for the loop."""
        return self._in_threads > 0 or self._traffic.is_under_way()

    def is_waited_for_by_nobody(self) -> bool:
        """Return whether no request is held and no pause runs: only external code can continue."""
        timers = [each for each in self._scheduled if not each.cancelled()]  # type: ignore[attr-defined]
        owners = (getattr(each._callback, "__self__", None) for each in timers)
        return not self._traffic.is_any_held() and all(isinstance(each, Deadline) for each in owners)

    async def sock_connect(self, sock: Any, address: Any) -> None:
        """Count connections that are being made."""
        with self._traffic.connecting():
            await super().sock_connect(sock, address)

    def run_in_executor(self, executor: Any, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Count the work of threads."""
        future = super().run_in_executor(executor, func, *args)
        self._in_threads += 1
        future.add_done_callback(self._out_of_thread)
        return future

    async def shutdown_default_executor(self, *args: Any) -> None:  # type: ignore[override,unused-ignore]
        """Wait in real time for the threads that end: from Python 3.12 on, the wait has a limit."""
        self._in_threads += 1
        try:
            await super().shutdown_default_executor(*args)
        finally:
            self._in_threads -= 1

    def _out_of_thread(self, _future: asyncio.Future[Any]) -> None:
        self._in_threads -= 1


@contextmanager
def hurried(aws: SimulatedAws) -> Iterator[list[HurriedLoop]]:
    """Run every new diagnosis on such a loop; yield the loops."""
    loops: list[HurriedLoop] = []
    with traffic(aws, loops) as counted:

        class Hurried(EvidenceThread):
            def __init__(self) -> None:
                super().__init__(self._made)

            def _made(self) -> HurriedLoop:
                self._hurried = HurriedLoop(counted)
                loops.append(self._hurried)
                return self._hurried

            def stop(self) -> None:
                self._hurried.end()
                super().stop()

        class Heard(SimpleQueue[Event]):
            def put(self, event: Event, block: bool = True, timeout: float | None = None) -> None:  # noqa: FBT001, FBT002
                if isinstance(event, AllSettled):
                    loops[-1].all_settled()
                super().put(event, block, timeout)

        with (
            patch("ssmtui.diagnosis.live_diagnosis.SimpleQueue", Heard),
            patch("ssmtui.diagnosis.live_diagnosis.EvidenceThread", Hurried),
            patch.object(CredentialWatch, "watch", _nobody_logs_in),
        ):
            yield loops


async def _nobody_logs_in(_credential_watch: CredentialWatch) -> None:
    """Do nothing: the app's check for a login runs each second without end, and would advance the time forever."""
    await asyncio.Event().wait()


Nodes = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Told:
    """The results of a run, and its seconds.

    `crash` is the traceback, if any, of any thread. `calls` are the operations called, as `service:Operation`; `struck`
    means that the fault hit one of them. `ending` is the time to end after the last result.
    """

    code: int
    report: Mapping[str, Any]
    complaints: str
    seconds: float
    crash: str = ""
    calls: frozenset[str] = frozenset()
    struck: bool = True
    ending: float = 0.0

    @property
    def nodes(self) -> Nodes:
        """The nodes of the report by id."""
        return {each["id"]: each for each in self.report.get("nodes", ())}

    @property
    def findings(self) -> Mapping[str, Mapping[str, Any]]:
        """Its findings by id."""
        return {each["id"]: each for each in self.report.get("findings", ())}


@dataclass(slots=True)
class Bench:
    """The simulated AWS, and runs on it."""

    aws: SimulatedAws
    loops: list[HurriedLoop]
    strikes: list[Fault]
    """The faults that were applied since the last reset, one per request."""
    crashes: list[str]
    """The tracebacks of crashed threads that were not reported yet."""
    loaded: str = ""
    truths: dict[Place, Told] = field(default_factory=dict)
    refusals: dict[tuple[Place, str], Told] = field(default_factory=dict)

    def load(self, place: Place) -> None:
        """Load a world, with only the faults of the place itself."""
        if self.loaded != place.world:
            self.aws.load(place.world)
            self.loaded = place.world
        self.calm(place)
        os.environ.update(self.aws.environment)

    def calm(self, place: Place) -> None:
        """Remove all faults but those of the place."""
        self.aws.clear_faults()
        self.strikes.clear()
        if place.way in REFUSED:
            self.aws.fault(FaultKind.REFUSED, *REFUSED[place.way])

    def has_struck(self, operation: tuple[str, str]) -> bool:
        """Return whether a fault has hit an operation since the last reset."""
        return any((each.service, each.operation) == operation for each in self.strikes)

    def truth(self, place: Place) -> Told:
        """Return the results at a place without failures."""
        if place not in self.truths:
            self.load(place)
            self.truths[place] = self.look(place)
        return self.truths[place]

    def look(self, place: Place, *more: str) -> Told:
        """Diagnose the loaded world, in the way of the place, with `more` options."""
        if place.way is Way.SNAPSHOT:
            return self._recorded()
        line = () if "--region" in place.line else self._regions
        return self.run("check", "--format", "json", *line, *place.line, *more)

    def _recorded(self) -> Told:
        """Record a snapshot and report on it: this plans every fix, and reads everything for that."""
        with tempfile.TemporaryDirectory() as folder:
            file = str(Path(folder) / "recorded.snapshot")
            taken = self.run("snapshot", *self._regions, file)
            if taken.crash or not Path(file).exists():
                return taken
            seconds, calls = self.loops[-1].lived, self._asked()
            told = self.run("check", "--format", "json", "--replay", file)
        return replace(
            told, seconds=seconds, complaints=taken.complaints + told.complaints, calls=calls, ending=taken.ending
        )

    @property
    def _regions(self) -> tuple[str, ...]:
        return tuple(word for region in self.aws.regions for word in ("--region", region))

    def _asked(self) -> frozenset[str]:
        return frozenset(f"{each.service}:{each.operation}" for each in self.aws.journal.entries)

    def run(self, *line: str) -> Told:
        """Run a command of ssmtui."""
        out, err = io.StringIO(), io.StringIO()
        code, crash = 0, ""
        self.aws.journal.clear()
        with redirect_stdout(out), redirect_stderr(err):
            try:
                commands.main([*line], "ssmtui", standalone_mode=False)
            except SystemExit as left:
                code = left.code if isinstance(left.code, int) else 1
            except click.ClickException as refused:
                code = refused.exit_code
                print(refused.format_message(), file=err)
            except Exception:  # noqa: BLE001 - whatever it is, it is what is looked for
                code, crash = 1, traceback.format_exc()
        text = out.getvalue()
        seconds, ending = (self.loops[-1].taken, self.loops[-1].ending) if self.loops else (0.0, 0.0)
        report = json.loads(text) if text.startswith("{") else {}
        return Told(code, report, err.getvalue(), seconds, self.crashed() or crash, self._asked(), ending=ending)

    def crashed(self) -> str:
        """Return the traceback of a thread that crashed since the last call; empty if there was none."""
        crashes = "".join(self.crashes)
        self.crashes.clear()
        return crashes


@contextmanager
def bench() -> Iterator[Bench]:
    """Yield the simulated AWS in this process, with an environment that points only to it."""
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory())
        stack.enter_context(one_sdk_for_all_sessions())
        aws = stack.enter_context(serving())
        around = without_aws_variables(dict(os.environ), aws.environment) | {
            "HOME": home,
            "PATH": "/usr/bin:/bin",
            "LANG": "C.UTF-8",
        }
        stack.enter_context(patch.dict(os.environ, around, clear=True))
        logging.getLogger().addHandler(logging.NullHandler())  # as the program does first
        workstation = WorkstationDescription().workstation
        stack.enter_context(patch("ssmtui.evidence.workstation.local.local_workstation", lambda: workstation))
        crashes = stack.enter_context(_heard_crashes())
        yield Bench(aws, stack.enter_context(hurried(aws)), stack.enter_context(_counted_strikes()), crashes)


@contextmanager
def _heard_crashes() -> Iterator[list[str]]:
    crashes: list[str] = []

    def crashed(args: threading.ExceptHookArgs) -> None:
        crashes.append("".join(traceback.format_exception(args.exc_type, args.exc_value, args.exc_traceback)))

    with patch("threading.excepthook", crashed):
        yield crashes


@contextmanager
def _counted_strikes() -> Iterator[list[Fault]]:
    strikes: list[Fault] = []
    strike = state.faults.strike

    def counted(*request: str) -> Fault | None:
        fault = strike(*request)
        strikes.extend([fault] if fault is not None else [])
        return fault

    with patch.object(state.faults, "strike", counted):
        yield strikes
