"""Fixes of single nodes: instances, commands and sessions; and the tier of hybrid nodes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from ssmtui.language import say, say_many, translatable
from ssmtui.model.fact import NoFact, NotApplicable, Now, Unreadable
from ssmtui.model.finding import Subject, SubjectKind
from ssmtui.model.iam_questions import node_arn
from ssmtui.model.node import (
    ConnectionStatus,
    Instance,
    InstanceState,
    MetadataTokens,
    Node,
    PingStatus,
    PlatformFamily,
    Registration,
)
from ssmtui.model.node_facts import (
    ActivationTier,
    ConsoleOutput,
    ImpairedInstances,
    ManagedFleet,
    ManagedNode,
    MetadataDefaults,
    Observation,
    ProfileAttachment,
)
from ssmtui.model.plan import (
    JSON,
    Call,
    FactChange,
    FixNotApplicable,
    Guard,
    Plan,
    Reach,
    RequiredPermission,
    Step,
    Steps,
    UndoPlan,
)
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import ActiveSession, StaleSessions
from ssmtui.model.ssm_agent import is_older_version, newest_version
from ssmtui.remediation.plans.plan_parts import (
    FIRST_REPORT,
    INSTANCE_FACTS,
    NO_WAY_TO_AWS,
    RESTART_BY_HAND,
    instance_guard,
    own_instance,
    reset,
    setting_guard,
    updated,
)
from ssmtui.remediation.plans.registry import Draft, fix
from ssmtui.remediation.plans.steps.agent import get_in, newest_agent


@fix(slug="enable-instance-metadata", stale=INSTANCE_FACTS)
def enable_instance_metadata(scope: Scope, node: Node) -> Draft:
    """Turn on the metadata service; the setting for session tokens (IMDSv2) stays unchanged."""
    instance = own_instance(node)
    if not isinstance(instance, Instance):
        return instance
    if instance.metadata.endpoint_enabled:
        return say("the metadata service of {node} is already on", node=node.name)
    on = replace(node, instance=replace(instance, metadata=replace(instance.metadata, endpoint_enabled=True)))
    return Plan(
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
        settles_within=NO_WAY_TO_AWS,
        delay=say(
            "A few seconds in EC2. SSM Agent asks for credentials again after 5 minutes, later after up to an hour, "
            "or immediately after a restart."
        ),
        notes=(
            say(
                "Software on the instance can then read the credentials of the role; HttpTokens stays {tokens}.",
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


# The agent's first line in the console output; the version is not known.
_AGENT_STARTED_LINE = "Amazon SSM Agent v is running"

_REBOOT_UNDO = translatable(
    "A reboot cannot be undone. Software on the instance is stopped, and starts again only if the operating system "
    "starts it."
)
_REBOOT_NOTE = translatable("If no finding explains why SSM Agent is offline, it is not known whether a reboot helps.")
_REBOOT_LOSES = translatable("Software on the instance is interrupted, and the data in memory is lost.")


@fix(slug="reboot-instance", stale=(*INSTANCE_FACTS, ImpairedInstances, ProfileAttachment, ConsoleOutput))
def reboot_instance(
    scope: Scope,
    node: Node,
    impaired: ImpairedInstances | NoFact,
    attachment: ProfileAttachment | NoFact,
    console: ConsoleOutput | NoFact,
) -> Draft:
    """Reboot the instance: it keeps its addresses, its volumes and its host."""
    instance = own_instance(node)
    if not isinstance(instance, Instance):
        return instance
    if instance.state is not InstanceState.RUNNING:
        return say("{node} is {state}, not running", node=node.name, state=instance.state.value)
    arn = scope.arn("ec2", f"instance/{instance.id}")
    return Plan(
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
        loses=say(_REBOOT_LOSES),
        settles_within=FIRST_REPORT,
        delay=say("A few minutes: the instance boots, and SSM Agent reports."),
        notes=(
            *(() if _is_told_why(instance, impaired) else (say(_REBOOT_NOTE),)),
            say("EC2 does not report whether a reboot took place. If the response is lost, the result cannot be read."),
        ),
        confirmation=instance.id,
    )


def _is_told_why(instance: Instance, impaired: ImpairedInstances | NoFact) -> bool:
    return isinstance(impaired, ImpairedInstances) and instance.id in impaired.checks_by_id


def _facts_after_reboot(
    node: Node,
    instance: Instance,
    impaired: ImpairedInstances | NoFact,
    attachment: ProfileAttachment | NoFact,
    console: ConsoleOutput | NoFact,
) -> Iterator[FactChange]:
    if isinstance(impaired, ImpairedInstances):
        others = {id_: checks for id_, checks in impaired.checks_by_id.items() if id_ != instance.id}
        yield FactChange(ImpairedInstances, ImpairedInstances(others), replaces=impaired)
    if isinstance(attachment, ProfileAttachment):
        looked = NotApplicable(say("the agent looks for credentials when it starts"))
        yield FactChange(ProfileAttachment, looked, replaces=attachment, node=node.key)
    if isinstance(console, ConsoleOutput):
        # Console output from before the restart does not count any more; a full volume stays full.
        started = replace(console, text=f"{console.text}\n{_AGENT_STARTED_LINE}")
        yield FactChange(ConsoleOutput, started, replaces=console, node=node.key)


_REQUIRED, _OPTIONAL = MetadataTokens.REQUIRED, MetadataTokens.OPTIONAL


@fix(slug="require-imdsv2", stale=INSTANCE_FACTS)
def require_imdsv2(scope: Scope, node: Node, defaults: MetadataDefaults | NoFact) -> Draft:
    """Require IMDSv2; whether the metadata service is on stays unchanged.

    An account can enforce IMDSv2 (HttpTokensEnforced): EC2 then refuses to allow IMDSv1 again.
    """
    instance = own_instance(node)
    if not isinstance(instance, Instance):
        return instance
    if instance.metadata.tokens is _REQUIRED:
        return say("the metadata service of {node} already requires IMDSv2", node=node.name)
    strict = replace(node, instance=replace(instance, metadata=replace(instance.metadata, tokens=_REQUIRED)))
    enforced = defaults if isinstance(defaults, MetadataDefaults) and defaults.tokens_enforced else None
    back = UndoPlan((_metadata_tokens_guard(instance, _REQUIRED),), (_set_metadata_tokens(scope, instance, _OPTIONAL),))
    return Plan(
        title=say("Require IMDSv2 for the metadata service of {node} ({id})", node=node.name, id=instance.id),
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(_set_metadata_tokens(scope, instance, _REQUIRED),),
        before=_OPTIONAL.value,
        after=_REQUIRED.value,
        guards=(_metadata_tokens_guard(instance, _OPTIONAL),),
        way_back=back if enforced is None else UndoPlan((), ()),
        reach=Reach.NODE,
        undo=_tokens_undo(scope, enforced),
        facts_after=(FactChange(Node, strict, replaces=node),),
        delay=say("A few seconds in EC2."),
        notes=(
            say(
                "Software on the instance that requests credentials without a token (IMDSv1) loses access to them. "
                "The CloudWatch metric MetadataNoToken of the instance counts such requests."
            ),
            *_unknown_enforcement(scope, defaults),
        ),
        confirmation="" if enforced is None else instance.id,
    )


def _tokens_undo(scope: Scope, enforced: MetadataDefaults | None) -> str:
    if enforced is None:
        return say("Both versions of the metadata service are allowed again.")
    if enforced.by_policy:
        return say(
            "This change cannot be undone. A declarative policy of the organization enforces IMDSv2 in {region} "
            "(HttpTokensEnforced), and EC2 then refuses to allow IMDSv1 on an instance that requires IMDSv2.",
            region=scope.region,
        )
    return say(
        "This change cannot be undone. The account enforces IMDSv2 in {region} (HttpTokensEnforced), and EC2 then "
        "refuses to allow IMDSv1 on an instance that requires IMDSv2.",
        region=scope.region,
    )


def _unknown_enforcement(scope: Scope, defaults: MetadataDefaults | NoFact) -> Iterator[str]:
    if not isinstance(defaults, MetadataDefaults):
        yield say(
            "Cannot determine whether the account enforces IMDSv2 in {region} ({action}). If it does, EC2 refuses the "
            "undo.",
            region=scope.region,
            action="ec2:GetInstanceMetadataDefaults",
        )


def _set_metadata_tokens(scope: Scope, instance: Instance, tokens: MetadataTokens) -> Call:
    action = "ec2:ModifyInstanceMetadataOptions"
    arn = scope.arn("ec2", f"instance/{instance.id}")
    parameters = {"InstanceId": instance.id, "HttpTokens": tokens.value}
    return Call("ec2", "ModifyInstanceMetadataOptions", parameters, action, arn)


def _metadata_tokens_guard(instance: Instance, expected: MetadataTokens) -> Guard:
    name = say("the token requirement of the metadata service")
    return instance_guard(instance, name, "MetadataOptions.HttpTokens", expected.value)


@fix(slug="start-instance", stale=INSTANCE_FACTS)
def start_instance(scope: Scope, node: Node) -> Draft:
    """Start the instance."""
    instance = own_instance(node)
    if not isinstance(instance, Instance):
        return instance
    if instance.state is not InstanceState.STOPPED:
        return say("{node} is {state}, not stopped", node=node.name, state=instance.state.value)
    which = {"InstanceIds": [instance.id]}
    arn = scope.arn("ec2", f"instance/{instance.id}")
    running = replace(node, instance=replace(instance, state=InstanceState.RUNNING))
    return Plan(
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
        undo=say("The instance is stopped again: data in memory and on instance store volumes is lost."),
        facts_after=(FactChange(Node, running, replaces=node),),
        costs=say("EC2 charges for the instance while it runs."),
        settles_within=FIRST_REPORT,
        delay=say("A few minutes: the instance boots, and SSM Agent reports."),
        notes=(say("The public IP address can change, unless the instance has an Elastic IP address."),),
        confirmation=instance.id,
    )


def _state_guard(instance: Instance, expected: str) -> Guard:
    return instance_guard(instance, say("the state of the instance"), "State.Name", expected)


SHELL, POWERSHELL, UPDATE_AGENT = "AWS-RunShellScript", "AWS-RunPowerShellScript", "AWS-UpdateSSMAgent"
"""AWS's own documents; no account can have other documents with these names."""

_SEND = "ssm:SendCommand"
_DELIVERED_WITHIN = 120
# The maximum error of the workstation's clock: with a larger error, AWS refuses the calls.
_LOOKED_BACK = timedelta(hours=1)

_REACHES = translatable(
    "Run Command reaches a node through ssmmessages, or through ec2messages if the agent supports it. If neither is "
    "reachable, the command is not delivered and nothing changes."
)


@dataclass(frozen=True, slots=True)
class NodeCommand:
    """A command: the document and its parameters. `before` and `after` describe the effect, `undo` says that it stays.

    `by_hand` does the same on the node, for nodes that cannot receive commands.
    """

    fix: str
    title: str
    document: str
    parameters: Mapping[str, JSON]
    before: str
    after: str
    undo: str
    delay: str
    settles_within: timedelta | None = None
    loses: str = ""
    notes: tuple[str, ...] = ()
    manual_step: Step | None = None


def run_command_plan(
    command: NodeCommand,
    scope: Scope,
    node: Node,
    now: Now,
    facts_after: tuple[FactChange, ...] = (),
) -> Draft:
    """Return the plan that sends the command to the node, or why the node cannot receive it."""
    if node.ping is not PingStatus.ONLINE:
        why = say("{node} is not online: its SSM Agent cannot receive commands", node=node.name)
        return FixNotApplicable(command.fix, why, steps=_on_the_node(command, node, why))
    comment = f"ssmtui {command.fix} {now.at:%Y%m%dT%H%M%SZ}"
    return Plan(
        title=command.title,
        scope=scope,
        subject=Subject(SubjectKind.NODE, node.id),
        calls=(_send(command, scope, node, comment),),
        before=command.before,
        after=command.after,
        guards=(_online(node.id), _command(node.id, comment, now, "")),
        way_back=UndoPlan((_command(node.id, comment, now, "Success"),), ()),
        reach=Reach.NODE,
        undo=command.undo,
        facts_after=facts_after,
        loses=command.loses,
        delay=command.delay,
        settles_within=command.settles_within,
        notes=(*command.notes, say(_REACHES)),
    )


def _on_the_node(command: NodeCommand, node: Node, why: str) -> Steps | None:
    if command.manual_step is None:
        return None
    return Steps(command.fix, command.title, (Step(f"{why}."), get_in(node), command.manual_step))


def _send(command: NodeCommand, scope: Scope, node: Node, comment: str) -> Call:
    parameters: dict[str, JSON] = {
        "InstanceIds": [node.id],
        "DocumentName": command.document,
        "Parameters": command.parameters,
        "Comment": comment,
        "TimeoutSeconds": _DELIVERED_WITHIN,
    }
    document = f"arn:{scope.partition}:ssm:{scope.region}::document/{command.document}"
    target = RequiredPermission(_SEND, node_arn(scope, node.id))
    return Call("ssm", "SendCommand", parameters, _SEND, document, besides=(target,))


def _online(node_id: str) -> Guard:
    which: dict[str, JSON] = {"Filters": [{"Key": "InstanceIds", "Values": [node_id]}]}
    path = "InstanceInformationList.0.PingStatus"
    return Guard(say("the ping status of the node"), "ssm", "DescribeInstanceInformation", which, path, "Online")


def _command(node_id: str, comment: str, now: Now, expected: str) -> Guard:
    """Return a guard on the status of this command: no line if it was never sent."""
    since = f"{now.at - _LOOKED_BACK:%Y-%m-%dT%H:%M:%SZ}"
    which: dict[str, JSON] = {"InstanceId": node_id, "Filters": [{"key": "InvokedAfter", "value": since}]}
    path = f"Commands.*Comment={comment}.Status"
    return Guard(say("this command"), "ssm", "ListCommands", which, path, expected)


_RAISE_INOTIFY_LIMIT = "raise-inotify-limit"

# User Guide, session-manager-troubleshooting: "document worker timed out".
_INOTIFY_LIMIT = 8192
_USUAL_INOTIFY_LIMIT = 128
_INOTIFY_UNDO = translatable(
    "ssmtui cannot undo this change. The limit is not written to a file, so it applies until the node restarts."
)
_TO_KEEP = translatable(
    "To keep the limit, write fs.inotify.max_user_instances=8192 into a file in /etc/sysctl.d on the node."
)


@fix(slug=_RAISE_INOTIFY_LIMIT, stale=(StaleSessions,))
def raise_inotify_limit(scope: Scope, managed: ManagedNode, now: Now, node: Node) -> Draft:
    """Raise the limit to AWS's documented value, until the node restarts."""
    if managed.registration.platform_family is not PlatformFamily.LINUX:
        return say("{node} is not a Linux node: only Linux has this limit", node=node.name)
    command = NodeCommand(
        fix=_RAISE_INOTIFY_LIMIT,
        title=say("Raise the inotify limit of {node} ({id})", node=node.name, id=node.id),
        document=SHELL,
        parameters={"commands": [f"sysctl fs.inotify.max_user_instances={_INOTIFY_LIMIT}"]},
        before=say("fs.inotify.max_user_instances unchanged (default: {usual})", usual=_USUAL_INOTIFY_LIMIT),
        after=f"fs.inotify.max_user_instances={_INOTIFY_LIMIT}",
        undo=say(_INOTIFY_UNDO),
        delay=say("Immediate, for new sessions."),
        notes=(say(_TO_KEEP),),
        manual_step=Step(
            say("Raise the limit on the node."), f"sudo sysctl fs.inotify.max_user_instances={_INOTIFY_LIMIT}"
        ),
    )
    return run_command_plan(command, scope, node, now)


_RESTART_AGENT = "restart-agent"

# The agent runs the command, so the restart is delayed by a few seconds: otherwise the command could not report.
_LINUX = (
    "unit=amazon-ssm-agent",
    "systemctl cat snap.amazon-ssm-agent.amazon-ssm-agent >/dev/null 2>&1 && "
    "unit=snap.amazon-ssm-agent.amazon-ssm-agent",
    'systemd-run --on-active=5 systemctl restart "$unit" || '
    "nohup sh -c 'sleep 5; service amazon-ssm-agent restart || restart amazon-ssm-agent' >/dev/null 2>&1 &",
)
_MACOS = ("nohup sh -c 'sleep 5; launchctl kickstart -k system/com.amazon.aws.ssm' >/dev/null 2>&1 &",)
_WINDOWS = (
    "Start-Process powershell.exe -WindowStyle Hidden -ArgumentList "
    "'-NoProfile', '-Command', 'Start-Sleep 5; Restart-Service AmazonSSMAgent'",
)
_SCRIPTS = {
    PlatformFamily.LINUX: (SHELL, _LINUX),
    PlatformFamily.MACOS: (SHELL, _MACOS),
    PlatformFamily.WINDOWS: (POWERSHELL, _WINDOWS),
}

_RESTART = translatable("Restart SSM Agent on the node.")

_RESTART_UNDO = translatable("An undo is not needed: the agent starts again automatically.")
_RESTART_LOSES = translatable("Open sessions and running commands on the node can end.")


@fix(slug=_RESTART_AGENT, stale=(Observation,))
def restart_agent(scope: Scope, managed: ManagedNode, observation: Observation, now: Now, node: Node) -> Draft:
    """Restart the agent a few seconds after the command has reported."""
    document, lines = _SCRIPTS[managed.registration.platform_family]
    command = NodeCommand(
        fix=_RESTART_AGENT,
        title=say("Restart SSM Agent on {node} ({id})", node=node.name, id=node.id),
        document=document,
        parameters={"commands": list(lines)},
        before="",
        after="",
        undo=say(_RESTART_UNDO),
        loses=say(_RESTART_LOSES),
        delay=say("About a minute, until the agent has started and opened its channels."),
        settles_within=FIRST_REPORT,
        manual_step=Step(say(_RESTART), *RESTART_BY_HAND[managed.registration.platform_family]),
    )
    connected = replace(observation, connection=ConnectionStatus.CONNECTED)
    after = (FactChange(Observation, connected, replaces=observation, node=node.key),)
    return run_command_plan(command, scope, node, now, after)


_UPDATE_AGENT = "update-agent"

_RELEASED_AGENT = "3.3.5828.0"
"""A version of 2026 that is available (docs/facts/nodes.md §10): the update installs this version or a newer one."""

_COMMANDS_BY_SSMMESSAGES = "3.3.40.0"
_UPDATE_UNDO = translatable(
    "ssmtui cannot undo this change. To install an earlier version, run the document AWS-UpdateSSMAgent with "
    "allowDowngrade."
)
_OLD_AGENT_NOTE = translatable(
    "This agent version receives commands through ec2messages only: the node must reach that service."
)
_DOWNLOAD_NOTE = translatable("The node must reach the S3 bucket of its Region that contains the agent packages.")


@fix(slug=_UPDATE_AGENT, stale=(Node, Observation, ManagedFleet))
def update_agent(scope: Scope, managed: ManagedNode, fleet: ManagedFleet | Unreadable, now: Now, node: Node) -> Draft:
    """Update to the newest version that AWS offers in the Region."""
    version = managed.registration.agent_version
    known = fleet.newest_agent if isinstance(fleet, ManagedFleet) else ""
    expected = newest_version({each for each in (known, _RELEASED_AGENT, version) if each})
    command = NodeCommand(
        fix=_UPDATE_AGENT,
        title=say("Update SSM Agent on {node} ({id})", node=node.name, id=node.id),
        document=UPDATE_AGENT,
        parameters={},
        before=version,
        after=say("the latest version from AWS ({version} or later)", version=expected),
        undo=say(_UPDATE_UNDO),
        loses=say("Open sessions on the node can end."),
        delay=say("A few minutes: the agent is downloaded, installed and started."),
        manual_step=newest_agent(scope, node),
        notes=(
            say(_DOWNLOAD_NOTE),
            *((say(_OLD_AGENT_NOTE),) if is_older_version(version, _COMMANDS_BY_SSMMESSAGES) else ()),
        ),
    )
    registration = node.registration
    if isinstance(registration, Registration):
        registration = replace(registration, agent_version=expected)
    after = FactChange(Node, replace(node, registration=registration), replaces=node)
    return run_command_plan(command, scope, node, now, (after,))


PICKED = "terminate-session"
"""The journal's name of this fix if a person chose the sessions: no finding offers it."""

STALE = (StaleSessions,)
MAX_SESSIONS = 20
"""Maximum number of sessions that a plan ends."""

_NO_WAY_BACK = translatable("This change cannot be undone. The user can open a new session.")
_LOSES = translatable("Users of these sessions are disconnected, and the programs in their shells can end.")


def termination_plan(
    scope: Scope,
    node: str,
    sessions: Sequence[ActiveSession],
    title: str,
    facts_after: tuple[FactChange, ...] = (),
) -> Plan:
    """Return the plan that ends open sessions of a node, given by its ID, in this order."""
    return Plan(
        fix=PICKED,
        title=title,
        scope=scope,
        subject=Subject(SubjectKind.NODE, node),
        calls=tuple(_terminate(scope, each) for each in sessions),
        before="\n".join(_line(each) for each in sessions),
        after="",
        guards=tuple(_guard(each, each.id) for each in sessions),
        way_back=UndoPlan(tuple(_guard(each, "") for each in sessions), ()),
        reach=Reach.NODE,
        undo=say(_NO_WAY_BACK),
        facts_after=facts_after,
        stale=STALE,
        loses=say(_LOSES),
        delay=say("A few seconds."),
        notes=(say("Many policies allow a user to end only their own sessions."),),
    )


def termination_plans_of_chosen(
    scope: Scope, node: str, name: str, sessions: Sequence[ActiveSession]
) -> tuple[Plan, ...]:
    """Return the plans that end chosen sessions of a node; `name` is the name of the node."""
    parts = [sessions[start : start + MAX_SESSIONS] for start in range(0, len(sessions), MAX_SESSIONS)]
    return tuple(
        termination_plan(
            scope,
            node,
            part,
            say_many("End a session on {node}", "End {count} sessions on {node}", count=len(part), node=name),
        )
        for part in parts
    )


def _line(session: ActiveSession) -> str:
    return f"{session.id}  {session.started:%Y-%m-%d %H:%M}Z  {session.owner}"


def _terminate(scope: Scope, session: ActiveSession) -> Call:
    arn = scope.arn("ssm", f"session/{session.id}")
    parameters = {"SessionId": session.id}
    return Call("ssm", "TerminateSession", parameters, "ssm:TerminateSession", arn, context=_own(scope, session))


def _own(scope: Scope, session: ActiveSession) -> tuple[tuple[str, str], ...]:
    """Return the policy variable for a person's own sessions: the IDs of a role's sessions begin with it."""
    beginning = session.id.rpartition("-")[0]
    return (("aws:userid", beginning),) if session.owner == scope.caller and ":" in beginning else ()


def _guard(session: ActiveSession, expected: str) -> Guard:
    which: dict[str, JSON] = {"State": "Active", "Filters": [{"key": "SessionId", "value": session.id}]}
    return Guard(say("the session"), "ssm", "DescribeSessions", which, "Sessions.*.SessionId", expected)


@fix(slug="terminate-stale-session", stale=STALE)
def terminate_stale_session(scope: Scope, stale: StaleSessions, node: Node) -> Draft:
    """End the stale sessions, the oldest first."""
    sessions = stale.sessions[:MAX_SESSIONS]
    title = say_many(
        "End a session on {node} that has been open for more than a day",
        "End {count} sessions on {node} that have been open for more than a day",
        count=len(sessions),
        node=node.name,
    )
    return termination_plan(scope, node.id, sessions, title, (_facts_after(stale),))


def _facts_after(stale: StaleSessions) -> FactChange:
    left = stale.sessions[MAX_SESSIONS:]
    after = StaleSessions(left) if left else NotApplicable(say("no session has been open for more than a day"))
    return FactChange(StaleSessions, after, replaces=stale)


_STANDARD, _ADVANCED = "standard", "advanced"

# User Guide, fleet-manager-configure-instance-tiers: the charge, and how to revert to the standard tier.
_TIER_COSTS = translatable("Systems Manager charges every hybrid node of the Region while the advanced tier is active.")
_TIER_UNDO = translatable(
    "The Region returns to the standard tier: sessions to hybrid nodes end, and at most 1,000 hybrid nodes can be "
    "registered."
)


@fix(slug="enable-advanced-tier", stale=(ActivationTier,), whole_region=True)
def enable_advanced_tier(scope: Scope, tier: ActivationTier) -> Draft:
    """Change the setting of the Region. The undo resets it: `standard` is the default."""
    if tier.advanced:
        return say("the hybrid nodes of {region} already use the advanced tier", region=scope.region)
    return Plan(
        title=say("Switch the hybrid nodes of {region} to the advanced-instances tier", region=scope.region),
        scope=scope,
        subject=Subject(SubjectKind.SERVICE_SETTING, tier.setting_arn),
        calls=(updated(tier.setting_arn, _ADVANCED),),
        before=_STANDARD,
        after=_ADVANCED,
        guards=(setting_guard(tier.setting_arn, _STANDARD),),
        way_back=UndoPlan((setting_guard(tier.setting_arn, _ADVANCED),), (reset(tier.setting_arn),)),
        reach=Reach.REGION,
        undo=say(_TIER_UNDO),
        facts_after=(FactChange(ActivationTier, replace(tier, advanced=True), replaces=tier),),
        costs=say(_TIER_COSTS),
        delay=say("A few minutes, until Systems Manager has changed the tier."),
        confirmation=scope.region,
    )
