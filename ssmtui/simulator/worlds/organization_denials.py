"""Worlds whose organization denies requests of nodes by their origin, Region or role."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.scenario import (
    REFUSED_CHANNEL,
    REFUSED_REPORT,
    Control,
    Expectation,
    HybridNode,
    InlinePolicy,
    Organization,
    RegionScenario,
    Role,
    Scenario,
    StatementJSON,
    Verdict,
    fails,
    sound,
)
from ssmtui.simulator.worlds.building_blocks import (
    CHANNEL_ACTIONS,
    DESTINATIONS,
    REGION,
    WEB,
    allow,
    endpoint_network,
    nat_network,
    node,
    node_role,
    small_world,
    two_nodes,
)

_FRANKFURT = "eu-central-1"
_UPDATE = "ssm:UpdateInstanceInformation"

# https://github.com/aws-samples/data-perimeter-policy-examples: the network perimeter, and the tag that exempts.
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
# The same, only for roles with a tag: a deny if a key is present.
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
# Credentials of an instance cannot be used outside of it; these keys show that for requests through endpoints.
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
    """The organization denies requests from other networks."""
    spared = replace(
        node_role("spared", DESTINATIONS.everything()), tags={"dp:exclude:network": "true", "Team": "Platform"}
    )
    included = replace(spared, name="included", tags={**spared.tags, "dp:include:network": "true"})
    hybrid = replace(spared, name="hybrid", trusted=("ssm.amazonaws.com",), path="/service-role/")
    return small_world(
        (
            node("vault-1", sound(Control.INSIDE_PERIMETER), network="vault", subnet="isolated"),
            node("vault-2", sound(Control.INSIDE_PERIMETER), network="vault", subnet="isolated"),
            node("spared-1", sound(Control.SPARED_BY_TAG), profile=spared.name),
            node("outside-1", fails("role-core-denied")),
            node("included-1", fails("role-core-denied"), profile=included.name),
            HybridNode("kiosk-1", f"service-role/{hybrid.name}", "10.99.0.7", expected=sound(Control.SPARED_BY_TAG)),
        ),
        roles=(WEB, spared, included, hybrid),
        networks=(nat_network("main", "10.30"), endpoint_network("vault", "10.31")),
        advanced_tier=True,
        organization=_organization(
            _ONLY_FROM_OUR_NETWORKS, _TAKEN_IN_BY_TAG, _ONLY_OF_OUR_ORGANIZATION, _ONLY_FROM_THE_INSTANCE
        ),
    )


def region_lock() -> Scenario:
    """The organization denies every Region but one to the roles of nodes."""
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
    return small_world(two_nodes(), other_regions=(frankfurt,), organization=_organization(lock))


def denied_twice() -> Scenario:
    """The organization or a boundary also denies the permissions that roles lack.

    No single change would help.
    """
    silent = node_role("silent", (allow(_UPDATE), *DESTINATIONS.everything()), managed=())
    bounded = replace(silent, name="bounded", boundary="AmazonS3ReadOnlyAccess")
    return small_world(
        (
            node("silent-1", fails("role-channels-denied"), profile=silent.name),
            node("bounded-1", fails("role-core-denied"), profile=bounded.name),
            node("web-1", fails("role-channels-denied")),
        ),
        roles=(WEB, silent, bounded),
        organization=_organization(_NODES_CHANNELS),
    )


def _organization(*statements: StatementJSON) -> Organization:
    policies = tuple(InlinePolicy(str(each.get("Sid", "policy")), (each,)) for each in statements)
    return Organization(root_policies=policies[:1], account_policies=policies[1:])


# https://docs.aws.amazon.com/organizations/latest/userguide/orgs_manage_policies_scps_examples_general.html
_ONLY_HOME: StatementJSON = {
    "Sid": "DenyAllOtherRegions",
    "Effect": "Deny",
    "NotAction": ["iam:*", "organizations:*", "sts:*", "support:*"],
    "Resource": "*",
    "Condition": {"StringNotEquals": {"aws:RequestedRegion": [REGION]}},
}
# The caller opens a data channel too, and is not the problem here.
_NODES_CHANNELS: StatementJSON = {
    "Effect": "Deny",
    "Action": [action for action in CHANNEL_ACTIONS if action != "ssmmessages:OpenDataChannel"],
    "Resource": "*",
}


def region_denied() -> Scenario:
    """A service control policy denies every Region but one."""
    network = nat_network("frankfurt", "10.40")
    unheard = replace(node("frankfurt-1", Expectation(Verdict.UNKNOWN)), subnet="frankfurt-private-a")
    denied = RegionScenario(
        _FRANKFURT, networks=(network,), nodes=(replace(unheard, security_group="frankfurt-nodes"),)
    )
    return small_world(
        two_nodes(),
        other_regions=(denied,),
        organization=Organization(root_policies=(InlinePolicy("regions", (_ONLY_HOME,)),)),
    )


def role_denied_by_organization() -> Scenario:
    """A service control policy denies the channels of sessions."""
    denied = fails("role-channels-denied")
    return small_world(
        two_nodes(denied),
        organization=Organization(account_policies=(InlinePolicy("no-channels", (_NODES_CHANNELS,)),)),
    )


def roles_denied_by_organization() -> Scenario:
    """A service control policy denies something to some roles.

    The statements have conditions, which IAM's simulation does not evaluate.
    """
    unheard, silent = (node_role(name, DESTINATIONS.everything()) for name in ("unheard", "silent"))
    to_unheard = {**_NODES_CHANNELS, "Condition": _by_role(unheard)}
    to_silent = {"Effect": "Deny", "Action": _UPDATE, "Resource": "*", "Condition": _by_role(silent)}
    lost = node("silent-1", fails("role-core-denied"), profile=silent.name, console_output=REFUSED_REPORT)
    channelless = node("unheard-1", fails("role-channels-denied"), profile=unheard.name, console_output=REFUSED_CHANNEL)
    return small_world(
        (channelless, lost, node("web-1")),
        roles=(WEB, unheard, silent),
        organization=Organization(account_policies=(InlinePolicy("some-roles", (to_unheard, to_silent)),)),
    )


def _by_role(role: Role) -> dict[str, object]:
    return {"ArnLike": {"aws:PrincipalArn": f"arn:aws:iam::*:role/{role.name}"}}
