"""Organizations: the accounts of one, told to whom it tells them."""

from __future__ import annotations

from typing import Final

from ssmtui.simulator import organization
from ssmtui.simulator.call import ApiCall
from ssmtui.simulator.errors import AwsError
from ssmtui.simulator.operations.paging import page
from ssmtui.simulator.operations.registry import Result, operation

_PAGE: Final = 20


@operation("organizations", "ListAccounts")
def list_accounts(call: ApiCall) -> Result:
    """All of them, also those that are closed; to the management account and to delegated administrators alone."""
    id_ = organization.policies_on(call.account).organization
    if not id_:
        raise AwsError("AWSOrganizationsNotInUseException", "Your account is not a member of an organization.")
    if not organization.tells_accounts_to(call.account):
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
