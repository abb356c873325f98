"""The writer cannot exceed its plan: what carries out a call makes that call, as it was shown, and no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ssmtui.model.plan import Call
from ssmtui.remediation.apply import apply_plan as applying
from ssmtui.remediation.apply.apply_plan import SingleCallWriter, apply
from ssmtui.remediation.apply.change import DefectOutcome
from ssmtui.remediation.apply.journal import Journal
from ssmtui.remediation.operations.catalog import WRITE_OPERATIONS, WRITES
from ssmtui.remediation.operations.write_operation import (
    CallNotInPlan,
    ChangeFailedError,
    ChangeWriter,
    OutcomeUnknownError,
    Response,
)
from tests.remediation.apply.fake_aws import NAME, FakeAws
from tests.remediation.apply.plans import ON, bucket_toggle

PARAMETERS = {"Name": "x", "Content": "{}", "DocumentVersion": "3"}
CALL = Call("ssm", "UpdateDocument", PARAMETERS, "ssm:UpdateDocument", "*")


class Aws(FakeAws):
    """Takes everything, and remembers it."""

    def write(self, service: str, operation: str, parameters: Mapping[str, Any]) -> Response:
        self.written.append((operation, dict(parameters)))
        if operation in self.before:
            raise self.before.pop(operation)
        return {}


@pytest.mark.parametrize(("service", "operation"), sorted(WRITES - {("ssm", "UpdateDocument")}))
def test_no_other_operation_is_written(service: str, operation: str) -> None:
    aws = Aws()
    with pytest.raises(CallNotInPlan, match=f"{service}:{operation}"):
        SingleCallWriter(aws, CALL, PARAMETERS).write(service, operation, PARAMETERS)
    assert aws.written == []


@pytest.mark.parametrize(
    "parameters",
    [
        {},
        {**PARAMETERS, "Name": "y"},
        {**PARAMETERS, "Attachments": []},
        {**PARAMETERS, "Content": "{} "},
        {**PARAMETERS, "Content": "{}\n\nx"},
        {**PARAMETERS, "Content": "{"},
        {**PARAMETERS, "Content": "{}\n", "DocumentVersion": "4"},
        {"Name": "x", "DocumentVersion": "3"},
    ],
)
def test_nor_the_operation_with_other_parameters(parameters: dict[str, Any]) -> None:
    aws = Aws()
    with pytest.raises(CallNotInPlan):
        SingleCallWriter(aws, CALL, PARAMETERS).write("ssm", "UpdateDocument", parameters)
    assert aws.written == []


def test_it_is_made_once() -> None:
    aws = Aws()
    one = SingleCallWriter(aws, CALL, PARAMETERS)
    one.write("ssm", "UpdateDocument", PARAMETERS)
    with pytest.raises(CallNotInPlan):
        one.write("ssm", "UpdateDocument", PARAMETERS)
    assert aws.written == [("UpdateDocument", PARAMETERS)]


def test_again_only_where_nothing_came_of_it() -> None:
    aws = Aws(before={"UpdateDocument": ChangeFailedError("DuplicateDocumentContent", "no")})
    one = SingleCallWriter(aws, CALL, PARAMETERS)
    with pytest.raises(ChangeFailedError):
        one.write("ssm", "UpdateDocument", PARAMETERS)
    aws.before["UpdateDocument"] = OutcomeUnknownError("no answer came")
    padded = {**PARAMETERS, "Content": "{}\n"}
    with pytest.raises(OutcomeUnknownError):
        one.write("ssm", "UpdateDocument", padded)
    with pytest.raises(CallNotInPlan):
        one.write("ssm", "UpdateDocument", padded)
    assert aws.written == [("UpdateDocument", PARAMETERS), ("UpdateDocument", padded)]


def test_a_change_whose_carrying_out_would_go_further_is_stopped_there(
    aws: FakeAws, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def goes_further(writer: ChangeWriter, _parameters: Mapping[str, Any]) -> Response:
        return writer.write("ssm", "DeleteDocument", {"Name": NAME})

    plan = bucket_toggle(aws)
    key = ("ssm", "UpdateDocument")
    further = replace(WRITE_OPERATIONS[key], carry_out=goes_further)
    monkeypatch.setattr(applying, "WRITE_OPERATIONS", {**WRITE_OPERATIONS, key: further})
    outcome = apply(plan, aws, journal)
    assert isinstance(outcome, DefectOutcome)
    assert outcome.why.startswith("CallNotInPlan at ssmtui/remediation/apply/apply_plan.py:")
    assert (aws.written, aws.versions) == ([], [ON])
