"""Why a tunnel's session ended, in words: the cause in front of what AWS or the plugin said, and nothing twice."""

from __future__ import annotations

from ssmtui.causes.catalogue import catalogue
from ssmtui.causes.matching import match_text
from ssmtui.session.calls import SessionProblem
from ssmtui.session.plugin.preparing import NoPlugin
from ssmtui.session.tunnels.course import Ended
from ssmtui.session.tunnels.endings import after_problem

TEXT = "An error occurred (TargetNotConnected) when calling the StartSession operation: i-1 is not connected."
TITLE = catalogue()[match_text(TEXT, catalogue().values())[0].cause].title


def test_a_text_of_aws_has_its_cause_in_front() -> None:
    ended = after_problem(SessionProblem(TEXT))
    assert ended == Ended(f"{TITLE}: {TEXT}", for_good=False)


def test_a_plugin_that_there_is_not_is_told_once() -> None:
    words = "session-manager-plugin is not installed on this computer"
    assert after_problem(NoPlugin(words)) == Ended(words, for_good=True)
