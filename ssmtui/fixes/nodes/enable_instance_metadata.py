"""`enable-instance-metadata`: the metadata service of an instance is turned on, so that its agent gets credentials."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.fixes.frame.delays import NO_WAY_TO_AWS
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.frame.one_instance import STALE, instance_guard
from ssmtui.language import say
from ssmtui.model.node import Instance, Node
from ssmtui.model.plan import Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "enable-instance-metadata"


@fix(slug=_SLUG, stale=STALE)
def enable_instance_metadata(scope: Scope, node: Node) -> Plan | NotApplicable:
    """Turn it on; whether it asks for session tokens (IMDSv2) stays as it is."""
    instance = node.instance
    if not isinstance(instance, Instance):
        return NotApplicable(_SLUG, say("{node} is no EC2 instance that could be seen", node=node.name))
    if instance.metadata.endpoint_enabled:
        return NotApplicable(_SLUG, say("the metadata service of {node} is on", node=node.name))
    on = replace(node, instance=replace(instance, metadata=replace(instance.metadata, endpoint_enabled=True)))
    return Plan(
        fix=_SLUG,
        title=say("Turn on the instance metadata service of {node} ({instance})", node=node.name, instance=instance.id),
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(_set(scope, instance, "enabled"),),
        before="disabled",
        after="enabled",
        guards=(_guard(instance, "disabled"),),
        way_back=WayBack((_guard(instance, "enabled"),), (_set(scope, instance, "disabled"),)),
        reach=Reach.NODE,
        undo=say("The metadata service is turned off again."),
        facts_after=(FactChange(Node, on, replaces=node),),
        stale=STALE,
        settles_within=NO_WAY_TO_AWS,
        delay=say(
            "Seconds in EC2; SSM Agent asks for credentials again after 5 minutes, and up to an hour later, or at once "
            "when it is restarted."
        ),
        notes=(
            say(
                "Whatever runs on the instance can then read its role's credentials; HttpTokens stays {tokens}.",
                tokens=instance.metadata.tokens.value,
            ),
        ),
    )


def _set(scope: Scope, instance: Instance, endpoint: str) -> Call:
    action = "ec2:ModifyInstanceMetadataOptions"
    arn = scope.arn("ec2", f"instance/{instance.id}")
    parameters = {"InstanceId": instance.id, "HttpEndpoint": endpoint}
    return Call("ec2", "ModifyInstanceMetadataOptions", parameters, action, arn)


def _guard(instance: Instance, expected: str) -> Guard:
    return instance_guard(instance, say("the metadata endpoint"), "MetadataOptions.HttpEndpoint", expected)
