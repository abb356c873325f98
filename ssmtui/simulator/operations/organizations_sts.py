"""Organizations and STS: accounts, membership, caller identity, roles."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from ssmtui.simulator import issued_access, organization, state
from ssmtui.simulator.authorisation import principal_of
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.moto_aws import read_answer
from ssmtui.simulator.operations.registry import Result, operation, page
from ssmtui.simulator.responses import AwsError

_PAGE: Final = 20


@operation("organizations", "ListAccounts")
def list_accounts(call: ApiCall) -> Result:
    """All of them, also those that are closed; to the management account and to delegated administrators alone."""
    id_ = organization.control_policies_of(call.account).organization
    if not id_:
        raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    if not organization.can_list_accounts(call.account):
        raise AwsError("AccessDeniedException", "You don't have permissions to access this resource.")
    owner = f"arn:{call.partition}:organizations::{organization.MANAGEMENT_ACCOUNT}:account/{id_}"
    accounts = [
        {
            "Id": each.id,
            "Arn": f"{owner}/{each.id}",
            "Email": f"aws+{each.name}@acme.example",
            "Name": each.name,
            "State": each.state,
            "JoinedMethod": "CREATED",
        }
        for each in organization.accounts()
    ]
    told = page(call, accounts, _PAGE)
    return {"Accounts": list(told.items), **({"NextToken": told.next_token} if told.next_token else {})}


_MANAGEMENT_ACCOUNT: Final = "999988887777"


@operation("organizations", "DescribeOrganization")
def describe_organization(call: ApiCall) -> Result:
    """The organization by its id."""
    id_ = organization.control_policies_of(call.account).organization
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


@operation("sts", "GetCallerIdentity")
def get_caller_identity(call: ApiCall) -> Result:
    """The principal behind the access key."""
    principal = principal_of(call.caller_arn)
    return {"UserId": principal.user_id or call.account, "Account": call.account, "Arn": call.caller_arn}


_HOUR: Final = 3600


@operation("sts", "AssumeRole")
def assume_role(call: ApiCall) -> Result:
    """Credentials of the role. They last an hour at most where a role takes it (role chaining)."""
    seconds = int(call.parameters.get("DurationSeconds", _HOUR))
    if seconds > _HOUR and ":assumed-role/" in call.caller_arn:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining.",
        )
    answer = read_answer(call.model, call.moto())
    end = state.now() + timedelta(seconds=seconds)
    issued_access.begin_role_session(str(answer["Credentials"]["AccessKeyId"]), end)
    issued_access.issue_token(str(answer["Credentials"]["SessionToken"]))
    return {**answer, "Credentials": {**answer["Credentials"], "Expiration": end}}
