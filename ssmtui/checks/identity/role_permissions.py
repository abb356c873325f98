"""Whether the role that a node uses may register it and open its channels: by effective permission, never by name."""

from __future__ import annotations

from collections.abc import Sequence

from ssmtui.checks.check import check
from ssmtui.checks.denials import actions_in_words, denial_evidence, fixes_for, least_sure, most_sure
from ssmtui.checks.doubt import hanging_on_conditions
from ssmtui.checks.identity.agent_words import refused_channel, refused_to_register
from ssmtui.checks.subjects import the_role
from ssmtui.language import say
from ssmtui.model.answers import Absent, Moot, Unreadable
from ssmtui.model.change_delay import ChangeDelay
from ssmtui.model.finding import Confidence, Finding, Findings, Status
from ssmtui.model.identity import NodeRole, RoleSource
from ssmtui.model.path import Link
from ssmtui.model.permissions import CorePermissions, EvaluationResult
from ssmtui.model.questions import CHANNEL_ACTIONS, CONTROL_CHANNEL_ACTIONS, UPDATE_INSTANCE_INFORMATION
from ssmtui.model.standing import Observation
from ssmtui.model.system import SilentConsole


@check(link=Link.IDENTITY, causes=("role-core-denied",), subject=the_role, after=("role-may-be-taken",))
def role_may_register(
    node_role: NodeRole,
    observation: Observation,
    permissions: CorePermissions,
    console: SilentConsole | Absent | Moot | Unreadable,
    change: ChangeDelay | Moot,
) -> Findings:
    """Whether the role may register its node."""
    if node_role.source is RoleSource.HOST_MANAGEMENT:
        return ()  # the setting is at fault there: see host_management
    denials = permissions.denied(UPDATE_INSTANCE_INFORMATION)
    if observation.online:
        # It may report, whatever the organization is said to deny.
        denials = tuple(each for each in denials if not each.only_by_organization)
    if not denials and (said := refused_to_register(node_role, console, change)):
        return said
    if not denials:
        unsure = () if observation.online else permissions.undecided(UPDATE_INSTANCE_INFORMATION)
        summary = say(
            "Whether the role {role} may register its node with Systems Manager depends on conditions.",
            role=node_role.role.name,
        )
        return hanging_on_conditions("role-core-denied", the_role(node_role), summary, unsure)
    return (
        Finding(
            cause="role-core-denied",
            # A node that is online was allowed when it last reported: the denial is newer, and will show.
            status=Status.WARN if observation.online else Status.FAIL,
            confidence=_confidence(denials, newer=observation.online),
            subject=the_role(node_role),
            summary=say("The role {role} may not register its node with Systems Manager.", role=node_role.role.name),
            evidence=tuple(denial_evidence(each) for each in denials),
            fixes=fixes_for(denials, "attach-core-policy"),
        ),
    )


@check(link=Link.IDENTITY, causes=("role-channels-denied",), subject=the_role, after=("role-may-register",))
def role_may_open_channels(
    node_role: NodeRole,
    observation: Observation,
    permissions: CorePermissions,
    console: SilentConsole | Absent | Moot | Unreadable,
    change: ChangeDelay | Moot,
) -> Findings:
    """Whether the role may open the control channel and data channels."""
    denials = permissions.denied(*CHANNEL_ACTIONS)
    if observation.connected and any(_is_control(each) and each.only_by_organization for each in denials):
        # It did open its control channel: whatever the organization asks for, its requests have it.
        denials = tuple(each for each in denials if not each.only_by_organization)
    if not denials and (said := refused_channel(node_role, console, change)):
        return said
    if not denials:
        summary = say(
            "Whether the role {role} may open the channels of sessions depends on conditions.",
            role=node_role.role.name,
        )
        unsure = _unsure_of_channels(observation, permissions)
        return hanging_on_conditions("role-channels-denied", the_role(node_role), summary, unsure)
    # The control channel of a connected node is open whatever IAM says now; that proves nothing of data channels.
    newer = observation.connected and all(_is_control(each) for each in denials)
    return (
        Finding(
            cause="role-channels-denied",
            status=Status.WARN if newer else Status.FAIL,
            confidence=_confidence(denials, newer=newer),
            subject=the_role(node_role),
            summary=say(
                "The role {role} may not do {actions}.",
                role=node_role.role.name,
                actions=actions_in_words(denials),
            ),
            evidence=tuple(denial_evidence(each) for each in denials),
            fixes=fixes_for(denials, "attach-core-policy"),
        ),
    )


def _unsure_of_channels(observation: Observation, permissions: CorePermissions) -> tuple[EvaluationResult, ...]:
    unsure = permissions.undecided(*CHANNEL_ACTIONS)
    if not observation.connected:
        return unsure
    # The control channel is open: what its requests fulfil, those for data channels fulfil too, of the same agent by
    # the same way. Conditions on other keys are not settled by that.
    settled = {key for each in unsure if _is_control(each) for key in each.missing_context}
    return tuple(each for each in unsure if not _is_control(each) and not settled.issuperset(each.missing_context))


def _is_control(answer: EvaluationResult) -> bool:
    return answer.question.action in CONTROL_CHANNEL_ACTIONS


def _confidence(denials: Sequence[EvaluationResult], *, newer: bool) -> Confidence:
    """What the node has proved since then leaves a denial likely at the most."""
    sure = most_sure(each.confidence for each in denials)
    return least_sure((sure, Confidence.LIKELY)) if newer else sure
