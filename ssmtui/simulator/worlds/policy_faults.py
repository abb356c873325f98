"""Worlds with faults of policies: organization, perimeter, boundary, conditions."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import (
    REFUSED_CHANNEL,
    REFUSED_REPORT,
    Control,
    Expectation,
    HybridNode,
    InlinePolicy,
    Key,
    Organization,
    RegionScenario,
    Role,
    Scenario,
    StatementJSON,
    Verdict,
    fails,
    sound,
    unseen,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.building_blocks import (
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
    preferences,
    small_world,
)

_FRANKFURT = "eu-central-1"
_UPDATE = "ssm:UpdateInstanceInformation"

# https://github.com/aws-samples/data-perimeter-policy-examples: the network perimeter, and the tag that leaves out.
_ONLY_FROM_OUR_NETWORKS: StatementJSON = {
    "Sid": "EnforceNetworkPerimeter",
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {
        "StringNotEqualsIfExists": {"aws:SourceVpc": ["<id:vault>"], "aws:PrincipalTag/dp:exclude:network": "true"},
        "NotIpAddressIfExists": {"aws:SourceIp": ["203.0.113.0/24"]},
        "BoolIfExists": {"aws:ViaAWSService": "false", "aws:PrincipalIsAWSService": "false"},
    },
}
# The same, of the roles alone that a tag takes in: what denies where a key is there.
_TAKEN_IN_BY_TAG: StatementJSON = {
    "Sid": "EnforceNetworkPerimeterOnTagged",
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {
        "StringEquals": {"aws:PrincipalTag/dp:include:network": "true"},
        "StringNotEqualsIfExists": {"aws:SourceVpc": ["<id:vault>"]},
        "BoolIfExists": {"aws:ViaAWSService": "false"},
    },
}
_ONLY_OF_OUR_ORGANIZATION: StatementJSON = {
    "Sid": "EnforceIdentityPerimeter",
    "Effect": "Deny",
    "Action": ["ssm:*", "ssmmessages:*"],
    "Resource": "*",
    "Condition": {
        "StringNotEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"},
        "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
    },
}
# Credentials of an instance are good for nothing outside of it; of those that come by endpoints, that is told by these.
_ONLY_FROM_THE_INSTANCE: StatementJSON = {
    "Sid": "EnforceInstanceCredentials",
    "Effect": "Deny",
    "Action": "*",
    "Resource": "*",
    "Condition": {
        "StringNotEquals": {"aws:Ec2InstanceSourcePrivateIPv4": "${aws:VpcSourceIp}"},
        "Null": {"ec2:SourceInstanceARN": "false", "aws:VpcSourceIp": "false"},
        "BoolIfExists": {"aws:ViaAWSService": "false"},
    },
}


def data_perimeter() -> Scenario:
    """The organization lets requests come from its own networks only: nodes inside work, one outside does not."""
    spared = replace(
        node_role("spared", DESTINATIONS.everything()), tags={"dp:exclude:network": "true", "Team": "Platform"}
    )
    included = replace(spared, name="included", tags={**spared.tags, "dp:include:network": "true"})
    hybrid = replace(spared, name="hybrid", trusted=("ssm.amazonaws.com",), path="/service-role/")
    return small_world(
        "data-perimeter",
        "The organization denies what does not come from its own networks.",
        (
            node("vault-1", sound(Control.INSIDE_PERIMETER), network="vault", subnet="isolated"),
            node("vault-2", sound(Control.INSIDE_PERIMETER), network="vault", subnet="isolated"),
            node("spared-1", sound(Control.SPARED_BY_TAG), profile=spared.name),
            node("outside-1", fails("role-core-denied")),
            node("included-1", fails("role-core-denied"), profile=included.name),
            HybridNode("kiosk-1", f"service-role/{hybrid.name}", "10.99.0.7", expected=sound(Control.SPARED_BY_TAG)),
        ),
        preferences=preferences(DESTINATIONS),
        roles=(WEB, spared, included, hybrid),
        networks=(nat_network("main", "10.30"), endpoint_network("vault", "10.31")),
        advanced_tier=True,
        organization=_setting(
            _ONLY_FROM_OUR_NETWORKS, _TAKEN_IN_BY_TAG, _ONLY_OF_OUR_ORGANIZATION, _ONLY_FROM_THE_INSTANCE
        ),
    )


def region_lock() -> Scenario:
    """The organization lets everybody but its engineers work in one Region only."""
    lock: StatementJSON = {
        "Sid": "DenyAllOtherRegions",
        "Effect": "Deny",
        "NotAction": ["iam:*", "organizations:*", "sts:*"],
        "Resource": "*",
        "Condition": {
            "StringNotEquals": {"aws:RequestedRegion": [REGION]},
            "ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/Engineer"},
        },
    }
    away = replace(node("frankfurt-1", fails("role-core-denied")), subnet="frankfurt-private-a")
    frankfurt = RegionScenario(
        _FRANKFURT,
        networks=(nat_network("frankfurt", "10.40"),),
        nodes=(replace(away, security_group="frankfurt-nodes"),),
    )
    return small_world(
        "region-lock",
        "The organization denies every Region but one to the roles of nodes.",
        (node("web-1"), node("web-2")),
        preferences=preferences(DESTINATIONS),
        other_regions=(frankfurt,),
        organization=_setting(lock),
    )


def instance_denied() -> Scenario:
    """A role whose policy denies registering to one of its instances, and one that denies it to all."""
    singled_out = _denying("singled-out", f"arn:aws:ec2:*:{ACCOUNT}:instance/<id:web-2>")
    all_out = _denying("all-out", f"arn:aws:ec2:*:{ACCOUNT}:instance/*")
    return small_world(
        "instance-denied",
        "The policy of a role denies registering to a single instance.",
        (
            node("web-1", profile=singled_out.name),
            node("web-2", fails("role-core-denied"), profile=singled_out.name),
            node("web-3", profile=singled_out.name),
            node("api-1", fails("role-core-denied"), profile=all_out.name),
            node("api-2", fails("role-core-denied"), profile=all_out.name),
        ),
        preferences=preferences(DESTINATIONS),
        roles=(singled_out, all_out),
    )


def registers_by_arn() -> Scenario:
    """Roles that allow registering on the ARNs of nodes, and not on everything."""
    by_arn = _registering("by-arn", f"arn:aws:ec2:*:{ACCOUNT}:instance/*")
    by_id = _registering("by-id", f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/<id:single-1>")
    hybrid = replace(
        _registering("hybrid", f"arn:aws:ssm:*:{ACCOUNT}:managed-instance/*"),
        trusted=("ssm.amazonaws.com",),
        path="/service-role/",
    )
    return small_world(
        "registers-by-arn",
        "The policies of roles allow registering on the nodes' own ARNs.",
        (
            node("web-1", sound(Control.OWN_ARN), profile=by_arn.name),
            node("web-2", sound(Control.OWN_ARN), profile=by_arn.name),
            node("single-1", sound(Control.OWN_ARN), profile=by_id.name),
            node("other-1", fails("role-core-denied"), profile=by_id.name),
            HybridNode("kiosk-1", f"service-role/{hybrid.name}", "10.99.0.7", expected=sound(Control.OWN_ARN)),
        ),
        preferences=preferences(DESTINATIONS),
        roles=(by_arn, by_id, hybrid),
        advanced_tier=True,
    )


def denied_twice() -> Scenario:
    """Roles to which several kinds of policies deny the same: no single change would help."""
    channels: StatementJSON = {
        "Effect": "Deny",
        "Action": [action for action in CHANNEL_ACTIONS if action != "ssmmessages:OpenDataChannel"],
        "Resource": "*",
    }
    silent = node_role("silent", (allow(_UPDATE), *DESTINATIONS.everything()), managed=())
    bounded = replace(silent, name="bounded", boundary="AmazonS3ReadOnlyAccess")
    return small_world(
        "denied-twice",
        "What roles lack is denied by the organization too, or by a boundary.",
        (
            node("silent-1", fails("role-channels-denied"), profile=silent.name),
            node("bounded-1", fails("role-core-denied"), profile=bounded.name),
            node("web-1", fails("role-channels-denied")),
        ),
        preferences=preferences(DESTINATIONS),
        roles=(WEB, silent, bounded),
        organization=_setting(channels),
    )


def _setting(*statements: StatementJSON) -> Organization:
    policies = tuple(InlinePolicy(str(each.get("Sid", "policy")), (each,)) for each in statements)
    return Organization(root_policies=policies[:1], account_policies=policies[1:])


def _denying(name: str, arn: str) -> Role:
    return node_role(name, ({"Effect": "Deny", "Action": _UPDATE, "Resource": arn}, *DESTINATIONS.everything()))


def _registering(name: str, arn: str) -> Role:
    return node_role(name, (allow(_UPDATE, arn), allow("ssmmessages:*"), *DESTINATIONS.everything()), managed=())


# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html
_ONLY_HOME: StatementJSON = {
    "Sid": "DenyAllOtherRegions",
    "Effect": "Deny",
    "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*"],
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:RequestedRegion": [REGION]}},
}
# The caller opens a data channel too, and is not what is wrong here.
_NODES_CHANNELS: StatementJSON = {
    "Effect": "Deny",
    "Action": [action for action in CHANNEL_ACTIONS if action != "ssmmessages:OpenDataChannel"],
    "Resource": "*",
}


def region_denied() -> Scenario:
    """The organization denies a Region: nothing can be said of its nodes, and everything of the others."""
    network = nat_network("frankfurt", "10.40")
    unheard = replace(node("frankfurt-1", Expectation(Verdict.UNKNOWN)), subnet="frankfurt-private-a")
    denied = RegionScenario(
        _FRANKFURT, networks=(network,), nodes=(replace(unheard, security_group="frankfurt-nodes"),)
    )
    return small_world(
        "region-denied",
        "A service control policy denies every Region but one.",
        (node("web-1"), node("web-2")),
        preferences=preferences(DESTINATIONS),
        other_regions=(denied,),
        organization=Organization(root_policies=(InlinePolicy("regions", (_ONLY_HOME,)),)),
    )


def role_denied_by_organization() -> Scenario:
    """The organization denies the channels of sessions to whoever asks, nodes' roles included."""
    denied = fails("role-channels-denied")
    return small_world(
        "role-denied-by-organization",
        "A service control policy denies the channels of sessions.",
        (node("web-1", denied), node("web-2", denied)),
        preferences=preferences(DESTINATIONS),
        organization=Organization(account_policies=(InlinePolicy("no-channels", (_NODES_CHANNELS,)),)),
    )


def roles_denied_by_organization() -> Scenario:
    """The organization denies something to some roles only: on a condition, which IAM's simulation passes over."""
    unheard, silent = (node_role(name, DESTINATIONS.everything()) for name in ("unheard", "silent"))
    to_unheard = {**_NODES_CHANNELS, "Condition": _by_role(unheard)}
    to_silent = {**_denied("ssm:UpdateInstanceInformation"), "Condition": _by_role(silent)}
    lost = node("silent-1", fails("role-core-denied"), profile=silent.name, console_output=REFUSED_REPORT)
    channelless = node("unheard-1", fails("role-channels-denied"), profile=unheard.name, console_output=REFUSED_CHANNEL)
    return small_world(
        "roles-denied-by-organization",
        "A service control policy denies something to some roles.",
        (channelless, lost, node("web-1")),
        preferences=preferences(DESTINATIONS),
        roles=(WEB, unheard, silent),
        organization=Organization(account_policies=(InlinePolicy("some-roles", (to_unheard, to_silent)),)),
    )


def _denied(action: str) -> StatementJSON:
    return {"Effect": "Deny", "Action": action, "Resource": "*"}


def _by_role(role: Role) -> dict[str, object]:
    return {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/{role.name}"}}


def role_bounded() -> Scenario:
    """A role has all that it needs, within a boundary that does not allow it."""
    bounded = replace(node_role("bounded", DESTINATIONS.everything()), boundary="ReadOnlyAccess")
    return small_world(
        "role-bounded",
        "The permissions boundary of a role does not allow what its policies do.",
        (node("bounded-1", fails("role-core-denied"), profile=bounded.name), node("web-1")),
        preferences=preferences(DESTINATIONS),
        roles=(WEB, bounded),
    )


def allowed_by_key_policy() -> Scenario:
    """Roles that may use the key without a word of their own policies: by the key's policy, and by a grant."""
    d = DESTINATIONS
    rest = (*d.bucket_lookup(), *d.bucket_write(), *d.log_lookup(), *d.log_write())
    named, granted = node_role("named-by-key", rest), node_role("granted-by-key", rest)
    decrypting = {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/{named.name}"}, **allow("kms:Decrypt")}
    key = Key("sessions", statements=(decrypting,), granted_to=(granted.name,))
    return small_world(
        "allowed-by-key-policy",
        "A key's policy and a grant give to roles what their own policies do not.",
        (
            node("named-1", sound(Control.KEY_NAMES_ROLE), profile=named.name),
            node("granted-1", profile=granted.name),
            node("web-1", sound(Control.KEY_BY_ARN)),
        ),
        preferences=preferences(d),
        roles=(WEB, named, granted),
        keys=(key, *(each for each in KEYS if each.name != key.name)),
    )


def allowed_on_conditions() -> Scenario:
    """Roles whose policies are written with conditions, variables, NotAction and NotResource, and allow enough."""
    return small_world(
        "allowed-on-conditions",
        "The policies of roles have conditions that their nodes fulfil.",
        (
            node("conditional-1", profile="conditional"),
            node("sparing-1", profile="sparing"),
            node("vaulted-1", profile="vaulted", network="vault", subnet="isolated"),
            node("unvaulted-1", fails("role-core-denied"), profile="vaulted"),
        ),
        preferences=preferences(DESTINATIONS),
        roles=(_conditional(), _sparing(), _vaulted()),
        networks=(nat_network("main", "10.30"), endpoint_network("vault", "10.31")),
    )


def refused_on_conditions() -> Scenario:
    """Two roles may use the key on conditions: what one hangs on the network tells, the other CloudTrail alone."""
    from_office = {**DESTINATIONS.key_use()[0], "Condition": {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}}
    by_version = {**DESTINATIONS.key_use()[0], "Condition": {"StringLike": {"aws:UserAgent": "*amazon-ssm-agent/4.*"}}}
    others = (
        *DESTINATIONS.bucket_lookup(),
        *DESTINATIONS.bucket_write(),
        *DESTINATIONS.log_lookup(),
        *DESTINATIONS.log_write(),
    )
    moved = node_role("moved", (from_office, *others))
    fitted = node_role("fitted", (by_version, *others))
    return small_world(
        "refused-on-conditions",
        "Roles were refused the session key on conditions, one of which only their requests can tell.",
        (
            node("moved-1", fails("kms-node-denied"), profile=moved.name),
            replace(
                node("fitted-1", fails("kms-node-denied"), profile=fitted.name),
                expected_in_fleet=unseen("kms-node-denied"),
            ),
            node("web-1"),
        ),
        preferences=preferences(DESTINATIONS),
        roles=(WEB, moved, fitted),
    )


def policies_read() -> Scenario:
    """Nobody simulates: conditions, tags, boundary and denials are read from the policies themselves."""
    bounded = replace(node_role("bounded", DESTINATIONS.everything()), boundary="ReadOnlyAccess")
    denying = node_role("denying", (*DESTINATIONS.everything(), _denied("ssmmessages:Open*")))
    return small_world(
        "policies-read",
        "The caller may not simulate policies that are written with everything that policies know.",
        (
            node("conditional-1", profile="conditional"),
            node("sparing-1", profile="sparing"),
            node("tagged-1", profile="tagged"),
            node("vaulted-1", profile="vaulted", network="vault", subnet="isolated"),
            node("unvaulted-1", fails("role-core-denied"), profile="vaulted"),
            node("bounded-1", fails("role-core-denied"), profile=bounded.name),
            node("denying-1", fails("role-channels-denied"), profile=denying.name),
        ),
        preferences=preferences(DESTINATIONS),
        roles=(_conditional(), _sparing(), _tagged(), _vaulted(), bounded, denying),
        networks=(nat_network("main", "10.30"), endpoint_network("vault", "10.31")),
        caller=WITHOUT_SIMULATION,
    )


def _vaulted() -> Role:
    """A role that is good for nothing outside of one network."""
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
