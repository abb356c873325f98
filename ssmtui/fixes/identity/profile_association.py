"""Which instance profile an instance has, as EC2 keeps it: in common to the fixes that give it one."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.fixes.frame.one_instance import STALE as OF_INSTANCES
from ssmtui.language import marked, say
from ssmtui.model.identity import AttachedProfile
from ssmtui.model.node import Instance, Node
from ssmtui.model.plan import JSON, Call, FactChange, FromGuard, Guard, Parameter, passing
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ProfileAttachment

STALE = (*OF_INSTANCES, AttachedProfile, ProfileAttachment)

# docs/facts/nodes.md §6: between two looks for credentials the agent waits 25 to 30 minutes.
DELAY = marked(
    "Up to 30 minutes: an SSM Agent that found no credentials waits that long before it looks again. Restarting the "
    "agent, or the node, shortens it."
)

_ARNS = "IamInstanceProfileAssociations.*.IamInstanceProfile.Arn"
_ID = FromGuard(0, "IamInstanceProfileAssociations.0.AssociationId")
"""The association that the first guard has read."""


def association_guard(instance: Instance, profile_arn: str) -> Guard:
    """A guard on the ARN of the instance's profile; empty where it must have none."""
    which: dict[str, JSON] = {
        "Filters": [
            {"Name": "instance-id", "Values": [instance.id]},
            {"Name": "state", "Values": ["associating", "associated"]},
        ]
    }
    name = say("the instance profile of the instance")
    return Guard(name, "ec2", "DescribeIamInstanceProfileAssociations", which, _ARNS, profile_arn)


def associate(scope: Scope, instance: Instance, profile: AttachedProfile) -> Call:
    """Give the instance a profile, where it has none."""
    parameters: dict[str, Parameter] = {
        "InstanceId": instance.id,
        "IamInstanceProfile": {"Name": profile.profile.name},
    }
    return _call("AssociateIamInstanceProfile", scope, instance, parameters, profile.profile.role_arn)


def disassociate(scope: Scope, instance: Instance) -> Call:
    """Take it away again. Its guard must be the first of the row."""
    return _call("DisassociateIamInstanceProfile", scope, instance, {"AssociationId": _ID}, None)


def replace_association(scope: Scope, instance: Instance, name: str, role_arn: str | None) -> Call:
    """Give it another one. Its guard must be the first of the row."""
    parameters: dict[str, Parameter] = {"AssociationId": _ID, "IamInstanceProfile": {"Name": name}}
    return _call("ReplaceIamInstanceProfileAssociation", scope, instance, parameters, role_arn)


def with_profile(node: Node, instance: Instance, profile_arn: str) -> FactChange:
    """The node as it would be with the profile: what its role may do is then asked of AWS."""
    return FactChange(Node, replace(node, instance=replace(instance, profile_arn=profile_arn)), replaces=node)


def _call(
    operation: str, scope: Scope, instance: Instance, parameters: dict[str, Parameter], role_arn: str | None
) -> Call:
    arn = scope.arn("ec2", f"instance/{instance.id}")
    besides = (passing(role_arn, "ec2.amazonaws.com"),) if role_arn else ()
    return Call("ec2", operation, parameters, f"ec2:{operation}", arn, besides=besides)
