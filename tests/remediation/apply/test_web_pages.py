"""A proxy's page is no refusal of a change: whether it was made is not known, and is read back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ssmtui.aws.client_config import ClientAccess
from ssmtui.model.scope import SharedCredentials
from ssmtui.remediation.apply.writer import Writer
from ssmtui.remediation.operations.write_operation import OutcomeUnknownError
from tests.session.loopback_aws import Answer, LoopbackAws, loopback_aws

LENT = SharedCredentials("ASIAEXAMPLE000000000", "s", "t")
PAGE = "<!DOCTYPE html><html><head><title>Blocked</title></head></html>"


@pytest.fixture
def aws() -> Iterator[LoopbackAws]:
    with loopback_aws() as served:
        yield served


@pytest.mark.parametrize("status", [200, 403, 503])
def test_whether_a_change_was_made_is_not_known(status: int, aws: LoopbackAws) -> None:
    aws.answers_to("UpdateDocument", Answer(PAGE, status, kind="text/html"))
    writer = Writer(ClientAccess(None, "eu-west-3", aws.url), lend=lambda _refused=None: LENT)
    with pytest.raises(OutcomeUnknownError) as unknown:
        writer.write("ssm", "UpdateDocument", {"Name": "SSM-SessionManagerRunShell", "Content": "{}"})
    page = f"a web page (HTTP {status}, “Blocked”) was returned instead of the AWS response"
    assert str(unknown.value) == f"no response to ssm:UpdateDocument: {page}"
    assert aws.operations == ["UpdateDocument"]
