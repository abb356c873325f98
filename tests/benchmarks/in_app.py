"""The app: its first screen beside a bare one, and its keys while a big fleet changes all the time."""

from __future__ import annotations

from collections.abc import Iterator

from tests.benchmarks.figures import Figure, Line
from tests.benchmarks.keys import measured
from tests.benchmarks.measuring import Bench
from tests.benchmarks.start import first_paint, light_commands

_ROWS = 10_000
_RATE = 5_000
_KEYPRESS = frozenset({"move", "page", "open the filter", "open a node", "go back"})
"""Keys that only move; what works on all rows may take longer."""


def first_screen(bench: Bench) -> Iterator[Line]:
    """The first complete screen, and the commands that ask nothing of AWS."""
    bench.say("first paint")
    start = first_paint()
    formula = f"first complete screen on a terminal: ssmtui {start.app:.0f} ms ÷ a bare Textual app {start.bare:.0f} ms"
    yield Figure("first paint", start.ratio, "×", f"{formula}, medians, turn by turn", 1.3)
    for name, taken in light_commands().items():
        yield Figure(f"`{name}`", taken, "ms", "start to exit, median")


def keys(bench: Bench) -> Iterator[Line]:
    """Of each kind of key the 99th percentile."""
    bench.say("keys under load")
    for kind, times in measured(_ROWS, _RATE).items():
        most = 50 if kind in _KEYPRESS else 100
        formula = (
            f"99th percentile of {len(times.milliseconds)} presses, the byte typed to its effect painted on a "
            f"terminal, {_ROWS:,} rows with {_RATE:,} changes a second; median {times.at(50):.0f} ms"
        )
        yield Figure(f"key: {kind}", times.at(99), "ms", formula, most)
