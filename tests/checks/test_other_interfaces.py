"""What further network interfaces of a node change."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.analysis.finding_parts import add_interface_findings
from ssmtui.model.finding import Confidence, Status, Subject, SubjectKind
from ssmtui.model.network import NetworkInterface
from tests.builders.fleet import a_finding
from tests.checks.outcome import Said, said

SUBNET = Subject(SubjectKind.SUBNET, "subnet-1")
CLOSED = a_finding("no-route-to-endpoint", subject=SUBNET, confidence=Confidence.LIKELY)
LAB = NetworkInterface("eni-2", 1, "subnet-2", "vpc-1", ("sg-2",), "10.0.1.10", None)


def test_a_way_that_another_interface_has_is_not_known_to_be_closed() -> None:
    (told,) = add_interface_findings((CLOSED,), [(LAB, ())])
    assert (told.status, told.confidence, told.fixes) == (Status.UNKNOWN, Confidence.POSSIBLE, CLOSED.fixes)
    assert told.evidence[-1].source == "ec2:DescribeNetworkInterfaces"
    assert "eni-2 in subnet-2 with sg-2" in told.evidence[-1].fact


def test_a_way_that_another_interface_has_not_is_a_note_and_changes_no_verdict() -> None:
    told = add_interface_findings((), [(LAB, (CLOSED,))])
    assert said(told) == [Said("no-route-to-endpoint", Status.INFO, Confidence.POSSIBLE, "subnet-1")]
    assert "eni-2" in told[0].summary


def test_what_is_only_noted_of_the_primary_interface_closes_no_way() -> None:
    noted = replace(CLOSED, status=Status.INFO)
    told = add_interface_findings((noted,), [(LAB, (CLOSED,))])
    assert [(each.status, each.confidence) for each in told] == [
        (Status.INFO, Confidence.LIKELY),
        (Status.INFO, Confidence.POSSIBLE),
    ]
    assert told[0] == noted


def test_what_is_the_same_by_every_interface_stays_as_it_is() -> None:
    assert add_interface_findings((CLOSED,), [(LAB, (CLOSED,))]) == (CLOSED,)
    assert add_interface_findings((), [(LAB, ())]) == ()


def test_a_note_asks_for_no_permission_and_offers_no_change() -> None:
    mendable = replace(CLOSED, fixes=("open-https-out",), needs=("ec2:DescribeRouteTables",))
    (told,) = add_interface_findings((), [(LAB, (mendable,))])
    assert (told.fixes, told.needs) == ((), ())
