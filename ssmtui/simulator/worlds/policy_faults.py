"""Worlds in which it matters which policy says it: organization, boundary, key policy, grant, conditions."""

from __future__ import annotations

from dataclasses import replace

from ssmtui.simulator.console_outputs import REFUSED_CHANNEL, REFUSED_REPORT
from ssmtui.simulator.scenario import (
    Control,
    Expectation,
    InlinePolicy,
    Key,
    Organization,
    RegionPlan,
    Role,
    Scenario,
    StatementJSON,
    Verdict,
    fails,
    sound,
    unseen,
)
from ssmtui.simulator.state import ACCOUNT
from ssmtui.simulator.worlds.callers import WITHOUT_SIMULATION
from ssmtui.simulator.worlds.networks import enclosed, routed
from ssmtui.simulator.worlds.permissions import CHANNEL_ACTIONS, CORE, allow, node_role
from ssmtui.simulator.worlds.preferences import preferences
from ssmtui.simulator.worlds.small import DESTINATIONS, KEYS, REGION, WEB, node, small_world

_FRANKFURT = "eu-central-1"
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
    network = routed("frankfurt", "10.40")
    unheard = replace(node("frankfurt-1", Expectation(Verdict.UNKNOWN)), subnet="frankfurt-private-a")
    denied = RegionPlan(_FRANKFURT, networks=(network,), nodes=(replace(unheard, security_group="frankfurt-nodes"),))
    return small_world(
        "region-denied",
        "A service control policy denies every Region but one.",
        (node("web-1"), node("web-2")),
        preferences=preferences(DESTINATIONS),
        other_regions=(denied,),
        organization=Organization(on_root=(InlinePolicy("regions", (_ONLY_HOME,)),)),
    )


def role_denied_by_organization() -> Scenario:
    """The organization denies the channels of sessions to whoever asks, nodes' roles included."""
    denied = fails("role-channels-denied")
    return small_world(
        "role-denied-by-organization",
        "A service control policy denies the channels of sessions.",
        (node("web-1", denied), node("web-2", denied)),
        preferences=preferences(DESTINATIONS),
        organization=Organization(on_account=(InlinePolicy("no-channels", (_NODES_CHANNELS,)),)),
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
        organization=Organization(on_account=(InlinePolicy("some-roles", (to_unheard, to_silent)),)),
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
        networks=(routed("main", "10.30"), enclosed("vault", "10.31")),
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
                node("fitted-1", fails("kms-node-denied"), profile=fitted.name), from_afar=unseen("kms-node-denied")
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
        networks=(routed("main", "10.30"), enclosed("vault", "10.31")),
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
