"""What only nodes outside EC2 can suffer from: their tier, their activation."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.doubt import unread_evidence
from ssmtui.checks.subjects import the_node
from ssmtui.language import say
from ssmtui.model.activations import Activation, Activations, ActivationTier
from ssmtui.model.answers import Unreadable
from ssmtui.model.finding import Confidence, Evidence, Finding, Findings, Status
from ssmtui.model.path import Link
from ssmtui.model.standing import ManagedHybridNode, UnconnectedNode


@check(link=Link.AGENT, causes=("hybrid-tier-standard",), subject=the_node, after=("agent-knows-its-windows",))
def hybrid_nodes_are_on_the_advanced_tier(hybrid: ManagedHybridNode, tier: ActivationTier) -> Findings:
    """Whether the tier of hybrid nodes allows sessions."""
    if tier.advanced:
        return ()
    node = hybrid.node
    return (
        Finding(
            cause="hybrid-tier-standard",
            status=Status.FAIL,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say(
                "{node} is no EC2 instance, and the Region's tier for such nodes allows no sessions.", node=node.name
            ),
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
)
def node_could_register_again(
    hybrid: ManagedHybridNode, away: UnconnectedNode, activations: Activations | Unreadable
) -> Findings:
    """Whether an activation is left by which the node could register again."""
    if isinstance(activations, Unreadable):
        return (_unread(away, activations),)
    role = (hybrid.registration.iam_role or "").rpartition("/")[2]
    of_role = activations.by_role.get(role, ())
    if not of_role or any(not each.expired and not each.used_up for each in of_role):
        return ()
    node = away.node
    return (
        Finding(
            cause="activation-expired",
            status=Status.INFO,
            confidence=Confidence.PROVED,
            subject=the_node(node),
            summary=say(
                "Should {node} have to register again, it needs a new activation of the role {role}.",
                node=node.name,
                role=role,
            ),
            evidence=tuple(Evidence(_worn_out(each), "ssm:DescribeActivations") for each in of_role),
            fixes=("steps-reregister",),
        ),
    )


def _unread(away: UnconnectedNode, reason: Unreadable) -> Finding:
    """A note too: it decides no verdict, and an unknown finding would."""
    return Finding(
        cause="activation-expired",
        status=Status.INFO,
        confidence=Confidence.POSSIBLE,
        subject=the_node(away.node),
        summary=say("The activations by which {node} could register again could not be read.", node=away.node.name),
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
