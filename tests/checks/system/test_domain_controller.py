from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.checks.system import node_is_no_domain_controller
from ssmtui.model.fact import Absent
from ssmtui.model.finding import Confidence, Evidence, Finding, Status, Subject, SubjectKind
from ssmtui.model.node import Registration
from ssmtui.model.node_facts import DirectoryService, ManagedNode
from tests.builders.fleet import a_node
from tests.checks.outcome import Said, said

RUNNING = DirectoryService(running=True, captured="2026-11-25T06:00:00Z")


def a_windows_node(agent_version: str = "3.3.4624.0") -> ManagedNode:
    node = a_node(name="ad-dc-1")
    assert isinstance(node.registration, Registration)
    return ManagedNode(node, replace(node.registration, agent_version=agent_version))


@pytest.mark.parametrize(
    ("version", "when"),
    [("3.3.4624.0", "at the first session, never here"), ("2.3.68.0", "when it starts")],
    ids=["from 2.3.612.0 on", "before"],
)
def test_a_domain_controller_is_told_by_its_service_and_its_agent(version: str, when: str) -> None:
    node = a_windows_node(version)
    assert node_is_no_domain_controller(node, RUNNING) == (
        Finding(
            cause="domain-controller",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=Subject(SubjectKind.NODE, node.node.id),
            summary="ad-dc-1 is a domain controller, where SSM Agent does not create its user ssm-user.",
            evidence=(
                Evidence(
                    "the Windows service NTDS runs (inventory of 2026-11-25T06:00:00Z)", "ssm:ListInventoryEntries"
                ),
                Evidence(f"SSM Agent {version} creates ssm-user {when}", "ssm:DescribeInstanceProperties"),
            ),
            fixes=("steps-domain-controller",),
        ),
    )


def test_a_service_that_does_not_run_is_no_fault() -> None:
    assert node_is_no_domain_controller(a_windows_node(), replace(RUNNING, running=False)) == ()


def test_without_an_inventory_it_is_unknown() -> None:
    node = a_windows_node()
    found = said(node_is_no_domain_controller(node, Absent("an inventory", "ssm:ListInventoryEntries")))
    assert found == [Said("domain-controller", Status.UNKNOWN, Confidence.POSSIBLE, node.node.id)]
