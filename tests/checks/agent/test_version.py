"""Versions of SSM Agent, their published flaws, and the last update."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from ssmtui.checks.agent.version import (
    agent_has_no_published_flaw,
    agent_is_as_new_as_the_newest,
    agent_knows_its_windows,
    agent_knows_the_features_in_use,
    agent_uses_the_lasting_message_api,
    last_agent_update_went_through,
    service_survived_its_update,
    unit_survived_the_last_update,
)
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Findings, Status
from ssmtui.model.node import PingStatus, PlatformFamily, Registration
from ssmtui.model.node_facts import ConsoleOutput, InspectedNode, ManagedNode, SilentConsole, WholeFleet
from ssmtui.model.preferences import SessionPreferences
from ssmtui.model.ssm_agent import AGENT_FLAWS, AgentUpdate, RecentCommand, RecentCommands, is_older_version
from ssmtui.simulator.scenario import NO_SPACE_LEFT, STARTED, WITHOUT_AGENT
from tests.builders.fleet import NOON, a_node, a_registration
from tests.builders.storage import DOCUMENT_ARN, KEY_ARN
from tests.checks.agent.nodes import managed
from tests.checks.outcome import Said, judged, node_of, said

PLAIN = SessionPreferences(DOCUMENT_ARN, document_exists=True)
ENCRYPTED = replace(PLAIN, kms_key=KEY_ARN)
STREAMED = replace(PLAIN, log_group="/sessions", log_streaming=True)
PROFILED = replace(PLAIN, shell_profile_linux="bash -l")
WITH_TEXTS = replace(PLAIN, switches_as_text=("runAsEnabled",))
NOT_READ = Unreadable("ssm:GetDocument", "not authorized")
FAIL, WARN = Status.FAIL, Status.WARN


@pytest.mark.parametrize(
    ("version", "preferences", "expected"),
    [
        pytest.param("2.3.67.9", PLAIN, [FAIL], id="older than Session Manager"),
        pytest.param("2.3.67.9", NOT_READ, [FAIL], id="older than Session Manager, whatever the preferences"),
        pytest.param("2.3.68.0", PLAIN, [], id="the first with Session Manager"),
        pytest.param("2.3.538.9", ENCRYPTED, [FAIL], id="older than encrypted sessions"),
        pytest.param("2.3.539.0", ENCRYPTED, [], id="the first with encrypted sessions"),
        pytest.param("3.0.283.0", STREAMED, [WARN], id="older than streaming"),
        pytest.param("3.0.284.0", STREAMED, [], id="the first that streams"),
        pytest.param("3.0.160.0", PROFILED, [WARN], id="older than shell profiles"),
        pytest.param("3.0.161.0", PROFILED, [], id="the first with shell profiles"),
        pytest.param("3.0.160.0", replace(PLAIN, shell_profile_windows="cls"), [], id="the profile is for Windows"),
        pytest.param("3.0.160.0", replace(PLAIN, shell_profile_linux=" "), [], id="the profile is one blank"),
        pytest.param("3.0.654.9", WITH_TEXTS, [FAIL], id="older than booleans as texts"),
        pytest.param("3.0.655.0", WITH_TEXTS, [], id="the first that reads booleans from texts"),
        pytest.param("3.0.283.0", replace(STREAMED, log_streaming=False), [], id="logs at the end are not streamed"),
        pytest.param("3.0.283.0", replace(STREAMED, log_group=""), [], id="nothing is streamed without a log group"),
        pytest.param("2.3.100.0", NOT_READ, [Status.UNKNOWN], id="it hangs on the preferences"),
        pytest.param("3.3.4624.0", NOT_READ, [], id="new enough for anything"),
        pytest.param("", PLAIN, [], id="no version is told"),
    ],
)
def test_an_agent_is_new_enough_for_the_features_in_use(
    version: str, preferences: SessionPreferences | Unreadable, expected: list[Status]
) -> None:
    found = judged(agent_knows_the_features_in_use, managed(version), preferences)
    assert [each.status for each in found] == expected
    assert all(each.cause == "agent-too-old" for each in found)
    assert all(each.needs == ("ssm:GetDocument",) for each in found if each.status is Status.UNKNOWN)
    assert said(found) is not None


def test_a_shell_profile_counts_for_its_own_platform() -> None:
    node = managed("3.0.160.0", family=PlatformFamily.WINDOWS)
    assert judged(agent_knows_the_features_in_use, node, PROFILED) == ()
    assert len(judged(agent_knows_the_features_in_use, node, replace(PLAIN, shell_profile_windows="cls"))) == 1


@pytest.mark.parametrize(
    ("version", "preferences", "what"),
    [
        ("2.3.67.9", PLAIN, "sessions: version 2.3.68.0 is required"),
        ("2.3.538.9", ENCRYPTED, "sessions that are encrypted with a KMS key: version 2.3.539.0 is required"),
        ("3.0.283.0", STREAMED, "streaming to CloudWatch Logs: version 3.0.284.0 is required"),
        ("3.0.160.0", PROFILED, "shell profiles: version 3.0.161.0 is required"),
        (
            "3.0.654.0",
            WITH_TEXTS,
            "session preferences with booleans as texts (runAsEnabled): version 3.0.655.0 is required",
        ),
    ],
)
def test_it_is_told_what_an_agent_is_too_old_for_and_mended_by_an_update(
    version: str, preferences: SessionPreferences, what: str
) -> None:
    node = managed(version)
    (found,) = judged(agent_knows_the_features_in_use, node, preferences)
    assert found.summary == f"SSM Agent of {node_of(node).name} is too old for {what}."
    assert found.fixes == ("update-agent",)
    assert [(each.fact, each.source) for each in found.evidence] == [
        (f"AgentVersion is {version}", "ssm:DescribeInstanceProperties")
    ]


@pytest.mark.parametrize(("version", "old"), [("3.3.39.9", True), ("3.3.40.0", False), ("unknown", False)])
def test_an_agent_takes_commands_by_the_api_that_stays(version: str, old: object) -> None:
    node = managed(version)
    expected = Said("message-api-retiring", WARN, Confidence.PROVED, node_of(node).id, ("update-agent",))
    assert said(judged(agent_uses_the_lasting_message_api, node)) == ([expected] if old else [])


@pytest.mark.parametrize(
    ("newest", "old"), [("3.3.4624.0", False), ("3.3.4625.0", True), ("3.3.999.0", False), ("", False)]
)
def test_an_agent_is_as_new_as_the_newest_in_the_fleet(newest: str, old: object) -> None:
    node = managed("3.3.4624.0")
    expected = Said("agent-outdated", WARN, Confidence.PROVED, node_of(node).id, ("update-agent",))
    assert said(judged(agent_is_as_new_as_the_newest, node, WholeFleet(1, newest))) == ([expected] if old else [])


LINUX, WINDOWS = PlatformFamily.LINUX, PlatformFamily.WINDOWS


@pytest.mark.parametrize(
    ("version", "family", "expected"),
    [
        ("3.0.732.0", LINUX, Status.WARN),
        ("3.0.755.0", LINUX, Status.INFO),
        ("3.1.1446.0", WINDOWS, Status.WARN),
        ("3.1.1476.0", WINDOWS, Status.INFO),
        ("3.1.192.0", WINDOWS, Status.WARN),
        ("3.1.192.0", LINUX, Status.INFO),
        ("3.3.4850.9", LINUX, Status.INFO),
        ("3.3.4851.0", LINUX, None),
        ("3.3.4851.0", WINDOWS, Status.INFO),
        ("3.3.5226.0", WINDOWS, None),
        ("", LINUX, None),
        ("unknown", WINDOWS, None),
    ],
)
def test_a_version_has_the_flaws_that_were_published_of_it(
    version: str, family: PlatformFamily, expected: Status | None
) -> None:
    node = managed(version, family=family)
    found = said(judged(agent_has_no_published_flaw, node))
    fixes = ("update-agent",)
    assert found == (
        [Said("agent-version-flawed", expected, Confidence.LIKELY, node_of(node).id, fixes)] if expected else []
    )


def test_the_evidence_names_each_flaw_with_its_source_those_that_hinder_sessions_first() -> None:
    (finding,) = judged(agent_has_no_published_flaw, managed("3.1.1446.0"))
    facts = [each.fact for each in finding.evidence]
    assert facts[0] == "AgentVersion is 3.1.1446.0"
    assert facts[1].startswith("github.com/aws/amazon-ssm-agent/issues/450: from 3.1.1446.0 on, before 3.1.1476.0, ")
    assert facts[2].startswith("CVE-2026-89049: before 3.3.4851.0, ")


def test_every_flaw_says_where_it_was_published_and_ends_after_it_began() -> None:
    for flaw in AGENT_FLAWS:
        assert flaw.source.startswith(("CVE-", "github.com/aws/amazon-ssm-agent/"))
        assert not flaw.since or is_older_version(flaw.since, flaw.mended)


@pytest.mark.parametrize(
    ("platform", "version", "needs"),
    [
        ("Windows Server 2025", "3.3.987.0", True),
        ("Windows Server 2025", "3.3.1345.0", False),
        ("Windows Server 2022", "3.3.987.0", False),
        ("Windows Server 2025", "", False),
    ],
)
def test_an_agent_before_windows_server_2025_needs_a_program_that_it_lacks(
    platform: str, version: str, *, needs: bool
) -> None:
    node = managed(version, family=WINDOWS, platform=platform)
    expected = Said("agent-needs-wmic", Status.WARN, Confidence.LIKELY, node_of(node).id, ("steps-add-wmic",))
    assert said(judged(agent_knows_its_windows, node)) == ([expected] if needs else [])


NODE = a_node()
UPDATE = RecentCommand("c-1", "AWS-UpdateSSMAgent", NOON, "Failed", "failed to install amazon-ssm-agent 3.3.4624.0")
SCRIPT = RecentCommand("c-2", "AWS-RunShellScript", NOON + timedelta(hours=1), "Failed")
MENDED = replace(UPDATE, id="c-3", status="Success", sent=NOON + timedelta(hours=2))
RUNNING = replace(UPDATE, id="c-4", status="InProgress", sent=NOON + timedelta(hours=2))
CAUSE, PROVED, LIKELY = "agent-update-failed", Confidence.PROVED, Confidence.LIKELY


def updated_node(
    ping: PingStatus = PingStatus.ONLINE,
    last_ping: datetime = NOON,
    family: PlatformFamily = PlatformFamily.LINUX,
) -> ManagedNode:
    registration = replace(a_registration(NODE.id, ping), last_ping=last_ping, platform_family=family)
    return ManagedNode(replace(NODE, registration=registration), registration)


def told(commands: RecentCommands | Unreadable, node: ManagedNode | None = None) -> Findings:
    updated = node or updated_node()
    return judged(last_agent_update_went_through, InspectedNode(NODE), updated, commands, node=node_of(updated))


def test_a_failed_update_is_told_with_what_it_left_and_what_it_wrote() -> None:
    (found,) = told(RecentCommands((SCRIPT, UPDATE)))
    assert said((found,)) == [Said(CAUSE, Status.WARN, PROVED, NODE.id, ("update-agent",))]
    assert "3.3.4624.0" in found.summary
    assert [each.fact for each in found.evidence] == [
        "AWS-UpdateSSMAgent of 2026-11-25 12:00 UTC ended with the status Failed",
        "output: failed to install amazon-ssm-agent 3.3.4624.0",
    ]


@pytest.mark.parametrize(
    "commands",
    [
        pytest.param((), id="no command"),
        pytest.param((SCRIPT,), id="another command failed"),
        pytest.param((MENDED, UPDATE), id="a later update succeeded"),
    ],
)
def test_nothing_is_told_where_no_update_failed_last(commands: tuple[RecentCommand, ...]) -> None:
    assert told(RecentCommands(commands)) == ()


def test_an_update_under_way_does_not_hide_the_one_that_failed() -> None:
    assert [each.status for each in told(RecentCommands((RUNNING, UPDATE)))] == [Status.WARN]


@pytest.mark.parametrize(
    ("minutes", "family", "status"),
    [
        pytest.param(3, PlatformFamily.LINUX, Status.FAIL, id="silent since then"),
        pytest.param(-8, PlatformFamily.LINUX, Status.FAIL, id="silent since its beginning"),
        pytest.param(600, PlatformFamily.LINUX, Status.WARN, id="silent since much later"),
        pytest.param(3, PlatformFamily.WINDOWS, Status.WARN, id="on Windows, where the service is told"),
    ],
)
def test_a_node_that_fell_silent_with_the_update_has_lost_its_agent(
    minutes: int, family: PlatformFamily, status: Status
) -> None:
    silent = updated_node(PingStatus.CONNECTION_LOST, NOON + timedelta(minutes=minutes), family)
    (found,) = told(RecentCommands((UPDATE,)), silent)
    assert found.status is status
    if status is Status.FAIL:
        assert (found.confidence, found.fixes) == (LIKELY, ("steps-install-agent",))


def test_commands_that_cannot_be_read_are_a_note() -> None:
    refused = Unreadable("ssm:ListCommandInvocations", "not authorized")
    assert said(told(refused)) == [
        Said(CAUSE, Status.INFO, Confidence.POSSIBLE, NODE.id, (), ("ssm:ListCommandInvocations",))
    ]


def silent(platform: str, ping: PingStatus = PingStatus.CONNECTION_LOST) -> ManagedNode:
    family = PlatformFamily.WINDOWS if "Windows" in platform else PlatformFamily.LINUX
    online = managed(family=family, platform=platform)
    own = node_of(online).registration
    assert isinstance(own, Registration)
    own = replace(own, ping=ping, last_ping=NOON)
    return ManagedNode(replace(node_of(online), registration=own), own)


@pytest.mark.parametrize(
    ("update", "blamed"),
    [
        pytest.param(AgentUpdate("Failed", NOON - timedelta(minutes=5)), True, id="failed right before the last ping"),
        pytest.param(AgentUpdate("TimedOut", NOON + timedelta(minutes=3)), True, id="never answered"),
        pytest.param(AgentUpdate("Success", NOON - timedelta(minutes=5)), False, id="succeeded"),
        pytest.param(AgentUpdate("Failed", NOON - timedelta(days=2)), False, id="failed long before"),
        pytest.param(AgentUpdate("Failed", NOON + timedelta(days=2)), False, id="sent to a node that was away already"),
        pytest.param(Absent("an update", "ssm:ListCommandInvocations"), False, id="none"),
        pytest.param(Unreadable("ssm:ListCommandInvocations", "not authorized"), False, id="not to be seen"),
        pytest.param(NotApplicable("the node reports"), False, id="not asked for"),
    ],
)
def test_a_windows_node_that_fell_silent_with_a_failed_update_blames_the_update(
    update: AgentUpdate | Absent | NotApplicable | Unreadable, *, blamed: bool
) -> None:
    node = silent("Windows Server 2022")
    expected = Said(
        "agent-service-disabled",
        Status.FAIL,
        Confidence.LIKELY,
        node_of(node).id,
        ("steps-install-agent",),
    )
    assert said(judged(service_survived_its_update, node, update)) == ([expected] if blamed else [])


@pytest.mark.parametrize(
    ("platform", "console", "blamed"),
    [
        pytest.param("SLES 15.5", WITHOUT_AGENT, True, id="started without the agent"),
        pytest.param("openSUSE Leap 15.6", WITHOUT_AGENT, True, id="openSUSE"),
        pytest.param("SLES 15.5", STARTED.format(version="3.3.1611.0"), False, id="started with it"),
        pytest.param("SLES 15.5", NO_SPACE_LEFT, False, id="the agent wrote something"),
        pytest.param("Amazon Linux 2023", WITHOUT_AGENT, False, id="no SUSE"),
    ],
)
def test_a_suse_node_that_started_without_its_agent_blames_the_update_of_suse(
    platform: str, console: str, *, blamed: bool
) -> None:
    node = silent(platform)
    expected = Said("agent-unit-removed", Status.FAIL, Confidence.LIKELY, node_of(node).id, ("steps-install-agent",))
    found = judged(unit_survived_the_last_update, node, SilentConsole(ConsoleOutput(console, NOON)))
    assert said(found) == ([expected] if blamed else [])


def test_a_suse_node_that_reports_or_whose_console_is_not_to_be_seen_is_told_nothing_of() -> None:
    console = SilentConsole(ConsoleOutput(WITHOUT_AGENT, NOON))
    assert judged(unit_survived_the_last_update, silent("SLES 15.5", PingStatus.ONLINE), console) == ()
    assert judged(unit_survived_the_last_update, silent("SLES 15.5"), Unreadable("ec2:GetConsoleOutput", "no")) == ()
