from __future__ import annotations

from dataclasses import replace

import pytest

from ssmtui.causes.catalogue import catalogue
from ssmtui.checks.system import OF_THIS_COMPUTER, a_probe_of_it_is_explained, node_is_no_domain_controller
from ssmtui.model.fact import Absent
from ssmtui.model.finding import Confidence, Evidence, Finding, Link, Status, Subject, SubjectKind
from ssmtui.model.node import Registration
from ssmtui.model.node_facts import DirectoryService, ManagedNode
from ssmtui.model.probe import ProbeEnd, ProbeOutcome, Probes, ProbeStage
from tests.builders.fleet import a_node
from tests.builders.probes import opened, stopped
from tests.checks.outcome import Said, judged, node_of, said

RUNNING = DirectoryService(running=True, captured="2026-11-25T06:00:00Z")


def a_windows_node(agent_version: str = "3.3.4624.0") -> ManagedNode:
    node = a_node(name="ad-dc-1")
    assert isinstance(node.registration, Registration)
    return ManagedNode(node, replace(node.registration, agent_version=agent_version))


@pytest.mark.parametrize(
    ("version", "when"),
    [("3.3.4624.0", "at the first session, but not on a domain controller"), ("2.3.68.0", "when the agent starts")],
    ids=["from 2.3.612.0 on", "before"],
)
def test_a_domain_controller_is_told_by_its_service_and_its_agent(version: str, when: str) -> None:
    node = a_windows_node(version)
    assert judged(node_is_no_domain_controller, node, RUNNING) == (
        Finding(
            cause="domain-controller",
            status=Status.FAIL,
            confidence=Confidence.LIKELY,
            subject=Subject(SubjectKind.NODE, node_of(node).id),
            summary="ad-dc-1 is a domain controller; on these, SSM Agent does not create the user ssm-user.",
            evidence=(
                Evidence(
                    "the Windows service NTDS is running (inventory of 2026-11-25T06:00:00Z)",
                    "ssm:ListInventoryEntries",
                ),
                Evidence(f"SSM Agent {version} creates ssm-user {when}", "ssm:DescribeInstanceProperties"),
            ),
            fixes=("steps-domain-controller",),
        ),
    )


def test_a_service_that_does_not_run_is_no_fault() -> None:
    assert judged(node_is_no_domain_controller, a_windows_node(), replace(RUNNING, running=False)) == ()


def test_without_an_inventory_it_is_unknown() -> None:
    node = a_windows_node()
    found = said(judged(node_is_no_domain_controller, node, Absent("an inventory", "ssm:ListInventoryEntries")))
    assert found == [Said("domain-controller", Status.UNKNOWN, Confidence.POSSIBLE, node_of(node).id)]


NODE = a_node()
UNEXPLAINED = [Said("session-unexplained", Status.UNKNOWN, Confidence.POSSIBLE, NODE.id)]


@pytest.mark.parametrize(
    "outcome",
    [
        stopped(None, text="Something that nobody has seen"),
        stopped(None, stage=ProbeStage.OUTPUT, end=ProbeEnd.SILENT),
        stopped(None, stage=ProbeStage.HANDSHAKE, end=ProbeEnd.LOST),
        stopped(None, stage=ProbeStage.START, end=ProbeEnd.REFUSED),
        stopped("throttled", stage=ProbeStage.START, end=ProbeEnd.REFUSED),
        stopped("handshake-timed-out"),
    ],
    ids=lambda outcome: f"{outcome.end.value} {outcome.cause}",
)
def test_an_end_that_is_not_explained_leaves_it_unknown(outcome: ProbeOutcome) -> None:
    assert said(judged(a_probe_of_it_is_explained, Probes(shell=outcome), node=NODE)) == UNEXPLAINED


@pytest.mark.parametrize(
    "outcome",
    [
        opened(),
        stopped("kms-node-denied"),
        stopped(None, stage=ProbeStage.START, end=ProbeEnd.LOST),
        stopped(None, stage=ProbeStage.SOCKET, end=ProbeEnd.SILENT),
    ],
    ids=lambda outcome: f"{outcome.end.value} {outcome.cause}",
)
def test_nothing_is_left_open_by_what_opened_is_explained_or_never_came_to_the_node(outcome: ProbeOutcome) -> None:
    assert judged(a_probe_of_it_is_explained, Probes(shell=outcome), node=NODE) == ()


def test_the_causes_of_this_computer_are_those_of_its_link() -> None:
    assert {each.slug for each in catalogue().values() if each.link is Link.WORKSTATION} == OF_THIS_COMPUTER
