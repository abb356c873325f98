"""What the caller may do to the preferences document, as IAM tells it."""

from __future__ import annotations

from ssmtui.model.permissions import CallerPreferencesPermissions
from tests.evidence.fact_builders import fact
from tests.evidence.fake_aws import FakeAws
from tests.evidence.readers.permissions.simulation_results import allowing


async def test_the_caller_is_judged_by_the_principal_behind_the_session() -> None:
    aws = FakeAws(iam_SimulatePrincipalPolicy=allowing)
    found = await fact(aws, CallerPreferencesPermissions)
    assert isinstance(found, CallerPreferencesPermissions)
    assert found.principal == "arn:aws:iam::123456789012:role/Engineer"
    assert aws.calls["iam:SimulatePrincipalPolicy"] == 1
