"""The simulated AWS as a child process, that ends with its parent. Importing this loads no AWS SDK.

The child lives as long as its standard input is open: the write end of that pipe is the parent's alone, so the
operating system closes it however the parent ends.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Final, Self

from ssmtui import processes
from ssmtui.simulator.environment import environment

_PATIENCE_SECONDS: Final = 5


class SimulatorError(Exception):
    """The simulator did not start; the text says why, in one sentence."""


class Simulator:
    """A running simulator. `regions` are those of its scenario, the home Region first.

    `organization` is the role that its other accounts have for the caller, None where there are none.
    """

    def __init__(
        self,
        child: subprocess.Popen[bytes],
        endpoint_url: str,
        regions: tuple[str, ...],
        variables: Mapping[str, str],
        token: str,
        organization: str | None = None,
    ) -> None:
        self._child = child
        self.endpoint_url = endpoint_url
        self.regions = regions
        self.organization = organization
        self._variables = variables
        self._token = token

    @property
    def environment(self) -> dict[str, str]:
        """The variables that point an SDK or the AWS CLI at it; see also `environment.isolated`."""
        return {**environment(self.endpoint_url, self.regions[0], self._token), **self._variables}

    @property
    def pid(self) -> int:
        """The child's process id."""
        return self._child.pid

    def stop(self) -> None:
        """End the child and wait for it; a second time does nothing."""
        _end(self._child)

    def __enter__(self) -> Self:
        """Nothing more to do: it runs already."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Stop it."""
        self.stop()


def start(scenario: str = "demo") -> Simulator:
    """Start a simulator with a scenario. Returns as soon as it listens: requests wait for the scenario to stand.

    Raises SimulatorError.
    """
    child = processes.start(
        processes.python("-m", "ssmtui.simulator", "--scenario", scenario),
        os.environ,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        # The screen is the parent's: not a word of the child may land on it.
        stderr=subprocess.DEVNULL,
        # A Ctrl-C in the terminal is for the parent to judge.
        start_new_session=True,
    )
    try:
        announcement = _announcement(child)
    except BaseException:
        _end(child)
        raise
    return Simulator(
        child,
        announcement["endpoint_url"],
        tuple(announcement["regions"]),
        announcement["variables"],
        announcement["token"],
        announcement["organization"],
    )


def _announcement(child: subprocess.Popen[bytes]) -> dict[str, Any]:
    stdout = child.stdout
    line = stdout.readline() if stdout is not None else b""
    try:
        announcement: dict[str, Any] = json.loads(line)
    except ValueError as error:
        raise SimulatorError("The simulator ended before it listened.") from error
    if "error" in announcement:
        raise SimulatorError(announcement["error"])
    return announcement


def _end(child: subprocess.Popen[bytes]) -> None:
    for pipe in (child.stdin, child.stdout):
        if pipe is not None:
            pipe.close()
    try:
        child.wait(timeout=_PATIENCE_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
