"""Fixes of EC2 instances: start, reboot, and metadata options."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ssmtui.language import say, translatable
from ssmtui.model.fact import Absent, NotApplicable, Unreadable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.node import Instance, InstanceState, MetadataTokens, Node
from ssmtui.model.node_facts import ConsoleOutput, ImpairedInstances, ProfileAttachment
from ssmtui.model.plan import Call, FactChange, FixNotApplicable, Guard, Plan, Reach, UndoPlan
from ssmtui.model.scope import Scope
from ssmtui.remediation.plans.common.fix import fix
from ssmtui.remediation.plans.common.plan_parts import FIRST_REPORT, INSTANCE_FACTS, NO_WAY_TO_AWS, instance_guard

_ENABLE_INSTANCE_METADATA = "enable-instance-metadata"


@fix(slug=_ENABLE_INSTANCE_METADATA, stale=INSTANCE_FACTS)
def enable_instance_metadata(scope: Scope, node: Node) -> Plan | FixNotApplicable:
    """Turn it on; whether it asks for session tokens (IMDSv2) stays as it is."""
    instance = node.instance
    if not isinstance(instance, Instance):
        return FixNotApplicable(
            _ENABLE_INSTANCE_METADATA, say("{node} is no EC2 instance that could be seen", node=node.name)
        )
    if instance.metadata.endpoint_enabled:
        return FixNotApplicable(_ENABLE_INSTANCE_METADATA, say("the metadata service of {node} is on", node=node.name))
    on = replace(node, instance=replace(instance, metadata=replace(instance.metadata, endpoint_enabled=True)))
    return Plan(
        fix=_ENABLE_INSTANCE_METADATA,
        title=say("Turn on the instance metadata service of {node} ({instance})", node=node.name, instance=instance.id),
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(_set_metadata_endpoint(scope, instance, "enabled"),),
        before="disabled",
        after="enabled",
        guards=(_metadata_endpoint_guard(instance, "disabled"),),
        way_back=UndoPlan(
            (_metadata_endpoint_guard(instance, "enabled"),), (_set_metadata_endpoint(scope, instance, "disabled"),)
        ),
        reach=Reach.NODE,
        undo=say("The metadata service is turned off again."),
        facts_after=(FactChange(Node, on, replaces=node),),
        stale=INSTANCE_FACTS,
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


def _set_metadata_endpoint(scope: Scope, instance: Instance, endpoint: str) -> Call:
    action = "ec2:ModifyInstanceMetadataOptions"
    arn = scope.arn("ec2", f"instance/{instance.id}")
    parameters = {"InstanceId": instance.id, "HttpEndpoint": endpoint}
    return Call("ec2", "ModifyInstanceMetadataOptions", parameters, action, arn)


def _metadata_endpoint_guard(instance: Instance, expected: str) -> Guard:
    return instance_guard(instance, say("the metadata endpoint"), "MetadataOptions.HttpEndpoint", expected)


_REBOOT_INSTANCE = "reboot-instance"
_REBOOT_STALE = (*INSTANCE_FACTS, ImpairedInstances, ProfileAttachment, ConsoleOutput)

# What the agent writes to the console when it starts; the version is not known.
_AGENT_STARTED_LINE = "Amazon SSM Agent v is running"

_REBOOT_UNDO = translatable(
    "There is none: what ran on the instance was stopped, and starts again as far as its operating system starts it."
)
_REBOOT_NOTE = translatable(
    "Where nothing that was read says why SSM Agent is away, nobody can tell whether this brings it back."
)
_REBOOT_LOSES = translatable("Whatever runs on the instance is interrupted, and what it holds in memory is lost.")


@fix(slug=_REBOOT_INSTANCE, stale=_REBOOT_STALE)
def reboot_instance(
    scope: Scope,
    node: Node,
    impaired: ImpairedInstances | Absent | NotApplicable | Unreadable,
    attachment: ProfileAttachment | Absent | NotApplicable | Unreadable,
    console: ConsoleOutput | Absent | NotApplicable | Unreadable,
) -> Plan | FixNotApplicable:
    """Reboot it: the instance keeps its addresses, its volumes and its host."""
    instance = node.instance
    if not isinstance(instance, Instance):
        return FixNotApplicable(_REBOOT_INSTANCE, say("{node} is no EC2 instance that could be seen", node=node.name))
    if instance.state is not InstanceState.RUNNING:
        why = say("{node} is {state}, not running", node=node.name, state=instance.state.value)
        return FixNotApplicable(_REBOOT_INSTANCE, why)
    arn = scope.arn("ec2", f"instance/{instance.id}")
    return Plan(
        fix=_REBOOT_INSTANCE,
        title=say("Reboot {node} ({id})", node=node.name, id=instance.id),
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(Call("ec2", "RebootInstances", {"InstanceIds": [instance.id]}, "ec2:RebootInstances", arn),),
        before="",
        after="",
        guards=(instance_guard(instance, say("the state of the instance"), "State.Name", "running"),),
        way_back=UndoPlan((), ()),
        reach=Reach.NODE,
        undo=say(_REBOOT_UNDO),
        facts_after=tuple(_facts_after_reboot(node, instance, impaired, attachment, console)),
        stale=_REBOOT_STALE,
        loses=say(_REBOOT_LOSES),
        settles_within=FIRST_REPORT,
        delay=say("A minute or a few: the instance boots, and its SSM Agent reports."),
        notes=(
            *(() if _is_told_why(instance, impaired) else (say(_REBOOT_NOTE),)),
            say("EC2 does not tell whether a reboot was made: should its answer be lost, it cannot be read back."),
        ),
        confirmation=instance.id,
    )


def _is_told_why(instance: Instance, impaired: ImpairedInstances | Absent | NotApplicable | Unreadable) -> bool:
    return isinstance(impaired, ImpairedInstances) and instance.id in impaired.checks_by_id


def _facts_after_reboot(
    node: Node,
    instance: Instance,
    impaired: ImpairedInstances | Absent | NotApplicable | Unreadable,
    attachment: ProfileAttachment | Absent | NotApplicable | Unreadable,
    console: ConsoleOutput | Absent | NotApplicable | Unreadable,
) -> Iterator[FactChange]:
    if isinstance(impaired, ImpairedInstances):
        others = {id_: checks for id_, checks in impaired.checks_by_id.items() if id_ != instance.id}
        yield FactChange(ImpairedInstances, ImpairedInstances(others), replaces=impaired)
    if isinstance(attachment, ProfileAttachment):
        looked = NotApplicable(say("the agent looks for credentials when it starts"))
        yield FactChange(ProfileAttachment, looked, replaces=attachment, node=node.key)
    if isinstance(console, ConsoleOutput):
        # What the agent wrote before it started again counts no more; a full volume stays full.
        started = replace(console, text=f"{console.text}\n{_AGENT_STARTED_LINE}")
        yield FactChange(ConsoleOutput, started, replaces=console, node=node.key)


_REQUIRE_IMDSV2 = "require-imdsv2"
_REQUIRED, _OPTIONAL = MetadataTokens.REQUIRED, MetadataTokens.OPTIONAL


@fix(slug=_REQUIRE_IMDSV2, stale=INSTANCE_FACTS)
def require_imdsv2(scope: Scope, node: Node) -> Plan | FixNotApplicable:
    """Have it insist on IMDSv2; whether it is on at all stays as it is."""
    instance = node.instance
    if not isinstance(instance, Instance):
        return FixNotApplicable(_REQUIRE_IMDSV2, say("{node} is no EC2 instance that could be seen", node=node.name))
    if instance.metadata.tokens is _REQUIRED:
        return FixNotApplicable(
            _REQUIRE_IMDSV2, say("the metadata service of {node} insists on IMDSv2 already", node=node.name)
        )
    strict = replace(node, instance=replace(instance, metadata=replace(instance.metadata, tokens=_REQUIRED)))
    return Plan(
        fix=_REQUIRE_IMDSV2,
        title=say("Require IMDSv2 of the metadata service of {node} ({id})", node=node.name, id=instance.id),
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(_set_metadata_tokens(scope, instance, _REQUIRED),),
        before=_OPTIONAL.value,
        after=_REQUIRED.value,
        guards=(_metadata_tokens_guard(instance, _OPTIONAL),),
        way_back=UndoPlan(
            (_metadata_tokens_guard(instance, _REQUIRED),), (_set_metadata_tokens(scope, instance, _OPTIONAL),)
        ),
        reach=Reach.NODE,
        undo=say("Both versions of the metadata service are allowed again."),
        facts_after=(FactChange(Node, strict, replaces=node),),
        stale=INSTANCE_FACTS,
        delay=say("Seconds in EC2."),
        notes=(
            say(
                "Software on the instance that still asks without a token (IMDSv1) loses its credentials. The "
                "CloudWatch metric MetadataNoToken of the instance counts such requests."
            ),
        ),
    )


def _set_metadata_tokens(scope: Scope, instance: Instance, tokens: MetadataTokens) -> Call:
    action = "ec2:ModifyInstanceMetadataOptions"
    arn = scope.arn("ec2", f"instance/{instance.id}")
    parameters = {"InstanceId": instance.id, "HttpTokens": tokens.value}
    return Call("ec2", "ModifyInstanceMetadataOptions", parameters, action, arn)


def _metadata_tokens_guard(instance: Instance, expected: MetadataTokens) -> Guard:
    name = say("whether the metadata service asks for tokens")
    return instance_guard(instance, name, "MetadataOptions.HttpTokens", expected.value)


_START_INSTANCE = "start-instance"


@fix(slug=_START_INSTANCE, stale=INSTANCE_FACTS)
def start_instance(scope: Scope, node: Node) -> Plan | FixNotApplicable:
    """Start it."""
    instance = node.instance
    if not isinstance(instance, Instance):
        return FixNotApplicable(_START_INSTANCE, say("{node} is no EC2 instance that could be seen", node=node.name))
    if instance.state is not InstanceState.STOPPED:
        return FixNotApplicable(
            _START_INSTANCE, say("{node} is {state}, not stopped", node=node.name, state=instance.state.value)
        )
    which = {"InstanceIds": [instance.id]}
    arn = scope.arn("ec2", f"instance/{instance.id}")
    running = replace(node, instance=replace(instance, state=InstanceState.RUNNING))
    return Plan(
        fix=_START_INSTANCE,
        title=say("Start {node} ({instance})", node=node.name, instance=instance.id),
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(Call("ec2", "StartInstances", which, "ec2:StartInstances", arn),),
        before="stopped",
        after="running",
        guards=(_state_guard(instance, "stopped"),),
        way_back=UndoPlan(
            (_state_guard(instance, "running"),), (Call("ec2", "StopInstances", which, "ec2:StopInstances", arn),)
        ),
        reach=Reach.NODE,
        undo=say("The instance is stopped again: what it holds in memory and on instance store volumes is lost."),
        facts_after=(FactChange(Node, running, replaces=node),),
        stale=INSTANCE_FACTS,
        costs=say("EC2 charges for the instance as long as it runs."),
        settles_within=FIRST_REPORT,
        delay=say("A minute or a few: the instance boots, and its SSM Agent reports."),
        notes=(say("It may get another public address, unless it has an Elastic IP address."),),
        confirmation=instance.id,
    )


def _state_guard(instance: Instance, expected: str) -> Guard:
    return instance_guard(instance, say("the state of the instance"), "State.Name", expected)
