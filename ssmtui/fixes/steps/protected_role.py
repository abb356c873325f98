"""`steps-protected-role`: a node is given a role of the account's own in place of one that only AWS can change."""

from __future__ import annotations

from ssmtui.fixes.steps.by_hand import by_hand
from ssmtui.language import marked, say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.identity import NodeRole, RoleSource
from ssmtui.model.node import Node
from ssmtui.model.plan import NotApplicable
from ssmtui.model.scope import Scope
from ssmtui.model.steps import Step, Steps, word

_SLUG = "steps-protected-role"

_MAKE = marked("Make a role of your own that {service} may take, with what sessions need.")
_GIVE = marked("Give it to the node in place of {role}.")
_RESTART = marked("Restart SSM Agent, or the node, to see the change now.")


@by_hand(_SLUG)
def protected_role(scope: Scope, node: Node, node_role: NodeRole | Absent | Moot | Unreadable) -> Steps | NotApplicable:
    """By where the node has its role from."""
    if not isinstance(node_role, NodeRole):
        return NotApplicable(_SLUG, say("the role is not to be seen"))
    service = "ec2.amazonaws.com" if node_role.source is RoleSource.INSTANCE_PROFILE else "ssm.amazonaws.com"
    steps = (
        Step(say(_MAKE, service=service), _made(scope)),
        Step(say(_GIVE, role=node_role.role.name), _given(scope, node, node_role.source)),
        Step(say(_RESTART)),
    )
    return Steps(_SLUG, say("Give {node} a role of your own", node=node.name), steps)


def _made(scope: Scope) -> str:
    return (
        "aws iam create-role --role-name ROLE_NAME \\\n"
        "  --assume-role-policy-document file://TRUST.json\n"
        "aws iam attach-role-policy --role-name ROLE_NAME \\\n"
        f"  --policy-arn arn:{word(scope.partition, 'aws')}:iam::aws:policy/AmazonSSMManagedInstanceCore"
    )


def _given(scope: Scope, node: Node, source: RoleSource) -> str:
    region, id_ = word(scope.region, "REGION"), word(node.id, "NODE_ID")
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
