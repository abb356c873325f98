"""Commands that are sent to nodes: waited for, told when they fail, never sent twice."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pytest

from ssmtui.model.fact import Now, ReadFailure, Unreadable
from ssmtui.model.node import ConnectionStatus, PingStatus, PlatformFamily
from ssmtui.model.node_facts import ManagedNode, Observation
from ssmtui.model.plan import JSON, FixNotApplicable, Plan
from ssmtui.remediation.apply.apply_plan import apply
from ssmtui.remediation.apply.change import (
    AppliedOutcome,
    ChangeState,
    FailedOutcome,
    NodeFailureOutcome,
    RefusedOutcome,
    UnsureOutcome,
)
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.apply.undo import settle_open_changes
from ssmtui.remediation.operations.write_operation import OutcomeUnknownError, Response
from ssmtui.remediation.plans.nodes import raise_inotify_limit, restart_agent, update_agent
from tests.builders.fleet import ACCOUNT, NOON, a_node, a_registration, a_scope

NODE = a_node("i-1")
NOBODY_LISTED = Unreadable("ssm:DescribeInstanceProperties", "no", ReadFailure.REFUSED)
ONLINE = Observation(PingStatus.ONLINE, ConnectionStatus.NOT_CONNECTED)


@dataclass(slots=True)
class RunCommand:
    """An AWS that carries out one command. `statuses` are what is told of it, one a look; the last one stays."""

    statuses: list[str]
    loses_answer: bool = False
    sent: list[Mapping[str, JSON]] = field(default_factory=list)
    error: str = ""

    def account(self) -> str:
        return ACCOUNT

    def read(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response | None:
        assert service == "ssm"
        match operation:
            case "DescribeInstanceInformation":
                return {"InstanceInformationList": [{"PingStatus": "Online"}]}
            case "ListCommands":
                assert parameters["InstanceId"] == "i-1"
                commands = [{"Comment": each["Comment"], "Status": self._status()} for each in self.sent]
                return {"Commands": [{"Comment": "another", "Status": "Failed"}, *commands]}
            case "GetCommandInvocation":
                status = self._status()
                if status == "Missing":
                    return None
                return {"Status": status, "StatusDetails": status, "StandardErrorContent": self.error}
        raise AssertionError(operation)

    def write(self, service: str, operation: str, parameters: Mapping[str, JSON]) -> Response:
        assert (service, operation) == ("ssm", "SendCommand")
        self.sent.append(parameters)
        if self.loses_answer:
            raise OutcomeUnknownError("no answer")
        return {"Command": {"CommandId": "c-1"}}

    def pause(self) -> None:
        if len(self.statuses) > 1:
            self.statuses.pop(0)

    def _status(self) -> str:
        return self.statuses[0]


def a_plan() -> Plan:
    plan = restart_agent(a_scope(), ManagedNode(NODE, a_registration("i-1")), ONLINE, Now(NOON), NODE)
    assert isinstance(plan, Plan)
    return plan


@pytest.fixture
def plan() -> Plan:
    return a_plan()


def test_a_command_is_made_once_it_has_succeeded(plan: Plan, journal: Journal) -> None:
    aws = RunCommand(["Missing", "Pending", "InProgress", "Success"])
    assert isinstance(apply(plan, aws, journal), AppliedOutcome)
    (sent,) = aws.sent
    assert sent["InstanceIds"] == ["i-1"]
    assert sent["Comment"] == "ssmtui restart-agent 20261125T120000Z"


@pytest.mark.parametrize("status", ["Failed", "ExecutionTimedOut", "Cancelled"])
def test_a_command_that_fails_on_the_node_may_have_done_some_of_its_work(
    status: str, plan: Plan, journal: Journal
) -> None:
    outcome = apply(plan, RunCommand(["InProgress", status], error="unit not found\n"), journal)
    assert outcome == NodeFailureOutcome(f"the command c-1 ended with the status {status}: unit not found")
    assert journal.changes()[0].state is ChangeState.FAILED


def test_a_command_that_is_not_delivered_changed_nothing(plan: Plan, journal: Journal) -> None:
    outcome = apply(plan, RunCommand(["Pending", "Undeliverable"]), journal)
    assert outcome == FailedOutcome("the command c-1 ended with the status Undeliverable")


def test_a_command_that_does_not_end_is_unsure_until_it_is_read_back(plan: Plan, journal: Journal) -> None:
    aws = RunCommand(["InProgress"])
    assert isinstance(apply(plan, aws, journal), UnsureOutcome)
    assert settle_open_changes(plan.scope, aws, journal) is None
    assert journal.changes()[0].state is ChangeState.UNSURE
    aws.statuses = ["Success"]
    assert settle_open_changes(plan.scope, aws, journal) is None
    assert journal.changes()[0].state is ChangeState.APPLIED
    assert len(aws.sent) == 1


def test_a_lost_answer_is_found_again_by_the_comment_and_nothing_is_sent_twice(plan: Plan, journal: Journal) -> None:
    aws = RunCommand(["Success"], loses_answer=True)
    assert isinstance(apply(plan, aws, journal), AppliedOutcome)
    assert isinstance(apply(plan, aws, journal), RefusedOutcome)
    assert len(aws.sent) == 1


def test_no_command_is_planned_for_a_node_that_is_not_online() -> None:
    node = replace(NODE, registration=a_registration("i-1", PingStatus.CONNECTION_LOST))
    lost = ManagedNode(node, a_registration("i-1", PingStatus.CONNECTION_LOST))
    plan = restart_agent(a_scope(), lost, ONLINE, Now(NOON), node)
    assert isinstance(plan, FixNotApplicable)
    assert "not online" in plan.why


def test_where_no_command_arrives_the_same_is_done_on_the_node_itself() -> None:
    node = replace(NODE, registration=a_registration("i-1", PingStatus.CONNECTION_LOST))
    lost = ManagedNode(node, a_registration("i-1", PingStatus.CONNECTION_LOST))
    windows = replace(lost, registration=replace(lost.registration, platform_family=PlatformFamily.WINDOWS))
    told = {
        "restart": restart_agent(a_scope(), lost, ONLINE, Now(NOON), node),
        "restart on Windows": restart_agent(a_scope(), windows, ONLINE, Now(NOON), node),
        "raise": raise_inotify_limit(a_scope(), lost, Now(NOON), node),
        "update": update_agent(a_scope(), lost, NOBODY_LISTED, Now(NOON), node),
    }
    copies = {}
    for name, answer in told.items():
        assert isinstance(answer, FixNotApplicable)
        assert answer.steps is not None
        why, get_in, _ = answer.steps.steps
        assert "is not online" in why.text
        assert "another way" in get_in.text
        (copies[name],) = answer.steps.copies
    assert copies.pop("update").startswith(
        "sudo dnf install -y https://s3.eu-west-3.amazonaws.com/amazon-ssm-eu-west-3"
    )
    assert copies == {
        "restart": "sudo systemctl restart amazon-ssm-agent || sudo snap restart amazon-ssm-agent",
        "restart on Windows": "Restart-Service AmazonSSMAgent",
        "raise": "sudo sysctl fs.inotify.max_user_instances=8192",
    }
