"""`start-instance`: a stopped instance is started."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.fixes.fix import fix
from ssmtui.fixes.one_instance import STALE, instance_guard
from ssmtui.model.node import Instance, InstanceState, Node
from ssmtui.model.plan import Call, FactChange, Guard, NotApplicable, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.subject import Subject, SubjectKind

_SLUG = "start-instance"


@fix(slug=_SLUG, stale=STALE)
def start_instance(scope: Scope, node: Node) -> Plan | NotApplicable:
    """Start it."""
    instance = node.instance
    if not isinstance(instance, Instance):
        return NotApplicable(_SLUG, f"{node.name} is no EC2 instance that could be seen")
    if instance.state is not InstanceState.STOPPED:
        return NotApplicable(_SLUG, f"{node.name} is {instance.state.value}, not stopped")
    which = {"InstanceIds": [instance.id]}
    arn = scope.arn("ec2", f"instance/{instance.id}")
    running = replace(node, instance=replace(instance, state=InstanceState.RUNNING))
    return Plan(
        fix=_SLUG,
        title=f"Start {node.name} ({instance.id})",
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(Call("ec2", "StartInstances", which, "ec2:StartInstances", arn),),
        before="stopped",
        after="running",
        guards=(_state(instance, "stopped"),),
        way_back=WayBack(
            (_state(instance, "running"),), (Call("ec2", "StopInstances", which, "ec2:StopInstances", arn),)
        ),
        reach=Reach.NODE,
        undo="The instance is stopped again: what it holds in memory and on instance store volumes is lost.",
        facts_after=(FactChange(Node, running, replaces=node),),
        stale=STALE,
        costs="EC2 charges for the instance as long as it runs.",
        delay="A minute or a few: the instance boots, and its SSM Agent reports.",
        notes=("It may get another public address, unless it has an Elastic IP address.",),
        confirmation=instance.id,
    )


def _state(instance: Instance, expected: str) -> Guard:
    return instance_guard(instance, "the state of the instance", "State.Name", expected)
