"""Whether a silent node trusts the certificate that it is shown, as its console says."""

from __future__ import annotations

import pytest

from ssmtui.checks.network import endpoint_certificate_is_trusted
from ssmtui.model.fact import Absent
from ssmtui.model.finding import Confidence, Status
from ssmtui.model.node import ConnectionStatus, Instance
from ssmtui.model.node_facts import ConsoleOutput, Observation, RunningInstance, UnconnectedNode
from tests.builders.fleet import a_node
from tests.checks.outcome import Said, said

NODE = a_node(ping=None)
assert isinstance(NODE.instance, Instance)
RUNNING = RunningInstance(NODE, NODE.instance)
AWAY = UnconnectedNode(NODE, Observation(None, ConnectionStatus.NOT_CONNECTED))
STARTED = "[4.8] amazon-ssm-agent[1630]: Amazon SSM Agent v3.3.4624.0 is running"
POST = '[9.1] amazon-ssm-agent[1630]: caused by: Post "https://ssm.eu-west-3.amazonaws.com/": '
UNKNOWN = f"{POST}x509: certificate signed by unknown authority"


@pytest.mark.parametrize(
    ("lines", "distrusts"),
    [
        pytest.param((STARTED, UNKNOWN), True, id="an unknown authority"),
        pytest.param((STARTED, f"{POST}tls: failed to verify certificate: x509: certificate"), True, id="a newer Go"),
        pytest.param((STARTED, f"{POST}x509: certificate is valid for proxy, not ssm"), True, id="another's name"),
        pytest.param((UNKNOWN, STARTED), False, id="before the agent started again"),
        pytest.param(
            (STARTED, f"{POST}x509: certificate has expired or is not yet valid"), False, id="a matter of time"
        ),
        pytest.param((STARTED, UNKNOWN.replace("ssm.eu-west-3.amazonaws.com", "example.org")), False, id="elsewhere"),
        pytest.param((STARTED, UNKNOWN.replace("https://ssm.", "https://logs.")), False, id="of another service"),
        pytest.param((STARTED, UNKNOWN, UNKNOWN.replace("https://ssm.", "https://logs.")), True, id="of both"),
        pytest.param((STARTED, f"{POST}dial tcp: i/o timeout"), False, id="no certificate at all"),
        pytest.param((), False, id="an empty console"),
    ],
)
def test_the_last_word_of_the_agent_counts(lines: tuple[str, ...], distrusts: object) -> None:
    found = endpoint_certificate_is_trusted(AWAY, RUNNING, ConsoleOutput("\n".join(lines), None))
    told = Said("endpoint-certificate-untrusted", Status.FAIL, Confidence.LIKELY, NODE.id, ("steps-trust-certificate",))
    assert said(found) == ([told] if distrusts else [])
    assert ["x509" in each.fact for finding in found for each in finding.evidence] == ([True] if distrusts else [])


def test_a_console_that_is_not_there_tells_nothing() -> None:
    assert endpoint_certificate_is_trusted(AWAY, RUNNING, Absent("the console output", "ec2:GetConsoleOutput")) == ()
