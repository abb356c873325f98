"""Compute the exit code of a finished diagnosis."""

from __future__ import annotations

from collections.abc import Callable, Collection
from enum import Enum, IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ssmtui.diagnosis.fleet_state import FleetState


class ExitCode(IntEnum):
    """The exit codes that scripts rely on."""

    DONE = 0
    DEFECT = 1
    USAGE = 2
    FOUND = 3
    COULD_NOT_TELL = 4
    REFUSED = 5
    INTERRUPTED = 130
    TERMINATED = 143


class FailOn(Enum):
    """The lowest severity at which a check exits with `FOUND`; each includes those before it."""

    FAIL = "fail"
    WARN = "warn"
    UNKNOWN = "unknown"
    NEVER = "never"


_WORDS = frozenset({"ok", "info", "stopped", "restricted", "warn", "fail", "unknown"})
_INCLUDED = {
    FailOn.FAIL: frozenset({"fail"}),
    FailOn.WARN: frozenset({"fail", "warn"}),
    FailOn.UNKNOWN: frozenset({"fail", "warn", "unknown"}),
    FailOn.NEVER: frozenset[str](),
}


def exit_code(state: FleetState, fail_on: FailOn, counted: Callable[[FailOn], ExitCode] | None = None) -> ExitCode:
    """Return the exit code of a check. A scope in error counts as `unknown`.

    `info`, `stopped` and `restricted` never count. `counted` computes the code if some results do not count.
    """
    if state.crashes:
        return ExitCode.DEFECT
    seen = {held.finding.status.value for held in state.findings.values() if held.nodes}
    seen |= {state.verdict(key).status.value for key in state.nodes}
    if state.errors and not (state.scopes.keys() - state.errors.keys()):
        return exit_code_if_incomplete(seen, fail_on, counted)
    if counted is not None:
        return counted(fail_on)
    if state.errors:
        seen.add("unknown")
    return code_of(seen, fail_on)


def exit_code_if_incomplete(
    seen: Collection[str], fail_on: FailOn, counted: Callable[[FailOn], ExitCode] | None = None
) -> ExitCode:
    """Return the exit code if every scope is in error: earlier results count; without any, the result is unknown.

    `seen` are the verdicts and statuses found before the error.
    """
    known = _known(seen) - {"unknown"}
    code = code_of(known, fail_on) if counted is None or not known else counted(fail_on)
    return code if code is ExitCode.FOUND else ExitCode.COULD_NOT_TELL


def failing_statuses(fail_on: FailOn) -> frozenset[str]:
    """Return the verdicts and statuses that make a check exit with `FOUND`."""
    return _INCLUDED[fail_on]


def code_of(seen: Collection[str], fail_on: FailOn) -> ExitCode:
    """Return the exit code for these verdicts of nodes and statuses of findings that affect nodes.

    A word that only a later version knows counts as `unknown`.
    """
    return ExitCode.DONE if _INCLUDED[fail_on].isdisjoint(_known(seen)) else ExitCode.FOUND


def _known(seen: Collection[str]) -> frozenset[str]:
    return frozenset(word if word in _WORDS else "unknown" for word in seen)
