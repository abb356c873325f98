"""`steps-permission-set`: what a caller of IAM Identity Center lacks is added to the permission set behind its role."""

from __future__ import annotations

from ssmtui.fixes.steps.by_hand import by_hand
from ssmtui.fixes.steps.caller_policy import lacking_statement
from ssmtui.language import marked, say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.finding import Finding
from ssmtui.model.node import Node
from ssmtui.model.plan import NotApplicable, json_text
from ssmtui.model.reserved_roles import permission_set_of
from ssmtui.model.scope import Scope
from ssmtui.model.steps import Form, Step, Steps, word
from ssmtui.model.storage import Key

_SLUG = "steps-permission-set"

_ASK = marked(
    "{caller} is a role of IAM Identity Center, which nobody in this account can change. Ask whoever looks after "
    "Identity Center to add this statement to the inline policy of the permission set {permission_set}."
)
_FIND = marked("In the account that keeps Identity Center, find the permission set among its ARNs.")
_READ = marked("Take its inline policy as it is, and add the statement: writing it replaces the whole of it.")
_WRITE = marked("Write it, and have it put into the accounts that the set is assigned to.")
_ANEW = marked("Then log in again, by aws sso login, and check again here.")
# IAM Identity Center, API reference: GetInlinePolicyForPermissionSet, PutInlinePolicyToPermissionSet,
# ProvisionPermissionSet.
_SET = "--instance-arn INSTANCE_ARN --permission-set-arn PERMISSION_SET_ARN"


@by_hand(_SLUG)
def permission_set(
    scope: Scope,
    finding: Finding,
    node: Node | Absent | Moot | Unreadable,
    key: Key | Absent | Moot | Unreadable,
) -> Steps | NotApplicable:
    """The same statement as a caller's policy would need, and where it goes."""
    name = permission_set_of(finding.subject.id)
    if name is None:
        return NotApplicable(_SLUG, say("{caller} is no role of IAM Identity Center", caller=finding.subject.name))
    node_id = node.id if isinstance(node, Node) else "NODE_ID"
    statement = lacking_statement(scope, finding.cause, node_id, key.arn if isinstance(key, Key) else "KEY_ARN")
    find = (
        "aws sso-admin list-instances\n"
        "aws sso-admin list-permission-sets --instance-arn INSTANCE_ARN\n"
        f"aws sso-admin describe-permission-set {_SET}"
    )
    write = (
        f"aws sso-admin put-inline-policy-to-permission-set {_SET} \\\n"
        "  --inline-policy file://POLICY.json\n"
        f"aws sso-admin provision-permission-set {_SET} \\\n"
        f"  --target-type AWS_ACCOUNT --target-id {word(scope.account, 'ACCOUNT_ID')}"
    )
    return Steps(
        _SLUG,
        say("Have the permission set {permission_set} changed", permission_set=name),
        (
            Step(say(_ASK, caller=finding.subject.name, permission_set=name), json_text(statement), Form.JSON),
            Step(say(_FIND), find),
            Step(say(_READ), f"aws sso-admin get-inline-policy-for-permission-set {_SET}"),
            Step(say(_WRITE), write),
            Step(say(_ANEW)),
        ),
    )
