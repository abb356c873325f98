"""Compare the real agent with the simulated one, failure by failure, and what ssmtui makes of each."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from ssmtui import processes
from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from tools.real_node.failures import FAILURES, Failure, Laboratory
from tools.real_node.recorder import SHELL, Record, record
from tools.real_node.world import NODE, SIMULATED

_FIRST_CAUSE: Final = re.compile(r"^ *\d+%  ([a-z0-9-]+):", re.MULTILINE)
_OPENED: Final = "opened"
_NOT_TRIED: Final = "-"


@dataclass(frozen=True, slots=True)
class Row:
    """One failure: what each agent said, and the cause that each command of ssmtui names."""

    failure: Failure
    real: Record
    simulated: Record | None
    probe: str
    probe_of_simulated: str
    connect: str
    connect_builtin: str
    explain: str

    @property
    def is_same(self) -> bool:
        """Whether both agents sent the same messages."""
        return self.simulated is None or self.simulated.messages == self.real.messages

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
            return (*failure.causes, _OPENED)
        return failure.causes or (_OPENED,)


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
    real_id = laboratory.real.id
    during: Callable[[], None] | None = None
    if failure.during is not None:
        during = partial(failure.during, laboratory.real)
    laboratory.real.wait_until_connected()
    with failure.provoke(laboratory):
        real = record(laboratory.aws, real_id, failure.session, failure.seconds, during)
        simulated = None
        if failure.is_simulated:
            simulated = record(laboratory.aws, laboratory.simulated_id, failure.session, failure.seconds)
        shown, shown_of_simulated, connect, builtin = (_NOT_TRIED,) * 4
        if failure.session == SHELL and failure.during is None:
            shown = _probed(NODE, failure, variables)
            shown_of_simulated = _probed(SIMULATED, failure, variables) if failure.is_simulated else _NOT_TRIED
            # A session that is silent for ever is left by its user.
            if "silence" not in real.messages:
                connect, builtin = _connected(NODE, variables), _connected(NODE, variables, "--builtin")
    return Row(failure, real, simulated, shown, shown_of_simulated, connect, builtin, _explained(real))


def _probed(node: str, failure: Failure, variables: Mapping[str, str]) -> str:
    """Return the cause that a probe names; another cause that it names too, if that is the expected one."""
    ended = _ssmtui(variables, "probe", "--yes", "--quiet", "--format", "json", node)
    try:
        told = json.loads(ended.stdout)
    except ValueError:
        return f"exit code {ended.returncode}"
    (probe,) = told["probes"]
    if probe["end"] == _OPENED:
        return _OPENED
    causes = [probe["cause"], *probe["also"], *(each["root_cause"] for each in told["nodes"])]
    return next((each for each in causes if each in failure.causes), str(probe["cause"]))


def _connected(node: str, variables: Mapping[str, str], *options: str) -> str:
    """Return the first cause that `connect` prints, by the plugin if no option names the built-in client."""
    ended = _ssmtui(variables, "connect", *options, node)
    found = _FIRST_CAUSE.search(ended.stderr)
    if found is not None:
        return found[1]
    return _OPENED if ended.returncode == 0 else f"exit code {ended.returncode}"


def _explained(real: Record) -> str:
    """Return the first cause of the text that the real agent ended the session with."""
    if not real.text:
        return _NOT_TRIED
    matches = match_text(real.text, catalogue().values())
    return matches[0].cause if matches else "nothing"


def _ssmtui(variables: Mapping[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = processes.python("-m", "ssmtui", *words)
    return subprocess.run(
        command, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL, env=dict(variables)
    )


def _together(one: str, other: str) -> str:
    return one if other in {one, _NOT_TRIED} else f"{one}/{other}"


def _lines(row: Row) -> Iterator[str]:
    agents = "the same" if row.simulated is not None else "real only"
    probe, connect = _together(row.probe, row.probe_of_simulated), _together(row.connect, row.connect_builtin)
    columns = (row.failure.name, agents if row.is_same else "differ", probe, connect, row.explain)
    widths = (34, 10, 27, 27, 0)
    shown = " ".join(f"{text:<{width}}" for text, width in zip(columns, widths, strict=True))
    yield f"{'WRONG' if row.wrong else 'ok':<6} {shown}".rstrip()
    for wrong in row.wrong:
        yield f"         {wrong}"
    if not row.is_same and row.simulated is not None:
        for title, each in (("real", row.real), ("simulated", row.simulated)):
            yield from (f"         {title}: {message}" for message in each.messages)
