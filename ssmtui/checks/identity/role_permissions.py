"""Whether the role that a node uses may register it and open its channels: by effective permission, never by name."""

from __future__ import annotations

from ssmtui.checks.check import check
from ssmtui.checks.denials import actions_in_words, denial_evidence, fixes_for, most_sure
from ssmtui.checks.subjects import the_role
from ssmtui.model.finding import Finding, Findings, Status
from ssmtui.model.identity import NodeRole, RoleSource
from ssmtui.model.path import Link
from ssmtui.model.permissions import CorePermissions
from ssmtui.model.questions import CHANNEL_ACTIONS, UPDATE_INSTANCE_INFORMATION
from ssmtui.model.standing import Observation


@check(link=Link.IDENTITY, causes=("role-core-denied",), subject=the_role, rank=40)
def role_may_register(node_role: NodeRole, observation: Observation, permissions: CorePermissions) -> Findings:
    """Whether the role may register its node."""
    if node_role.source is RoleSource.HOST_MANAGEMENT:
        return ()  # the setting is at fault there: see host_management
    denials = permissions.denied(UPDATE_INSTANCE_INFORMATION)
    if not denials:
        return ()
    return (
        Finding(
            cause="role-core-denied",
            # A node that is online was allowed when it last reported: the denial is newer, and will show.
            status=Status.WARN if observation.online else Status.FAIL,
            confidence=most_sure(each.confidence for each in denials),
            subject=the_role(node_role),
            summary=f"The role {node_role.role.name} may not register its node with Systems Manager.",
            evidence=tuple(denial_evidence(each) for each in denials),
            fixes=fixes_for(denials, "attach-core-policy"),
        ),
    )


@check(link=Link.IDENTITY, causes=("role-channels-denied",), subject=the_role, rank=45)
def role_may_open_channels(node_role: NodeRole, observation: Observation, permissions: CorePermissions) -> Findings:
    """Whether the role may open the control channel and data channels."""
    denials = permissions.denied(*CHANNEL_ACTIONS)
    if not denials:
        return ()
    # The control channel of a connected node is open whatever IAM says now; that proves nothing of data channels.
    newer = observation.connected and all("ControlChannel" in each.question.action for each in denials)
    return (
        Finding(
            cause="role-channels-denied",
            status=Status.WARN if newer else Status.FAIL,
            confidence=most_sure(each.confidence for each in denials),
            subject=the_role(node_role),
            summary=f"The role {node_role.role.name} may not do {actions_in_words(denials)}.",
            evidence=tuple(denial_evidence(each) for each in denials),
            fixes=fixes_for(denials, "attach-core-policy"),
        ),
    )
