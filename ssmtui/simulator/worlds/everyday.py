"""Worlds without a fault, or with common properties: few settings, several Regions, several faults."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import (
    NO_SPACE_LEFT,
    STARTED,
    STOPPED,
    Agent,
    Bucket,
    Control,
    Endpoint,
    Expectation,
    HybridNode,
    Instance,
    Key,
    LogGroup,
    Metadata,
    Platform,
    RegionScenario,
    Role,
    Scenario,
    StatementJSON,
    fails,
    sound,
    warns,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    BUCKETS,
    BY_TAG,
    CHANNEL_ACTIONS,
    CORE,
    DESTINATIONS,
    ENCRYPTED_GROUPS,
    HOST_MANAGEMENT,
    KEYS,
    REGION,
    UNENCRYPTED_GROUPS,
    WEB,
    WEB_WITHOUT_DESTINATIONS,
    WITHOUT_KEY,
    Destinations,
    allow,
    endpoint_network,
    endpoint_network_by_prefix_list,
    nat_network,
    node,
    node_role,
    preferences,
    profile_of,
    small_world,
    two_nodes,
)

_D = DESTINATIONS
_FRANKFURT = "eu-central-1"
_NOTHING = Destinations(REGION)


def no_destinations() -> Scenario:
    """The session preferences have no key and no log destination."""
    return small_world(
        (node("web-1"), node("iis-1", platform=Platform.WINDOWS)),
        preferences=preferences(_NOTHING),
        roles=(WEB_WITHOUT_DESTINATIONS,),
        keys=(),
        buckets=(),
        log_groups=(),
    )


def switches_off() -> Scenario:
    """Both encryption switches of the session preferences are off."""
    return small_world(
        two_nodes(),
        preferences=preferences(_D, only_encrypted_bucket=False, only_encrypted_log_group=False),
        log_groups=UNENCRYPTED_GROUPS,
    )


def logs_to_bucket_alone() -> Scenario:
    """Sessions are logged only to a bucket."""
    only = replace(_D, log_group=None)
    role = node_role("bucket-only", only.everything())
    return small_world((node("web-1", profile=role.name),), preferences=preferences(only), roles=(role,), log_groups=())


def logs_to_group_alone() -> Scenario:
    """Sessions are logged only to a log group."""
    only = replace(_D, bucket=None, session_key=None)
    role = node_role("group-only", only.everything())
    return small_world((node("web-1", profile=role.name),), preferences=preferences(only), roles=(role,), buckets=())


def log_group_named_alike() -> Scenario:
    """Log groups have names similar to the log group of the session preferences, which does not exist."""
    missing = fails("log-group-missing")
    alike = (LogGroup(f"{_D.log_group}-old", key="session-logs"), LogGroup(f"{_D.log_group}/prod", key="session-logs"))
    return small_world(two_nodes(missing), log_groups=alike)


def log_groups_named_alike_and_there() -> Scenario:
    """An unencrypted log group has a name similar to the encrypted log group of the session preferences."""
    return small_world((node("web-1"),), log_groups=(LogGroup(f"{_D.log_group}-old"), *ENCRYPTED_GROUPS))


def timeouts_at_their_bounds() -> Scenario:
    """The timeouts of sessions have their highest allowed values."""
    return small_world(
        two_nodes(), preferences=preferences(_D, inputs={"idleSessionTimeout": "60", "maxSessionDuration": "1440"})
    )


def bucket_policy_demands_tls() -> Scenario:
    """The policy of the bucket denies requests without TLS."""
    arn = f"arn:aws:s3:::{_D.bucket}"
    denial = {
        "Sid": "OnlyTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    return small_world(two_nodes(), buckets=(Bucket(BUCKETS[0].name, statements=(denial,)),))


def public_subnet() -> Scenario:
    """Nodes have public addresses."""
    return small_world((node("bastion-1", subnet="public"), node("web-1")))


def endpoints_for_what_is_used() -> Scenario:
    """A network has endpoints only for ssm and ssmmessages, and sessions need no others."""
    few = endpoint_network("edge", "10.60", without=("kms", "logs", "s3"))
    return small_world(
        (node("edge-1", network="edge", subnet="isolated"),),
        preferences=preferences(_NOTHING),
        roles=(WEB_WITHOUT_DESTINATIONS,),
        networks=(few,),
        keys=(),
        buckets=(),
        log_groups=(),
    )


def two_regions_one_role() -> Scenario:
    """A role is allowed to use the session key of one Region, but not of the other."""
    there = Destinations(_FRANKFURT, session_key="sessions-frankfurt")
    abroad = node("frankfurt-1", fails("kms-node-denied"), network="frankfurt")
    plan = RegionScenario(
        _FRANKFURT,
        networks=(nat_network("frankfurt", "10.40"),),
        keys=(Key("sessions-frankfurt"),),
        preferences=preferences(there),
        nodes=(abroad,),
    )
    return small_world((node("web-1"),), other_regions=(plan,))


def two_regions_two_preferences() -> Scenario:
    """A switch blocks sessions in one Region; another Region has no preferences."""
    plan = RegionScenario(
        _FRANKFURT, networks=(nat_network("frankfurt", "10.40"),), nodes=(node("frankfurt-1", network="frankfurt"),)
    )
    return small_world(
        (node("web-1", fails("log-group-unencrypted")),), log_groups=UNENCRYPTED_GROUPS, other_regions=(plan,)
    )


def several_faults() -> Scenario:
    """Nodes have several faults at once."""
    all_but_key = _D.everything_but("key use")
    keyless = node_role("keyless", all_but_key)
    channelless = node_role("channelless", (allow("ssm:UpdateInstanceInformation"), *all_but_key), managed=())
    edge = {"network": "edge", "subnet": "isolated"}
    return small_world(
        (
            node("two-1", fails("kms-node-denied", "log-group-unencrypted"), profile=keyless.name),
            node(
                "three-1",
                fails("role-channels-denied", "kms-node-denied", "log-group-unencrypted"),
                profile=channelless.name,
            ),
            _never("four-1", fails("endpoint-security-group-closed", "kms-node-denied"), profile=keyless.name, **edge),
            node("one-1", fails("log-group-unencrypted")),
        ),
        roles=(WEB, keyless, channelless),
        networks=(nat_network("main", "10.30"), endpoint_network("edge", "10.60", endpoints_open_to="10.99.0.0/16")),
        log_groups=UNENCRYPTED_GROUPS,
    )


def _never(name: str, expected: Expectation, *, profile: str, network: str, subnet: str) -> Instance:
    agent = Agent(registered_before=False)
    return node(name, expected, profile=profile, network=network, subnet=subnet, agent=agent)


def stopped_with_faults() -> Scenario:
    """Stopped nodes have faults that would block sessions if the nodes ran."""
    without_profile = node("archive-1", STOPPED, profile=None, agent=Agent(registered_before=False))
    deaf = node("archive-2", STOPPED, metadata=Metadata(enabled=False), agent=Agent(version="2.3.50.0"))
    return small_world(
        (
            replace(without_profile, running=False),
            replace(deaf, running=False),
            node("web-1", fails("log-group-unencrypted")),
        ),
        log_groups=UNENCRYPTED_GROUPS,
    )


def healed_since() -> Scenario:
    """The console of a node that works shows a fault from before its last start."""
    return small_world(
        (node("metrics-1", console_output=f"{NO_SPACE_LEFT}{STARTED.format(version='3.3.5828.0')}"), node("web-1"))
    )


def half_logged() -> Scenario:
    """A role is not allowed to write any session logs."""
    role = node_role("unlogged", _D.everything_but("bucket write", "log write"), managed=(CORE,))
    return small_world(
        (node("cache-1", warns("cloudwatch-logs-lost", "s3-logs-lost"), profile=role.name), node("web-1")),
        roles=(WEB, role),
    )


_ELSEWHERE = Destinations("eu-central-1", session_key="sessions-elsewhere", log_group="/ssm/session-manager")
_CORE_STATEMENTS = (allow(("ssm:UpdateInstanceInformation", *CHANNEL_ACTIONS)),)
_INLINE: Role = node_role("inline", (*_CORE_STATEMENTS, *DESTINATIONS.everything()), managed=())


def controls() -> Scenario:
    """Healthy nodes that look like broken nodes."""
    elsewhere = node_role("elsewhere", _ELSEWHERE.everything())
    by_id = RegionScenario(
        name=_ELSEWHERE.region,
        networks=(nat_network("frankfurt", "10.40"),),
        keys=(Key("sessions-elsewhere"), Key("logs-elsewhere", serves_logs=True)),
        log_groups=(LogGroup("/ssm/session-manager", key="logs-elsewhere"),),
        preferences=preferences(_ELSEWHERE, inputs={"kmsKeyId": "<key-id:sessions-elsewhere>"}),
        nodes=(_in_frankfurt("by-id-1", sound(Control.KEY_BY_ID), elsewhere),),
    )
    return small_world(
        (
            node("by-alias-1", sound(Control.KEY_BY_ALIAS)),
            node("inline-1", sound(Control.INLINE_POLICY), profile=_INLINE.name),
            replace(node("stopped-1", replace(STOPPED, control=Control.STOPPED)), running=False),
        ),
        preferences=preferences(DESTINATIONS, inputs={"kmsKeyId": "alias/acme/sessions"}),
        roles=(WEB, _INLINE, elsewhere),
        other_regions=(by_id,),
    )


def _in_frankfurt(name: str, expected: Expectation, role: Role) -> Instance:
    return node(name, expected, profile=role.name, network="frankfurt")


_BUCKET = f"arn:aws:s3:::{_D.bucket}"
_WITHOUT_BUCKET = _D.everything_but("bucket lookup", "bucket write")


def allowed_by_bucket_policy() -> Scenario:
    """The policy of a bucket allows a role what its own policies do not allow."""
    role = node_role("named-by-bucket", _WITHOUT_BUCKET)
    statements = (
        {**allow("s3:GetEncryptionConfiguration", _BUCKET), "Principal": _named(role.name)},
        {**allow("s3:PutObject", f"{_BUCKET}/*"), "Principal": _named(role.name)},
    )
    return small_world(
        (node("named-1", profile=role.name), node("web-1")),
        roles=(WEB, role),
        buckets=(Bucket(BUCKETS[0].name, statements=statements),),
    )


def allowed_by_bucket_key() -> Scenario:
    """The key of the log bucket allows roles what their own policies do not allow."""
    named, granted = node_role("named-by-key", _D.everything()), node_role("granted-by-key", _D.everything())
    to = replace(_D, bucket_key="audit")
    using = {"Principal": _named(named.name), **allow(("kms:GenerateDataKey", "kms:Decrypt"))}
    key = Key("audit", statements=(using,), granted_to=(granted.name,), granted=("GenerateDataKey", "Decrypt"))
    return small_world(
        (node("named-1", profile=named.name), node("granted-1", profile=granted.name), node("web-1")),
        preferences=preferences(to),
        roles=(node_role("web", to.everything()), named, granted),
        keys=(*KEYS, key),
        buckets=(Bucket(str(to.bucket), key=key.name),),
    )


def caller_allowed_by_key_policy() -> Scenario:
    """The session key allows the caller what the caller's own policies do not allow.

    The policy of the key names the caller's role.
    """
    making = {"Principal": _named(WITHOUT_KEY.name), **allow("kms:GenerateDataKey")}
    return _with_session_key(Key("sessions", statements=(making,)))


def caller_allowed_by_grant() -> Scenario:
    """The session key allows the caller what the caller's own policies do not allow.

    A grant on the key is made to the caller's role.
    """
    key = Key("sessions", granted_to=(WITHOUT_KEY.name,), granted=("GenerateDataKey",))
    return _with_session_key(key)


def served_in_spite_of_its_profile() -> Scenario:
    """Default host management works for nodes whose instance profiles do not work."""
    mute = node_role("mute", (allow("s3:ListAllMyBuckets"),), managed=())
    strange = node_role("strange", _D.everything(), trusted="lambda.amazonaws.com")
    shared = Role(
        "AWSSystemsManagerDefaultEC2InstanceManagementRole",
        trusted=("ssm.amazonaws.com",),
        managed=(HOST_MANAGEMENT,),
        inline=node_role("shared", _D.everything()).inline,
        path="/service-role/",
    )
    world = small_world(
        (
            node("mute-1", profile=mute.name),
            node("strange-1", profile=strange.name),
            node("bare-1", profile=None),
            node("web-1"),
        ),
        roles=(WEB, mute, strange, shared),
        host_management_role=f"service-role/{shared.name}",
    )
    return replace(world, profiles=(*world.profiles, profile_of(strange)))


def bucket_past_its_endpoint() -> Scenario:
    """The log bucket is in another Region, which the S3 endpoint of this Region does not serve."""
    network = nat_network("main", "10.61")
    denying: StatementJSON = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::elsewhere/*",
    }
    subnets = tuple(each.name for each in network.subnets)
    return small_world(
        (node("web-1"),),
        networks=(replace(network, endpoints=(Endpoint("s3", subnets, policy=(denying,)),)),),
        buckets=(),
        other_regions=(RegionScenario("eu-north-1", buckets=BUCKETS),),
    )


def one_way_each() -> Scenario:
    """Every node has one open path to AWS."""
    return small_world(
        (
            node("by-nat-1"),
            node("by-endpoint-1", network="vault", subnet="isolated"),
            node("by-list-1", network="shop", subnet="isolated"),
        ),
        networks=(
            nat_network("main", "10.61"),
            endpoint_network("vault", "10.62"),
            endpoint_network_by_prefix_list("shop", "10.63"),
        ),
    )


def endpoint_admits_the_role() -> Scenario:
    """The policy of an endpoint allows only the role of the node."""
    admitting: StatementJSON = {"Effect": "Allow", "Principal": _named(WEB.name), "Action": "kms:*", "Resource": "*"}
    return small_world(
        (node("vault-1", network="vault", subnet="isolated"),),
        networks=(endpoint_network("vault", "10.60", policies={"kms": (admitting,)}),),
    )


def caller_by_tag_of_hybrid_nodes() -> Scenario:
    """The caller is allowed to start sessions on hybrid nodes with a tag."""
    role = node_role("stores", _D.everything(), trusted="ssm.amazonaws.com")
    return small_world(
        (HybridNode("pos-1", role.name, "172.16.9.11", tags={"Env": "test"}),),
        roles=(role,),
        advanced_tier=True,
        caller=BY_TAG,
    )


def _with_session_key(key: Key) -> Scenario:
    return small_world(
        (node("web-1"),), keys=tuple(key if each.name == key.name else each for each in KEYS), caller=WITHOUT_KEY
    )


def _named(role: str) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{role}"}


def healthy_small() -> Scenario:
    """Three healthy nodes."""
    return small_world(
        (
            node("web-1", sound(Control.SSE_S3), subnet="public"),
            node("api-1", sound(Control.NAT_ONLY), platform=Platform.UBUNTU),
            node("iis-1", sound(Control.ENCRYPTED_GROUP), platform=Platform.WINDOWS),
        )
    )


def empty() -> Scenario:
    """An account without nodes."""
    return small_world((), preferences=None, roles=(), keys=(), buckets=(), log_groups=())
