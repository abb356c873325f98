"""Apply a node's other network interfaces to findings about its network path."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ssmtui.language import say
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.network import NetworkInterface

SOURCE = "ec2:DescribeNetworkInterfaces"
_BAD = (Status.FAIL, Status.UNKNOWN, Status.WARN)


def add_interface_findings(findings: Findings, others: Sequence[tuple[NetworkInterface, Findings]]) -> Findings:
    """A check's findings by the primary interface, with what it finds by each of the others."""
    told = list(findings)
    bad = [each for each in told if each.status in _BAD]
    for interface, by_it in others:
        closed = [each for each in by_it if each.status in _BAD]
        if bad and not closed:
            told = [_unsure(each, interface) if each.status is Status.FAIL else each for each in told]
        elif closed and not bad:
            told.extend(_note(each, interface) for each in closed)
    return tuple(told)


def describe_interface(interface: NetworkInterface) -> str:
    """An interface by its id, its subnet and its groups."""
    return say(
        "{interface} in {subnet} with {groups}",
        interface=interface.id,
        subnet=interface.subnet_id,
        groups=", ".join(interface.security_group_ids),
    )


def _unsure(finding: Finding, interface: NetworkInterface) -> Finding:
    fact = say(
        "by its other interface {interface} the way is open, and its own routes say which of them it takes",
        interface=describe_interface(interface),
    )
    return replace(
        finding,
        status=Status.UNKNOWN,
        confidence=Confidence.POSSIBLE,
        evidence=(*finding.evidence, Evidence(fact, SOURCE)),
    )


def _note(finding: Finding, interface: NetworkInterface) -> Finding:
    fact = say("its other interface {interface} has not this way", interface=describe_interface(interface))
    return replace(
        finding,
        status=Status.INFO,
        confidence=Confidence.POSSIBLE,
        summary=say(
            "The way is open by the primary interface, and by {interface} it is not: {closed}",
            interface=interface.id,
            closed=finding.summary,
        ),
        evidence=(Evidence(fact, SOURCE), *finding.evidence),
        fixes=(),
        needs=(),
    )
