"""Measure the app: its first screen beside a bare Textual app, keys on a big changing fleet, and hours of refreshes."""

from __future__ import annotations

import os
import tracemalloc
from collections.abc import Iterator
from unittest.mock import patch

from tools.benchmarks.figures import Figure, Line
from tools.benchmarks.keys import measured
from tools.benchmarks.measuring import Bench
from tools.benchmarks.refresh import EARLY, kept_fresh
from tools.benchmarks.start import first_paint, light_commands, sessions

_ROWS = 10_000
_RATE = 5_000
_KEPT_FRESH = 60
_REFRESHES = 60
"""A few minutes: `python -m tools.benchmarks.refresh` makes 200 of a thousand nodes."""
_KEYPRESS = frozenset({"move", "page", "open the filter", "open a node", "go back"})
"""Keys that only move the cursor; keys that act on all rows may take longer."""


def first_screen(bench: Bench) -> Iterator[Line]:
    """Measure the first complete screen, and the commands that need nothing from AWS."""
    bench.say("first paint")
    start = first_paint()
    formula = f"first complete screen on a terminal: ssmtui {start.app:.0f} ms ÷ a bare Textual app {start.bare:.0f} ms"
    yield Figure("first paint", start.ratio, "×", f"{formula}, medians, alternating", 1.3)
    for name, taken in light_commands().items():
        yield Figure(f"`{name}`", taken, "ms", "start to exit, median", 150 if name in {"explain", "causes"} else None)


def session(bench: Bench) -> Iterator[Line]:
    """Measure a session that runs one command."""
    bench.say("connect")
    yield from sessions(bench.runs)


def keys(bench: Bench) -> Iterator[Line]:
    """Yield the 99th percentile of each kind of key."""
    bench.say("keys under load")
    for kind, times in measured(_ROWS, _RATE).items():
        most = 50 if kind in _KEYPRESS else 100
        formula = (
            f"99th percentile of {len(times.milliseconds)} presses, from the typed byte to its effect on the "
            f"terminal, {_ROWS:,} rows with {_RATE:,} changes a second; median {times.at(50):.0f} ms"
        )
        yield Figure(f"key: {kind}", times.at(99), "ms", formula, most)


def refreshes(bench: Bench) -> Iterator[Line]:
    """Measure the memory of a diagnosis during many refreshes."""
    bench.say(f"{_REFRESHES} refreshes")
    tracemalloc.start()
    try:
        with patch.dict(os.environ, bench.aws.environment):
            grown = kept_fresh(bench.aws, _REFRESHES, _KEPT_FRESH)
    finally:
        tracemalloc.stop()
    early, late = grown.early, grown.late
    when = f"after {_REFRESHES} refreshes ÷ after {EARLY} refreshes, of {_KEPT_FRESH} nodes, every two minutes"
    held = f"{late.megabytes:.1f} MB ÷ {early.megabytes:.1f} MB allocated by Python"
    yield Figure("growth of memory", grown.ratio, "×", f"{held}, {when}", 1.05)
    tasks = f"tasks at the end − tasks at the start ({early.tasks})"
    yield Figure("growth of tasks", late.tasks - early.tasks, "", tasks, 0)
    connections = late.connections - early.connections
    sockets = f"sockets at the end − at the start ({early.connections}), after idle connections are closed"
    yield Figure("growth of connections", connections, "", sockets, 0)
    yield Figure("calls for each refresh", grown.calls, "", "average; everything is read again every ten minutes")
