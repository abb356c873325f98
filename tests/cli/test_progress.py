"""The line that says how far a command is: on a terminal, and gone at the end."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios
from collections.abc import Iterator
from dataclasses import dataclass, replace
from threading import Event
from typing import TextIO

import click
import pytest

from ssmtui.cli import progress
from ssmtui.cli.printing import set_quiet
from ssmtui.cli.progress import show_progress
from ssmtui.diagnosis.events import ProgressChanged, ScopeDelayed
from ssmtui.diagnosis.fleet_state import FleetState
from ssmtui.model.scope import ScopeName
from ssmtui.simulator.in_thread import SimulatedAws
from tests.cli.conftest import Ssmtui


@dataclass(frozen=True, slots=True)
class Terminal:
    """What standard error is, and where what it shows can be read."""

    end: TextIO
    reader: int
    patch: pytest.MonkeyPatch

    def stands_in(self) -> None:
        """Be standard error from now on: in a fixture pytest would put its own there again."""
        self.patch.setattr("sys.stderr", self.end)

    def shown(self) -> str:
        self.end.close()
        told = bytearray()
        try:
            while piece := os.read(self.reader, 65536):
                told += piece
        except OSError:  # the other side is closed: Linux says so by an error
            pass
        return told.decode()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    reader, writer = pty.openpty()
    fcntl.ioctl(writer, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 40, 0, 0))
    end = os.fdopen(writer, "w")
    monkeypatch.setattr(progress, "_SECONDS_BEFORE_SHOWN", 0.001)
    monkeypatch.setattr(progress, "_PAUSE", 0.001)
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    yield Terminal(end, reader, monkeypatch)
    os.close(reader)


class Words:
    """Words that tell when they have been asked for a second time."""

    def __init__(self, words: str) -> None:
        self.words, self.twice, self._asked = words, Event(), False

    def __call__(self) -> str:
        if self._asked:
            self.twice.set()
        self._asked = True
        return self.words


def test_a_line_stays_within_the_terminal_and_is_gone_at_the_end(terminal: Terminal) -> None:
    terminal.stands_in()
    words = Words("looking for \x1b[2J many nodes, one after another")
    with show_progress(words):
        assert words.twice.wait(10)
    shown = terminal.shown().split("\r")
    assert shown[1] == "looking for \\x1b[2J many nodes, one af…"
    assert shown[-2:] == [" " * 39, ""]
    assert len(shown) >= 4


def test_what_is_over_at_once_shows_nothing(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.stands_in()
    monkeypatch.setattr(progress, "_SECONDS_BEFORE_SHOWN", 60)
    with show_progress("looking"):
        pass
    assert terminal.shown() == ""


def test_nothing_is_written_over_what_is_asked_for(terminal: Terminal) -> None:
    terminal.stands_in()
    asked = Event()

    def not_yet() -> bool:
        asked.set()
        return False

    with show_progress("looking", not_yet):
        assert asked.wait(10)
    assert terminal.shown() == ""


def test_it_can_be_ended_before_the_work_is_over(terminal: Terminal) -> None:
    terminal.stands_in()
    words = Words("looking")
    with show_progress(words) as end:
        assert words.twice.wait(10)
        end()
        terminal.end.write("the code? ")
    assert terminal.shown().endswith("\rthe code? ")


def test_whoever_wants_quiet_has_it(terminal: Terminal) -> None:
    terminal.stands_in()
    with click.Context(click.Command("check")) as context:
        set_quiet(context, click.Option(["--quiet"], is_flag=True), quiet=True)
        with show_progress("looking") as end:
            end()
    assert terminal.shown() == ""


def test_where_standard_error_is_no_terminal_there_is_nothing_on_it(ssmtui: Ssmtui, aws: SimulatedAws) -> None:
    aws.load("healthy-small")
    for line in (("check",), ("ssh-config",), ("policy", "--account", "123456789012")):
        assert ssmtui(*line).stderr == ""


def test_what_is_waited_for_is_named() -> None:
    told = progress.ProgressCounters()
    scope = ScopeName(None, "eu-west-3")
    calls = ("iam:GetRole", "kms:DescribeKey")
    waiting = ProgressChanged(scope, 1, 3, listing=False, api_calls=(), throttled=False, waiting_for=calls)
    told.take(FleetState(progress={scope: replace(waiting, waiting_for=())}))
    assert told.words() == "1 of 3 nodes checked · 0 API calls"
    told.take(FleetState(progress={scope: waiting}))
    assert told.words() == "1 of 3 nodes checked · 0 API calls · waiting for iam:GetRole"
    slow = ScopeDelayed(scope, ("sts:GetCallerIdentity",), throttled=False)
    told.take(FleetState(delayed={scope: slow}))
    assert told.words() == "looking for nodes · 0 API calls · waiting for sts:GetCallerIdentity"
