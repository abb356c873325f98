"""Sound nodes of which one answer of AWS's alone says so: what was not read must not be taken for a denial."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import Bucket, Endpoint, HybridNode, Key, RegionPlan, Role, Scenario, StatementJSON
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.callers import BY_TAG, WITHOUT_KEY
from ssmtui.simulator.worlds.networks import by_prefix_list, enclosed, routed
from ssmtui.simulator.worlds.permissions import HOST_MANAGEMENT, allow, node_role, profile_of
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import BUCKETS, DESTINATIONS, KEYS, WEB, node, small_world

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
    network = routed("main", "10.61")
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
        other_regions=(RegionPlan("eu-north-1", buckets=BUCKETS),),
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
        networks=(routed("main", "10.61"), enclosed("vault", "10.62"), by_prefix_list("shop", "10.63")),
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
        networks=(enclosed("vault", "10.60", policies={"kms": (admitting,)}),),
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
