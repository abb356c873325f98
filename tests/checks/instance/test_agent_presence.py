"""Whether SSM Agent is on the machine: by its console, its platform, and never for sure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from ssmtui.checks.instance import agent_is_installed, node_has_watches_left
from ssmtui.checks.system import agent_could_make_its_user
from ssmtui.model.fact import Absent, NotApplicable, Now, Unreadable
from ssmtui.model.finding import Confidence, Findings, Status
from ssmtui.model.node import ConnectionStatus, Instance
from ssmtui.model.node_facts import (
    ConsoleAsked,
    ConsoleOutput,
    Observation,
    RunningNode,
    UnconnectedNode,
    UnmanagedInstance,
)
from ssmtui.model.sessions import ActiveSession, StaleSessions
from tests.builders.fleet import NOON, a_node
from tests.checks.outcome import Said, said

NODE = a_node(ping=None)
assert isinstance(NODE.instance, Instance)
INSTANCE = NODE.instance
AWAY = UnconnectedNode(NODE, Observation(None, ConnectionStatus.NOT_CONNECTED))
ASKED = ConsoleAsked(NODE, INSTANCE, connected=False)
LIKELY, POSSIBLE = Confidence.LIKELY, Confidence.POSSIBLE
KERNEL = "[0.0] Linux version 6.1.102"
READY = "ip-10-0-0-9 login:"
STARTED = "[4.8] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.4624.0 is running"
NOTHING = Absent("console output of the instance", "ec2:GetConsoleOutput")
NO_STALE = NotApplicable("no session has been open for more than a day")


def console(*lines: str) -> ConsoleOutput:
    return ConsoleOutput("\n".join(lines), None)


@pytest.mark.parametrize(
    ("output", "platform", "sure"),
    [
        pytest.param(console(KERNEL, READY), "Linux/UNIX", LIKELY, id="a whole start without the agent"),
        pytest.param(console(KERNEL, STARTED, READY), "Linux/UNIX", None, id="the agent has started"),
        pytest.param(console(KERNEL), "Linux/UNIX", None, id="a start that has not ended"),
        pytest.param(console(READY), "Linux/UNIX", None, id="an output that has lost its beginning"),
        pytest.param(NOTHING, "Linux/UNIX", None, id="no output"),
        pytest.param(NOTHING, "Red Hat Enterprise Linux", POSSIBLE, id="a family without the agent"),
        pytest.param(NOTHING, "Red Hat BYOL Linux", POSSIBLE, id="such a family, by a subscription of one's own"),
        pytest.param(console(STARTED), "Red Hat Enterprise Linux", None, id="such a family, and the agent has started"),
        pytest.param(console("Unable to find ssm agent on this instance"), "Linux/UNIX", LIKELY, id="diagnosed"),
    ],
)
def test_the_agent_is_absent_as_far_as_console_and_platform_tell(
    output: ConsoleOutput | Absent, platform: str, sure: Confidence | None
) -> None:
    unmanaged = UnmanagedInstance(NODE, replace(INSTANCE, platform_details=platform))
    expected = [Said("agent-absent", Status.FAIL, sure, NODE.id, ("steps-install-agent",))] if sure else []
    assert said(agent_is_installed(AWAY, unmanaged, output)) == expected


def watches(output: ConsoleOutput | None, stale: StaleSessions | NotApplicable | Unreadable) -> Findings:
    moot = NotApplicable("the node is connected, and nobody points at it")
    asked = ASKED if output is not None else moot
    return node_has_watches_left(RunningNode(NODE), asked, output or moot, stale, Now(NOON))


def test_inotify_instances_are_used_up_by_the_consoles_word_and_perhaps_by_sessions_that_nobody_uses() -> None:
    line = "amazon-ssm-agent[1630]: ERROR failed to create channel: too many open files"
    stale = StaleSessions(NODE, (ActiveSession("alex-0123", NODE.id, "alex", NOON),))
    unread = Unreadable("ssm:DescribeSessions", "no")
    raise_, both = ("raise-inotify-limit",), ("terminate-stale-session", "raise-inotify-limit")

    def told(status: Status, sure: Confidence, fixes: tuple[str, ...] = (), needs: tuple[str, ...] = ()) -> list[Said]:
        return [Said("run-out-of-watches", status, sure, NODE.id, fixes, needs)]

    assert said(watches(console(STARTED, line), NO_STALE)) == told(Status.FAIL, LIKELY, raise_)
    assert said(watches(console(STARTED, line), unread)) == told(Status.FAIL, LIKELY, raise_)
    assert said(watches(console(STARTED, line), stale)) == told(Status.FAIL, LIKELY, both)
    assert said(watches(console(line, STARTED), stale)) == told(Status.WARN, POSSIBLE, both)
    assert said(watches(None, stale)) == told(Status.WARN, POSSIBLE, both)
    assert said(watches(None, unread)) == told(Status.UNKNOWN, POSSIBLE, (), ("ssm:DescribeSessions",))
    assert watches(console(STARTED), NO_STALE) == ()


def test_a_user_that_could_not_be_made_is_told_by_the_console_alone() -> None:
    told = agent_could_make_its_user(ASKED, console(STARTED, "Failed to create ssm-user: exit status 9"))
    assert said(told) == [Said("ssm-user-refused", Status.WARN, LIKELY, NODE.id, ("restart-agent",))]
    assert agent_could_make_its_user(ASKED, console(STARTED)) == ()
    refused = Unreadable("ec2:GetConsoleOutput", "no")
    assert said(agent_could_make_its_user(replace(ASKED, connected=True), refused)) == [
        Said("ssm-user-refused", Status.INFO, POSSIBLE, NODE.id, (), ("ec2:GetConsoleOutput",))
    ]


def test_a_connected_node_may_have_got_its_inotify_instances_back_since_its_console_was_written() -> None:
    asked = replace(ASKED, connected=True)
    line = console(STARTED, "amazon-ssm-agent[1630]: ERROR failed to create channel: too many open files")
    old = replace(line, captured=NOON)
    told = [
        each.status
        for output in (line, old)
        for each in node_has_watches_left(RunningNode(NODE), asked, output, NO_STALE, Now(NOON + timedelta(days=2)))
    ]
    assert told == [Status.FAIL, Status.WARN]
