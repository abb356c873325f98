"""Credentials that AWS takes no more in the middle of a change or of a session: others are lent, once."""

from __future__ import annotations

import pytest

from ssmtui.aws.client_config import ClientAccess
from ssmtui.model.scope import CredentialsUnavailable, Scope, ScopeName, SharedCredentials
from ssmtui.model.sessions import SessionRequest
from ssmtui.remediation.apply.writer import Writer
from ssmtui.remediation.operations.write_operation import ChangeFailedError
from ssmtui.session.calls import SessionProblem
from ssmtui.session.client import SessionClient
from ssmtui.simulator.in_thread import SimulatedAws
from ssmtui.simulator.process import CALLER_ACCESS_KEY
from ssmtui.simulator.request_control import FaultKind
from tests.simulated_aws import aws, simulated_aws

__all__ = ["aws", "simulated_aws"]

FIRST = SharedCredentials(CALLER_ACCESS_KEY, "s", "t")
SECOND = SharedCredentials("ASIASIMULATORSECOND1", "s", "t")


class Lender:
    """Lends the first until it is told that AWS does not take those; then the others, if there are any."""

    def __init__(self, others: SharedCredentials | None = SECOND) -> None:
        self.others = others
        self.refused: list[SharedCredentials] = []

    def __call__(self, refused: SharedCredentials | None = None) -> SharedCredentials:
        if refused is not None:
            self.refused.append(refused)
        if self.refused and self.others is None:
            raise CredentialsUnavailable("nobody has logged in")
        return self.others if self.refused and self.others is not None else FIRST


@pytest.fixture
def ended(aws: SimulatedAws) -> SimulatedAws:
    """A world in which the first credentials have ended."""
    aws.load("healthy-small")
    aws.give_key(SECOND.access_key)
    aws.fault(FaultKind.EXPIRED, access_key=FIRST.access_key)
    return aws


def test_a_change_is_made_by_others(ended: SimulatedAws) -> None:
    lender = Lender()
    writer = Writer(ClientAccess(None, "eu-west-3", ended.endpoint_url), lend=lender)
    assert writer.account() == "123456789012"
    assert lender.refused == [FIRST]


def test_where_there_are_no_others_it_fails_as_aws_said(ended: SimulatedAws) -> None:
    lender = Lender(others=None)
    writer = Writer(ClientAccess(None, "eu-west-3", ended.endpoint_url), lend=lender)
    with pytest.raises(ChangeFailedError) as failed:
        writer.account()
    assert failed.value.code == "ExpiredToken"


def test_a_session_is_opened_by_others(ended: SimulatedAws) -> None:
    lender = Lender()
    client = SessionClient(ClientAccess(None, "eu-west-3", ended.endpoint_url), lender)
    assert client.start(SessionRequest(_paris(), _a_node(ended))).id
    assert lender.refused == [FIRST]
    assert sum(entry.operation == "StartSession" for entry in ended.journal.entries) == 2


def test_where_there_are_no_others_no_session_is_opened(ended: SimulatedAws) -> None:
    client = SessionClient(ClientAccess(None, "eu-west-3", ended.endpoint_url), Lender(others=None))
    with pytest.raises(SessionProblem) as problem:
        client.start(SessionRequest(_paris(), _a_node(ended)))
    assert problem.value.code == "ExpiredTokenException"


def _paris() -> Scope:
    caller = "arn:aws:iam::123456789012:user/ada"
    return Scope(ScopeName(None, "eu-west-3"), "123456789012", "eu-west-3", "aws", "amazonaws.com", caller, caller)


def _a_node(aws: SimulatedAws) -> str:
    return next(each for each in aws.hidden().agents if each.startswith("i-"))
