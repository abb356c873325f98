"""Steps about policies that another person owns: caller, organization, permission set, protected role."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.language import say, translatable
from ssmtui.model.fact import NoFact
from ssmtui.model.finding import Finding
from ssmtui.model.iam_questions import (
    CHANGE_PREFERENCES_ACTIONS,
    DESKTOP_ACTIONS,
    DOCUMENT_ACCESS_CHECK,
    GENERATE_DATA_KEY,
    OPEN_DATA_CHANNEL,
    READ_PREFERENCES,
    RESUME_SESSION,
    START_SESSION,
    TERMINATE_SESSION,
    node_arn,
)
from ssmtui.model.identity import NodeRole, RoleSource, permission_set_name
from ssmtui.model.node import Node
from ssmtui.model.plan import JSON, FixNotApplicable, Form, Step, Steps, json_text, shell_word
from ssmtui.model.scope import Scope
from ssmtui.model.storage import Key
from ssmtui.remediation.plans.registry import manual_steps
from ssmtui.text.printable import printable

_CALLER_POLICY = "steps-caller-policy"
_OWN_SESSION_CAUSES = ("caller-open-channel-denied", "caller-terminate-denied", "caller-resume-denied")

_ASK_POLICY_OWNER = translatable("Ask the administrator of the policies of {caller} to add this statement.")
_WIDER = translatable("To include more nodes, name their ARNs in the statement or use a condition on a tag.")
_EXPLICIT = translatable(
    'If the error text contains "explicit deny", an allow statement does not help. Find the policy with the deny '
    "statement, which the text can name."
)
_SEE_THAT_IT_HOLDS = translatable(
    "Check that the statement is in effect (IAM needs a few seconds), then re-check here."
)
_KEY_POLICY = translatable(
    "Check that the key policy allows the IAM policies of its account, or names the caller's role. The policy of a "
    "key in another account must name the role."
)
_REQUEST = translatable("This node requires just-in-time access: request access and give a reason.")
_APPROVAL = translatable(
    "Approval policies decide about the request: the deny-access policy of the organization and the auto-approval "
    "policy of the Region, both in the Cedar language, then manual approval policies. If no policy applies to the "
    "node, access cannot be requested. AWS charges just-in-time node access per node and hour."
)
_TOKEN = translatable("After the approval, get the credentials and start the session with them.")
_NOT_START = translatable("Do not ask for ssm:StartSession instead: it would bypass the approvals.")


@manual_steps(_CALLER_POLICY)
def caller_policy(
    scope: Scope,
    finding: Finding,
    node: Node | NoFact,
    key: Key | NoFact,
) -> Steps | FixNotApplicable:
    """Return the statement for only this node, this document and this key."""
    node_id = node.id if isinstance(node, Node) else "NODE_ID"
    if finding.cause == "caller-needs-access-request":
        return Steps(_CALLER_POLICY, say("Request access to {node}", node=node_id), _requesting(scope, node_id))
    statement = lacking_statement(scope, finding.cause, node_id, key.arn if isinstance(key, Key) else "KEY_ARN")
    who = finding.subject.id
    steps = [Step(say(_ASK_POLICY_OWNER, caller=finding.subject.name), json_text(statement), Form.JSON)]
    if finding.cause == "caller-start-denied":
        steps.append(Step(say(_WIDER)))
    if finding.cause == "kms-caller-denied":
        steps.append(Step(say(_KEY_POLICY)))
    steps.append(Step(say(_EXPLICIT)))
    if finding.cause not in _OWN_SESSION_CAUSES:
        steps.append(Step(say(_SEE_THAT_IT_HOLDS), _simulation(who, statement)))
    return Steps(
        _CALLER_POLICY, say("Request the missing permissions of {caller}", caller=finding.subject.name), tuple(steps)
    )


def lacking_statement(scope: Scope, cause: str, node_id: str, key_arn: str) -> dict[str, JSON]:
    """Return the minimal statement that a caller with this cause lacks."""
    document = scope.session_document_arn
    own_sessions = f"arn:{scope.partition}:ssm:*:*:session/${{aws:userid}}-*"
    match cause:
        case "caller-start-denied":
            return _allow((START_SESSION,), node_arn(scope, node_id), document)
        case "caller-document-denied":
            asked: JSON = {"BoolIfExists": {DOCUMENT_ACCESS_CHECK: "true"}}
            return _allow((START_SESSION,), document) | {"Condition": asked}
        case "caller-open-channel-denied":
            return _allow((OPEN_DATA_CHANNEL,), own_sessions)
        case "caller-terminate-denied" | "caller-resume-denied" | "session-resume-denied":
            return _allow((TERMINATE_SESSION, RESUME_SESSION), own_sessions)
        case "caller-preferences-denied":
            return _allow((READ_PREFERENCES, *CHANGE_PREFERENCES_ACTIONS), document)
        case "caller-desktop-denied":
            return _allow((*DESKTOP_ACTIONS, OPEN_DATA_CHANNEL), "*")
        case "kms-caller-denied":
            return _allow((GENERATE_DATA_KEY,), key_arn)
    return _allow((START_SESSION,), node_arn(scope, node_id), document)


def _allow(actions: Sequence[str], *resources: str) -> dict[str, JSON]:
    """Return a statement; a single action or resource is not a list, as people write policies."""
    return {
        "Effect": "Allow",
        "Action": actions[0] if len(actions) == 1 else list(actions),
        "Resource": resources[0] if len(resources) == 1 else list(resources),
    }


def _simulation(principal: str, statement: dict[str, JSON]) -> str:
    actions, resources = statement["Action"], statement["Resource"]
    names = [actions] if isinstance(actions, str) else actions
    arns = [resources] if isinstance(resources, str) else resources
    asked = " ".join(str(each) for each in names) if isinstance(names, Sequence) else ""
    on = " ".join(shell_word(str(each), "RESOURCE_ARN") for each in arns) if isinstance(arns, Sequence) else ""
    return (
        f"aws iam simulate-principal-policy --policy-source-arn {shell_word(principal, 'CALLER_ARN')} \\\n"
        f"  --action-names {asked} \\\n"
        f"  --resource-arns {on} \\\n"
        "  --query 'EvaluationResults[].[EvalActionName,EvalDecision]' --output table"
    )


def _requesting(scope: Scope, node_id: str) -> tuple[Step, ...]:
    region, target = shell_word(scope.region, "REGION"), shell_word(node_id, "NODE_ID")
    ask = (
        f"aws ssm start-access-request --region {region} --reason 'TICKET' \\\n"
        f"  --targets Key=InstanceIds,Values={target}"
    )
    token = f"aws ssm get-access-token --region {region} --access-request-id ACCESS_REQUEST_ID"
    return (Step(say(_REQUEST), ask), Step(say(_APPROVAL)), Step(say(_TOKEN), token), Step(say(_NOT_START)))


_ORGANIZATION_POLICY = "steps-organization-policy"

_ASK_ORGANIZATION = translatable(
    "Send this question to the administrators of the organization. It states what is denied, to which principal and "
    "where."
)
_FIND_CONTROL_POLICIES = translatable(
    "This command lists the service control policies of this account. The administrators run it in the management "
    "account or in a delegated administrator account."
)
_READ_CONTROL_POLICIES = translatable("Read each of these policies. A deny statement overrides every allow statement.")
_WITHIN = translatable(
    "Policies of this account cannot override it. The IAM simulation does not evaluate the conditions of service "
    "control policies, so a condition can still allow a call."
)

_QUESTION = translatable(
    "In account {account}, Region {region}, this does not work: {summary}\nResult of the IAM simulation:\n{facts}\n"
    "Which service control policy denies it? Is an exception possible for only these actions and this principal?"
)


@manual_steps(_ORGANIZATION_POLICY)
def organization_policy(scope: Scope, finding: Finding) -> Steps | FixNotApplicable:
    """Return the result of the IAM simulation in a form that can be sent."""
    facts = "\n".join(f"- {printable(each.fact)} ({each.source})" for each in finding.evidence)
    question = say(
        _QUESTION,
        account=scope.account,
        region=scope.region,
        summary=printable(finding.summary),
        facts=facts,
    )
    account = shell_word(scope.account, "ACCOUNT_ID")
    find = (
        f"aws organizations list-policies-for-target --target-id {account} \\\n"
        "  --filter SERVICE_CONTROL_POLICY --query 'Policies[].[Id,Name]' --output table"
    )
    read = "aws organizations describe-policy --policy-id POLICY_ID --query Policy.Content --output text"
    return Steps(
        _ORGANIZATION_POLICY,
        say("Ask the administrators of the organization"),
        (
            Step(say(_ASK_ORGANIZATION), question, Form.TEXT),
            Step(say(_FIND_CONTROL_POLICIES), find),
            Step(say(_READ_CONTROL_POLICIES), read),
            Step(say(_WITHIN)),
        ),
    )


_PERMISSION_SET = "steps-permission-set"

_ASK_IDENTITY_CENTER = translatable(
    "{caller} is a role of IAM Identity Center, which cannot be changed in this account. Ask the administrator of "
    "Identity Center to add this statement to the inline policy of the permission set {permission_set}."
)
_FIND_PERMISSION_SET = translatable("In the account that manages Identity Center, find the ARN of the permission set.")
_READ_INLINE_POLICY = translatable(
    "Read its inline policy and add the statement to it: the next call replaces the complete policy."
)
_WRITE_INLINE_POLICY = translatable("Save the policy, and provision the permission set to the assigned accounts.")
_ANEW = translatable("Then log in again with aws sso login, and re-check here.")
# IAM Identity Center, API reference: GetInlinePolicyForPermissionSet, PutInlinePolicyToPermissionSet,
# ProvisionPermissionSet.
_SET = "--instance-arn INSTANCE_ARN --permission-set-arn PERMISSION_SET_ARN"


@manual_steps(_PERMISSION_SET)
def permission_set(
    scope: Scope,
    finding: Finding,
    node: Node | NoFact,
    key: Key | NoFact,
) -> Steps | FixNotApplicable:
    """Return the same statement as for a caller's policy, and where to add it."""
    name = permission_set_name(finding.subject.id)
    if name is None:
        return FixNotApplicable(
            _PERMISSION_SET, say("{caller} is not a role of IAM Identity Center", caller=finding.subject.name)
        )
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
        f"  --target-type AWS_ACCOUNT --target-id {shell_word(scope.account, 'ACCOUNT_ID')}"
    )
    return Steps(
        _PERMISSION_SET,
        say("Request a change to the permission set {permission_set}", permission_set=name),
        (
            Step(
                say(_ASK_IDENTITY_CENTER, caller=finding.subject.name, permission_set=name),
                json_text(statement),
                Form.JSON,
            ),
            Step(say(_FIND_PERMISSION_SET), find),
            Step(say(_READ_INLINE_POLICY), f"aws sso-admin get-inline-policy-for-permission-set {_SET}"),
            Step(say(_WRITE_INLINE_POLICY), write),
            Step(say(_ANEW)),
        ),
    )


_PROTECTED_ROLE = "steps-protected-role"

_CREATE_ROLE = translatable("Create a role that {service} can assume, with the permissions for sessions.")
_GIVE_ROLE = translatable("Assign this role to the node instead of {role}.")
_RESTART_FOR_ROLE = translatable("To apply the change immediately, restart SSM Agent or the node.")


@manual_steps(_PROTECTED_ROLE)
def protected_role(scope: Scope, node: Node, node_role: NodeRole | NoFact) -> Steps | FixNotApplicable:
    """Return the steps by the source of the node's role."""
    if not isinstance(node_role, NodeRole):
        return FixNotApplicable(_PROTECTED_ROLE, say("the role was not found or could not be read"))
    service = "ec2.amazonaws.com" if node_role.source is RoleSource.INSTANCE_PROFILE else "ssm.amazonaws.com"
    steps = (
        Step(say(_CREATE_ROLE, service=service), _made(scope)),
        Step(say(_GIVE_ROLE, role=node_role.role.name), _given(scope, node, node_role.source)),
        Step(say(_RESTART_FOR_ROLE)),
    )
    return Steps(_PROTECTED_ROLE, say("Assign another role to {node}", node=node.name), steps)


def _made(scope: Scope) -> str:
    return (
        "aws iam create-role --role-name ROLE_NAME \\\n"
        "  --assume-role-policy-document file://TRUST.json\n"
        "aws iam attach-role-policy --role-name ROLE_NAME \\\n"
        f"  --policy-arn arn:{shell_word(scope.partition, 'aws')}:iam::aws:policy/AmazonSSMManagedInstanceCore"
    )


def _given(scope: Scope, node: Node, source: RoleSource) -> str:
    region, id_ = shell_word(scope.region, "REGION"), shell_word(node.id, "NODE_ID")
    match source:
        case RoleSource.INSTANCE_PROFILE:
            return (
                "aws iam create-instance-profile --instance-profile-name PROFILE_NAME\n"
                "aws iam add-role-to-instance-profile --instance-profile-name PROFILE_NAME --role-name ROLE_NAME\n"
                f"aws ec2 describe-iam-instance-profile-associations --region {region} \\\n"
                f"  --filters Name=instance-id,Values={id_}\n"
                f"aws ec2 replace-iam-instance-profile-association --region {region} \\\n"
                "  --association-id ASSOCIATION_ID --iam-instance-profile Name=PROFILE_NAME"
            )
        case RoleSource.HYBRID_ACTIVATION:
            return (
                f"aws ssm update-managed-instance-role --region {region} \\\n  --instance-id {id_} --iam-role ROLE_NAME"
            )
        case RoleSource.HOST_MANAGEMENT:
            return (
                f"aws ssm update-service-setting --region {region} \\\n"
                "  --setting-id /ssm/managed-instance/default-ec2-instance-management-role \\\n"
                "  --setting-value ROLE_NAME"
            )
