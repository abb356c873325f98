"""Published flaws of SSM Agent: which versions on which systems have them, and how much they matter."""

from __future__ import annotations

import pytest

from ssmtui.checks.agent.version import agent_has_no_published_flaw, agent_knows_its_windows
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.node import PlatformFamily
from ssmtui.model.ssm_agent import AGENT_FLAWS, is_older_version
from tests.checks.agent.nodes import managed
from tests.checks.outcome import Said, said

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
    found = said(agent_has_no_published_flaw(node))
    fixes = ("update-agent",)
    assert found == (
        [Said("agent-version-flawed", expected, Confidence.LIKELY, node.node.id, fixes)] if expected else []
    )


def test_the_evidence_names_each_flaw_with_its_source_those_that_hinder_sessions_first() -> None:
    (finding,) = agent_has_no_published_flaw(managed("3.1.1446.0"))
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
    expected = Said("agent-needs-wmic", Status.WARN, Confidence.LIKELY, node.node.id, ("steps-add-wmic",))
    assert said(agent_knows_its_windows(node)) == ([expected] if needs else [])
