"""Why a tunnel's session ended, in words: the cause in front of what AWS or the plugin said, and nothing twice."""

from __future__ import annotations

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.session.calls import SessionProblem
from ssmtui.session.plugin.invocation import PluginMissing
from ssmtui.session.tunnels.manager import end_after_problem
from ssmtui.session.tunnels.state_machine import TunnelSessionEnd

EXCEEDED = "An error occurred (ThrottlingException) when calling the StartSession operation: Rate exceeded"
NOT_CONNECTED = "An error occurred (TargetNotConnected) when calling the StartSession operation: i-1 is not connected."


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        pytest.param(EXCEEDED, "throttled", id="decided"),
        pytest.param(NOT_CONNECTED, None, id="several causes, none of them likely"),
    ],
)
def test_a_text_of_aws_has_its_cause_in_front_if_it_decides_for_one(text: str, cause: str | None) -> None:
    ended = end_after_problem(SessionProblem(text))
    title = f"{catalogue()[cause].title}: " if cause else ""
    assert ended == TunnelSessionEnd(f"{title}{text}", for_good=False)


def test_a_plugin_that_there_is_not_is_told_once() -> None:
    words = "session-manager-plugin is not installed on this computer"
    assert end_after_problem(PluginMissing(words)) == TunnelSessionEnd(words, for_good=True)
