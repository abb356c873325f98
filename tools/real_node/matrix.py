"""Compare the real agent with the simulated one, failure by failure, and what ssmtui makes of each."""

from __future__ import annotations

import json
import re
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
from tools.real_node.recorder import PORT, SHELL, SSH, Record, record
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
        found = [name for name, cause in named.items() if cause not in {_NOT_TRIED, *self._expected(name)}]
        return (*(() if self.is_same else ("the messages differ",)), *found)

    def _expected(self, column: str) -> tuple[str, ...]:
        failure = self.failure
        if failure.only_plugin and column not in {"connect", "explain"}:
            return (_OPENED,)
        if failure.ends_normally and column.startswith("connect"):
            return (_OPENED,)
        return failure.cause or _OPENED, failure.cause_of_new_plugin or _NOT_TRIED


_COLUMNS: Final = ("failure", "messages", "`probe`", "`connect`", "`explain`")


def compare(laboratory: Laboratory, variables: Mapping[str, str], names: Sequence[str]) -> int:
    """Print a table of the failures (all, or those whose name contains one of the names); return the exit code."""
    print("\n".join((_table_line(_COLUMNS), _table_line(("---",) * len(_COLUMNS)))))
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
        # A probe opens a shell of its own, and ends it before anything can be killed.
        has_probe = failure.session == SHELL and failure.killed is None
        # A session that is silent for ever is left by its user.
        has_end = "silence" not in real.messages
        # One after the other: each session takes an inotify instance.
        shown, of_simulated = (_probed(node, variables) if has_probe else _NOT_TRIED for node in (NODE, SIMULATED))
        connect, builtin = (
            _connected(laboratory, failure, {**variables, **client}) if has_end else _NOT_TRIED
            for client in (_PLUGIN, _BUILTIN)
        )
        explained = _explained(laboratory.real.id, failure, real, variables)
    if failure.killed is not None:
        # An agent that was killed several times can leave the next session without an answer.
        laboratory.real.stop()
        laboratory.real.start()
    return Row(failure, real, simulated, shown, of_simulated, connect, builtin, explained)


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
    """Return the first cause that a probe reports for a node: by the checks, by the text, or by where it stopped."""
    ended = _ssmtui(variables, "probe", "--yes", "--quiet", "--format", "json", node)
    try:
        told = json.loads(ended.stdout)
    except ValueError:
        return f"exit code {ended.returncode}"
    (probe,), (judged,) = told["probes"], told["nodes"]
    causes = [judged["root_cause"], probe["cause"], *probe["also"]]
    return _OPENED if probe["end"] == _OPENED else str(next(filter(None, causes), None))


def _connected(laboratory: Laboratory, failure: Failure, variables: Mapping[str, str]) -> str:
    """Return the first cause that a person reads who opens the session by the client of the variables."""
    if failure.session == PORT:
        return _through_tunnel(variables)
    if failure.killed is not None:
        return _while_open(laboratory, failure, variables)
    words = ("connect", *failure.session.connect_words(NODE))
    if failure.session == SSH:
        # ssh waits for the server: the end of the input would end the session.
        with _started(variables, *words) as running:
            return _ending_of(running, failure)
    return _cause_of(_ssmtui(variables, *words), failure)


def _while_open(laboratory: Laboratory, failure: Failure, variables: Mapping[str, str]) -> str:
    """Open a shell, kill the program, and leave the shell unless it has ended."""
    laboratory.real.wait_until_connected()
    with _started(variables, "connect", NODE) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        while running.stdout.read(1) not in {"$", ""}:  # the prompt
            pass
        assert failure.killed is not None
        laboratory.kill(failure.killed)
        if not failure.cause:
            running.stdin.write("exit\n")
            running.stdin.flush()
        return _ending_of(running, failure)


def _ending_of(running: subprocess.Popen[str], failure: Failure) -> str:
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
            running.terminate()


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


def _table_cells(row: Row) -> tuple[str, ...]:
    """Return the cells of a row of the table in docs/facts/data-channel.md §7."""
    return (
        row.failure.name,
        "the same" if row.is_same else "differ",
        _together(row.probe, row.probe_of_simulated),
        _together(row.connect, row.connect_builtin),
        row.explain,
    )


def _table_line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _lines(row: Row) -> Iterator[str]:
    yield _table_line(_table_cells(row))
    if row.wrong:
        yield f"WRONG: {', '.join(row.wrong)}"
    if not row.is_same:
        for title, each in (("real", row.real), ("simulated", row.simulated)):
            yield from (f"    {title}: {message}" for message in each.messages)
