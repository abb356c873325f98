"""`start-instance`: a stopped instance is started."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.fixes.frame.delays import FIRST_REPORT
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.frame.one_instance import STALE, instance_guard
from ssmtui.language import say
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
        return NotApplicable(_SLUG, say("{node} is no EC2 instance that could be seen", node=node.name))
    if instance.state is not InstanceState.STOPPED:
        return NotApplicable(_SLUG, say("{node} is {state}, not stopped", node=node.name, state=instance.state.value))
    which = {"InstanceIds": [instance.id]}
    arn = scope.arn("ec2", f"instance/{instance.id}")
    running = replace(node, instance=replace(instance, state=InstanceState.RUNNING))
    return Plan(
        fix=_SLUG,
        title=say("Start {node} ({instance})", node=node.name, instance=instance.id),
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
        undo=say("The instance is stopped again: what it holds in memory and on instance store volumes is lost."),
        facts_after=(FactChange(Node, running, replaces=node),),
        stale=STALE,
        costs=say("EC2 charges for the instance as long as it runs."),
        settles_within=FIRST_REPORT,
        delay=say("A minute or a few: the instance boots, and its SSM Agent reports."),
        notes=(say("It may get another public address, unless it has an Elastic IP address."),),
        confirmation=instance.id,
    )


def _state(instance: Instance, expected: str) -> Guard:
    return instance_guard(instance, say("the state of the instance"), "State.Name", expected)
