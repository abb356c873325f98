"""The platform of a node, for the text of a command."""

from __future__ import annotations

from concurrent.futures import Future

import pytest

from ssmtui.cli.connect import PLATFORM_SECONDS, read_platform
from ssmtui.cli.node_selection import SelectedNode
from ssmtui.model.node import PlatformFamily
from ssmtui.model.scope import Scope
from ssmtui.session.calls import SessionProblem
from tests.builders.fleet import a_scope

FOUND = SelectedNode(a_scope(), "i-0123456789abcdef0")

Answer = PlatformFamily | SessionProblem | None


class Reading(Future[PlatformFamily | None]):
    """A read whose answer comes after some seconds. They pass at once."""

    def __init__(self, answer: Answer, seconds: float) -> None:
        super().__init__()
        self._to_come = answer
        self._seconds = seconds

    def result(self, timeout: float | None = None) -> PlatformFamily | None:
        if timeout is not None and self._seconds > timeout:
            raise TimeoutError
        if isinstance(self._to_come, SessionProblem):
            raise self._to_come
        return self._to_come


class Service:
    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def platform(self, scope: Scope, node: str) -> Reading:
        assert (scope, node) == (FOUND.scope, FOUND.id)
        return self._reading


@pytest.mark.parametrize(
    ("answer", "seconds", "platform", "is_cancelled"),
    [
        pytest.param(PlatformFamily.WINDOWS, 0, PlatformFamily.WINDOWS, False, id="at once"),
        pytest.param(PlatformFamily.LINUX, PLATFORM_SECONDS, PlatformFamily.LINUX, False, id="just in time"),
        pytest.param(PlatformFamily.WINDOWS, PLATFORM_SECONDS + 0.1, None, True, id="too late"),
        pytest.param(None, 0, None, False, id="no managed node"),
        pytest.param(SessionProblem("AccessDeniedException: no"), 0, None, True, id="refused"),
    ],
)
def test_the_platform_is_waited_for_as_long_as_documented(
    answer: Answer, seconds: float, platform: PlatformFamily | None, *, is_cancelled: bool
) -> None:
    reading = Reading(answer, seconds)
    assert (read_platform(Service(reading), FOUND), reading.cancelled()) == (platform, is_cancelled)
    assert PLATFORM_SECONDS == 3, "as docs/interface.md says"
