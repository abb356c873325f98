"""What is wrong with the managed nodes of a Region taken together: one machine twice, or too many."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.managed_fleet import Machine, ManagedFleet
from ssmtui.model.path import Link
from ssmtui.model.scope import Scope
from ssmtui.model.standing import ManagedHybridNode
from ssmtui.model.subject import Subject, SubjectKind

_LISTING = "ssm:DescribeInstanceProperties"
# General Reference, Systems Manager quotas; told from nine tenths on.
_QUOTA = 2400
_NEAR = _QUOTA * 9 // 10


@check(link=Link.AGENT, causes=("duplicate-registration",), subject=the_node, rank=40)
def machine_is_registered_once(hybrid: ManagedHybridNode, fleet: ManagedFleet) -> Findings:
    """Whether the machine is registered once."""
    own = hybrid.registration
    machine = Machine(own.computer_name, own.ip_address or "")
    others = [each for each in fleet.by_machine.get(machine, ()) if each != hybrid.node.id]
    if not others:
        return ()
    node = hybrid.node
    return (
        Finding(
            cause="duplicate-registration",
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


def the_region(scope: Scope) -> Subject:
    """The Region itself."""
    return Subject(SubjectKind.REGION, scope.region)


@check(link=Link.AGENT, causes=("managed-node-quota",), subject=the_region, rank=70)
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
