"""Worlds without a fault, and sound nodes that are easily taken for broken."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import (
    STOPPED,
    Bucket,
    Control,
    Endpoint,
    Expectation,
    HybridNode,
    Instance,
    Key,
    LogGroup,
    Platform,
    RegionScenario,
    Role,
    Scenario,
    StatementJSON,
    sound,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    BUCKETS,
    BY_TAG,
    CHANNEL_ACTIONS,
    DESTINATIONS,
    HOST_MANAGEMENT,
    KEYS,
    WEB,
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
)

_ELSEWHERE = Destinations("eu-central-1", session_key="sessions-elsewhere", log_group="/ssm/session-manager")
_CORE_STATEMENTS = (allow(("ssm:UpdateInstanceInformation", *CHANNEL_ACTIONS)),)
_INLINE: Role = node_role("inline", (*_CORE_STATEMENTS, *DESTINATIONS.everything()), managed=())


def controls() -> Scenario:
    """Two Regions that name their key by its alias and by its id; a stopped node, and a role of inline policies."""
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
        "controls",
        "Sound nodes that are easily taken for broken ones.",
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


_D = DESTINATIONS
_BUCKET = f"arn:aws:s3:::{_D.bucket}"
_WITHOUT_BUCKET = (*_D.key_use(), *_D.log_lookup(), *_D.log_write())


def allowed_by_bucket_policy() -> Scenario:
    """A role whose own policies do not know the bucket, whose policy names the role."""
    role = node_role("named-by-bucket", _WITHOUT_BUCKET)
    statements = (
        {**allow("s3:GetEncryptionConfiguration", _BUCKET), "Principal": _named(role.name)},
        {**allow("s3:PutObject", f"{_BUCKET}/*"), "Principal": _named(role.name)},
    )
    return small_world(
        "allowed-by-bucket-policy",
        "A bucket's policy gives to a role what its own policies do not.",
        (node("named-1", profile=role.name), node("web-1")),
        preferences=preferences(_D),
        roles=(WEB, role),
        buckets=(Bucket(BUCKETS[0].name, statements=statements),),
    )


def allowed_by_bucket_key() -> Scenario:
    """Roles that may use the key of the bucket without a word of their own policies: by its policy, and by a grant."""
    named, granted = node_role("named-by-key", _D.everything()), node_role("granted-by-key", _D.everything())
    to = replace(_D, bucket_key="audit")
    using = {"Principal": _named(named.name), **allow(("kms:GenerateDataKey", "kms:Decrypt"))}
    key = Key("audit", statements=(using,), granted_to=(granted.name,), granted=("GenerateDataKey", "Decrypt"))
    return small_world(
        "allowed-by-bucket-key",
        "The key of the log bucket gives to roles what their own policies do not.",
        (node("named-1", profile=named.name), node("granted-1", profile=granted.name), node("web-1")),
        preferences=preferences(to),
        roles=(node_role("web", to.everything()), named, granted),
        keys=(*KEYS, key),
        buckets=(Bucket(str(to.bucket), key=key.name),),
    )


def caller_allowed_by_key_policy() -> Scenario:
    """The caller's own policies do not know the session key, whose policy names the caller's role."""
    making = {"Principal": _named(WITHOUT_KEY.name), **allow("kms:GenerateDataKey")}
    return _with_session_key("caller-allowed-by-key-policy", Key("sessions", statements=(making,)))


def caller_allowed_by_grant() -> Scenario:
    """The caller's own policies do not know the session key, on which a grant is made to the caller's role."""
    key = Key("sessions", granted_to=(WITHOUT_KEY.name,), granted=("GenerateDataKey",))
    return _with_session_key("caller-allowed-by-grant", key)


def served_in_spite_of_its_profile() -> Scenario:
    """Profiles whose roles may not register their nodes, or be taken by EC2: host management serves these."""
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
        "served-in-spite-of-its-profile",
        "Default host management serves nodes whose instance profiles do not.",
        (
            node("mute-1", profile=mute.name),
            node("strange-1", profile=strange.name),
            node("bare-1", profile=None),
            node("web-1"),
        ),
        preferences=preferences(_D),
        roles=(WEB, mute, strange, shared),
        host_management_role=f"service-role/{shared.name}",
    )
    return replace(world, profiles=(*world.profiles, profile_of(strange)))


def bucket_past_its_endpoint() -> Scenario:
    """The policy of the endpoint for s3 denies the bucket, which is in another Region, where NAT leads."""
    network = nat_network("main", "10.61")
    denying: StatementJSON = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:aws:s3:::elsewhere/*",
    }
    subnets = tuple(each.name for each in network.subnets)
    return small_world(
        "bucket-past-its-endpoint",
        "The log bucket is in another Region, and the endpoint of this one does not know it.",
        (node("web-1"),),
        preferences=preferences(_D),
        networks=(replace(network, endpoints=(Endpoint("s3", subnets, policy=(denying,)),)),),
        buckets=(),
        other_regions=(RegionScenario("eu-north-1", buckets=BUCKETS),),
    )


def one_way_each() -> Scenario:
    """Nodes that have one way out: by NAT, by endpoints, by endpoints that admit a prefix list."""
    return small_world(
        "one-way-each",
        "Every node has one way to AWS, and it is open.",
        (
            node("by-nat-1"),
            node("by-endpoint-1", network="vault", subnet="isolated"),
            node("by-list-1", network="shop", subnet="isolated"),
        ),
        preferences=preferences(_D),
        networks=(
            nat_network("main", "10.61"),
            endpoint_network("vault", "10.62"),
            endpoint_network_by_prefix_list("shop", "10.63"),
        ),
    )


def endpoint_admits_the_role() -> Scenario:
    """The policy of the endpoint for kms admits one role, which is the node's."""
    admitting: StatementJSON = {
        "Effect": "Allow",
        "Principal": _named(WEB.name),
        "Action": "kms:*",
        "Resource": "*",
    }
    return small_world(
        "endpoint-admits-the-role",
        "An endpoint's policy admits the role of the node, and nobody else.",
        (node("vault-1", network="vault", subnet="isolated"),),
        preferences=preferences(_D),
        networks=(endpoint_network("vault", "10.60", policies={"kms": (admitting,)}),),
    )


def caller_by_tag_of_hybrid_nodes() -> Scenario:
    """The caller may start sessions by tag, and a machine of the account's own has it."""
    role = node_role("stores", _D.everything(), trusted="ssm.amazonaws.com")
    return small_world(
        "caller-by-tag-of-hybrid-nodes",
        "The caller may start sessions to hybrid nodes by tag.",
        (HybridNode("pos-1", role.name, "172.16.9.11", tags={"Env": "test"}),),
        preferences=preferences(_D),
        roles=(role,),
        advanced_tier=True,
        caller=BY_TAG,
    )


def _with_session_key(name: str, key: Key) -> Scenario:
    return small_world(
        name,
        "The session key gives to the caller what the caller's own policies do not.",
        (node("web-1"),),
        preferences=preferences(_D),
        keys=tuple(key if each.name == key.name else each for each in KEYS),
        caller=WITHOUT_KEY,
    )


def _named(role: str) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{role}"}


def healthy_small() -> Scenario:
    """Three nodes, all open."""
    return small_world(
        "healthy-small",
        "Three sound nodes.",
        (
            node("web-1", sound(Control.SSE_S3), subnet="public"),
            node("api-1", sound(Control.NAT_ONLY), platform=Platform.UBUNTU),
            node("iis-1", sound(Control.ENCRYPTED_GROUP), platform=Platform.WINDOWS),
        ),
        preferences=preferences(DESTINATIONS),
    )


def empty() -> Scenario:
    """An account without a node."""
    return small_world(
        "empty", "An account without nodes.", (), preferences=None, roles=(), keys=(), buckets=(), log_groups=()
    )
