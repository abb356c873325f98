"""What is made of several services that end at one hop."""

from __future__ import annotations

from ssmtui.analysis.network.paths import BlockedService, path_findings
from ssmtui.analysis.network.routes import BlockedPath, UnknownPath
from ssmtui.model.finding import Confidence, Evidence, Status, Subject, SubjectKind
from tests.checks.outcome import Said, said

SUBNET = Subject(SubjectKind.SUBNET, "subnet-1")
ROUTES = (Evidence("rtb-1 has no default route", "ec2:DescribeRouteTables"),)
CLOSED = BlockedPath("no-route-to-endpoint", SUBNET, "The subnet subnet-1 has no way out", ROUTES, ("steps-network",))
BEYOND = UnknownPath("no-route-to-endpoint", SUBNET, "The way leads on", ROUTES, ("ec2:DescribeTransitGateways",))


def test_it_is_as_bad_and_as_sure_as_the_worst_of_its_services() -> None:
    core = BlockedService("ssm", CLOSED, Status.FAIL, Confidence.PROVED)
    logs = BlockedService("logs", CLOSED, Status.WARN, Confidence.POSSIBLE, ("logs:DescribeLogGroups",))
    (found,) = path_findings([logs, core])
    assert said((found,)) == [
        Said("no-route-to-endpoint", Status.FAIL, Confidence.PROVED, "subnet-1", ("steps-network",))
    ]
    assert found.summary == "The subnet subnet-1 has no way out: no path to logs and ssm."


def test_what_is_out_of_sight_is_possible_and_says_what_would_settle_it() -> None:
    assert said(path_findings([BlockedService("ssm", BEYOND, Status.FAIL, Confidence.PROVED)])) == [
        Said(
            "no-route-to-endpoint",
            Status.UNKNOWN,
            Confidence.POSSIBLE,
            "subnet-1",
            needs=("ec2:DescribeTransitGateways",),
        )
    ]
