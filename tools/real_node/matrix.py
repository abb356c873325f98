"""Compare the real agent with the simulated one, failure by failure, and what ssmtui makes of each."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import Final

from ssmtui import processes
from ssmtui.causes.catalogue import catalogue
from tools.real_node.failures import FAILURES, Failure, Laboratory
from tools.real_node.recorder import PORT, SHELL, Record, record
from tools.real_node.world import NODE, SIMULATED

_FIRST_CAUSE: Final = re.compile(r"^ *\d+%  ([a-z0-9-]+):", re.MULTILINE)
_EXPLAINED_CAUSE: Final = re.compile(r"^── ([a-z0-9-]+):", re.MULTILINE)
_OPENED: Final = "opened"
_NOT_TRIED: Final = "-"
_PLUGIN: Final = {"SSMTUI_CLIENT": "plugin"}
_BUILTIN: Final = {"SSMTUI_CLIENT": "builtin"}


@dataclass(frozen=True, slots=True)
class Row:
    """One failure: what each agent said, and the cause that each command of ssmtui names."""

    failure: Failure
    real: Record
    simulated: Record
    probe: str
    probe_of_simulated: str
    connect: str
    connect_builtin: str
    explain: str

    @property
    def is_same(self) -> bool:
        """Whether both agents sent the same messages."""
        return self.simulated.messages == self.real.messages

    @property
    def wrong(self) -> tuple[str, ...]:
        """The columns that are wrong."""
        named = {
            "probe": self.probe,
            "probe of the simulated node": self.probe_of_simulated,
            "connect": self.connect,
            "connect with the built-in client": self.connect_builtin,
            "explain": self.explain,
        }
        found = [name for name, cause in named.items() if cause not in {_NOT_TRIED, self._expected(name)}]
        return (*(() if self.is_same else ("the messages differ",)), *found)

    def _expected(self, column: str) -> str:
        failure = self.failure
        if failure.only_plugin and column not in {"connect", "explain"}:
            return _OPENED
        if failure.ends_normally and column.startswith("connect"):
            return _OPENED
        return failure.cause or _OPENED


def compare(laboratory: Laboratory, variables: Mapping[str, str], names: Sequence[str]) -> int:
    """Print a line for each failure (all, or those whose name contains one of the names); return the exit code."""
    print(f"{'':<6} {'failure':<34} {'agents':<10} {'probe':<27} {'connect':<27} explain")
    rows = []
    for failure in FAILURES:
        if names and not any(name in failure.name for name in names):
            continue
        row = _row(laboratory, variables, failure)
        rows.append(row)
        print("\n".join(_lines(row)), flush=True)
    wrong = [row for row in rows if row.wrong]
    print(f"\n{len(rows)} failures, {len(wrong)} wrong, {len(laboratory.aws.active_sessions)} sessions left")
    return 1 if wrong or not rows or laboratory.aws.active_sessions else 0


def _row(laboratory: Laboratory, variables: Mapping[str, str], failure: Failure) -> Row:
    laboratory.real.wait_until_connected()
    with failure.provoke(laboratory):
        real, simulated = _recorded(laboratory, failure)
        shown, shown_of_simulated, connect, builtin = (_NOT_TRIED,) * 4
        # A probe opens a shell of its own, and ends it before anything can be killed.
        if failure.session == SHELL and failure.killed is None:
            shown, shown_of_simulated = (_probed(node, variables) for node in (NODE, SIMULATED))
        # A session that is silent for ever is left by its user.
        if "silence" not in real.messages:
            connect, builtin = (_connected(laboratory, failure, {**variables, **each}) for each in (_PLUGIN, _BUILTIN))
        explained = _explained(laboratory.real.id, failure, real, variables)
    return Row(failure, real, simulated, shown, shown_of_simulated, connect, builtin, explained)


def _recorded(laboratory: Laboratory, failure: Failure) -> tuple[Record, Record]:
    """Return what the real agent says, and the simulated one. Both can be silent for a minute: at the same time."""
    program = failure.killed
    kinds: tuple[tuple[str, Callable[[], None] | None], ...] = (
        (laboratory.real.id, partial(laboratory.kill, program) if program else None),
        (laboratory.simulated_id, partial(laboratory.kill_simulated, program) if program else None),
    )
    with ThreadPoolExecutor(len(kinds)) as pool:
        recording = [
            pool.submit(record, laboratory.aws, node_id, failure.session, failure.seconds, during)
            for node_id, during in kinds
        ]
        real, simulated = (each.result() for each in recording)
    return real, simulated


def _probed(node: str, variables: Mapping[str, str]) -> str:
    """Return the cause that a probe reports for a node."""
    ended = _ssmtui(variables, "probe", "--yes", "--quiet", "--format", "json", node)
    try:
        told = json.loads(ended.stdout)
    except ValueError:
        return f"exit code {ended.returncode}"
    (probe,), (judged,) = told["probes"], told["nodes"]
    return _OPENED if probe["end"] == _OPENED else str(judged["root_cause"] or probe["cause"])


def _connected(laboratory: Laboratory, failure: Failure, variables: Mapping[str, str]) -> str:
    """Return the first cause that a person reads who opens the session by the client of the variables."""
    if failure.session == PORT:
        return _through_tunnel(variables)
    if failure.killed is not None:
        return _while_open(laboratory, failure, variables)
    return _cause_of(_ssmtui(variables, "connect", *failure.session.connect_words(NODE)), failure)


def _while_open(laboratory: Laboratory, failure: Failure, variables: Mapping[str, str]) -> str:
    """Open a shell, kill the program, and leave the shell unless it has ended."""
    with _started(variables, "connect", NODE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdout.read(1)
        assert failure.killed is not None
        laboratory.kill(failure.killed)
        if not failure.cause:
            running.stdin.write("exit\n")
            running.stdin.flush()
        running.wait()
        errors = running.stderr.read() if running.stderr is not None else ""
        return _cause_of(subprocess.CompletedProcess((), running.returncode, "", errors), failure)


def _through_tunnel(variables: Mapping[str, str]) -> str:
    """Use a tunnel to the port of the session, and return the cause in what the tunnel says then."""
    with _started(variables, "tunnel", NODE, PORT.parameters["portNumber"]) as running:
        assert running.stderr is not None
        try:
            for line in running.stderr:
                if opened := _TUNNEL.search(line):
                    with socket.create_connection(("127.0.0.1", int(opened[1]))) as used:
                        used.recv(1)
                elif told := [cause.slug for cause in catalogue().values() if f" {cause.title}: " in line]:
                    return told[0]
            return f"exit code {running.wait()}"
        finally:
            running.send_signal(signal.SIGINT)


_TUNNEL: Final = re.compile(r"localhost:(\d+) forwards to")


def _cause_of(ended: subprocess.CompletedProcess[str], failure: Failure) -> str:
    found = _FIRST_CAUSE.search(ended.stderr)
    if found is not None:
        return found[1]
    # The exit code of a command is its own.
    return _OPENED if ended.returncode == 0 or failure.session.is_command else f"exit code {ended.returncode}"


def _explained(node_id: str, failure: Failure, real: Record, variables: Mapping[str, str]) -> str:
    """Return the first cause that `explain` names for the text of the real agent on its node."""
    if not real.text:
        return _NOT_TRIED
    # In an SSH session, the text has another first cause: a person gives the document with it.
    text = f"{failure.session.document} {real.text}".strip()
    ended = _ssmtui(variables, "explain", "--quiet", "--node", node_id, text)
    found = _EXPLAINED_CAUSE.search(ended.stdout)
    return found[1] if found is not None else f"exit code {ended.returncode}"


def _ssmtui(variables: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = processes.python("-m", "ssmtui", *words)
    return subprocess.run(
        command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=dict(variables)
    )


def _started(variables: Mapping[str, str], *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        processes.python("-m", "ssmtui", *words),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=dict(variables),
    )


def _together(one: str, other: str) -> str:
    return one if other in {one, _NOT_TRIED} else f"{one}/{other}"


def _lines(row: Row) -> Iterator[str]:
    probe, connect = _together(row.probe, row.probe_of_simulated), _together(row.connect, row.connect_builtin)
    columns = (row.failure.name, "the same" if row.is_same else "differ", probe, connect, row.explain)
    widths = (34, 10, 27, 27, 0)
    shown = " ".join(f"{text:<{width}}" for text, width in zip(columns, widths, strict=True))
    yield f"{'WRONG' if row.wrong else 'ok':<6} {shown}".rstrip()
    for wrong in row.wrong:
        yield f"         {wrong}"
    if not row.is_same:
        for title, each in (("real", row.real), ("simulated", row.simulated)):
            yield from (f"         {title}: {message}" for message in each.messages)
