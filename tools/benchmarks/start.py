"""Measure the start to the first complete screen, beside a bare Textual app: `python -m tools.benchmarks.start`.

Both run on their own terminals, with the same Python and alternately. The time ends with the byte that completes the
first screen: title, middle and the last key of the footer are visible. Then come the commands that need nothing from
AWS, and `connect` beside the AWS CLI.
"""

from __future__ import annotations

import os
import re
import select
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ssmtui.simulator import process as simulator
from tools.benchmarks.aws_cli import NOT_FOUND, aws_clis
from tools.benchmarks.figures import Figure, Line, Unmeasured, table
from tools.benchmarks.runs import Run, run

RUNS = 11
SIZE = (40, 120)
LONGEST = 20.0
"""Seconds after which a start counts as failed."""

_ESCAPES = re.compile(rb"\x1b\[[0-9;:?<=>$]*[a-zA-Z]")

_BARE = """
from textual.app import App
from textual.widgets import DataTable, Footer, Header


class Bare(App):
    BINDINGS = [("q", "quit", "Quit")]

    def compose(self):
        yield Header()
        yield DataTable()
        yield Footer()

    def on_mount(self):
        self.query_one(DataTable).add_columns("name", "id", "state", "why")


Bare().run()
"""
_BARE_SHOWS = (b"Bare", b"why", b"Quit")
_APP_SHOWS = (b"ssmtui", "Opening…".encode(), b"Quit")

LIGHT_COMMANDS: Mapping[str, Sequence[str]] = {
    "--version": ("--version",),
    "--help": ("--help",),
    "explain": ("explain", "An error occurred (TargetNotConnected) when calling the StartSession operation"),
    "causes": ("causes",),
}
"""Commands that need nothing from AWS, and should be immediate."""


_CONNECT = "`connect NODE -- true`"
_OURS = "ssmtui"
_SCENARIO, _NODE = "caller-administrator", "web-1"
_FIND = (
    *("ec2", "describe-instances", "--filters", f"Name=tag:Name,Values={_NODE}", "--output", "text"),
    *("--query", "Reservations[].Instances[].InstanceId"),
)
_TRUE = ("--document-name", "AWS-StartNonInteractiveCommand", "--parameters", "command=true")


@dataclass(frozen=True, slots=True)
class Start:
    """Milliseconds to the first complete screen, medians; `ratio` compares both."""

    app: float
    bare: float

    @property
    def ratio(self) -> float:
        """The time divided by that of the bare app."""
        return self.app / self.bare


def first_paint(runs: int = RUNS) -> Start:
    """Start ssmtui and a bare Textual app alternately; return their times."""
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(_BARE, encoding="utf-8")
        environment = _environment(folder)
        begins = ([sys.executable, str(bare)], _BARE_SHOWS), (_ssmtui(), _APP_SHOWS)
        for line, shows in begins:
            _painted(line, shows, environment)  # the first start compiles modules for the others
        times = [[_painted(line, shows, environment) for line, shows in begins] for _ in range(runs)]
    bare_times, app_times = zip(*times, strict=True)
    return Start(statistics.median(app_times), statistics.median(bare_times))


def light_commands(runs: int = RUNS) -> Mapping[str, float]:
    """Return the median milliseconds of each command that needs nothing from AWS; `python` is Python alone."""
    lines = {"python": [sys.executable, "-c", "pass"]}
    lines |= {name: [*_ssmtui(), *words] for name, words in LIGHT_COMMANDS.items()}
    with tempfile.TemporaryDirectory() as folder:
        environment = _environment(folder)
        times = [{name: _ran(line, environment) for name, line in lines.items()} for _ in range(runs + 1)][1:]
    return {name: statistics.median(each[name] for each in times) for name in lines}


def sessions(runs: int = RUNS) -> Iterator[Line]:
    """Yield the time of `connect NODE -- true` on the simulated AWS, beside the AWS CLI with its plugin.

    The plugin ends a session at once if standard input has ended.
    """
    if not aws_clis():
        yield Unmeasured(_CONNECT, f"{NOT_FOUND}: it finds the ID of the node")
        return
    has_plugin = shutil.which("session-manager-plugin") is not None
    beside = aws_clis() if has_plugin else ()
    with tempfile.TemporaryDirectory() as folder, simulator.start(_SCENARIO) as aws:
        environment = {**_environment(folder), **aws.environment}
        find = [*aws_clis()[0].command, *_FIND]
        node = subprocess.run(find, env=environment, capture_output=True, text=True, check=True).stdout.strip()
        lines = {_OURS: [*_ssmtui(), "connect", node, "--builtin", "--", "true"]}
        lines |= {cli.name: [*cli.command, "ssm", "start-session", "--target", node, *_TRUE] for cli in beside}
        rounds = [
            {name: run(line, environment, stdin_open=True) for name, line in lines.items()} for _ in range(runs + 1)
        ][1:]
    ours = _median(rounds, _OURS)
    formula = "with the built-in client, on the simulated AWS, start to exit, median; CPU of ssmtui"
    yield Figure(_CONNECT, ours.wall, "s", f"{formula} {ours.cpu:.2f} s")
    if not has_plugin:
        yield Unmeasured(f"{_CONNECT} ÷ AWS CLI", "session-manager-plugin is not on PATH")
    for cli in beside:
        theirs = _median(rounds, cli.name)
        formula = (
            f"`connect` ÷ `aws ssm start-session` of {cli.version} with the same document ({theirs.wall:.2f} s, CPU "
            f"{theirs.cpu:.2f} s), alternating"
        )
        yield Figure(f"{_CONNECT} ÷ {cli.name}", ours.wall / theirs.wall, "×", formula, 1.0 if cli.major == 2 else None)


def _median(rounds: Sequence[Mapping[str, Run]], name: str) -> Run:
    return sorted((each[name] for each in rounds), key=lambda each: each.wall)[len(rounds) // 2]


def _ssmtui() -> list[str]:
    """Return the installed program ssmtui, beside the interpreter."""
    return [sys.executable, str(Path(sys.executable).with_name("ssmtui"))]


def _environment(home: str) -> Mapping[str, str]:
    """Return an environment whose endpoint never responds: the time after the first screen is not measured."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SSMTUI_", "TEXTUAL"))}
    return {
        **kept,
        "HOME": home,
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "LC_ALL": "C.UTF-8",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_REGION": "eu-west-3",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
    }


def _ran(line: Sequence[str], environment: Mapping[str, str]) -> float:
    begun = time.perf_counter()
    subprocess.run(line, env=environment, capture_output=True, check=True, stdin=subprocess.DEVNULL)
    return (time.perf_counter() - begun) * 1000


def _painted(line: Sequence[str], shows: Sequence[bytes], environment: Mapping[str, str]) -> float:
    """Return the milliseconds until all these texts were painted."""
    # Imported here: Windows has no such terminal, but can import the rest.
    import fcntl
    import termios

    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
    begun = time.perf_counter()
    process = subprocess.Popen(
        line, env=environment, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True, close_fds=True
    )
    os.close(theirs)
    seen = b""
    try:
        while time.perf_counter() - begun < LONGEST and select.select([ours], [], [], LONGEST)[0]:
            seen += os.read(ours, 65536)
            text = _ESCAPES.sub(b"", seen)
            if all(each in text for each in shows):
                return (time.perf_counter() - begun) * 1000
    except OSError:
        pass  # it ended, and closed its side of the terminal
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    raise RuntimeError(f"{line[-1]} painted no complete screen: {_ESCAPES.sub(b'', seen)[-400:]!r}")


def main() -> None:
    """Print the measurements."""
    start = first_paint()
    print(f"first paint: {start.app:.0f} ms, a bare Textual app {start.bare:.0f} ms, ratio {start.ratio:.2f}")
    for name, taken in light_commands().items():
        print(f"{name}: {taken:.0f} ms")
    print(*table(list(sessions())), sep="\n")


if __name__ == "__main__":
    main()
