"""Read what AWS has observed about nodes: connections and sessions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Sequence
from datetime import timedelta

from ssmtui.evidence.aws.allowed_reads import declare_reads
from ssmtui.evidence.aws.reader_api import (
    Answer,
    Aws,
    AwsError,
    MalformedAnswer,
    ReadFailed,
    all_parts,
    all_results,
    unless_absent,
)
from ssmtui.evidence.facts.sources import by_region, derives, reads
from ssmtui.language import say
from ssmtui.model.fact import Absent, NoFact, NotApplicable, Now, OfNode, ReadFailure, Unreadable
from ssmtui.model.network import (
    AddressBlock,
    NetworkAcls,
    NetworkInterfaces,
    Placement,
    PrefixLists,
    RouteTables,
    RuleNetworks,
    SecurityGroups,
    Subnets,
    rule_networks,
)
from ssmtui.model.node import (
    ConnectionStatus,
    Instance,
    InstanceState,
    InstanceTraits,
    Node,
    NodeKind,
    NodeTraits,
    PingStatus,
    RegistrationTraits,
)
from ssmtui.model.node_facts import (
    Activation,
    Activations,
    ActivationTier,
    ImpairedInstances,
    ManagedHybridNode,
    ManagedNode,
    MetadataDefaults,
    Observation,
    RequestedIds,
    RunningInstance,
    RunningNode,
    UnconnectedNode,
    UnmanagedInstance,
)
from ssmtui.model.scope import Scope
from ssmtui.model.sessions import (
    ActiveSession,
    ActiveSessions,
    CrowdedSessions,
    ListedSession,
    SessionState,
    SessionStatus,
    StaleSessions,
)

_UP = frozenset({InstanceState.PENDING, InstanceState.RUNNING})


def can_be_connected(node: NodeTraits) -> bool:
    """Return whether a node can be connected, according to EC2: otherwise its connection is not read."""
    if node.is_restricted:
        return False
    return not isinstance(node.instance, InstanceTraits) or node.instance.state in _UP


@derives
def running_node(node: NodeTraits) -> RunningNode | NotApplicable | Unreadable:
    """Return the running node.

    A hybrid node counts as running; so does an instance that EC2 does not show but whose ping arrives.
    """
    if isinstance(node.instance, Unreadable):
        return RunningNode(node) if node.ping is PingStatus.ONLINE else node.instance
    if node.is_restricted:
        return NotApplicable(say("an AWS service manages the instance"))
    if node.service is not None and isinstance(node.registration, Unreadable):
        return node.registration  # users can perhaps not connect, and nobody can change the instance
    if isinstance(node.instance, InstanceTraits) and not can_be_connected(node):
        return NotApplicable(say("the instance is {state}", state=node.instance.state.value))
    return RunningNode(node)


@derives
def running_instance(running: RunningNode) -> RunningInstance | NotApplicable | Unreadable:
    """Return the running instance. Without EC2's data, nothing that EC2 knows is known."""
    instance = running.node.instance
    if isinstance(instance, Absent):
        return NotApplicable(say("a hybrid node is not an EC2 instance"))
    if isinstance(instance, Unreadable):
        return instance
    return RunningInstance(running.node, instance)


@derives
def managed_node(running: RunningNode) -> ManagedNode | NotApplicable | Unreadable:
    """Return the node if it has a registration."""
    registration = running.node.registration
    if isinstance(registration, RegistrationTraits):
        return ManagedNode(running.node, registration)
    return (
        registration
        if isinstance(registration, Unreadable)
        else NotApplicable(say("Systems Manager does not list the node"))
    )


@derives
def managed_hybrid_node(managed: ManagedNode) -> ManagedHybridNode | NotApplicable:
    """Return the node if it is registered and not an EC2 instance."""
    if managed.node.kind is not NodeKind.HYBRID:
        return NotApplicable(say("an EC2 instance needs no activation"))
    return ManagedHybridNode(managed.node, managed.registration)


@derives
def unmanaged_instance(running: RunningInstance) -> UnmanagedInstance | NotApplicable | Unreadable:
    """Return the instance if it has started and has no registration."""
    if isinstance(running.node.registration, Unreadable):
        return running.node.registration
    if running.node.managed:
        return NotApplicable(say("Systems Manager lists the node"))
    if running.instance.state is InstanceState.PENDING:
        return NotApplicable(say("the instance is starting"))
    return UnmanagedInstance(running.node, running.instance)


@derives
def unconnected_node(running: RunningNode, observation: Observation) -> UnconnectedNode | NotApplicable:
    """Return the node if it is not online or not connected.

    For an online node whose connection was not read, neither is known.
    """
    if observation.online and observation.connected:
        return NotApplicable(say("the node is online and connected: its paths to ssm and ssmmessages are open"))
    if observation.online and observation.connection is None:
        return NotApplicable(say("the node is online, and its connection was not read"))
    return UnconnectedNode(running.node, observation)


def _node_and_ping(running: RunningNode | Unreadable, node: Node) -> Hashable:
    return node.id, node.ping


@reads("ssm:GetConnectionStatus", key=_node_and_ping)
async def observation(aws: Aws, running: RunningNode | Unreadable, node: Node) -> Observation:
    """Read the connection; the ping is from the listing. A refused read leaves the ping known."""
    return Observation(node.ping, await _connection(aws, node.id))


async def _connection(aws: Aws, node_id: str) -> ConnectionStatus | Unreadable:
    try:
        answer = await aws.call("ssm", "GetConnectionStatus", Target=node_id)
    except ReadFailed as failed:
        return failed.unreadable
    except AwsError as error:
        return Unreadable("", f"ssm:GetConnectionStatus: {error}", ReadFailure.FAILED, "ssm:GetConnectionStatus")
    return answer.word("Status", ConnectionStatus)


_STATUSES_PER_PAGE = 1000
_IMPAIRED = "impaired"
_CHECKS = {"instance": "InstanceStatus", "system": "SystemStatus"}


@reads("ec2:DescribeInstanceStatus", key=by_region, along=(RequestedIds,), of_all_nodes=True)
async def impaired_instances(
    aws: Aws, scope: Scope, requested: RequestedIds, away: UnconnectedNode
) -> ImpairedInstances:
    """Read once for the Region, if any node is away."""
    instances = [id_ for id_ in requested.ids or () if id_.startswith("i-")]
    try:
        statuses = await _statuses(aws, InstanceIds=instances) if instances else await _impaired(aws)
    except AwsError:
        if not instances:
            raise
        statuses = await _impaired(aws)  # EC2 returns no status if one of the instances does not exist.
    found: dict[str, tuple[str, ...]] = {}
    for raw in statuses:
        # An instance that is listed by its ID, or by its other check, can be well.
        checks = (name for name, member in _CHECKS.items() if raw.part(member).text("Status") == _IMPAIRED)
        if impaired := tuple(checks):
            found[raw.text("InstanceId")] = impaired
    return ImpairedInstances(found)


async def _impaired(aws: Aws) -> Sequence[Answer]:
    """List the impaired instances. Filters combine with "and", so each check needs its own listing."""
    filters = ([{"Name": f"{name}-status.status", "Values": [_IMPAIRED]}] for name in _CHECKS)
    listed = await all_results(*(_statuses(aws, Filters=each, MaxResults=_STATUSES_PER_PAGE) for each in filters))
    return [raw for each in listed for raw in each]


async def _statuses(aws: Aws, **parameters: object) -> Sequence[Answer]:
    return await all_parts(aws, "ec2", "DescribeInstanceStatus", "InstanceStatuses", **parameters)


@derives
def placement(running: RunningInstance, interfaces: NetworkInterfaces | NoFact) -> Placement | NotApplicable:
    """Return the place of the instance in the network: of its primary interface, if the interfaces were read."""
    primary = interfaces.primary if isinstance(interfaces, NetworkInterfaces) else None
    if primary is not None:
        return primary.placement
    instance = running.instance
    if instance.subnet_id is None or instance.vpc_id is None:
        return NotApplicable(say("the instance is in no subnet"))
    return Placement(
        subnet_id=instance.subnet_id,
        vpc_id=instance.vpc_id,
        security_group_ids=instance.security_group_ids,
        has_public_ip=instance.has_public_ip,
    )


@derives
def told_apart(
    groups: SecurityGroups, acls: NetworkAcls, routes: RouteTables, lists: PrefixLists | Unreadable
) -> RuleNetworks:
    """Return the networks in rules. If a prefix list is unreadable, it is also unreadable to the checks."""
    return rule_networks(groups, acls, routes, lists if isinstance(lists, PrefixLists) else None)


@derives
def address_block(
    running: RunningInstance,
    interfaces: NetworkInterfaces | NoFact,
    subnets: Subnets,
    rules: RuleNetworks,
) -> AddressBlock | OfNode[AddressBlock]:
    """Return the block of the primary interface, if read.

    The address matters only if rules distinguish addresses in its subnet.
    """
    primary = interfaces.primary if isinstance(interfaces, NetworkInterfaces) else None
    subnet = subnets.get(primary.subnet_id if primary is not None else running.instance.subnet_id or "")
    cidr = subnet.cidr if subnet is not None else ""
    address = primary.private_ip if primary is not None else None
    block = rules.block_of_all(cidr) or (rules.block_of(address, cidr) if address else None)
    return block or OfNode(lambda node: rules.block_of(_private_address(node), cidr))


def _private_address(node: Node) -> str:
    return (node.instance.private_ip or "") if isinstance(node.instance, Instance) else ""


TIER_SETTING = "/ssm/managed-instance/activation-tier"
"""The service setting for the tier (User Guide, fleet-manager-configure-instance-tiers)."""

_ACTIVATIONS_PER_PAGE = 50


@reads("ssm:GetServiceSetting", key=by_region)
async def activation_tier(aws: Aws, scope: Scope, hybrid: ManagedHybridNode) -> ActivationTier:
    """Read the tier: `standard` until somebody changes it; only read if the Region has hybrid nodes."""
    own_arn = scope.arn("ssm", f"servicesetting{TIER_SETTING}")
    call = aws.call("ssm", "GetServiceSetting", SettingId=TIER_SETTING)
    answer = await unless_absent(call, "ServiceSettingNotFound")
    if answer is None:
        return ActivationTier(own_arn, advanced=False)
    setting = answer.part("ServiceSetting")
    return ActivationTier(setting.optional_text("ARN") or own_arn, advanced=setting.text("SettingValue") == "advanced")


@reads("ec2:GetInstanceMetadataDefaults", key=by_region)
async def metadata_defaults(aws: Aws, scope: Scope) -> MetadataDefaults:
    """Read the account's settings for the metadata service; EC2 leaves out what the account has not set."""
    level = (await aws.call("ec2", "GetInstanceMetadataDefaults")).optional_part("AccountLevel")
    return MetadataDefaults(
        tokens_enforced=level.optional_text("HttpTokensEnforced") == "enabled",
        by_policy=level.optional_text("ManagedBy") == "declarative-policy",
    )


@reads("ssm:DescribeActivations", key=by_region, of_all_nodes=True)
async def activations(aws: Aws, scope: Scope, hybrid: ManagedHybridNode) -> Activations:
    """Read the activations. AWS deletes an activation some time after its expiration, so a role can have none."""
    found: defaultdict[str, list[Activation]] = defaultdict(list)
    async for page in aws.pages("ssm", "DescribeActivations", MaxResults=_ACTIVATIONS_PER_PAGE):
        for raw in page.parts("ActivationList"):
            activation = Activation(
                id=raw.text("ActivationId"),
                expired=raw.optional_flag("Expired") is True,
                expires=raw.optional_moment("ExpirationDate"),
                limit=raw.optional_number("RegistrationLimit") or 1,
                registered=raw.optional_number("RegistrationsCount") or 0,
            )
            found[(raw.optional_text("IamRole") or "").rpartition("/")[2]].append(activation)
    return Activations(
        {
            role: tuple(sorted(each, key=lambda one: one.expires.timestamp() if one.expires else 0.0, reverse=True))
            for role, each in found.items()
        }
    )


# The longest duration of a session in the preferences is 1,440 minutes (User Guide, session preferences).
_LONGEST_WORK = timedelta(days=1)
# More sessions than a person uses at the same time; a program that leaks sessions reaches this in one run.
_CROWD = 10
_ACTIVE_SESSIONS_PER_PAGE = 200


def _target(scope: Scope, requested: RequestedIds | Unreadable) -> Hashable:
    return (scope.region, *_only_id(requested)) if _only_id(requested) else scope.region


@reads("ssm:DescribeSessions", key=_target)
async def active_sessions(aws: Aws, scope: Scope, requested: RequestedIds | Unreadable) -> ActiveSessions:
    """Read the open sessions: of the only requested node, else with one listing for the Region."""
    filters = [{"key": "Target", "value": id_} for id_ in _only_id(requested)]
    asked_for = {"State": "Active", "MaxResults": _ACTIVE_SESSIONS_PER_PAGE} | ({"Filters": filters} if filters else {})
    found = [
        ActiveSession(
            raw.text("SessionId"), raw.text("Target"), raw.optional_text("Owner") or "", raw.moment("StartDate")
        )
        for raw in await all_parts(aws, "ssm", "DescribeSessions", "Sessions", **asked_for)
    ]
    return ActiveSessions(tuple(sorted(found, key=lambda each: (each.started, each.id))))


def _only_id(requested: RequestedIds | Unreadable) -> tuple[str, ...]:
    """Return the ID of the only requested node: the filter takes one value."""
    ids = requested.ids if isinstance(requested, RequestedIds) else None
    return ids if ids is not None and len(ids) == 1 else ()


@derives
def stale_sessions(
    managed: ManagedNode,
    active: ActiveSessions,
    now: Now,
) -> StaleSessions | NotApplicable | OfNode[StaleSessions | NotApplicable]:
    """Return the sessions of the node that have been open for more than a day."""
    since = now.at - _LONGEST_WORK
    none = NotApplicable(say("no session has been open for more than a day"))

    def of_node(node: Node) -> StaleSessions | NotApplicable:
        own = tuple(each for each in active.sessions if each.target == node.id and each.started < since)
        return StaleSessions(own) if own else none

    return OfNode(of_node) if active.sessions else none


@derives
def crowded_sessions(
    managed: ManagedNode,
    active: ActiveSessions,
) -> CrowdedSessions | NotApplicable | OfNode[CrowdedSessions | NotApplicable]:
    """Return the sessions of the owner with the most on the node, if they are too many."""
    none = NotApplicable(say("no user has {number} sessions on the node", number=_CROWD))

    def of_node(node: Node) -> CrowdedSessions | NotApplicable:
        by_owner: defaultdict[str, list[ActiveSession]] = defaultdict(list)
        for each in active.sessions:
            if each.target == node.id:
                by_owner[each.owner].append(each)
        owner, sessions = max(by_owner.items(), key=lambda one: (len(one[1]), one[0]), default=("", []))
        return CrowdedSessions(owner, tuple(sessions)) if len(sessions) >= _CROWD else none

    return OfNode(of_node) if active.sessions else none


_SESSIONS_PER_PAGE = 200
_CALL = "ssm:DescribeSessions"
_JUST_IN_TIME = "JustInTime"

declare_reads(_CALL)


async def publish_sessions(
    aws: Aws, state: SessionState, told: Callable[[Sequence[ListedSession]], None]
) -> Unreadable | None:
    """Pass the sessions of a Region to `told`, page by page; return why not all could be read."""
    try:
        async for page in aws.pages("ssm", "DescribeSessions", State=state.value, MaxResults=_SESSIONS_PER_PAGE):
            told(tuple(session_from_answer(raw) for raw in page.parts("Sessions")))
    except (ReadFailed, MalformedAnswer) as failed:
        return failed.unreadable
    except AwsError as error:
        return Unreadable("", f"{_CALL}: {error}", ReadFailure.FAILED, _CALL)
    return None


def session_from_answer(raw: Answer) -> ListedSession:
    """Return a session from an answer."""
    longest = raw.optional_text("MaxSessionDuration") or ""
    return ListedSession(
        id=raw.text("SessionId"),
        target=raw.text("Target"),
        status=raw.word("Status", SessionStatus),
        owner=raw.optional_text("Owner") or "",
        started=raw.moment("StartDate"),
        ended=raw.optional_moment("EndDate"),
        document=raw.optional_text("DocumentName") or "",
        reason=raw.optional_text("Reason") or "",
        longest=int(longest) if longest.isdecimal() else None,
        just_in_time=raw.optional_text("AccessType") == _JUST_IN_TIME,
    )
