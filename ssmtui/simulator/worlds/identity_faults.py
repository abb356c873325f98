"""Worlds with faults of roles and their policies: actions, resources, conditions, boundaries."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import (
    Agent,
    Control,
    HybridNode,
    InlinePolicy,
    Instance,
    Key,
    Role,
    Scenario,
    StatementJSON,
    fails,
    sound,
    unseen,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
    BY_TAG,
    CHANNEL_ACTIONS,
    CORE,
    DESTINATIONS,
    KEYS,
    REGION,
    WEB,
    WITHOUT_SIMULATION,
    allow,
    endpoint_network,
    nat_network,
    node,
    node_role,
    service_role,
    small_world,
)

_DEPLOYER = Role("deployer", trusted=("codebuild.amazonaws.com",))
_REPORTER = Role(
    "reporter",
    trusted=("codebuild.amazonaws.com",),
    inline=(InlinePolicy("report", (allow("ssm:UpdateInstanceInformation"),)),),
)


def wrong_principal() -> Scenario:
    """Two agents use other credentials than the role of their instance profile."""
    return small_world(
        (
            node("build-1", fails("wrong-principal"), agent=Agent(shadowed_by=_DEPLOYER.name)),
            node("build-2", fails("wrong-principal"), agent=Agent(shadowed_by=_REPORTER.name)),
            node("web-1"),
        ),
        roles=(WEB, _DEPLOYER, _REPORTER),
    )


_D = DESTINATIONS
_CORE_STATEMENT = allow(("ssm:UpdateInstanceInformation", *CHANNEL_ACTIONS))
_ABOUT_OTHER_THINGS: tuple[StatementJSON, ...] = (
    {**allow("s3:ListBucket", "arn:aws:s3:::team"), "Condition": {"StringLike": {"s3:prefix": "home/*"}}},
    {**allow("ec2:StartInstances"), "Condition": {"StringEquals": {"aws:ResourceTag/team": "web"}}},
    {**allow("ec2:CreateTags"), "Condition": {"StringEquals": {"aws:RequestTag/team": "web"}}},
    {**allow("iam:PassRole"), "Condition": {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}},
    {**allow("sqs:*"), "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}},
    {"Effect": "Deny", "Action": "s3:*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    {
        "Effect": "Deny",
        "Action": "dynamodb:*",
        "Resource": "*",
        "Condition": {"BoolIfExists": {"aws:MultiFactorAuthPresent": "false"}},
    },
)
"""Common statements that do not affect sessions."""

_SYSTEMS_MANAGER = "ssm.amazonaws.com"


def role_by_broad_policy() -> Scenario:
    """Roles of nodes have broad policies of AWS."""
    administrator = node_role("administrator", managed=("AdministratorAccess",))
    power_user = node_role("power-user", managed=("PowerUserAccess",))
    return _roles_world(
        (administrator, power_user), node("jump-1", profile=administrator.name), node("jump-2", profile=power_user.name)
    )


def role_by_old_policy() -> Scenario:
    """Roles of nodes have a policy that AWS has replaced."""
    old = ("service-role/AmazonEC2RoleforSSM",)
    whole, lacking = node_role("old-policy", _D.key_use(), managed=old), node_role("old-policy-alone", managed=old)
    return _roles_world(
        (whole, lacking),
        node("legacy-1", profile=whole.name),
        node("legacy-2", fails("kms-node-denied"), profile=lacking.name),
    )


def role_by_wildcards() -> Scenario:
    """Policies of roles have wildcards."""
    wild = (
        allow(("ssm:Update*", "ssmmessages:*Channel", "logs:*", "s3:Get*", "s3:Put?bject")),
        allow("kms:Dec*", f"arn:aws:kms:{REGION}:*:key/*"),
    )
    elsewhere = (*wild[:1], allow("kms:Dec*", "arn:aws:kms:eu-central-1:*:key/*"))
    near, far = node_role("wild", wild, managed=()), node_role("wild-elsewhere", elsewhere, managed=())
    return _roles_world(
        (near, far), node("wild-1", profile=near.name), node("wild-2", fails("kms-node-denied"), profile=far.name)
    )


def role_by_not_action() -> Scenario:
    """Policies of roles list what they do not allow."""
    everything_but = {"Effect": "Allow", "NotAction": ["iam:*", "organizations:*"], "Resource": "*"}
    but_channels = {"Effect": "Allow", "NotAction": ["iam:*", "ssmmessages:*"], "Resource": "*"}
    broad = node_role("all-but-iam", (everything_but,), managed=())
    narrow = node_role("all-but-channels", (but_channels,), managed=())
    return _roles_world(
        (broad, narrow),
        node("broad-1", profile=broad.name),
        node("narrow-1", fails("role-channels-denied"), profile=narrow.name),
    )


def role_explicit_deny() -> Scenario:
    """Statements of roles deny what AWS's policy allows."""
    closed = _denying("no-channels", "ssmmessages:*")
    dataless = _denying("no-data-channels", "ssmmessages:CreateDataChannel")
    unregistered = _denying("no-registering", "ssm:UpdateInstanceInformation")
    return _roles_world(
        (closed, dataless, unregistered),
        node("closed-1", fails("role-channels-denied"), profile=closed.name),
        node("dataless-1", fails("role-channels-denied"), profile=dataless.name),
        node("unregistered-1", fails("role-core-denied"), profile=unregistered.name),
        node("web-1"),
    )


def role_for_another_region() -> Scenario:
    """Policies of roles apply only in one Region."""
    here, there = (_in_region(name, region) for name, region in (("here", REGION), ("there", "eu-central-1")))
    return _roles_world(
        (here, there), node("here-1", profile=here.name), node("there-1", fails("role-core-denied"), profile=there.name)
    )


def conditions_about_other_things() -> Scenario:
    """Policies have conditions in statements about other actions.

    AWS's simulation names the keys of these conditions, too.
    """
    role = node_role("busy", (*_D.everything(), *_ABOUT_OTHER_THINGS))
    busy = replace(BY_TAG, inline=(*BY_TAG.inline, InlinePolicy("other-things", _ABOUT_OTHER_THINGS)))
    prod = replace(node("prod-1", fails("caller-start-denied")), tags={"Env": "prod"})
    return small_world((node("busy-1", profile=role.name), node("web-1"), prod), roles=(WEB, role), caller=busy)


def role_protected() -> Scenario:
    """A hybrid node uses a role that only AWS can change."""
    linked = node_role(
        "AWSServiceRoleForAmazonSSM", trusted=_SYSTEMS_MANAGER, path="/aws-service-role/ssm.amazonaws.com/"
    )
    return small_world(
        (
            HybridNode("pos-1", linked.name, "172.16.9.11", expected=fails("kms-node-denied", "role-protected")),
            node("web-1"),
        ),
        roles=(WEB, linked),
        advanced_tier=True,
    )


def hybrid_roles() -> Scenario:
    """The service roles of hybrid nodes, most of them with a fault."""
    sound = service_role("stores", _D.everything())
    channelless = service_role("stores-reporting", (allow("ssm:UpdateInstanceInformation"),), managed=())
    keyless = service_role("stores-keyless", _D.everything_but("key use"))
    mistrusted = node_role("stores-mistrusted", _D.everything(), path="/service-role/")
    return small_world(
        (
            HybridNode("pos-1", sound.name, "172.16.9.11"),
            HybridNode("pos-2", channelless.name, "172.16.9.12", expected=fails("role-channels-denied")),
            HybridNode("pos-3", keyless.name, "172.16.9.13", expected=fails("kms-node-denied")),
            HybridNode("pos-4", mistrusted.name, "172.16.9.14", expected=fails("role-trust-wrong")),
            node("web-1"),
        ),
        roles=(WEB, sound, channelless, keyless, mistrusted),
        advanced_tier=True,
    )


def _denying(name: str, action: str) -> Role:
    return node_role(name, (*_D.everything(), {"Effect": "Deny", "Action": action, "Resource": "*"}))


def _in_region(name: str, region: str) -> Role:
    there = {"Condition": {"StringEquals": {"aws:RequestedRegion": region}}}
    return node_role(name, ({**_CORE_STATEMENT, **there}, *_D.everything()), managed=())


def _roles_world(roles: tuple[Role, ...], *nodes: Instance) -> Scenario:
    return small_world(nodes, roles=(WEB, *roles))


_UPDATE = "ssm:UpdateInstanceInformation"


def instance_denied() -> Scenario:
    """The policy of a role denies the registration of a single instance."""
    singled_out = _denying_registration("singled-out", f"arn:aws:ec2:*:{ACCOUNT}:instance/<id:web-2>")
    all_out = _denying_registration("all-out", f"arn:aws:ec2:*:{ACCOUNT}:instance/*")
    return small_world(
        (
            node("web-1", profile=singled_out.name),
            node("web-2", fails("role-core-denied"), profile=singled_out.name),
            node("web-3", profile=singled_out.name),
            node("api-1", fails("role-core-denied"), profile=all_out.name),
            node("api-2", fails("role-core-denied"), profile=all_out.name),
        ),
        roles=(singled_out, all_out),
    )


def registers_by_arn() -> Scenario:
    """The policies of roles allow the registration by the ARNs of the nodes."""
    by_arn = _registering("by-arn", f"arn:aws:ec2:*:{ACCOUNT}:instance/*")
    by_id = _registering("by-id", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/<id:single-1>")
    hybrid = replace(
        _registering("hybrid", f"arn:aws:ssm:*:{ACCOUNT}:managed-instance/*"),
        trusted=("ssm.amazonaws.com",),
        path="/service-role/",
    )
    return small_world(
        (
            node("web-1", sound(Control.OWN_ARN), profile=by_arn.name),
            node("web-2", sound(Control.OWN_ARN), profile=by_arn.name),
            node("single-1", sound(Control.OWN_ARN), profile=by_id.name),
            node("other-1", fails("role-core-denied"), profile=by_id.name),
            HybridNode("kiosk-1", f"service-role/{hybrid.name}", "10.99.0.7", expected=sound(Control.OWN_ARN)),
        ),
        roles=(by_arn, by_id, hybrid),
        advanced_tier=True,
    )


def _denying_registration(name: str, arn: str) -> Role:
    return node_role(name, ({"Effect": "Deny", "Action": _UPDATE, "Resource": arn}, *DESTINATIONS.everything()))


def _registering(name: str, arn: str) -> Role:
    return node_role(name, (allow(_UPDATE, arn), allow("ssmmessages:*"), *DESTINATIONS.everything()), managed=())


def _denied(action: str) -> StatementJSON:
    return {"Effect": "Deny", "Action": action, "Resource": "*"}


def role_bounded() -> Scenario:
    """The permissions boundary of a role does not allow what its policies do."""
    bounded = replace(node_role("bounded", DESTINATIONS.everything()), boundary="ReadOnlyAccess")
    return small_world(
        (node("bounded-1", fails("role-core-denied"), profile=bounded.name), node("web-1")), roles=(WEB, bounded)
    )


def allowed_by_key_policy() -> Scenario:
    """A key policy and a grant allow roles what their own policies do not allow."""
    d = DESTINATIONS
    rest = d.everything_but("key use")
    named, granted = node_role("named-by-key", rest), node_role("granted-by-key", rest)
    decrypting = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{named.name}"}, **allow("kms:Decrypt")}
    key = Key("sessions", statements=(decrypting,), granted_to=(granted.name,))
    return small_world(
        (
            node("named-1", sound(Control.KEY_NAMES_ROLE), profile=named.name),
            node("granted-1", profile=granted.name),
            node("web-1", sound(Control.KEY_BY_ARN)),
        ),
        roles=(WEB, named, granted),
        keys=(key, *(each for each in KEYS if each.name != key.name)),
    )


def allowed_on_conditions() -> Scenario:
    """The policies of roles have conditions that their nodes meet."""
    return small_world(
        (
            node("conditional-1", profile="conditional"),
            node("sparing-1", profile="sparing"),
            node("vaulted-1", profile="vaulted", network="vault", subnet="isolated"),
            node("unvaulted-1", fails("role-core-denied"), profile="vaulted"),
        ),
        roles=(_conditional(), _sparing(), _vaulted()),
        networks=(nat_network("main", "10.30"), endpoint_network("vault", "10.31")),
    )


def refused_on_conditions() -> Scenario:
    """Conditions deny roles the session key; one condition depends on the request."""
    from_office = {**DESTINATIONS.key_use()[0], "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
    by_version = {**DESTINATIONS.key_use()[0], "Condition": {"StringLike": {"aws:UserAgent": "*amazon-ssm-agent/4.*"}}}
    others = DESTINATIONS.everything_but("key use")
    moved = node_role("moved", (from_office, *others))
    fitted = node_role("fitted", (by_version, *others))
    return small_world(
        (
            node("moved-1", fails("kms-node-denied"), profile=moved.name),
            replace(
                node("fitted-1", fails("kms-node-denied"), profile=fitted.name),
                expected_in_fleet=unseen("kms-node-denied"),
            ),
            node("web-1"),
        ),
        roles=(WEB, moved, fitted),
    )


def policies_read() -> Scenario:
    """The caller is not allowed to simulate policies, which use every element of the policy language."""
    bounded = replace(node_role("bounded", DESTINATIONS.everything()), boundary="ReadOnlyAccess")
    denying = node_role("denying", (*DESTINATIONS.everything(), _denied("ssmmessages:Open*")))
    return small_world(
        (
            node("conditional-1", profile="conditional"),
            node("sparing-1", profile="sparing"),
            node("tagged-1", profile="tagged"),
            node("vaulted-1", profile="vaulted", network="vault", subnet="isolated"),
            node("unvaulted-1", fails("role-core-denied"), profile="vaulted"),
            node("bounded-1", fails("role-core-denied"), profile=bounded.name),
            node("denying-1", fails("role-channels-denied"), profile=denying.name),
        ),
        roles=(_conditional(), _sparing(), _tagged(), _vaulted(), bounded, denying),
        networks=(nat_network("main", "10.30"), endpoint_network("vault", "10.31")),
        caller=WITHOUT_SIMULATION,
    )


def _vaulted() -> Role:
    """Return a role that works only from one network."""
    core = allow(("ssm:UpdateInstanceInformation", "ssmmessages:*"))
    inside = {"StringEquals": {"aws:SourceVpc": "<id:vault>"}}
    allowed = tuple({**each, "Condition": inside} for each in (core, *DESTINATIONS.everything()))
    return node_role("vaulted", allowed, managed=())


def _tagged() -> Role:
    core = allow(("ssm:UpdateInstanceInformation", "ssmmessages:*"))
    by_tag = {"StringEquals": {"aws:RequestedRegion": "${aws:PrincipalTag/region}"}}
    elsewhere: StatementJSON = {**_denied("*"), "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "platform"}}}
    role = node_role("tagged", ({**core, "Condition": by_tag}, *DESTINATIONS.everything(), elsewhere), managed=())
    return replace(role, tags={"region": REGION, "team": "platform"})


def _conditional() -> Role:
    elsewhere: StatementJSON = {
        "Effect": "Deny",
        "Action": "*",
        "Resource": "*",
        "Condition": {"StringNotEquals": {"aws:RequestedRegion": [REGION]}, "Bool": {"aws:ViaAWSService": "false"}},
    }
    core = allow(("ssm:UpdateInstanceInformation", "ssmmessages:*"))
    here = {"StringEquals": {"aws:RequestedRegion": REGION}, "BoolIfExists": {"aws:SecureTransport": "true"}}
    statements = ({**each, "Condition": here} for each in (core, *DESTINATIONS.everything()))
    return node_role("conditional", (*statements, elsewhere), managed=())


def _sparing() -> Role:
    services = ["ssm:*", "ssmmessages:*", "kms:*", "s3:*", "logs:*"]
    others: StatementJSON = {"Effect": "Deny", "NotAction": services, "Resource": "*"}
    keys: StatementJSON = {"Effect": "Deny", "Action": "kms:Decrypt", "NotResource": f"arn:aws:kms:*:{ACCOUNT}:key/*"}
    return node_role("sparing", (*DESTINATIONS.everything(), others, keys), managed=(CORE,))
