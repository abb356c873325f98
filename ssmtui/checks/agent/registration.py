"""Check whether nodes are registered and report; also tiers, activations, duplicates and the quota of hybrid nodes."""

from __future__ import annotations

from functools import partial

from ssmtui.analysis.console_log import last_agent_error
from ssmtui.analysis.finding_parts import the_node, unread_evidence, unread_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import Absent, NotApplicable, OfNode, Unreadable
from ssmtui.model.finding import JOURNAL, Confidence, Evidence, Finding, Findings, Link, Status, Subject, SubjectKind
from ssmtui.model.node import (
    Instance,
    InstanceState,
    Node,
    NodeKind,
    PingStatus,
    Registration,
)
from ssmtui.model.node_facts import (
    Activation,
    Activations,
    ActivationTier,
    FleetAtAddress,
    HostManagementDelay,
    HybridMachine,
    ManagedFleet,
    ManagedHybridNode,
    ManagedNode,
    Observation,
    RegisteredMachine,
    RunningInstance,
    SilentConsole,
    UnconnectedNode,
    UnmanagedInstance,
    WholeFleet,
)
from ssmtui.model.plan import ChangeDelay
from ssmtui.model.scope import Scope

_LISTING = "ssm:DescribeInstanceProperties"


@check(
    link=Link.AGENT,
    causes=("not-registered",),
    subject=the_node,
    after=("hybrid-nodes-are-on-the-advanced-tier",),
    last_resort=True,
)
def node_is_registered(
    running: RunningInstance,
    console: SilentConsole | Absent | NotApplicable | Unreadable,
    delay: HostManagementDelay | Absent | NotApplicable | Unreadable,
    change: ChangeDelay | NotApplicable,
) -> Findings | NotApplicable | OfNode[Findings]:
    """Whether Systems Manager lists the instance."""
    registration = running.node.registration
    if isinstance(registration, Unreadable):
        return OfNode(partial(_unread_registration, registration))
    if not isinstance(registration, Absent):
        return ()
    if running.instance.state is InstanceState.PENDING:
        return NotApplicable(say("the instance is starting"))
    return OfNode(partial(_not_registered, console, delay, change))


def _unread_registration(registration: Unreadable, node: Node) -> Findings:
    summary = say("Cannot determine whether Systems Manager lists {node}.", node=node.name)
    return (unread_finding("not-registered", the_node(node), summary, registration),)


def _not_registered(
    console: SilentConsole | Absent | NotApplicable | Unreadable,
    delay: HostManagementDelay | Absent | NotApplicable | Unreadable,
    change: ChangeDelay | NotApplicable,
    node: Node,
) -> Findings:
    if isinstance(change, ChangeDelay):
        return (_awaited_change("not-registered", node, change),)
    if isinstance(delay, HostManagementDelay):
        return (_awaited("not-registered", node, delay),)
    if isinstance(delay, Unreadable):
        return (_perhaps_awaited("not-registered", node, delay),)
    return (
        Finding(
            cause="not-registered",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say(
                "{node} is running, but its SSM Agent has not registered with Systems Manager.", node=node.name
            ),
            evidence=(
                Evidence(say("{node} is running", node=node.id), "ec2:DescribeInstances"),
                Evidence(say("Systems Manager does not list {node}", node=node.id), _LISTING),
                *last_agent_error(console),
            ),
            fixes=("steps-install-agent", "reboot-instance"),
        ),
    )


@check(
    link=Link.AGENT,
    causes=("connection-lost",),
    subject=the_node,
    after=("last-agent-update-went-through",),
    last_resort=True,
)
def node_reports(
    managed: ManagedNode,
    console: SilentConsole | Absent | NotApplicable | Unreadable,
    delay: HostManagementDelay | Absent | NotApplicable | Unreadable,
    change: ChangeDelay | NotApplicable,
) -> Findings | OfNode[Findings]:
    """Whether the node reports to Systems Manager."""
    ping = managed.registration.ping
    return () if ping is PingStatus.ONLINE else OfNode(partial(_not_reporting, ping, console, delay, change))


def _not_reporting(
    ping: PingStatus,
    console: SilentConsole | Absent | NotApplicable | Unreadable,
    delay: HostManagementDelay | Absent | NotApplicable | Unreadable,
    change: ChangeDelay | NotApplicable,
    node: Node,
) -> Findings:
    last_ping = node.registration.last_ping if isinstance(node.registration, Registration) else None
    if isinstance(change, ChangeDelay):
        return (_awaited_change("connection-lost", node, change),)
    if isinstance(delay, HostManagementDelay):
        return (_awaited("connection-lost", node, delay),)
    if isinstance(delay, Unreadable):
        return (_perhaps_awaited("connection-lost", node, delay),)
    since = say(" since {last_ping:%Y-%m-%d %H:%M} UTC", last_ping=last_ping) if last_ping else ""
    return (
        Finding(
            cause="connection-lost",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say("Systems Manager has not received a ping from {node}{since}.", node=node.name, since=since),
            evidence=(
                Evidence(say("PingStatus is {ping}{since}", ping=ping.value, since=since), _LISTING),
                *last_agent_error(console),
            ),
            fixes=("steps-install-agent", "reboot-instance") if node.kind is NodeKind.EC2 else ("steps-install-agent",),
        ),
    )


@check(link=Link.AGENT, causes=("control-channel-down",), subject=the_node, after=("node-reports",), last_resort=True)
def control_channel_is_up(
    managed: ManagedNode,  # noqa: ARG001 - a precondition
    observation: Observation,
    console: SilentConsole | Absent | NotApplicable | Unreadable,
    change: ChangeDelay | NotApplicable,
) -> Findings | NotApplicable | OfNode[Findings]:
    """Whether the control channel of the node is open."""
    if isinstance(observation.connection, Unreadable):
        return OfNode(partial(_unread_channel, observation.connection))
    if not observation.online:
        return NotApplicable(say("the node does not report to Systems Manager"))
    if observation.connection is None:
        return NotApplicable(say("the connection of the node was not read"))
    if observation.connected:
        return ()
    if isinstance(change, ChangeDelay):
        return OfNode(lambda node: (_awaited_change("control-channel-down", node, change),))
    return OfNode(
        lambda node: (
            Finding(
                cause="control-channel-down",
                status=Status.FAIL,
                confidence=Confidence.PROVED,
                subject=the_node(node),
                summary=say("{node} reports to ssm, but has no control channel to ssmmessages.", node=node.name),
                evidence=(
                    Evidence(say("PingStatus is Online"), _LISTING),
                    Evidence(say("Status is notconnected"), "ssm:GetConnectionStatus"),
                    *last_agent_error(console),
                ),
                fixes=("restart-agent", "reboot-instance") if node.kind is NodeKind.EC2 else ("restart-agent",),
            ),
        )
    )


def _unread_channel(connection: Unreadable, node: Node) -> Findings:
    summary = say("Cannot determine whether {node} has an open control channel.", node=node.name)
    return (unread_finding("control-channel-down", the_node(node), summary, connection),)


def _awaited_change(cause: str, node: Node, change: ChangeDelay) -> Finding:
    """Return the finding for a node that will return after a change made by ssmtui."""
    return Finding(
        cause=cause,
        status=Status.WARN,
        confidence=Confidence.LIKELY,
        subject=the_node(node),
        summary=say(
            "{node} is expected back by {until}, after a change applied at {made} UTC.",
            node=node.name,
            made=f"{change.made:%H:%M}",
            until=f"{change.until:%H:%M}",
        ),
        evidence=(Evidence(say("applied from here: {title}", title=change.title), JOURNAL),),
        until=change.until,
    )


def _perhaps_awaited(cause: str, node: Node, unreadable: Unreadable) -> Finding:
    """Return the finding for a node that may wait for default host management: when it was set could not be read."""
    summary = say("Cannot determine whether {node} is waiting for default host management.", node=node.name)
    return unread_finding(cause, the_node(node), summary, unreadable)


def _awaited(cause: str, node: Node, delay: HostManagementDelay) -> Finding:
    """Return the finding for a node that default host management will serve later."""
    return Finding(
        cause=cause,
        status=Status.WARN,
        confidence=Confidence.LIKELY,
        subject=the_node(node),
        summary=say(
            "{node} is waiting for default host management, set at {set_at} UTC: AWS takes until {until}.",
            node=node.name,
            set_at=f"{delay.set_at:%H:%M}",
            until=f"{delay.until:%H:%M}",
        ),
        evidence=(
            Evidence(
                say("the setting was changed at {changed} UTC", changed=f"{delay.set_at:%Y-%m-%d %H:%M}"),
                "ssm:GetServiceSetting",
            ),
        ),
        until=delay.until,
    )


@check(link=Link.AGENT, causes=("hybrid-tier-standard",), subject=the_node, after=("agent-knows-its-windows",))
def hybrid_nodes_are_on_the_advanced_tier(
    hybrid: ManagedHybridNode,  # noqa: ARG001 - a precondition
    tier: ActivationTier,
    scope: Scope,
    node: Node,
) -> Findings:
    """Whether the tier of hybrid nodes allows sessions."""
    if tier.advanced:
        return ()
    # AWS removed the tiers on June 30, 2026 (docs/facts/nodes.md §8). Nothing says so of the other partitions.
    if scope.partition == "aws":
        status = Status.INFO
        summary = say("{node} is on the standard-instances tier. AWS no longer requires another tier.", node=node.name)
    else:
        status = Status.UNKNOWN
        summary = say(
            "Cannot determine whether sessions to {node} still require the advanced-instances tier.", node=node.name
        )
    return (
        Finding(
            cause="hybrid-tier-standard",
            status=status,
            confidence=Confidence.POSSIBLE,
            subject=the_node(node),
            summary=summary,
            evidence=(Evidence(say("the activation tier is standard"), "ssm:GetServiceSetting"),),
            fixes=("enable-advanced-tier",),
        ),
    )


@check(
    link=Link.AGENT,
    causes=("activation-expired",),
    subject=the_node,
    after=("agent-is-as-new-as-the-newest",),
    without={Activations: "a note at most"},
    confirms=False,
)
def node_could_register_again(
    hybrid: ManagedHybridNode,
    away: UnconnectedNode,  # noqa: ARG001 - a precondition
    activations: Activations | Unreadable,
    node: Node,
) -> Findings:
    """Whether a valid activation exists with which the node can register again."""
    if isinstance(activations, Unreadable):
        return (_unread_activations_finding(node, activations),)
    role = (hybrid.registration.iam_role or "").rpartition("/")[2]
    of_role = activations.by_role.get(role, ())
    if not of_role or any(not each.expired and not each.used_up for each in of_role):
        return ()
    return (
        Finding(
            cause="activation-expired",
            status=Status.INFO,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say(
                "If {node} has to register again, it needs a new activation with the role {role}.",
                node=node.name,
                role=role,
            ),
            evidence=tuple(Evidence(_worn_out(each), "ssm:DescribeActivations") for each in of_role),
            fixes=("steps-reregister",),
        ),
    )


def _unread_activations_finding(node: Node, reason: Unreadable) -> Finding:
    """Return a note: an unknown finding would decide the verdict, and a note does not."""
    return Finding(
        cause="activation-expired",
        status=Status.INFO,
        confidence=Confidence.POSSIBLE,
        subject=the_node(node),
        summary=say("The activations with which {node} can register again could not be read.", node=node.name),
        evidence=unread_evidence(reason),
        needs=(reason.action,) if reason.action else (),
    )


def _worn_out(activation: Activation) -> str:
    if activation.expired:
        when = say(" on {date}", date=f"{activation.expires:%Y-%m-%d}") if activation.expires else ""
        return say("the activation {activation} expired{when}", activation=activation.id, when=when)
    return say(
        "the activation {activation} has registered {registered} of {limit} machines",
        activation=activation.id,
        registered=activation.registered,
        limit=activation.limit,
    )


_TWICE = "duplicate-registration"
# General Reference, Systems Manager quotas; noted from nine tenths on.
_QUOTA = 2400
_NEAR = _QUOTA * 9 // 10


@check(
    link=Link.AGENT,
    causes=(_TWICE,),
    subject=the_node,
    after=("control-channel-is-up",),
    without={
        ManagedFleet: "it denies, and does not allow",
        FleetAtAddress: "it denies, and does not allow",
        ManagedHybridNode: "it denies, and does not allow",
        UnmanagedInstance: "it denies, and does not allow",
    },
    confirms=False,
)
def machine_is_registered_once(
    hybrid: ManagedHybridNode | NotApplicable | Unreadable,
    unmanaged: UnmanagedInstance | NotApplicable | Unreadable,
    fleet: ManagedFleet | Unreadable,
    at_address: FleetAtAddress | NotApplicable | Unreadable,
) -> Findings | OfNode[Findings]:
    """Whether the machine is registered only once, and as the correct type of node."""
    if not isinstance(hybrid, ManagedHybridNode) and not isinstance(unmanaged, UnmanagedInstance):
        return ()
    # If only some nodes are listed, those with the same address are read.
    candidates = fleet if isinstance(at_address, NotApplicable) else at_address
    if isinstance(candidates, Unreadable):
        return OfNode(partial(_unread_fleet_findings, candidates))
    return OfNode(partial(_twice if isinstance(hybrid, ManagedHybridNode) else _elsewhere, candidates))


def _unread_fleet_findings(fleet: Unreadable, node: Node) -> Findings:
    summary = say("Cannot determine whether the machine of {node} is registered only once.", node=node.name)
    return (unread_finding(_TWICE, the_node(node), summary, fleet),)


def _twice(fleet: ManagedFleet, node: Node) -> Findings:
    own = node.registration
    if not isinstance(own, Registration):
        return ()
    machine = RegisteredMachine(own.computer_name, own.ip_address or "")
    others = [each for each in fleet.by_machine.get(machine, ()) if each != node.id]
    if not others:
        return ()
    return (
        Finding(
            cause=_TWICE,
            status=Status.WARN,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "{node} and {others} look like the same machine: only one of these registrations can have the agent.",
                node=node.id,
                others=others[0],
            ),
            evidence=(
                Evidence(
                    say(
                        "{node} and {others} report the name {computer_name} and the address {ip_address}",
                        node=node.id,
                        others=", ".join(others),
                        computer_name=machine.computer_name,
                        ip_address=machine.ip_address,
                    ),
                    _LISTING,
                ),
            ),
            fixes=("steps-reregister",),
        ),
    )


def _elsewhere(fleet: ManagedFleet, node: Node) -> Findings:
    """Return the finding for an unlisted instance whose machine is registered as a node outside EC2."""
    address = (node.instance.private_ip or "") if isinstance(node.instance, Instance) else ""
    candidates = fleet.hybrid_at.get(address, ())
    if not candidates:
        return ()
    named_alike = [each for each in candidates if _first_label(each.computer_name) in _names_of(node, address)]
    other = (named_alike or candidates)[0]
    summary = (
        say(
            "The machine of {node} is registered as {other}: the agent reports as {other}, not as {node}.",
            node=node.id,
            other=other.id,
        )
        if named_alike
        else say("The machine of {node} is possibly registered as {other}.", node=node.id, other=other.id)
    )
    where = say("the private address of {node} is {address}", node=node.id, address=address)
    return (
        Finding(
            cause=_TWICE,
            # Machines outside EC2 may use the same private addresses: without a matching name it is only a hint.
            status=Status.FAIL if named_alike else Status.INFO,
            confidence=Confidence.LIKELY if named_alike else Confidence.POSSIBLE,
            subject=the_node(node),
            summary=summary,
            evidence=(
                Evidence(say("Systems Manager does not list {node}", node=node.id), _LISTING),
                Evidence(where, "ec2:DescribeInstances"),
                *(Evidence(_as_it_says(each, address), _LISTING) for each in named_alike or candidates),
            ),
            fixes=("steps-reregister",),
        ),
    )


def _as_it_says(machine: HybridMachine, address: str) -> str:
    return say(
        "{node} reports the name {computer_name} and the address {ip_address}",
        node=machine.id,
        computer_name=machine.computer_name,
        ip_address=address,
    )


def _names_of(node: Node, address: str) -> frozenset[str]:
    """Return the names of an instance from EC2 (User Guide, instance hostname types) and from its Name tag."""
    by_address = f"ip-{address.replace('.', '-')}"
    return frozenset({by_address, node.id, _first_label(node.name)})


def _first_label(name: str) -> str:
    return name.partition(".")[0].casefold()


def the_region(scope: Scope) -> Subject:
    """Return the Region as the subject."""
    return Subject(SubjectKind.REGION, scope.region)


@check(
    link=Link.AGENT,
    causes=("managed-node-quota",),
    subject=the_region,
    after=("node-could-register-again",),
    without={WholeFleet: "a note at most"},
    confirms=False,
)
def managed_nodes_are_within_the_quota(scope: Scope, fleet: WholeFleet | Unreadable) -> Findings:
    """Whether the managed nodes of the Region are within the default quota of AWS."""
    # If the listing was not read, there is no finding: this is only a note, and the check of the agent's age reports
    # it.
    if isinstance(fleet, Unreadable) or fleet.count < _NEAR:
        return ()
    return (
        Finding(
            cause="managed-node-quota",
            status=Status.INFO,
            confidence=Confidence.POSSIBLE,
            subject=the_region(scope),
            summary=say(
                "{region} has {number} managed nodes; the default quota of AWS is {quota}.",
                region=scope.region,
                number=fleet.count,
                quota=_QUOTA,
            ),
            evidence=(Evidence(say("{number} managed nodes are listed", number=fleet.count), _LISTING),),
            fixes=("steps-reregister",),
        ),
    )
