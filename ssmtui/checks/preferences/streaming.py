"""Whether a Windows node streams its session logs: it needs PowerShell 5.1, and no transcription policy."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_document
from ssmtui.language import say
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.node import PlatformFamily
from ssmtui.model.path import Link
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ManagedNode

# Windows Server brings PowerShell 5.1 from 2016 on.
_BEFORE_POWERSHELL_5_1 = ("Server 2008", "Server 2012")


@check(
    link=Link.PREFERENCES,
    causes=("streaming-unsupported",),
    subject=the_document,
    after=("role-may-write-session-logs",),
)
def windows_can_stream_logs(scope: Scope, managed: ManagedNode, preferences: SessionPreferences) -> Findings:
    """Whether a Windows node can stream its session logs."""
    windows = managed.registration.platform_family is PlatformFamily.WINDOWS
    if not (windows and preferences.log_group and preferences.log_streaming):
        return ()
    old = any(each in managed.registration.platform for each in _BEFORE_POWERSHELL_5_1)
    return (
        Finding(
            cause="streaming-unsupported",
            status=Status.WARN if old else Status.INFO,
            confidence=Confidence.LIKELY if old else Confidence.POSSIBLE,
            subject=the_document(scope),
            summary=(
                say(
                    "Session logs are streamed, and no PowerShell of Windows Server before 2016 can: nothing is logged."
                )
                if old
                else say("Session logs are streamed: on Windows only without a PowerShell transcription policy.")
            ),
            evidence=(
                Evidence(say("cloudWatchStreamingEnabled is true"), "ssm:GetDocument"),
                Evidence(
                    say("a Windows Server before 2016 is managed") if old else say("Windows nodes are managed"),
                    "ssm:DescribeInstanceProperties",
                ),
            ),
            fixes=("edit-preferences",),
        ),
    )
