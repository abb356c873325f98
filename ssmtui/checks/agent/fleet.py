"""Check the managed nodes of a Region together: duplicate registrations, and the quota."""

from __future__ import annotations

from ssmtui.analysis.finding_parts import the_node, unread_finding
from ssmtui.checks.registry import check
from ssmtui.language import say
from ssmtui.model.fact import NotApplicable, Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Link, Status, Subject, SubjectKind
from ssmtui.model.node import Node
from ssmtui.model.node_facts import HybridMachine, ManagedFleet, ManagedHybridNode, RegisteredMachine, UnmanagedInstance
from ssmtui.model.scope import Scope

_TWICE = "duplicate-registration"
_LISTING = "ssm:DescribeInstanceProperties"
# General Reference, Systems Manager quotas; told from nine tenths on.
_QUOTA = 2400
_NEAR = _QUOTA * 9 // 10


@check(
    link=Link.AGENT,
    causes=(_TWICE,),
    subject=the_node,
    after=("control-channel-is-up",),
    without={
        ManagedFleet: "it denies, and does not allow",
        ManagedHybridNode: "it denies, and does not allow",
        UnmanagedInstance: "it denies, and does not allow",
    },
)
def machine_is_registered_once(
    hybrid: ManagedHybridNode | NotApplicable | Unreadable,
    unmanaged: UnmanagedInstance | NotApplicable | Unreadable,
    fleet: ManagedFleet | Unreadable,
) -> Findings:
    """Whether the machine is registered once, and as what it is."""
    if isinstance(hybrid, ManagedHybridNode):
        return _unread(hybrid.node, fleet) if isinstance(fleet, Unreadable) else _twice(hybrid, fleet)
    if isinstance(unmanaged, UnmanagedInstance):
        return _unread(unmanaged.node, fleet) if isinstance(fleet, Unreadable) else _elsewhere(unmanaged, fleet)
    return ()


def _unread(node: Node, fleet: Unreadable) -> Findings:
    summary = say("Whether the machine of {node} is registered once could not be told.", node=node.name)
    return (unread_finding(_TWICE, the_node(node), summary, fleet),)


def _twice(hybrid: ManagedHybridNode, fleet: ManagedFleet) -> Findings:
    own = hybrid.registration
    machine = RegisteredMachine(own.computer_name, own.ip_address or "")
    others = [each for each in fleet.by_machine.get(machine, ()) if each != hybrid.node.id]
    if not others:
        return ()
    node = hybrid.node
    return (
        Finding(
            cause=_TWICE,
            status=Status.WARN,
            confidence=Confidence.LIKELY,
            subject=the_node(node),
            summary=say(
                "{node} looks like the same machine as {others}: only one of them can hold the agent.",
                node=node.id,
                others=others[0],
            ),
            evidence=(
                Evidence(
                    say(
                        "{node} and {others} give the name {computer_name} and the address {ip_address}",
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


def _elsewhere(unmanaged: UnmanagedInstance, fleet: ManagedFleet) -> Findings:
    """An instance that is not listed, whose machine is registered as a node outside EC2."""
    node, address = unmanaged.node, unmanaged.instance.private_ip or ""
    candidates = fleet.hybrid_at.get(address, ())
    if not candidates:
        return ()
    named_alike = [each for each in candidates if _first_label(each.computer_name) in _names_of(unmanaged)]
    other = (named_alike or candidates)[0]
    summary = (
        say(
            "The machine of {node} is registered as {other}: the agent answers there, and not as {node}.",
            node=node.id,
            other=other.id,
        )
        if named_alike
        else say("The machine of {node} may be registered as {other}.", node=node.id, other=other.id)
    )
    where = say("the private address of {node} is {address}", node=node.id, address=address)
    return (
        Finding(
            cause=_TWICE,
            # Machines outside EC2 may have an address of this range of their own: without a name it is a hint.
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
        "{node} gives the name {computer_name} and the address {ip_address}",
        node=machine.id,
        computer_name=machine.computer_name,
        ip_address=address,
    )


def _names_of(unmanaged: UnmanagedInstance) -> frozenset[str]:
    """The names that EC2 gives a machine (User Guide, instance hostname types), and the one in its Name tag."""
    by_address = f"ip-{(unmanaged.instance.private_ip or '').replace('.', '-')}"
    return frozenset({by_address, unmanaged.instance.id, _first_label(unmanaged.node.name)})


def _first_label(name: str) -> str:
    return name.partition(".")[0].casefold()


def the_region(scope: Scope) -> Subject:
    """The Region itself."""
    return Subject(SubjectKind.REGION, scope.region)


@check(
    link=Link.AGENT,
    causes=("managed-node-quota",),
    subject=the_region,
    after=("node-could-register-again",),
    without={ManagedFleet: "a note at most"},
)
def managed_nodes_are_within_the_quota(scope: Scope, fleet: ManagedFleet | Unreadable) -> Findings:
    """Whether the Region's managed nodes are within AWS's default quota."""
    # Unread it is no unknown: it is a note, and the age of the agents rests on the same listing.
    if isinstance(fleet, Unreadable) or fleet.count < _NEAR:
        return ()
    return (
        Finding(
            cause="managed-node-quota",
            status=Status.INFO,
            confidence=Confidence.POSSIBLE,
            subject=the_region(scope),
            summary=say(
                "{region} has {number} managed nodes; AWS's default quota is {quota}.",
                region=scope.region,
                number=fleet.count,
                quota=_QUOTA,
            ),
            evidence=(Evidence(say("{number} managed nodes are listed", number=fleet.count), _LISTING),),
            fixes=("steps-reregister",),
        ),
    )
