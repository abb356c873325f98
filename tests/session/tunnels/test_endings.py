"""Why a tunnel's session ended, in words: the cause in front of what AWS or the plugin said, and nothing twice."""

from __future__ import annotations

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from ssmtui.session.calls import SessionProblem
from ssmtui.session.plugin.invocation import PluginMissing
from ssmtui.session.tunnels.manager import end_after_problem
from ssmtui.session.tunnels.state_machine import TunnelSessionEnd

TEXT = "An error occurred (TargetNotConnected) when calling the StartSession operation: i-1 is not connected."
TITLE = catalogue()[match_text(TEXT, catalogue().values())[0].cause].title


def test_a_text_of_aws_has_its_cause_in_front() -> None:
    ended = end_after_problem(SessionProblem(TEXT))
    assert ended == TunnelSessionEnd(f"{TITLE}: {TEXT}", for_good=False)


def test_a_plugin_that_there_is_not_is_told_once() -> None:
    words = "session-manager-plugin is not installed on this computer"
    assert end_after_problem(PluginMissing(words)) == TunnelSessionEnd(words, for_good=True)
