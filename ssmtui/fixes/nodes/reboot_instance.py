"""`reboot-instance`: an instance is rebooted, so that its operating system and its SSM Agent start anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ssmtui.fixes.frame.delays import FIRST_REPORT
from ssmtui.fixes.frame.fix import fix
from ssmtui.fixes.frame.one_instance import STALE, instance_guard
from ssmtui.language import marked, say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.node import Instance, InstanceState, Node
from ssmtui.model.plan import Call, FactChange, NotApplicable, Plan, Reach, WayBack
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ImpairedInstances, ProfileAttachment
from ssmtui.model.subject import Subject, SubjectKind
from ssmtui.model.system import ConsoleOutput

_SLUG = "reboot-instance"
_STALE = (*STALE, ImpairedInstances, ProfileAttachment, ConsoleOutput)

# What the agent writes to the console when it starts; the version is not known.
_STARTED = "Amazon SSM Agent v is running"

_NO_WAY_BACK = marked(
    "There is none: what ran on the instance was stopped, and starts again as far as its operating system starts it."
)
_UNTOLD = marked("Where nothing that was read says why SSM Agent is away, nobody can tell whether this brings it back.")
_LOSES = marked("Whatever runs on the instance is interrupted, and what it holds in memory is lost.")


@fix(slug=_SLUG, stale=_STALE)
def reboot_instance(
    scope: Scope,
    node: Node,
    impaired: ImpairedInstances | Absent | Moot | Unreadable,
    attachment: ProfileAttachment | Absent | Moot | Unreadable,
    console: ConsoleOutput | Absent | Moot | Unreadable,
) -> Plan | NotApplicable:
    """Reboot it: the instance keeps its addresses, its volumes and its host."""
    instance = node.instance
    if not isinstance(instance, Instance):
        return NotApplicable(_SLUG, say("{node} is no EC2 instance that could be seen", node=node.name))
    if instance.state is not InstanceState.RUNNING:
        why = say("{node} is {state}, not running", node=node.name, state=instance.state.value)
        return NotApplicable(_SLUG, why)
    arn = scope.arn("ec2", f"instance/{instance.id}")
    return Plan(
        fix=_SLUG,
        title=say("Reboot {node} ({id})", node=node.name, id=instance.id),
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(Call("ec2", "RebootInstances", {"InstanceIds": [instance.id]}, "ec2:RebootInstances", arn),),
        before="",
        after="",
        guards=(instance_guard(instance, say("the state of the instance"), "State.Name", "running"),),
        way_back=WayBack((), ()),
        reach=Reach.NODE,
        undo=say(_NO_WAY_BACK),
        facts_after=tuple(_facts_after(node, instance, impaired, attachment, console)),
        stale=_STALE,
        loses=say(_LOSES),
        settles_within=FIRST_REPORT,
        delay=say("A minute or a few: the instance boots, and its SSM Agent reports."),
        notes=(
            *(() if _is_told_why(instance, impaired) else (say(_UNTOLD),)),
            say("EC2 does not tell whether a reboot was made: should its answer be lost, it cannot be read back."),
        ),
        confirmation=instance.id,
    )


def _is_told_why(instance: Instance, impaired: ImpairedInstances | Absent | Moot | Unreadable) -> bool:
    return isinstance(impaired, ImpairedInstances) and instance.id in impaired.checks_by_id


def _facts_after(
    node: Node,
    instance: Instance,
    impaired: ImpairedInstances | Absent | Moot | Unreadable,
    attachment: ProfileAttachment | Absent | Moot | Unreadable,
    console: ConsoleOutput | Absent | Moot | Unreadable,
) -> Iterator[FactChange]:
    if isinstance(impaired, ImpairedInstances):
        others = {id_: checks for id_, checks in impaired.checks_by_id.items() if id_ != instance.id}
        yield FactChange(ImpairedInstances, ImpairedInstances(others), replaces=impaired)
    if isinstance(attachment, ProfileAttachment):
        looked = Moot(say("the agent looks for credentials when it starts"))
        yield FactChange(ProfileAttachment, looked, replaces=attachment, node=node.key)
    if isinstance(console, ConsoleOutput):
        # What the agent wrote before it started again counts no more; a full volume stays full.
        started = replace(console, text=f"{console.text}\n{_STARTED}")
        yield FactChange(ConsoleOutput, started, replaces=console, node=node.key)
