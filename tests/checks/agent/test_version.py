from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.checks.agent.version import (
    agent_is_as_new_as_the_newest,
    agent_knows_the_features_in_use,
    agent_uses_the_lasting_message_api,
)
from ssmtui.model.fact import Unreadable
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.node_facts import ManagedFleet
from ssmtui.model.preferences import SessionPreferences
from tests.builders.storage import DOCUMENT_ARN, KEY_ARN
from tests.checks.agent.nodes import managed
from tests.checks.outcome import Said, said

PLAIN = SessionPreferences(DOCUMENT_ARN, document_exists=True)
ENCRYPTED = replace(PLAIN, kms_key=KEY_ARN)
STREAMED = replace(PLAIN, log_group="/sessions", log_streaming=True)
PROFILED = replace(PLAIN, shell_profile_linux="bash -l")
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
        pytest.param("3.0.160.0", replace(PLAIN, shell_profile_windows="cls"), [WARN], id="of Windows as well"),
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
    found = agent_knows_the_features_in_use(managed(version), preferences)
    assert [each.status for each in found] == expected
    assert all(each.cause == "agent-too-old" for each in found)
    assert all(each.needs == ("ssm:GetDocument",) for each in found if each.status is Status.UNKNOWN)
    assert said(found) is not None


@pytest.mark.parametrize(
    ("version", "preferences", "what"),
    [
        ("2.3.67.9", PLAIN, "sessions: they need 2.3.68.0"),
        ("2.3.538.9", ENCRYPTED, "sessions that are encrypted with a KMS key: they need 2.3.539.0"),
        ("3.0.283.0", STREAMED, "streaming to CloudWatch Logs: they need 3.0.284.0"),
        ("3.0.160.0", PROFILED, "shell profiles: they need 3.0.161.0"),
    ],
)
def test_it_is_told_what_an_agent_is_too_old_for_and_mended_by_an_update(
    version: str, preferences: SessionPreferences, what: str
) -> None:
    node = managed(version)
    (found,) = agent_knows_the_features_in_use(node, preferences)
    assert found.summary == f"SSM Agent of {node.node.name} is too old for {what}."
    assert found.fixes == ("update-agent",)
    assert [(each.fact, each.source) for each in found.evidence] == [
        (f"AgentVersion is {version}", "ssm:DescribeInstanceProperties")
    ]


@pytest.mark.parametrize(("version", "old"), [("3.3.39.9", True), ("3.3.40.0", False), ("unknown", False)])
def test_an_agent_takes_commands_by_the_api_that_stays(version: str, old: object) -> None:
    node = managed(version)
    expected = Said("message-api-retiring", WARN, Confidence.PROVED, node.node.id, ("update-agent",))
    assert said(agent_uses_the_lasting_message_api(node)) == ([expected] if old else [])


@pytest.mark.parametrize(
    ("newest", "old"), [("3.3.4624.0", False), ("3.3.4625.0", True), ("3.3.999.0", False), ("", False)]
)
def test_an_agent_is_as_new_as_the_newest_in_the_fleet(newest: str, old: object) -> None:
    node = managed("3.3.4624.0")
    expected = Said("agent-outdated", WARN, Confidence.PROVED, node.node.id, ("update-agent",))
    assert said(agent_is_as_new_as_the_newest(node, ManagedFleet((node.node.id,), newest, {}))) == (
        [expected] if old else []
    )
