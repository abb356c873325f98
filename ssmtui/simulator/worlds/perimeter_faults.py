"""Worlds of organizations that draw lines: a data perimeter, a Region lock; and of policies that name single nodes.

https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_data-perimeters.html
"""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import (
    Control,
    HybridNode,
    InlinePolicy,
    Organization,
    RegionPlan,
    Role,
    Scenario,
    StatementJSON,
    fails,
    sound,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.networks import enclosed, routed
from ssmtui.simulator.worlds.permissions import CHANNEL_ACTIONS, allow, node_role
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import DESTINATIONS, REGION, WEB, node, small_world

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
        networks=(routed("main", "10.30"), enclosed("vault", "10.31")),
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
    frankfurt = RegionPlan(
        _FRANKFURT,
        networks=(routed("frankfurt", "10.40"),),
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
    return Organization(on_root=policies[:1], on_account=policies[1:])


def _denying(name: str, arn: str) -> Role:
    return node_role(name, ({"Effect": "Deny", "Action": _UPDATE, "Resource": arn}, *DESTINATIONS.everything()))


def _registering(name: str, arn: str) -> Role:
    return node_role(name, (allow(_UPDATE, arn), allow("ssmmessages:*"), *DESTINATIONS.everything()), managed=())
