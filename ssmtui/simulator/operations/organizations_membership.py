"""Organizations: which organization the account is a member of."""

from __future__ import annotations

from typing import Final

from ssmtui.simulator import organization
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.operations.registry import Result, operation

_MANAGEMENT_ACCOUNT: Final = "999988887777"


@operation("organizations", "DescribeOrganization")
def describe_organization(call: ApiCall) -> Result:
    """The organization by its id."""
    id_ = organization.policies_on(call.account).organization
    if not id_:
        message = "Your account is not a member of an organization."
        raise AwsError("AWSOrganizationsNotInUseException", message)
    owner = f"arn:{call.partition}:organizations::{_MANAGEMENT_ACCOUNT}"
    return {
        "Organization": {
            "Id": id_,
            "Arn": f"{owner}:organization/{id_}",
            "FeatureSet": "ALL",
            "MasterAccountId": _MANAGEMENT_ACCOUNT,
            "MasterAccountArn": f"{owner}:account/{id_}/{_MANAGEMENT_ACCOUNT}",
            "MasterAccountEmail": "aws@acme.example",
        }
    }
