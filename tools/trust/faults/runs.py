"""One `ssmtui check` in this process, on the simulated AWS and in hurried time."""

from __future__ import annotations

import io
import json
import logging
import os
import tempfile
import threading
import traceback
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import click

from ssmtui.cli.commands import commands
from ssmtui.evidence.workstation.local import WorkstationDescription
from ssmtui.simulator import state
from ssmtui.simulator.in_thread import SimulatedAws, serving
from ssmtui.simulator.process import without_aws_variables
from ssmtui.simulator.request_control import Fault, FaultKind
from tests.simulated_aws import one_sdk_for_all_sessions
from tools.trust.faults.hurried_time import HurriedLoop, hurried
from tools.trust.faults.places import REFUSED, Place, Way

Nodes = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Told:
    """What a run has told, in how many seconds of its time. `crash` is a traceback, where there was one, in whichever
    thread; `calls` are those that were asked, as `service:Operation`; it is `struck` where the fault met one of them.
    `ending` is how long it took to end once all was told."""

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
        """The nodes of the report, by id."""
        return {each["id"]: each for each in self.report.get("nodes", ())}

    @property
    def findings(self) -> Mapping[str, Mapping[str, Any]]:
        """Its findings, by id."""
        return {each["id"]: each for each in self.report.get("findings", ())}


@dataclass(slots=True)
class Bench:
    """The simulated AWS, and runs on it."""

    aws: SimulatedAws
    loops: list[HurriedLoop]
    strikes: list[Fault]
    """The faults that struck, one a request, since there were no faults."""
    crashes: list[str]
    """The tracebacks of threads that have crashed, and that nobody has been told of yet."""
    loaded: str = ""
    truths: dict[Place, Told] = field(default_factory=dict)
    refusals: dict[tuple[Place, str], Told] = field(default_factory=dict)

    def load(self, place: Place) -> None:
        """Have a world stand, without other faults than those that its place is about."""
        if self.loaded != place.world:
            self.aws.load(place.world)
            self.loaded = place.world
        self.calm(place)
        os.environ.update(self.aws.environment)

    def calm(self, place: Place) -> None:
        """Take away all faults but those that a place is about."""
        self.aws.clear_faults()
        self.strikes.clear()
        if place.way in REFUSED:
            self.aws.fault(FaultKind.REFUSED, *REFUSED[place.way])

    def has_struck(self, operation: tuple[str, str]) -> bool:
        """Whether a fault has met an operation since there were no faults."""
        return any((each.service, each.operation) == operation for each in self.strikes)

    def truth(self, place: Place) -> Told:
        """What is told at a place while nothing fails."""
        if place not in self.truths:
            self.load(place)
            self.truths[place] = self.look(place)
        return self.truths[place]

    def look(self, place: Place, *more: str) -> Told:
        """Look at the world that stands, in the way of a place; with `more` options."""
        if place.way is Way.SNAPSHOT:
            return self._recorded()
        line = () if "--region" in place.line else self._regions
        return self.run("check", "--format", "json", *line, *place.line, *more)

    def _recorded(self) -> Told:
        """A snapshot, and what is reported of it: there every fix is planned, and what that takes is read."""
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
        """A command of ssmtui's."""
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
        """The traceback of a thread that has crashed since this was last asked; none, where none has."""
        crashes = "".join(self.crashes)
        self.crashes.clear()
        return crashes


@contextmanager
def bench() -> Iterator[Bench]:
    """The simulated AWS in this process, whose environment points at nothing else meanwhile."""
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
        logging.getLogger().addHandler(logging.NullHandler())  # as the program does, before anything else
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
