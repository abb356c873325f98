"""`require-imdsv2`: the metadata service of an instance answers only who asks with a session token."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.frame.one_instance import STALE, instance_guard
from ssmtui.language import say
from ssmtui.model.node import Instance, MetadataTokens, Node
from ssmtui.model.plan import Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "require-imdsv2"
_REQUIRED, _OPTIONAL = MetadataTokens.REQUIRED, MetadataTokens.OPTIONAL


@fix(slug=_SLUG, stale=STALE)
def require_imdsv2(scope: Scope, node: Node) -> Plan | NotApplicable:
    """Have it insist on IMDSv2; whether it is on at all stays as it is."""
    instance = node.instance
    if not isinstance(instance, Instance):
        return NotApplicable(_SLUG, say("{node} is no EC2 instance that could be seen", node=node.name))
    if instance.metadata.tokens is _REQUIRED:
        return NotApplicable(_SLUG, say("the metadata service of {node} insists on IMDSv2 already", node=node.name))
    strict = replace(node, instance=replace(instance, metadata=replace(instance.metadata, tokens=_REQUIRED)))
    return Plan(
        fix=_SLUG,
        title=say("Require IMDSv2 of the metadata service of {node} ({id})", node=node.name, id=instance.id),
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(_set(scope, instance, _REQUIRED),),
        before=_OPTIONAL.value,
        after=_REQUIRED.value,
        guards=(_guard(instance, _OPTIONAL),),
        way_back=WayBack((_guard(instance, _REQUIRED),), (_set(scope, instance, _OPTIONAL),)),
        reach=Reach.NODE,
        undo=say("Both versions of the metadata service are allowed again."),
        facts_after=(FactChange(Node, strict, replaces=node),),
        stale=STALE,
        delay=say("Seconds in EC2."),
        notes=(
            say(
                "Software on the instance that still asks without a token (IMDSv1) loses its credentials. The "
                "CloudWatch metric MetadataNoToken of the instance counts such requests."
            ),
        ),
    )


def _set(scope: Scope, instance: Instance, tokens: MetadataTokens) -> Call:
    action = "ec2:ModifyInstanceMetadataOptions"
    arn = scope.arn("ec2", f"instance/{instance.id}")
    parameters = {"InstanceId": instance.id, "HttpTokens": tokens.value}
    return Call("ec2", "ModifyInstanceMetadataOptions", parameters, action, arn)


def _guard(instance: Instance, expected: MetadataTokens) -> Guard:
    name = say("whether the metadata service asks for tokens")
    return instance_guard(instance, name, "MetadataOptions.HttpTokens", expected.value)
