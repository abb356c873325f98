"""Read the role of a node: from its instance profile, its activation or default host management."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from ssmtui.evidence.aws.reader_api import Answer, Aws, MalformedAnswer, all_parts, policy_from_answer, unless_absent
from ssmtui.evidence.facts.sources import by_account, by_region, derives, reads
from ssmtui.iam_policy.document import Effect, Policy
from ssmtui.iam_policy.truth import Truth
from ssmtui.language import say
from ssmtui.model.fact import Absent, NoFact, NotApplicable, Now, ReadFailure, Unreadable, end_of_delay
from ssmtui.model.iam_questions import UPDATE_INSTANCE_INFORMATION
from ssmtui.model.identity import (
    HOST_MANAGEMENT_OFF,
    HOST_MANAGEMENT_SETTING,
    AccountProfiles,
    AccountRoles,
    AttachedProfile,
    HostManagement,
    HostManagementRole,
    InstanceProfile,
    NodeRole,
    Role,
    RoleSource,
    UnreadableProfile,
    UnreadableRole,
    UsedHostManagement,
)
from ssmtui.model.node import NodeKind
from ssmtui.model.node_facts import (
    HostManagedInstance,
    HostManagementDelay,
    ManagedNode,
    RunningInstance,
    RunningNode,
    UnconnectedNode,
)
from ssmtui.model.permissions import SIMULATION, EvaluationResult, Permissions
from ssmtui.model.scope import Scope


@dataclass(frozen=True, slots=True)
class ProfileRole:
    """The role in the node's instance profile."""

    role: Role


@dataclass(frozen=True, slots=True)
class HybridRole:
    """The service role of a hybrid node's activation."""

    role: Role


@dataclass(frozen=True, slots=True)
class SimulatedCore(Permissions):
    """IAM's answers about a role, ssm and ssmmessages: on `*`, and about the registration of each node by its ARN."""

    registering: Mapping[str, EvaluationResult]


class ProfileCoreSimulated(SimulatedCore):
    """The answers about the role in an instance profile, with the instances that have the profile."""

    __slots__ = ()


class HybridCoreSimulated(SimulatedCore):
    """The answers about the role of hybrid nodes."""

    __slots__ = ()


class HostManagementSimulated(SimulatedCore):
    """The answers about the role of default host management, with the instances without a profile."""

    __slots__ = ()


class ProfileCorePermissions(Permissions):
    """What the instance profile's role can do with ssm and ssmmessages, for the node."""

    __slots__ = ()


class HybridCorePermissions(Permissions):
    """The same for the hybrid node's role."""

    __slots__ = ()


class HostManagementCorePermissions(Permissions):
    """The same for the role of default host management."""

    __slots__ = ()


class SimulatedKey(Permissions):
    """IAM's answers about a node's role and the session key."""

    __slots__ = ()


class SimulatedBucket(Permissions):
    """IAM's answers about a node's role and the log bucket."""

    __slots__ = ()


class SimulatedLogGroup(Permissions):
    """IAM's answers about a node's role and the log group."""

    __slots__ = ()


class CallerSimulation(Permissions):
    """IAM's answers about the caller and the preferences document."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class SimulationRefused:
    """The caller is not allowed to simulate: permissions come from ssmtui's own evaluation of policies."""

    why: str


@dataclass(frozen=True, slots=True)
class RolePolicies:
    """The policies of a role: inline and attached policies, and the boundary that limits them.

    `tags` are the `aws:PrincipalTag` values of the role's sessions; None if sessions can have their own tags.
    `unread_above` are the failed reads that would show whether service control policies deny what these allow; none for
    policies that only explain IAM's simulation.
    """

    policies: tuple[Policy, ...]
    boundary: Policy | None
    tags: tuple[tuple[str, str], ...] | None = None
    unread_above: tuple[Unreadable, ...] = ()


class ProfileRolePolicies(RolePolicies):
    """The policies of the role in the instance profile."""

    __slots__ = ()


class HybridRolePolicies(RolePolicies):
    """The policies of a hybrid node's role."""

    __slots__ = ()


class HostManagementRolePolicies(RolePolicies):
    """The policies of the role of default host management."""

    __slots__ = ()


class NodeRolePolicies(RolePolicies):
    """The policies of the role that the node uses."""

    __slots__ = ()


class NodeRoleStatements(RolePolicies):
    """The same, read if IAM did not have condition keys, to see whether these keys affect its answers."""

    __slots__ = ()


class DestinationStatements(NodeRoleStatements):
    """The same, read if IAM did not have condition keys of KMS, S3 or CloudWatch Logs."""

    __slots__ = ()


class CallerStatements(RolePolicies):
    """The policies of the caller's role, read for the same reason."""

    __slots__ = ()


_T = TypeVar("_T")


def of_used_role(node_role: NodeRole, profile: _T, hybrid: _T, host_management: _T) -> _T:
    """Return the value for the role that the node uses."""
    by_source = {
        RoleSource.INSTANCE_PROFILE: profile,
        RoleSource.HYBRID_ACTIVATION: hybrid,
        RoleSource.HOST_MANAGEMENT: host_management,
    }
    return by_source[node_role.source]


class CallerKeyStatements(CallerStatements):
    """The same, read if IAM did not have condition keys of KMS."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class KeysLacked:
    """Condition keys that IAM did not have for a principal: all keys that its policies use for any action."""

    keys: tuple[str, ...]


class KeysLackedOfNodeRole(KeysLacked):
    """The missing keys of the role that the node uses."""

    __slots__ = ()


class KeysLackedOfDestinations(KeysLacked):
    """The keys that are missing for the session key, the log bucket or the log group."""

    __slots__ = ()


class KeysLackedOnCallerKey(KeysLacked):
    """The keys that are missing for the caller and the session key."""

    __slots__ = ()


class KeysLackedOfCaller(KeysLacked):
    """The missing keys of the caller."""

    __slots__ = ()


class CallerPolicies(RolePolicies):
    """The policies of the caller's role."""

    __slots__ = ()


_OFF = frozenset({HOST_MANAGEMENT_OFF, ""})
_EC2_SERVICES = frozenset({"*", "ec2.amazonaws.com", "ec2.amazonaws.com.cn"})


def _profile_arn(running: RunningInstance) -> Hashable:
    return running.instance.profile_arn


@reads("iam:GetInstanceProfile", key=_profile_arn)
async def attached_profile(aws: Aws, running: RunningInstance) -> AttachedProfile | Absent:
    """Read the profile by the name in EC2's ARN; the profile can have been deleted while attached."""
    arn = running.instance.profile_arn
    if arn is None:
        return Absent(say("the instance profile of this instance"), "ec2:DescribeInstances")
    call = aws.call("iam", "GetInstanceProfile", InstanceProfileName=arn.rpartition("/")[2])
    answer = await unless_absent(call, "NoSuchEntity")
    if answer is None:
        return Absent(say("the instance profile {arn}", arn=arn), "iam:GetInstanceProfile")
    return profile_from_answer(answer.part("InstanceProfile"))


@derives
def instance_profile(attached: AttachedProfile) -> InstanceProfile:
    """Return the profile without its role."""
    return attached.profile


@derives
def profile_role(attached: AttachedProfile) -> ProfileRole | Absent:
    """Return the role in the profile, if any."""
    if attached.role is None:
        return Absent(
            say("the role of the instance profile {profile}", profile=attached.profile.name), "iam:GetInstanceProfile"
        )
    return ProfileRole(attached.role)


def _hybrid_role_name(managed: ManagedNode) -> Hashable:
    return managed.registration.iam_role


@reads("iam:GetRole", key=_hybrid_role_name)
async def hybrid_role(aws: Aws, managed: ManagedNode) -> HybridRole | Absent | NotApplicable:
    """Read the role. Systems Manager returns a role only for hybrid nodes, by name with or without a path."""
    name = managed.registration.iam_role
    if managed.node.kind is not NodeKind.HYBRID:
        return NotApplicable(say("an EC2 instance has no hybrid activation"))
    if name is None:
        return Absent(say("the role of the node's activation"), "ssm:DescribeInstanceProperties")
    role = await _role_named(aws, name)
    return HybridRole(role) if isinstance(role, Role) else role


@reads("ssm:GetServiceSetting", key=by_region)
async def host_management(aws: Aws, scope: Scope) -> HostManagement:
    """Read the setting: `$None` means off; in some Regions the setting does not exist until it is changed."""
    own_arn = scope.arn("ssm", f"servicesetting{HOST_MANAGEMENT_SETTING}")
    call = aws.call("ssm", "GetServiceSetting", SettingId=HOST_MANAGEMENT_SETTING)
    answer = await unless_absent(call, "ServiceSettingNotFound")
    if answer is None:
        return HostManagement(own_arn, None)
    setting = answer.part("ServiceSetting")
    value = setting.optional_text("SettingValue") or ""
    role_name = None if value in _OFF else value
    changed = setting.optional_moment("LastModifiedDate")
    return HostManagement(setting.optional_text("ARN") or own_arn, role_name, changed)


@dataclass(frozen=True, slots=True)
class NotServedByProfile:
    """A node whose profile has no role that is known to work."""


@derives
def not_served_by_profile(
    own: ProfileRole | NoFact, own_permissions: ProfileCorePermissions | NoFact
) -> NotServedByProfile | NotApplicable:
    """Return the node if the role in its profile does not work, or perhaps does not work."""
    if isinstance(own, ProfileRole) and _serves(own.role, own_permissions) is Truth.YES:
        return NotApplicable(say("the role of the instance profile works"))
    return NotServedByProfile()


@derives
def used_host_management(unserved: NotServedByProfile, of_region: HostManagement) -> UsedHostManagement:
    """Return the setting; it is not read for a node whose profile works, because it does not matter to this node."""
    return UsedHostManagement(of_region.setting_arn, of_region.role_name, of_region.changed)


def _host_management_role_name(setting: UsedHostManagement) -> Hashable:
    return setting.role_name


@reads("iam:GetRole", key=_host_management_role_name)
async def host_management_role(aws: Aws, setting: UsedHostManagement) -> HostManagementRole | Absent | NotApplicable:
    """Read the role in the setting, by name with or without a path."""
    if setting.role_name is None:
        return NotApplicable(say("default host management is off"))
    role = await _role_named(aws, setting.role_name)
    return HostManagementRole(role) if isinstance(role, Role) else role


@derives
def node_role(
    running: RunningNode,
    hybrid: HybridRole | NoFact,
    own: ProfileRole | NoFact,
    own_permissions: ProfileCorePermissions | NoFact,
    setting: UsedHostManagement | NotApplicable | Unreadable,
    shared: HostManagementRole | NoFact,
) -> NodeRole | NoFact:
    """Return the role that the node uses, by the rules of SSM Agent (docs/facts/nodes.md §7).

    A profile's role that can be assumed and allows ssm:UpdateInstanceInformation has priority; default host management
    is for instances without such a role.
    """
    if running.node.kind is NodeKind.HYBRID:
        return NodeRole(hybrid.role, RoleSource.HYBRID_ACTIVATION) if isinstance(hybrid, HybridRole) else hybrid
    if isinstance(own, ProfileRole):
        from_profile = NodeRole(own.role, RoleSource.INSTANCE_PROFILE)
        serves = _serves(own.role, own_permissions)
        if serves is Truth.YES:
            return from_profile
        # Host management matters if the profile's role does not work, or perhaps does not work.
        if isinstance(setting, Unreadable):
            return setting
        if isinstance(shared, Unreadable):
            return shared
        if not isinstance(shared, HostManagementRole):
            return from_profile
        if serves is Truth.NO:
            return NodeRole(shared.role, RoleSource.HOST_MANAGEMENT)
        return own_permissions if isinstance(own_permissions, Unreadable) else _either_role(own.role, shared.role)
    if isinstance(own, Unreadable):
        return own
    if not isinstance(setting, UsedHostManagement):
        return setting
    if setting.role_name is None:
        return Absent(
            say("a role (no usable instance profile, and default host management is off)"), "ssm:GetServiceSetting"
        )
    return NodeRole(shared.role, RoleSource.HOST_MANAGEMENT) if isinstance(shared, HostManagementRole) else shared


def _may_be_taken(role: Role) -> bool:
    return any(
        statement.effect is Effect.ALLOW and _EC2_SERVICES.intersection(statement.principals)
        for statement in role.trust.statements
    )


def _serves(role: Role, permissions: ProfileCorePermissions | NoFact) -> Truth:
    """Return whether the role of a profile can be assumed and can register its node."""
    if not _may_be_taken(role):
        return Truth.NO
    if not isinstance(permissions, ProfileCorePermissions):
        return Truth.PERHAPS
    registering = permissions.answer_to(UPDATE_INSTANCE_INFORMATION)
    # A denial by the organization affects every role, as far as is known.
    return Truth.YES if registering.only_by_organization else registering.permits


def _either_role(own: Role, shared: Role) -> Unreadable:
    why = say("the role of the node is {own} or {shared}, depending on conditions", own=own.name, shared=shared.name)
    return Unreadable("", why, ReadFailure.FAILED, SIMULATION)


async def _role_named(aws: Aws, name: str) -> Role | Absent:
    answer = await unless_absent(aws.call("iam", "GetRole", RoleName=name.rpartition("/")[2]), "NoSuchEntity")
    if answer is None:
        return Absent(say("the role {name}", name=name), "iam:GetRole")
    return role_from_answer(answer.part("Role"))


def profile_from_answer(raw: Answer) -> AttachedProfile:
    """Return the instance profile with its role from an answer of IAM."""
    role = next((role_from_answer(each) for each in raw.parts("Roles")), None)
    profile = InstanceProfile(raw.arn("Arn"), raw.text("InstanceProfileName"), role.arn if role else None)
    return AttachedProfile(profile, role)


def role_from_answer(raw: Answer) -> Role:
    """Return the role from an answer of IAM."""
    return Role(raw.arn("Arn"), raw.text("RoleName"), policy_from_answer(raw, "AssumeRolePolicyDocument"))


# https://docs.aws.amazon.com/systems-manager/latest/userguide/fleet-manager-default-host-management-configuration.html
_TAKES_EFFECT = timedelta(minutes=30)


@derives
def host_managed_instance(
    running: RunningInstance,
    profile: InstanceProfile | Absent | Unreadable,
    node_role: NodeRole | NoFact,
    setting: UsedHostManagement | NotApplicable | Unreadable,
) -> HostManagedInstance | NotApplicable | Unreadable:
    """Return the instance if it uses host management: its profile does not work.

    An unreadable profile counts as working.
    """
    without = isinstance(profile, Absent) or (isinstance(profile, InstanceProfile) and profile.role_arn is None)
    fallen_back = isinstance(node_role, NodeRole) and node_role.source is RoleSource.HOST_MANAGEMENT
    if isinstance(setting, Unreadable) and node_role == setting:
        return setting  # the profile perhaps does not work, and the setting could not be read
    if not (without or fallen_back):
        return NotApplicable(say("the instance has a role in its instance profile"))
    if not isinstance(setting, UsedHostManagement):
        return setting
    if setting.role_name is None:
        return NotApplicable(say("default host management is off"))
    return HostManagedInstance(running.node, running.instance)


@derives
def host_management_delay(
    relying: HostManagedInstance, away: UnconnectedNode, setting: UsedHostManagement, now: Now
) -> HostManagementDelay | NotApplicable:
    """Return the delay if the node can still appear by itself, since the last change of the setting."""
    until = end_of_delay(setting.changed, _TAKES_EFFECT, now.at) if setting.changed is not None else None
    if setting.changed is None or until is None or away.observation.online:
        return NotApplicable(say("the waiting time of default host management is over"))
    return HostManagementDelay(relying.node, setting.changed, until)


_A_PAGE = 1000


@reads("iam:ListInstanceProfiles", key=by_account)
async def account_profiles(aws: Aws, scope: Scope) -> AccountProfiles:
    """Read all instance profiles. A profile whose role has no valid trust policy is unreadable; the others are kept."""
    listed = await all_parts(aws, "iam", "ListInstanceProfiles", "InstanceProfiles", MaxItems=_A_PAGE)
    found = [_profile_in_list(each) for each in listed]
    return AccountProfiles(
        tuple(sorted((x for x in found if isinstance(x, AttachedProfile)), key=lambda each: each.profile.name)),
        tuple(sorted((x for x in found if isinstance(x, UnreadableProfile)), key=lambda each: each.name)),
    )


def _profile_in_list(raw: Answer) -> AttachedProfile | UnreadableProfile:
    raw.arn("Arn")
    name = raw.text("InstanceProfileName")
    try:
        return profile_from_answer(raw)
    except MalformedAnswer as malformed:
        return UnreadableProfile(name, malformed.unreadable)


@reads("iam:ListRoles", key=by_account)
async def account_roles(aws: Aws, scope: Scope) -> AccountRoles:
    """Read all roles. A role whose trust policy has no valid statement is unreadable, and the others are kept."""
    listed = await all_parts(aws, "iam", "ListRoles", "Roles", MaxItems=_A_PAGE)
    found = sorted(map(_role_in_list, listed), key=lambda each: each.name)
    return AccountRoles(
        tuple(each for each in found if isinstance(each, Role)),
        tuple(each for each in found if isinstance(each, UnreadableRole)),
    )


def _role_in_list(raw: Answer) -> Role | UnreadableRole:
    raw.arn("Arn")
    name = raw.text("RoleName")
    try:
        return role_from_answer(raw)
    except MalformedAnswer as malformed:
        return UnreadableRole(name, malformed.unreadable)
